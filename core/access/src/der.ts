/**
 * ECDSA signatures as ASN.1 writes them, brought into the one form that core checks: authenticators and MCUboot speak DER.
 *
 * Strict: every signature has one spelling here (X.690, 8.3 and 10). Nothing else of ASN.1 is known.
 */
import { byteAt, concat } from "@holdfast/base"

/** One INTEGER of an ECDSA-Sig-Value as 32 bytes, and where the next begins; strict DER (X.690, 8.3). */
function derInteger(der: Uint8Array, at: number): { readonly value: Uint8Array; readonly next: number } | null {
  const size = der[at + 1]
  if (der[at] !== 0x02 || size === undefined || size < 1 || size > 33 || at + 2 + size > der.length) return null
  const content = der.subarray(at + 2, at + 2 + size)
  const lead = byteAt(content, 0)
  if (lead >= 0x80) return null // Negative.
  if (size > 1 && lead === 0 && byteAt(content, 1) < 0x80) return null // Not the shortest form.
  if (size === 33 && lead !== 0) return null
  const digits = size === 33 ? content.subarray(1) : content
  const value = new Uint8Array(32)
  value.set(digits, 32 - digits.length)
  return { value, next: at + 2 + size }
}

/** r || s from DER, or null for any other spelling. */
export function rawSignature(der: Uint8Array): Uint8Array | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) return null
  const r = derInteger(der, 2)
  const s = r === null ? null : derInteger(der, r.next)
  return r === null || s === null || s.next !== der.length ? null : concat(r.value, s.value)
}
