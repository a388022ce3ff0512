/**
 * How a lock recognises what is shown: sorted tables of what it was told in secret, searched in halves.
 *
 *   cards   handle 8 | place u32 | key 16 | sealed 8              key all zero: a card known only by its UID
 *   codes   handle 8 | duress bit, place u31 | sealed 8
 *   halves  handle 8 | place u32 | half u8 | epoch u16 | key 32 | sealed 8        of offline PINs
 *
 * A handle is the beginning of an HMAC of the UID or the code, under a key that never leaves the secure element, so the
 * tables show neither. The place is the credential's row in the policy's own table. The beginning of the sealed secret's hash
 * tells at the next policy which secrets are still good, without asking for them again. A search takes as long for a handle
 * that is there as for one that is not, and nothing here knows what a duress code is for.
 */
import type { Policy, Secret } from "@holdfast/access/door"
import { credentialAt, placesIn } from "@holdfast/access/places"
import {
  assert,
  byteAt,
  compareBytes,
  concat,
  type CredentialId,
  type Crypto,
  EMPTY,
  equalBytes,
  equalSecrets,
  idBytes,
  unreachable,
} from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"

const HANDLE_SIZE = 8
const PLACE_SIZE = 4
const SEALED_SIZE = 8
const KEY_SIZE = 16
const BODY_AT = HANDLE_SIZE + PLACE_SIZE
export const CARD_ROW = BODY_AT + KEY_SIZE + SEALED_SIZE
export const CODE_ROW = BODY_AT + SEALED_SIZE
const HALF_SIZE = 35
export const HALF_ROW = BODY_AT + HALF_SIZE + SEALED_SIZE
/** Set in the place of a code that is entered under duress. */
const DURESS = 0x8000_0000

export type Secrets = { readonly cards: Uint8Array; readonly codes: Uint8Array; readonly halves: Uint8Array }

/** One secret as the lock keeps it: never the code itself, and never the UID. `body` ends with the sealed hash. */
export type Kept = {
  readonly handle: Uint8Array
  readonly body: Uint8Array
  /** The handle of the same person's code for duress. */
  readonly duress: Uint8Array | null
}

const UID_LABEL = Uint8Array.of(1)
const CODE_LABEL = Uint8Array.of(2)
const HALF_LABEL = Uint8Array.of(3)
const NO_KEY = new Uint8Array(KEY_SIZE)

function handleOf(crypto: Crypto, codeKey: Uint8Array, label: Uint8Array, value: Uint8Array): Uint8Array {
  return crypto.hmacSha256(codeKey, concat(label, value)).slice(0, HANDLE_SIZE)
}

/** What is kept of a secret that came sealed with this hash. */
export function keep(crypto: Crypto, codeKey: Uint8Array, secret: Secret, sealedHash: Uint8Array): Kept {
  const sealed = sealedHash.slice(0, SEALED_SIZE)
  switch (secret.kind) {
    case "pin": {
      const duress = secret.duress === undefined ? null : codeHandle(crypto, codeKey, secret.duress)
      return { handle: codeHandle(crypto, codeKey, secret.pin), body: sealed, duress }
    }
    case "card": {
      const handle = handleOf(crypto, codeKey, UID_LABEL, secret.uid)
      return { handle, body: concat(secret.key ?? NO_KEY, sealed), duress: null }
    }
    case "offline half": {
      const { half, epoch, key } = secret
      const head = Uint8Array.of(half === "site" ? 1 : 0, epoch >> 8, epoch & 0xff)
      const handle = handleOf(crypto, codeKey, HALF_LABEL, idBytes(secret.credential))
      return { handle, body: concat(head, key, sealed), duress: null }
    }
    default:
      return unreachable(secret)
  }
}

/** What stands for a code in the table. */
export function codeHandle(crypto: Crypto, codeKey: Uint8Array, code: string): Uint8Array {
  return handleOf(crypto, codeKey, CODE_LABEL, utf8(code))
}

/** The tables for a policy. A secret whose credential the policy does not name is of no use and left out. */
export function secretsFor(policy: Policy, kept: ReadonlyMap<CredentialId, Kept>): Secrets {
  const cards: Uint8Array[] = []
  const codes: Uint8Array[] = []
  const halves: Uint8Array[] = []
  for (let place = 0; place < placesIn(policy); place++) {
    const secret = kept.get(credentialAt(policy, place))
    if (secret === undefined) continue
    const { handle, body, duress } = secret
    const row = rowOf(handle, place, body)
    const table = row.length === CARD_ROW ? cards : row.length === CODE_ROW ? codes : halves
    assert(table !== halves || row.length === HALF_ROW, "a row is a card's, a code's or a half's")
    table.push(row)
    if (duress !== null) codes.push(rowOf(duress, place + DURESS, body))
  }
  return { cards: tableOf(cards), codes: tableOf(codes), halves: tableOf(halves) }
}

function rowOf(handle: Uint8Array, place: number, body: Uint8Array): Uint8Array {
  const number = new Uint8Array(PLACE_SIZE)
  new DataView(number.buffer).setUint32(0, place)
  return concat(handle, number, body)
}

function sameHandle(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && equalBytes(a.subarray(0, HANDLE_SIZE), b.subarray(0, HANDLE_SIZE))
}

