/**
 * Bytes as text and text as bytes: hex, base64 and UTF-8. A face of its own, `@holdfast/base/text`.
 *
 * One text means one byte string and no other spelling of it is read, but for the case of hex digits. Bad input is an
 * answer, null, and never thrown. Core has no TextEncoder and no Buffer, since nothing from outside the language compiles
 * there.
 */
import { assert } from "./assert.ts"
import { byteAt } from "./bytes.ts"

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

// UTF-8 (RFC 3629), strict both ways: no lone surrogate is written, no overlong form is read.

function codePointSize(point: number): 1 | 2 | 3 | 4 {
  if (point < 0x80) return 1
  if (point < 0x800) return 2
  return point < 0x10000 ? 3 : 4
}

/** Whether the text has no lone surrogate, so that it has a UTF-8 form. */
export function isWellFormed(text: string): boolean {
  for (const letter of text) {
    const point = letter.codePointAt(0) ?? 0
    if (point >= 0xd800 && point <= 0xdfff) return false
  }
  return true
}

export function utf8(text: string): Uint8Array {
  assert(isWellFormed(text), "the text has no lone surrogate")
  let size = 0
  for (const letter of text) size += codePointSize(letter.codePointAt(0) ?? 0)
  const bytes = new Uint8Array(size)
  let at = 0
  for (const letter of text) {
    const point = letter.codePointAt(0) ?? 0
    const width = codePointSize(point)
    if (width === 1) {
      bytes[at++] = point
      continue
    }
    const lead = width === 2 ? 0xc0 : width === 3 ? 0xe0 : 0xf0
    bytes[at++] = lead | (point >> (6 * (width - 1)))
    for (let shift = 6 * (width - 2); shift >= 0; shift -= 6) bytes[at++] = 0x80 | ((point >> shift) & 63)
  }
  assert(at === size, "every code point was written")
  return bytes
}

function sequenceSize(lead: number): number {
  if (lead < 0x80) return 1
  if (lead >= 0xc2 && lead <= 0xdf) return 2
  if (lead >= 0xe0 && lead <= 0xef) return 3
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0
}

/** The text, or null where the bytes are not well-formed UTF-8 (RFC 3629, section 3). */
export function fromUtf8(bytes: Uint8Array): string | null {
  let text = ""
  for (let at = 0; at < bytes.length; ) {
    const lead = byteAt(bytes, at)
    const width = sequenceSize(lead)
    if (width === 0 || at + width > bytes.length) return null
    let point = width === 1 ? lead : lead & (0x7f >> width)
    for (let i = 1; i < width; i++) {
      const next = byteAt(bytes, at + i)
      if ((next & 0xc0) !== 0x80) return null
      point = (point << 6) | (next & 63)
    }
    if (codePointSize(point) !== width || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return null
    text += String.fromCodePoint(point)
    at += width
  }
  return text
}
