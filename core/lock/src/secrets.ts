/**
 * How a lock recognises what is shown: two sorted tables of what it was told in secret, searched in halves.
 *
 *   cards   handle 8 | place u32 | key 16 | sealed 8        key all zero: a card known only by its UID
 *   codes   handle 8 | place u32 | sealed 8
 *
 * A handle is the beginning of an HMAC of the UID or the code, under a key that never leaves the secure element, so the
 * tables show neither. The place is the credential's row in the policy's own table. The beginning of the sealed secret's hash
 * tells at the next policy which secrets are still good, without asking for them again.
 */
import type { Policy, Secret } from "@holdfast/access/door"
import {
  assert,
  compareBytes,
  concat,
  type CredentialId,
  type Crypto,
  EMPTY,
  equalBytes,
  idOf,
  utf8,
} from "@holdfast/base"

const HANDLE_SIZE = 8
const PLACE_SIZE = 4
const SEALED_SIZE = 8
const KEY_SIZE = 16
const BODY_AT = HANDLE_SIZE + PLACE_SIZE
export const CARD_ROW = BODY_AT + KEY_SIZE + SEALED_SIZE
export const CODE_ROW = BODY_AT + SEALED_SIZE
/** A policy's credential table has rows of this size, which begin with the credential's id. */
const CREDENTIAL_ROW = 24

export type Secrets = { readonly cards: Uint8Array; readonly codes: Uint8Array }

/** One secret as the lock keeps it: never the code itself, and never the UID. `body` is key and sealed, or sealed alone. */
export type Kept = { readonly handle: Uint8Array; readonly body: Uint8Array }

const UID_LABEL = Uint8Array.of(1)
const CODE_LABEL = Uint8Array.of(2)
const NO_KEY = new Uint8Array(KEY_SIZE)

function handleOf(crypto: Crypto, codeKey: Uint8Array, label: Uint8Array, value: Uint8Array): Uint8Array {
  return crypto.hmacSha256(codeKey, concat(label, value)).slice(0, HANDLE_SIZE)
}

/** What is kept of a secret that came sealed with this hash. */
export function keep(crypto: Crypto, codeKey: Uint8Array, secret: Secret, sealedHash: Uint8Array): Kept {
  const sealed = sealedHash.slice(0, SEALED_SIZE)
  if (secret.kind === "pin") return { handle: handleOf(crypto, codeKey, CODE_LABEL, utf8(secret.pin)), body: sealed }
  return { handle: handleOf(crypto, codeKey, UID_LABEL, secret.uid), body: concat(secret.key ?? NO_KEY, sealed) }
}

function credentialAt(policy: Policy, place: number): CredentialId {
  return idOf<"CredentialId">(policy.credentials.slice(place * CREDENTIAL_ROW, place * CREDENTIAL_ROW + 16))
}

/** The tables for a policy. A secret whose credential the policy does not name is of no use and left out. */
export function secretsFor(policy: Policy, kept: ReadonlyMap<CredentialId, Kept>): Secrets {
  const cards: Uint8Array[] = []
  const codes: Uint8Array[] = []
  for (let place = 0; place * CREDENTIAL_ROW < policy.credentials.length; place++) {
    const secret = kept.get(credentialAt(policy, place))
    if (secret === undefined) continue
    const number = new Uint8Array(PLACE_SIZE)
    new DataView(number.buffer).setUint32(0, place)
    const row = concat(secret.handle, number, secret.body)
    assert(row.length === CARD_ROW || row.length === CODE_ROW, "a row is a card's or a code's")
    ;(row.length === CARD_ROW ? cards : codes).push(row)
  }
  return { cards: tableOf(cards), codes: tableOf(codes) }
}

function sameHandle(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && equalBytes(a.subarray(0, HANDLE_SIZE), b.subarray(0, HANDLE_SIZE))
}

