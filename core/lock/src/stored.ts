/**
 * What a lock keeps over a loss of power: a few parts that are replaced whole, and records that are appended.
 *
 *   part    | "HFp1" | number u8 | body | SHA-256(everything before)[0..8] |
 *   record  | record 64 | salt 16 | length u16 | detail | SHA-256(everything before)[0..8] |
 *
 * The sum notices a torn write or a worn cell, not an enemy: what must not be forged carries a signature of its own. A part
 * that is torn reads as null and the reader falls back to less, never to more. Whether a write is durable before the next
 * effect is the board's promise.
 */
import { assert, byteAt, type Crypto, concat, equalBytes } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { DETAIL_BYTES_MAX, RECORD_SIZE, SALT_SIZE } from "./record.ts"
import { byNumber } from "./result.ts"

const PARTS = {
  boot: 1,
  clock: 2,
  throttle: 3,
  lease: 4,
  denies: 5,
  head: 6,
  "slot a": 7,
  "slot b": 8,
  journal: 9,
  batch: 10,
  alarms: 31,
  offline: 32,
  mode: 40,
  wear: 60,
  defence: 75,
  phones: 130,
  readings: 131,
  update: 105,
  service: 115,
} as const
/** A part of the state that is stored under its own name and replaced whole. */
export type Part = keyof typeof PARTS

export const PART_NAMES: readonly Part[] = /* @__PURE__ */ Object.keys(PARTS) as Part[]
const PART_WORDS = /* @__PURE__ */ byNumber<Part>(PARTS)

export function partNumber(part: Part): number {
  return PARTS[part]
}

export function partOf(number: number): Part | null {
  return PART_WORDS.get(number) ?? null
}

/** What the board read back at boot: each part's last bytes, and the records in the order in which they were appended. */
export type Stored = {
  readonly parts: ReadonlyMap<Part, Uint8Array>
  readonly records: readonly Uint8Array[]
  /** The whole is not to be believed: from another time, or with pieces gone that nobody can name. Absent when it is sound. */
  readonly fault?: "rolled back" | "damaged"
}

const MAGIC = utf8("HFp1")
const HEAD_SIZE = MAGIC.length + 1
const SUM_SIZE = 8

function summed(crypto: Crypto, bytes: Uint8Array): Uint8Array {
  return concat(bytes, crypto.sha256(bytes).subarray(0, SUM_SIZE))
}

/** The bytes under a good sum, or null. */
function unsummed(crypto: Crypto, bytes: Uint8Array): Uint8Array | null {
  if (bytes.length < SUM_SIZE) return null
  const body = bytes.subarray(0, bytes.length - SUM_SIZE)
  return equalBytes(crypto.sha256(body).subarray(0, SUM_SIZE), bytes.subarray(body.length)) ? body : null
}

export function encodePart(crypto: Crypto, part: Part, body: Uint8Array): Uint8Array {
  return summed(crypto, concat(MAGIC, Uint8Array.of(PARTS[part]), body))
}

/** The body of a part, or null where it is torn, or another part's. */
export function decodePart(crypto: Crypto, part: Part, bytes: Uint8Array): Uint8Array | null {
  const whole = unsummed(crypto, bytes)
  if (whole === null || whole.length < HEAD_SIZE) return null
  if (!equalBytes(whole.subarray(0, MAGIC.length), MAGIC) || byteAt(whole, MAGIC.length) !== PARTS[part]) return null
  return whole.slice(HEAD_SIZE)
}

/** A record with what opens it. */
export type Line = { readonly record: Uint8Array; readonly salt: Uint8Array; readonly detail: Uint8Array }

export function encodeLine(crypto: Crypto, line: Line): Uint8Array {
  assert(line.record.length === RECORD_SIZE && line.salt.length === SALT_SIZE, "a record is 64 bytes, a salt 16")
  assert(line.detail.length <= DETAIL_BYTES_MAX, "a detail is small")
  const length = Uint8Array.of(line.detail.length >> 8, line.detail.length & 0xff)
  return summed(crypto, concat(line.record, line.salt, length, line.detail))
}

const DETAIL_AT = RECORD_SIZE + SALT_SIZE + 2

export function decodeLine(crypto: Crypto, bytes: Uint8Array): Line | null {
  const whole = unsummed(crypto, bytes)
  if (whole === null || whole.length < DETAIL_AT) return null
  const length = (byteAt(whole, DETAIL_AT - 2) << 8) | byteAt(whole, DETAIL_AT - 1)
  if (whole.length !== DETAIL_AT + length) return null
  return {
    record: whole.slice(0, RECORD_SIZE),
    salt: whole.slice(RECORD_SIZE, RECORD_SIZE + SALT_SIZE),
    detail: whole.slice(DETAIL_AT),
  }
}
