/**
 * An entry bundle: up to 256 log entries one behind the other, C2SP tlog-tiles, "Log entries".
 *
 *   | size, 2 bytes big-endian | entry | size | entry | …
 *
 * How many entries there are is not in the bytes: it follows from the tree size and the bundle's path.
 */
import { assert, byteAt } from "@holdfast/base"
import { TILE_WIDTH } from "./tile.ts"

/** Bytes of the largest entry that two bytes can count. */
export const ENTRY_SIZE_MAX = 0xffff
/** Bytes that stand before an entry in its bundle. */
export const LENGTH_SIZE = 2

export type BundleFault = "ends early" | "bytes left over"
export type BundleDecoded =
  | { readonly ok: true; readonly entries: readonly Uint8Array[] }
  | { readonly ok: false; readonly fault: BundleFault }

/** Writes one entry with its size at `offset`; answers where the next one goes. */
export function writeEntry(bundle: Uint8Array, offset: number, entry: Uint8Array): number {
  assert(entry.length <= ENTRY_SIZE_MAX, "an entry is at most 65535 bytes")
  bundle[offset] = entry.length >> 8
  bundle[offset + 1] = entry.length & 0xff
  bundle.set(entry, offset + LENGTH_SIZE)
  return offset + LENGTH_SIZE + entry.length
}

export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  assert(entries.length >= 1 && entries.length <= TILE_WIDTH, "a bundle has 1 to 256 entries")
  let size = 0
  for (const entry of entries) size += LENGTH_SIZE + entry.length
  const bundle = new Uint8Array(size)
  let at = 0
  for (const entry of entries) at = writeEntry(bundle, at, entry)
  assert(at === size, "every entry was written")
  return bundle
}

/** The `count` entries of a bundle, as views into its bytes. */
export function decodeBundle(bundle: Uint8Array, count: number): BundleDecoded {
  assert(count >= 1 && count <= TILE_WIDTH, "a bundle has 1 to 256 entries")
  const entries: Uint8Array[] = []
  let at = 0
  while (entries.length < count) {
    if (at + LENGTH_SIZE > bundle.length) return { ok: false, fault: "ends early" }
    const size = byteAt(bundle, at) * 256 + byteAt(bundle, at + 1)
    at += LENGTH_SIZE
    if (at + size > bundle.length) return { ok: false, fault: "ends early" }
    entries.push(bundle.subarray(at, at + size))
    at += size
  }
  return at === bundle.length ? { ok: true, entries } : { ok: false, fault: "bytes left over" }
}
