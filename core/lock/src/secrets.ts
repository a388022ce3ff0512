/**
 * How a lock recognises a credential: one sorted table of what it was told in secret, searched in halves.
 *
 *   row   handle 16 | credential 16 | kind u8 | card key 16 | sealed hash 16            ascending by handle
 *
 * A handle is an HMAC of the UID or the code under a key that never leaves the secure element, so the table shows neither.
 * The hash of the sealed secret tells at the next policy which rows are still good, without asking for them again.
 */
import type { Secret } from "@holdfast/access/door"
import {
  assert,
  byteAt,
  compareBytes,
  concat,
  type CredentialId,
  type Crypto,
  equalBytes,
  idBytes,
  idOf,
  utf8,
} from "@holdfast/base"

export const SECRET_SIZE = 65
const HANDLE_SIZE = 16
const KIND_AT = 32
const KEY_AT = 33
const SEALED_AT = 49

const KIND_CARD = 1
const KIND_PIN = 2
/** A card that a door of grade 1 knows only by its UID. */
const KIND_IDENTIFIER = 3

const UID_LABEL = Uint8Array.of(1)
const CODE_LABEL = Uint8Array.of(2)

function handleOf(crypto: Crypto, codeKey: Uint8Array, label: Uint8Array, value: Uint8Array): Uint8Array {
  return crypto.hmacSha256(codeKey, concat(label, value)).slice(0, HANDLE_SIZE)
}

export function secretRow(crypto: Crypto, codeKey: Uint8Array, secret: Secret, sealedHash: Uint8Array): Uint8Array {
  const isPin = secret.kind === "pin"
  const handle = isPin
    ? handleOf(crypto, codeKey, CODE_LABEL, utf8(secret.pin))
    : handleOf(crypto, codeKey, UID_LABEL, secret.uid)
  const key = isPin ? null : secret.key
  const kind = isPin ? KIND_PIN : key === null ? KIND_IDENTIFIER : KIND_CARD
  const row = concat(
    handle,
    idBytes(secret.credential),
    Uint8Array.of(kind),
    key ?? new Uint8Array(16),
    sealedHash.subarray(0, 16),
  )
  assert(row.length === SECRET_SIZE, "a secret's row is 65 bytes")
  return row
}

function sameHandle(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && equalBytes(a.subarray(0, HANDLE_SIZE), b.subarray(0, HANDLE_SIZE))
}

/** The table of rows, sorted. Of two rows with one handle (two people with one code) neither can be told: both are left out. */
export function secretsTable(rows: readonly Uint8Array[]): Uint8Array {
  const sorted = [...rows].sort(compareBytes)
  return concat(...sorted.filter((row, at) => !sameHandle(sorted[at - 1], row) && !sameHandle(sorted[at + 1], row)))
}

function compareHandle(table: Uint8Array, at: number, handle: Uint8Array): number {
  for (let i = 0; i < HANDLE_SIZE; i++) {
    const difference = byteAt(table, at + i) - byteAt(handle, i)
    if (difference !== 0) return difference
  }
  return 0
}

function find(table: Uint8Array, handle: Uint8Array): number | null {
  let low = 0
  let high = table.length / SECRET_SIZE
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const order = compareHandle(table, middle * SECRET_SIZE, handle)
    if (order === 0) return middle * SECRET_SIZE
    if (order < 0) low = middle + 1
    else high = middle
  }
  return null
}

function credentialAt(table: Uint8Array, at: number): CredentialId {
  return idOf<"CredentialId">(table.slice(at + HANDLE_SIZE, at + 32))
}

/** The credential whose code this is, or null. */
export function credentialOfCode(
  crypto: Crypto,
  codeKey: Uint8Array,
  table: Uint8Array,
  code: string,
): CredentialId | null {
  const at = find(table, handleOf(crypto, codeKey, CODE_LABEL, utf8(code)))
  return at === null ? null : credentialAt(table, at)
}

export type KnownCard = { readonly credential: CredentialId; readonly key: Uint8Array | null }

/** The card with this UID; without a key where it can only be recognised. Null for a card that nobody enrolled here. */
export function cardOfUid(crypto: Crypto, codeKey: Uint8Array, table: Uint8Array, uid: Uint8Array): KnownCard | null {
  const at = find(table, handleOf(crypto, codeKey, UID_LABEL, uid))
  if (at === null) return null
  const credential = credentialAt(table, at)
  return {
    credential,
    key: byteAt(table, at + KIND_AT) === KIND_CARD ? table.slice(at + KEY_AT, at + SEALED_AT) : null,
  }
}

/** The rows by credential, to carry over into the next policy. */
export function rowsByCredential(table: Uint8Array): ReadonlyMap<CredentialId, Uint8Array> {
  const rows = new Map<CredentialId, Uint8Array>()
  for (let at = 0; at < table.length; at += SECRET_SIZE)
    rows.set(credentialAt(table, at), table.subarray(at, at + SECRET_SIZE))
  return rows
}

/** Whether the row was made from the sealed secret with this hash. */
export function isMadeFrom(row: Uint8Array, sealedHash: Uint8Array): boolean {
  return equalBytes(row.subarray(SEALED_AT), sealedHash.subarray(0, 16))
}

/** Whether bytes read back from storage are a whole, sorted table. */
export function isSecretsTable(table: Uint8Array): boolean {
  if (table.length % SECRET_SIZE !== 0) return false
  for (let at = SECRET_SIZE; at < table.length; at += SECRET_SIZE)
    if (compareBytes(table.subarray(at - SECRET_SIZE, at), table.subarray(at, at + SECRET_SIZE)) >= 0) return false
  return true
}
