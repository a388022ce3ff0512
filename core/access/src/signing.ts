/**
 * Things that a plain ES256 key signs: out go the bytes to sign, back comes a signature, and the signed object is whole.
 *
 * Whoever holds the private key stays outside: making a signature is an effect. The same shape serves root metadata,
 * manifests, leases and beacons; statements add the passkey's way of signing in statement.ts.
 */
import {
  ALG_ES256,
  assert,
  bytesToSign,
  type CborMap,
  type Crypto,
  decodeCbor,
  decodeSigned,
  encodeCbor,
  encodeSigned,
  isLowS,
  kidOf,
  type Protected,
  type PublicKey,
  type SignedType,
  type SiteId,
  verifySigned,
} from "@holdfast/base"

export type Signable = {
  /** The Sig_structure: what the key signs. */
  readonly bytes: Uint8Array
  /** The COSE_Sign1, given r || s with a low s. */
  finish(signature: Uint8Array): Uint8Array
}

export function signable(
  type: SignedType,
  site: SiteId,
  payload: Uint8Array,
  key: PublicKey,
  crypto: Crypto,
): Signable {
  const header: Protected = { alg: ALG_ES256, kid: kidOf(key, crypto), type }
  return {
    bytes: bytesToSign(header, site, payload),
    finish(signature) {
      assert(isLowS(signature), "an ES256 signature is 64 bytes with a low s")
      return encodeSigned(header, payload, signature)
    },
  }
}

/** The same for a payload that is a map. */
export function signableMap(
  type: SignedType,
  site: SiteId,
  payload: CborMap,
  key: PublicKey,
  crypto: Crypto,
): Signable {
  return signable(type, site, encodeCbor(payload), key, crypto)
}

export type SignedFault = "too large" | "malformed" | "wrong signature"

/** The payload of a signed object after its signature verified, or why not. */
export function verifyPayload<Payload>(
  type: SignedType,
  site: SiteId,
  bytes: Uint8Array,
  size_max: number,
  key: PublicKey,
  crypto: Crypto,
  decode: (payload: Uint8Array) => Payload | null,
): { readonly ok: true; readonly value: Payload } | { readonly ok: false; readonly fault: SignedFault } {
  if (bytes.length > size_max) return { ok: false, fault: "too large" }
  const signed = decodeSigned(type, site, bytes)
  const value = signed === null ? null : decode(signed.payload)
  if (signed === null || value === null) return { ok: false, fault: "malformed" }
  return verifySigned(signed, key, crypto) ? { ok: true, value } : { ok: false, fault: "wrong signature" }
}

/** The map that a payload encodes; the field reader says which keys it knows. */
export function payloadMap(payload: Uint8Array): CborMap | null {
  const decoded = decodeCbor(payload)
  return decoded.ok && decoded.value instanceof Map ? decoded.value : null
}