/** Sorted rows. Of two with one handle (two people with one code) neither can be told from the other: both are left out. */
function tableOf(rows: readonly Uint8Array[]): Uint8Array {
  const sorted = [...rows].sort(compareBytes)
  return concat(...sorted.filter((row, at) => !sameHandle(sorted[at - 1], row) && !sameHandle(sorted[at + 1], row)))
}

/** The row with this handle, or null. */
function find(table: Uint8Array, row_size: number, handle: Uint8Array): Uint8Array | null {
  let low = 0
  let high = table.length / row_size
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const at = middle * row_size
    const order = compareBytes(table.subarray(at, at + HANDLE_SIZE), handle)
    if (order === 0) return table.subarray(at, at + row_size)
    if (order < 0) low = middle + 1
    else high = middle
  }
  return null
}

function placeOf(row: Uint8Array): number {
  return new DataView(row.buffer, row.byteOffset).getUint32(HANDLE_SIZE)
}

/** Whose code this is, or null. */
export function credentialOfCode(
  crypto: Crypto,
  codeKey: Uint8Array,
  policy: Policy,
  secrets: Secrets,
  code: string,
): CredentialId | null {
  const row = find(secrets.codes, CODE_ROW, handleOf(crypto, codeKey, CODE_LABEL, utf8(code)))
  return row === null ? null : credentialAt(policy, placeOf(row))
}

export type KnownCard = { readonly credential: CredentialId; readonly key: Uint8Array | null }

/** The card with this UID; without a key where it can only be recognised. Null for a card that nobody enrolled here. */
export function cardOfUid(
  crypto: Crypto,
  codeKey: Uint8Array,
  policy: Policy,
  secrets: Secrets,
  uid: Uint8Array,
): KnownCard | null {
  const row = find(secrets.cards, CARD_ROW, handleOf(crypto, codeKey, UID_LABEL, uid))
  if (row === null) return null
  const key = row.slice(BODY_AT, BODY_AT + KEY_SIZE)
  return { credential: credentialAt(policy, placeOf(row)), key: equalBytes(key, NO_KEY) ? null : key }
}

/** What is kept for each credential, to carry over into the next policy. */
export function keptIn(policy: Policy, secrets: Secrets): ReadonlyMap<CredentialId, Kept> {
  const kept = new Map<CredentialId, Kept>()
  for (const [table, row_size] of [[secrets.cards, CARD_ROW] as const, [secrets.codes, CODE_ROW] as const])
    for (let at = 0; at < table.length; at += row_size) {
      const row = table.slice(at, at + row_size)
      kept.set(credentialAt(policy, placeOf(row)), { handle: row.slice(0, HANDLE_SIZE), body: row.slice(BODY_AT) })
    }
  return kept
}

/** Whether this was made from the sealed secret with this hash. */
export function isMadeFrom(kept: Kept, sealedHash: Uint8Array): boolean {
  return equalBytes(kept.body.subarray(-SEALED_SIZE), sealedHash.subarray(0, SEALED_SIZE))
}

/** Whether bytes read back from storage are whole, sorted tables for this policy. */
export function areSecrets(policy: Policy, secrets: Secrets): boolean {
  const count = policy.credentials.length / CREDENTIAL_ROW
  return isTable(secrets.cards, CARD_ROW, count) && isTable(secrets.codes, CODE_ROW, count)
}

function isTable(table: Uint8Array, row_size: number, credential_count: number): boolean {
  if (table.length % row_size !== 0) return false
  let before: Uint8Array = EMPTY
  for (let at = 0; at < table.length; at += row_size) {
    const handle = table.subarray(at, at + HANDLE_SIZE)
    if (at > 0 && compareBytes(before, handle) >= 0) return false
    if (placeOf(table.subarray(at, at + row_size)) >= credential_count) return false
    before = handle
  }
  assert(before.length === 0 || before.length === HANDLE_SIZE, "handles are eight bytes")
  return true
}
