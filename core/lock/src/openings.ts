/**
 * What opens the commitments of a batch's records: it travels beside the batch, sealed to the keeper, and is never in the log.
 *
 *   [[sequence, salt, detail], ...]      deterministic CBOR, one for each record
 *
 * That openings open anything, `commitment` shows.
 */
import { assert, byteAt } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readUint } from "@holdfast/base/cbor"
import { BATCH_RECORDS_MAX } from "./batch.ts"
import { DETAIL_BYTES_MAX, SALT_SIZE } from "./record.ts"

/** What opens one record's commitment. */
export type Opening = { readonly sequence: number; readonly salt: Uint8Array; readonly detail: Uint8Array }

export function encodeOpenings(openings: readonly Opening[]): Uint8Array {
  assert(openings.length <= BATCH_RECORDS_MAX, "openings belong to one batch")
  return encodeCbor(openings.map(({ sequence, salt, detail }) => [sequence, salt, detail]))
}

function readOpening(item: Cbor): Opening | null {
  if (!Array.isArray(item) || item.length !== 3) return null
  const [first, second, third] = item as readonly Cbor[]
  const sequence = readUint(first)
  const salt = readBytes(second, SALT_SIZE)
  const detail = readBytes(third, 0, DETAIL_BYTES_MAX)
  return sequence === null || salt === null || detail === null ? null : { sequence, salt, detail }
}

/** The openings of one batch, or null for malformed bytes. */
export function decodeOpenings(bytes: Uint8Array): Opening[] | null {
  const decoded = decodeCbor(bytes)
  return decoded.ok ? readArray(decoded.value, BATCH_RECORDS_MAX, readOpening) : null
}

const UINT = 0
const BYTES = 2
const ARRAY = 4

/** Reads the heads of RFC 8949, section 3, one after another, in their shortest form; -1 where there is another thing. */
class Heads {
  readonly #bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  next(major: number): number {
    const bytes = this.#bytes
    if (this.at >= bytes.length) return -1
    const lead = byteAt(bytes, this.at++)
    const short = lead & 31
    if (lead >> 5 !== major || short > 27) return -1
    if (short < 24) return short
    const end = this.at + (1 << (short - 24))
    if (end > bytes.length) return -1
    const least = short === 24 ? 24 : 256 ** ((end - this.at) / 2)
    let argument = 0
    while (this.at < end) argument = argument * 256 + byteAt(bytes, this.at++)
    return argument < least || !Number.isSafeInteger(argument) ? -1 : argument
  }
}

/**
 * Goes over the openings without making any: `visit` hears the sequence of each, and between which bytes it lies. Answers how
 * many they are; null where {@link decodeOpenings} answers null, and then what was visited is worth nothing. Hardly any of the
 * openings of a storm is ever looked at.
 */
export function skimOpenings(
  bytes: Uint8Array,
  visit: (sequence: number, from: number, to: number) => void,
): number | null {
  const heads = new Heads(bytes)
  const count = heads.next(ARRAY)
  if (count < 0 || count > BATCH_RECORDS_MAX) return null
  for (let at = 0; at < count; at++) {
    const from = heads.at
    if (heads.next(ARRAY) !== 3) return null
    const sequence = heads.next(UINT)
    if (sequence < 0 || heads.next(BYTES) !== SALT_SIZE) return null
    heads.at += SALT_SIZE
    const detail_size = heads.next(BYTES)
    if (detail_size < 0 || detail_size > DETAIL_BYTES_MAX) return null
    heads.at += detail_size
    if (heads.at > bytes.length) return null
    visit(sequence, from, heads.at)
  }
  return heads.at === bytes.length ? count : null
}

/** The opening that lies between two bytes of which {@link skimOpenings} told. */
export function openingBetween(bytes: Uint8Array, from: number, to: number): Opening {
  const decoded = decodeCbor(bytes.subarray(from, to))
  const opening = decoded.ok ? readOpening(decoded.value) : null
  assert(opening !== null, "an opening lies between these bytes")
  return opening
}
