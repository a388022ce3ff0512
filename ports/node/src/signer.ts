/**
 * Private keys on Node: made, kept as PKCS#8 and used. The only place where a key object that signs is touched.
 *
 * What it is not: a store. Who may read the file that holds a key is the caller's business.
 */
import { assert } from "@holdfast/base"
import { type PublicKey, publicKey, toLowS } from "@holdfast/base/cose"
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto"

/** A P-256 key that signs; `pkcs8` is what the caller may store. */
export type Es256Signer = {
  readonly publicKey: PublicKey
  /** r || s, low-S. */
  sign(bytes: Uint8Array): Uint8Array
  pkcs8(): Uint8Array
  readonly key: KeyObject
}

export type Ed25519Signer = {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  sign(bytes: Uint8Array): Uint8Array
  pkcs8(): Uint8Array
}

function pkcs8Of(key: KeyObject): Uint8Array {
  return key.export({ format: "der", type: "pkcs8" })
}

/** The x || y of a P-256 key object, public or private. */
export function p256PublicKey(key: KeyObject): PublicKey {
  const spki = (key.type === "private" ? createPublicKey(key) : key).export({ format: "der", type: "spki" })
  assert(spki.length === 91 && spki[26] === 4, "the SPKI of a P-256 key ends in an uncompressed point")
  return publicKey(new Uint8Array(spki.subarray(27)))
}

export function es256Signer(key: KeyObject): Es256Signer {
  return {
    publicKey: p256PublicKey(key),
    sign: (bytes) => toLowS(new Uint8Array(sign("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }))),
    pkcs8: () => pkcs8Of(key),
    key,
  }
}

export function newEs256(): Es256Signer {
  return es256Signer(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey)
}

export function es256FromPkcs8(bytes: Uint8Array): Es256Signer {
  return es256Signer(createPrivateKey({ key: Buffer.from(bytes), format: "der", type: "pkcs8" }))
}

function ed25519Signer(key: KeyObject): Ed25519Signer {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" })
  assert(spki.length === 44, "the SPKI of an Ed25519 key is 44 bytes")
  return {
    publicKey: new Uint8Array(spki.subarray(12)),
    sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
    pkcs8: () => pkcs8Of(key),
  }
}

export function newEd25519(): Ed25519Signer {
  return ed25519Signer(generateKeyPairSync("ed25519").privateKey)
}

export function ed25519FromPkcs8(bytes: Uint8Array): Ed25519Signer {
  return ed25519Signer(createPrivateKey({ key: Buffer.from(bytes), format: "der", type: "pkcs8" }))
}
