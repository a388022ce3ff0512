/**
 * COSE_Sign1 (RFC 9052, section 4.2) and COSE_Key for P-256 (RFC 9053, section 7.1), in the one shape that Holdfast signs.
 *
 * The protected header says {alg, crit, kid, typ}; the unprotected one is empty; the array carries no tag. What is signed is
 * the Sig_structure with an external_aad that binds the type and the site, so a signature for one thing is never one for
 * another. Making a signature is an effect elsewhere: here bytes to sign go out and signed bytes are put together.
 */
import { assert } from "./assert.ts"
import { byteAt, compareBytes, concat } from "./bytes.ts"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readMap, readText, readUint } from "./cbor/index.ts"
import type { Crypto } from "./crypto.ts"
import { idBytes } from "./ids.ts"
import { utf8 } from "./text.ts"
import type { Branded, SiteId } from "./units.ts"

/** What was signed, in one word of lower-case letters: it stands in `typ` and in the external_aad. */
export type SignedType =
  | "root"
  | "stmt"
  | "manifest"
  | "lease"
  | "beacon"
  | "batch"
  | "state"
  | "look"
  | "diagnosis"
  | "pairing"
  | "narrowing"

/** RFC 9053, section 2.1; the second is ours, from the private-use range: ES256 inside a WebAuthn assertion. */
export const ALG_ES256 = -7
export const ALG_WEBAUTHN = -65_537

/** A P-256 public key as x || y. */
export type PublicKey = Branded<Uint8Array, "PublicKey">
export const PUBLIC_KEY_SIZE = 64
const SIGNATURE_SIZE = 64
const KID_SIZE = 8

export function publicKey(bytes: Uint8Array): PublicKey {
  assert(bytes.length === PUBLIC_KEY_SIZE, "a P-256 public key is 64 bytes")
  return bytes as PublicKey
}

/** {kty: EC2, alg: ES256, crv: P-256, x, y}, RFC 9053 section 7.1.1. */
export function encodeCoseKey(key: PublicKey): Uint8Array {
  return encodeCbor(
    new Map<number, Cbor>([
      [1, 2],
      [3, ALG_ES256],
      [-1, 1],
      [-2, key.slice(0, 32)],
      [-3, key.slice(32)],
    ]),
  )
}

export function decodeCoseKey(bytes: Uint8Array): PublicKey | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [1, 3, -1, -2, -3]) : null
  const x = readBytes(map?.get(-2), 32)
  const y = readBytes(map?.get(-3), 32)
  if (map === null || x === null || y === null || map.size !== 5) return null
  if (map.get(1) !== 2 || map.get(3) !== ALG_ES256 || map.get(-1) !== 1) return null
  return publicKey(concat(x, y))
}

/** The key's name in headers: the first eight bytes of SHA-256(COSE_Key). */
export function kidOf(key: PublicKey, crypto: Crypto): Uint8Array {
  return crypto.sha256(encodeCoseKey(key)).slice(0, KID_SIZE)
}

/** "holdfast/" type "/v1" 0x00 siteId. */
function externalAad(type: SignedType, site: SiteId): Uint8Array {
  return concat(utf8(`holdfast/${type}/v1`), new Uint8Array(1), idBytes(site))
}

export type Protected = { readonly alg: number; readonly kid: Uint8Array; readonly type: SignedType }

function encodeProtected(header: Protected): Uint8Array {
  assert(header.kid.length === KID_SIZE, "a kid is eight bytes")
  return encodeCbor(
    new Map<number, Cbor>([
      [1, header.alg],
      [2, [16]], // crit: a verifier that does not know `typ` (RFC 9596) must refuse.
      [4, header.kid],
      [16, `holdfast/${header.type}`],
    ]),
  )
}

/** The Sig_structure of RFC 9052, section 4.4: what a key signs. */
export function bytesToSign(header: Protected, site: SiteId, payload: Uint8Array): Uint8Array {
  return encodeCbor(["Signature1", encodeProtected(header), externalAad(header.type, site), payload])
}

/** The signed object, once somebody's key has answered. */
export function encodeSigned(header: Protected, payload: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeCbor([encodeProtected(header), new Map(), payload, signature])
}

export type Signed = {
  readonly alg: number
  readonly kid: Uint8Array
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  /** The Sig_structure, ready for a verifier. */
  readonly signed: Uint8Array
}

/**
 * Takes a COSE_Sign1 apart, for one type and one site. Null for anything malformed or of another type; the signature is not
 * checked here. The caller caps the size of `bytes`.
 */
export function decodeSigned(type: SignedType, site: SiteId, bytes: Uint8Array): Signed | null {
  const outer = decodeCbor(bytes)
  if (!outer.ok || !Array.isArray(outer.value) || outer.value.length !== 4) return null
  const [header, unprotected, payload, signature] = outer.value as readonly Cbor[]
  if (!(header instanceof Uint8Array) || !(payload instanceof Uint8Array) || !(signature instanceof Uint8Array))
    return null
  if (!(unprotected instanceof Map) || unprotected.size !== 0) return null
  const inner = decodeCbor(header)
  const map = inner.ok ? readMap(inner.value, [1, 2, 4, 16]) : null
  const kid = readBytes(map?.get(4), KID_SIZE)
  const crit = readArray(map?.get(2), 1, (label) => readUint(label))
  if (map === null || kid === null || map.size !== 4 || crit?.[0] !== 16) return null
  if (readText(map.get(16), 64) !== `holdfast/${type}`) return null
  const alg = map.get(1)
  if (alg !== ALG_ES256 && alg !== ALG_WEBAUTHN) return null
  return {
    alg,
    kid,
    payload,
    signature,
    // Made when somebody asks: whoever only looks who signed what does without a second copy of it.
    get signed() {
      return encodeCbor(["Signature1", header, externalAad(type, site), payload])
    },
  }
}

/** Half the order of P-256: a signature's s must not exceed it, so that it has one spelling (low-S). */
const HALF_ORDER = [
  0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d,
  0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
]
const ORDER = [
  0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
  0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
]

export function isLowS(signature: Uint8Array): boolean {
  return signature.length === SIGNATURE_SIZE && compareBytes(signature.subarray(32), Uint8Array.from(HALF_ORDER)) <= 0
}

/** The same signature with s replaced by n - s where s is high: r || s, both valid for ECDSA. */
export function toLowS(signature: Uint8Array): Uint8Array {
  assert(signature.length === SIGNATURE_SIZE, "a signature is 64 bytes")
  if (isLowS(signature)) return signature
  const low = signature.slice()
  let borrow = 0
  for (let i = 31; i >= 0; i--) {
    const difference = (ORDER[i] as number) - byteAt(signature, 32 + i) - borrow
    borrow = difference < 0 ? 1 : 0
    low[32 + i] = difference + 256 * borrow
  }
  assert(isLowS(low), "the negated s is low")
  return low
}

/** Checks an ES256 COSE signature of the plain kind: right algorithm, right kid, low-S, valid. */
export function verifySigned(signed: Signed, key: PublicKey, crypto: Crypto): boolean {
  if (signed.alg !== ALG_ES256 || compareBytes(signed.kid, kidOf(key, crypto)) !== 0) return false
  return isLowS(signed.signature) && crypto.verifyEs256(key, signed.signed, signed.signature)
}
