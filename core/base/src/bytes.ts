/**
 * Bytes: reading by index, joining, comparing. How they are spelled in letters is `text.ts`.
 *
 * Indexing is asserted, because `?? 0` on an index would turn an overrun into a zero.
 */
import { assert } from "./assert.ts"

export const EMPTY = new Uint8Array(0)

/** The byte at `index`, which lies inside. */
export function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index]
  assert(byte !== undefined, "the index lies inside the bytes")
  return byte
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const part of parts) size += part.length
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  assert(at === size, "every part was copied")
  return whole
}

/** Whether two byte strings are equal. Not constant time: never for secrets, see {@link equalSecrets}. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Whether two secrets of one length are equal, looking at every byte whatever the first difference. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  assert(a.length === b.length, "secrets that are compared have one length")
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= byteAt(a, i) ^ byteAt(b, i)
  return difference === 0
}

/** Lexicographic order of byte strings: negative, zero or positive; a prefix comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = byteAt(a, i) - byteAt(b, i)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
