/**
 * The extra data of every receipt: when the entry was admitted, eight bytes big-endian, Unix milliseconds. With it whoever
 * holds a statement or a batch has the whole entry, and can check the receipt without asking for anything else.
 */
import type { UnixMillis } from "@holdfast/base"

export function admittedAtBytes(at: UnixMillis): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(at))
  return bytes
}
