/**
 * The vendor's public keys as a board holds them, and how images name them: SHA-256 of the SubjectPublicKeyInfo in DER.
 *
 * A debug key is a key like any other; what makes it harmless is that no release board has it in its list.
 */
import { type Crypto, concat, assert } from "@holdfast/base"
import { fromHex } from "@holdfast/base/text"

/** What checking an image needs beside core's own cryptography. */
export interface ImageCrypto extends Crypto {
  /** ML-DSA-44 (FIPS 204), empty context: key 1,312 bytes, signature 2,420. Answers false for anything malformed. */
  verifyMlDsa44(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

export type VendorKey = {
  readonly algorithm: "ed25519" | "es256"
  /** Ed25519: 32 bytes. ES256: x || y. */
  readonly key: Uint8Array
}

export type VendorTrust = {
  readonly keys: readonly VendorKey[]
  /** How many of the keys must have signed. */
  readonly threshold: number
  /** The ML-DSA-44 key that must have signed as well; null for a vendor without one. */
  readonly mlDsa: Uint8Array | null
  /** Hashes of keys that count no longer. */
  readonly revoked: readonly Uint8Array[]
}

export const MLDSA44_KEY_SIZE = 1312
/** SubjectPublicKeyInfo up to the key itself: RFC 8410, RFC 5480, RFC 9881. */
const SPKI = {
  ed25519: "302a300506032b6570032100",
  es256: "3059301306072a8648ce3d020106082a8648ce3d03010703420004",
  mlDsa44: "30820532300b06096086480165030403110382052100",
} as const

export function keyHash(crypto: Crypto, algorithm: keyof typeof SPKI, key: Uint8Array): Uint8Array {
  const lead = fromHex(SPKI[algorithm])
  assert(lead !== null, "the leads are hex")
  return crypto.sha256(concat(lead, key))
}
