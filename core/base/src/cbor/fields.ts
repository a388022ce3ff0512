/**
 * Reading a decoded CBOR map as the record that a format says it is.
 *
 * Integer keys 0 to 63 are critical: one that the format does not know refuses the whole map. Keys from 64 up may be
 * ignored. Every getter answers null for a missing or wrong field, so a decoder reads as one line a field and one check.
 */
import type { Cbor, CborMap } from "./codec.ts"

const CRITICAL_KEY_MAX = 63

/** The map, if it is one and has no critical key beyond `known`; else null. */
export function readMap(value: Cbor | undefined, known: readonly number[]): CborMap | null {
  if (!(value instanceof Map)) return null
  for (const key of value.keys()) if (key <= CRITICAL_KEY_MAX && !known.includes(key)) return null
  return value
}

export function readUint(value: Cbor | undefined, max: number = Number.MAX_SAFE_INTEGER): number | null {
  return typeof value === "number" && value >= 0 && value <= max ? value : null
}

/** Bytes of exactly `size`, or of any size up to `size_max` when that is given as the third argument. */
export function readBytes(value: Cbor | undefined, size_min: number, size_max: number = size_min): Uint8Array | null {
  return value instanceof Uint8Array && value.length >= size_min && value.length <= size_max ? value : null
}

export function readText(value: Cbor | undefined, length_max: number): string | null {
  return typeof value === "string" && value.length <= length_max ? value : null
}

export function readBoolean(value: Cbor | undefined): boolean | null {
  return typeof value === "boolean" ? value : null
}

/** Every item read by `item`, or null when the value is no array, is too long or has an item that does not read. */
export function readArray<Item>(
  value: Cbor | undefined,
  count_max: number,
  item: (value: Cbor) => Item | null,
): Item[] | null {
  if (!Array.isArray(value) || value.length > count_max) return null
  const items: Item[] = []
  for (const each of value as readonly Cbor[]) {
    const read = item(each)
    if (read === null) return null
    items.push(read)
  }
  return items
}
