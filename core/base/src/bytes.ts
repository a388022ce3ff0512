/**
 * Bytes and their spellings: reading by index, joining, comparing, hex, base64 and UTF-8.
 *
 * Indexing is asserted, because `?? 0` on an index would turn an overrun into a zero. Decoders of text answer null on
 * bad input; they never throw.
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

const HEX = "0123456789abcdef"
/** So many bytes become text at once: an engine bounds how much one call is given. */
const HEX_PIECE = 256

export function toHex(bytes: Uint8Array): string {
  let text = ""
  for (let at = 0; at < bytes.length; at += HEX_PIECE) {
    const codes: number[] = []
    for (const byte of bytes.subarray(at, at + HEX_PIECE))
      codes.push(HEX.charCodeAt(byte >> 4), HEX.charCodeAt(byte & 15))
    text += String.fromCharCode(...codes)
  }
  return text
}

/** The value of a hex digit of either case: 0 to 9 end in it, A and a in 1. */
function digitOf(code: number): number {
  return (code & 15) + 9 * (code >> 6)
}

/** Lower or upper case hex of even length, or null. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = (digitOf(text.charCodeAt(2 * i)) << 4) | digitOf(text.charCodeAt(2 * i + 1))
  return bytes
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const BASE64_URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

function encode64(bytes: Uint8Array, alphabet: string, padded: boolean): string {
  let text = ""
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const group =
      (byteAt(bytes, i) << 16) | ((left > 1 ? byteAt(bytes, i + 1) : 0) << 8) | (left > 2 ? byteAt(bytes, i + 2) : 0)
    text += alphabet.charAt(group >> 18) + alphabet.charAt((group >> 12) & 63)
    if (left > 1) text += alphabet.charAt((group >> 6) & 63)
    if (left > 2) text += alphabet.charAt(group & 63)
    else if (padded) text += left > 1 ? "=" : "=="
  }
  return text
}

function decode64(text: string, alphabet: string): Uint8Array | null {
  if (text.length % 4 === 1) return null
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8))
  let bits = 0
  let width = 0
  let at = 0
  for (const letter of text) {
    const value = alphabet.indexOf(letter)
    if (value < 0) return null
    bits = (bits << 6) | value
    width += 6
    if (width < 8) continue
    width -= 8
    bytes[at++] = bits >> width
    bits &= (1 << width) - 1
  }
  return bits === 0 ? bytes : null // Bits left over must be zero, or two texts would mean the same bytes.
}

/** Base64 with padding: RFC 4648, section 4. */
export function toBase64(bytes: Uint8Array): string {
  return encode64(bytes, BASE64, true)
}

/** Padded, canonical base64 or null: RFC 4648, sections 3.5 and 4. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null
  return decode64(text.replace(/={1,2}$/, ""), BASE64)
}

/** Base64url without padding: RFC 4648, section 5, as JOSE and WebAuthn write it. */
export function toBase64Url(bytes: Uint8Array): string {
  return encode64(bytes, BASE64_URL, false)
}

export function fromBase64Url(text: string): Uint8Array | null {
  return decode64(text, BASE64_URL)
}
