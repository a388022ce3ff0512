/**
 * Things that a plain ES256 key signs: out go the bytes to sign, back comes a signature, and the signed object is whole.
 *
 * Whoever holds the private key stays outside: making a signature is an effect. The same shape serves root metadata,
 * manifests, leases and beacons; statements add the passkey's way of signing in statement.ts.
 */
import { assert, type Crypto, type SiteId } from "@holdfast/base"
import { type Cbor, type CborMap, decodeCbor, encodeCbor } from "@holdfast/base/cbor"
import {
  ALG_ES256,
  bytesToSign,
  decodeSigned,
  encodeSigned,
  isLowS,
  kidOf,
  type Protected,
  type PublicKey,
  type SignedType,
  verifySigned,
} from "@holdfast/base/cose"

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

/** How one kind of signed object is told from the others, how long it may be, and how its payload reads. */
export type Form<Value> = {
  readonly type: SignedType
  readonly size_max: number
  /** Null for anything that is not exactly this kind's map. */
  decode(payload: Cbor): Value | null
}

export type Verified<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: SignedFault }

/** What is said, if this key signed it and it is for this site. Everything else about it is the caller's check. */
export function verifyForm<Value extends { readonly site: SiteId }>(
  { type, size_max, decode }: Form<Value>,
  site: SiteId,
  bytes: Uint8Array,
  key: PublicKey,
  crypto: Crypto,
): Verified<Value> {
  if (bytes.length > size_max) return { ok: false, fault: "too large" }
  const signed = decodeSigned(type, site, bytes)
  const payload = signed === null ? null : decodeCbor(signed.payload)
  const value = payload?.ok === true ? decode(payload.value) : null
  if (signed === null || value === null || value.site !== site) return { ok: false, fault: "malformed" }
  return verifySigned(signed, key, crypto) ? { ok: true, value } : { ok: false, fault: "wrong signature" }
}