/** Sorted rows. Of two with one handle (two people with one code) neither can be told from the other: both are left out. */
function tableOf(rows: readonly Uint8Array[]): Uint8Array {
  const sorted = [...rows].sort(compareBytes)
  return concat(...sorted.filter((row, at) => !sameHandle(sorted[at - 1], row) && !sameHandle(sorted[at + 1], row)))
}

/**
 * The row with this handle, or the one that would stand before it; empty in an empty table. The number of steps is the table's,
 * whatever is looked for, and there is a row to read whether it was found or not.
 */
function nearest(
  table: Uint8Array,
  row_size: number,
  handle: Uint8Array,
): { readonly row: Uint8Array; readonly isFound: boolean } {
  const rows = new DataView(table.buffer, table.byteOffset)
  const [high, low] = [u32In(handle, 0), u32In(handle, 4)]
  let at = 0
  for (let left = table.length / row_size; left > 1; ) {
    const half = left >>> 1
    const middle = at + half * row_size
    const [rowHigh, rowLow] = [rows.getUint32(middle), rows.getUint32(middle + 4)]
    at = rowHigh > high || (rowHigh === high && rowLow > low) ? at : middle
    left -= half
  }
  if (table.length === 0) return { row: EMPTY, isFound: false }
  const row = table.subarray(at, at + row_size)
  return { row, isFound: equalSecrets(row.subarray(0, HANDLE_SIZE), handle) }
}

function u32In(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset)
}

function placeOf(row: Uint8Array): number {
  return u32In(row, HANDLE_SIZE) % DURESS
}

function isForDuress(row: Uint8Array): boolean {
  return u32In(row, HANDLE_SIZE) >= DURESS
}

/** A code as a row of the policy's credentials. Where nobody has the one asked for, it is somebody else's. */
export type NearCode = { readonly isKnown: boolean; readonly place: number; readonly duress: boolean }

/** The code with this handle; null where nobody has any. */
export function codeNear(secrets: Secrets, handle: Uint8Array): NearCode | null {
  const { row, isFound } = nearest(secrets.codes, CODE_ROW, handle)
  return row.length === 0 ? null : { isKnown: isFound, place: placeOf(row), duress: isForDuress(row) }
}

/** Half of what makes one person's offline PINs, as its holder gave it. */
export type Half = {
  readonly place: number
  readonly half: "owner" | "site"
  readonly epoch: number
  readonly key: Uint8Array
}

export function halvesIn({ halves }: Secrets): readonly Half[] {
  const found: Half[] = []
  for (let at = 0; at < halves.length; at += HALF_ROW) {
    const row = halves.subarray(at, at + HALF_ROW)
    const [is, high, low] = [byteAt(row, BODY_AT), byteAt(row, BODY_AT + 1), byteAt(row, BODY_AT + 2)]
    const key = row.slice(BODY_AT + 3, BODY_AT + HALF_SIZE)
    found.push({ place: placeOf(row), half: is === 1 ? "site" : "owner", epoch: high * 0x100 + low, key })
  }
  return found
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
  const { row, isFound } = nearest(secrets.cards, CARD_ROW, handleOf(crypto, codeKey, UID_LABEL, uid))
  if (!isFound) return null
  const key = row.slice(BODY_AT, BODY_AT + KEY_SIZE)
  return { credential: credentialAt(policy, placeOf(row)), key: equalBytes(key, NO_KEY) ? null : key }
}

/** What is kept for each credential, to carry over into the next policy. */
export function keptIn(policy: Policy, secrets: Secrets): ReadonlyMap<CredentialId, Kept> {
  const kept = new Map<CredentialId, Kept>()
  const forDuress: Uint8Array[] = []
  for (const [table, row_size] of tablesOf(secrets))
    for (let at = 0; at < table.length; at += row_size) {
      const row = table.slice(at, at + row_size)
      if (row_size === CODE_ROW && isForDuress(row)) forDuress.push(row)
      else
        kept.set(credentialAt(policy, placeOf(row)), { handle: handleIn(row), body: row.slice(BODY_AT), duress: null })
    }
  for (const row of forDuress) {
    const credential = credentialAt(policy, placeOf(row))
    const known = kept.get(credential)
    if (known !== undefined) kept.set(credential, { ...known, duress: handleIn(row) })
  }
  return kept
}

const tablesOf = ({ cards, codes, halves }: Secrets): readonly (readonly [Uint8Array, number])[] => [
  [cards, CARD_ROW],
  [codes, CODE_ROW],
  [halves, HALF_ROW],
]

function handleIn(row: Uint8Array): Uint8Array {
  return row.slice(0, HANDLE_SIZE)
}

/** Whether this was made from the sealed secret with this hash. */
export function isMadeFrom(kept: Kept, sealedHash: Uint8Array): boolean {
  return equalBytes(kept.body.subarray(-SEALED_SIZE), sealedHash.subarray(0, SEALED_SIZE))
}

/** Whether bytes read back from storage are whole, sorted tables for this policy. */
export function areSecrets(policy: Policy, secrets: Secrets): boolean {
  return tablesOf(secrets).every(([table, row_size]) => isTable(table, row_size, placesIn(policy)))
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
