/**
 * UTF-8 (RFC 3629), strict both ways: no lone surrogate is written, no overlong form is read.
 *
 * Core has no TextEncoder, since nothing from outside the language compiles there.
 */
import { assert } from "./assert.ts"
import { byteAt } from "./bytes.ts"

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
