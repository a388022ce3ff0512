/**
 * A log entry: a statement or a batch, wrapped with the time at which the keeper let it in.
 *
 *   deterministic CBOR map { 0: version 1, 1: type, 2: admitted at, Unix milliseconds, 3: bytes }
 *
 * The log orders entries and dates them, so the time is the keeper's and never decreases within a log (whoever reads a
 * whole log checks that; one entry cannot tell). What the type means and what the bytes say, others know.
 */
import { assert, type UnixMillis, unixMillis } from "@holdfast/base"
import { type CborMap, decodeCbor, encodeCbor, readBytes, readUint } from "@holdfast/base/cbor"
import { ENTRY_SIZE_MAX } from "./bundle.ts"

const VERSION = 1
const KEY_VERSION = 0
const KEY_TYPE = 1
const KEY_ADMITTED_AT = 2
const KEY_BYTES = 3
const KEY_COUNT = 4
/** Map head, four keys, and the longest heads of version, type, time and bytes. */
const WRAPPING_SIZE_MAX = 1 + 4 + 1 + 9 + 9 + 3
/** Bytes that always fit into one entry, whatever its type and time. */
export const PAYLOAD_SIZE_MAX = ENTRY_SIZE_MAX - WRAPPING_SIZE_MAX

export type Entry = { readonly type: number; readonly admittedAt: UnixMillis; readonly bytes: Uint8Array }

export type EntryFault = "too large" | "not CBOR" | "not an entry" | "unknown version"
export type EntryDecoded =
  | { readonly ok: true; readonly entry: Entry }
  | { readonly ok: false; readonly fault: EntryFault }

export function encodeEntry(entry: Entry): Uint8Array {
  assert(Number.isSafeInteger(entry.type) && entry.type >= 0, "a type is a whole number")
  assert(entry.bytes.length <= PAYLOAD_SIZE_MAX, "what goes into an entry fits into it")
  const map: CborMap = new Map<number, number | Uint8Array>([
    [KEY_VERSION, VERSION],
    [KEY_TYPE, entry.type],
    [KEY_ADMITTED_AT, entry.admittedAt],
    [KEY_BYTES, entry.bytes],
  ])
  const bytes = encodeCbor(map)
  assert(bytes.length <= ENTRY_SIZE_MAX, "an entry fits into a bundle")
  return bytes
}

export function decodeEntry(bytes: Uint8Array): EntryDecoded {
  if (bytes.length > ENTRY_SIZE_MAX) return { ok: false, fault: "too large" }
  const decoded = decodeCbor(bytes)
  if (!decoded.ok) return { ok: false, fault: "not CBOR" }
  const map = decoded.value
  if (!(map instanceof Map)) return { ok: false, fault: "not an entry" }
  const version = readUint(map.get(KEY_VERSION))
  if (version === null) return { ok: false, fault: "not an entry" }
  if (version !== VERSION) return { ok: false, fault: "unknown version" }
  const type = readUint(map.get(KEY_TYPE))
  const admittedAt = readUint(map.get(KEY_ADMITTED_AT))
  const payload = readBytes(map.get(KEY_BYTES), 0, PAYLOAD_SIZE_MAX)
  if (type === null || admittedAt === null || payload === null || map.size !== KEY_COUNT)
    return { ok: false, fault: "not an entry" }
  return { ok: true, entry: { type, admittedAt: unixMillis(admittedAt), bytes: payload } }
}
