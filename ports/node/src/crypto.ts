/**
 * Core's {@link Crypto} on node:crypto. Public keys become key objects once and are kept, since building one costs as much
 * as a verification; the cache is bounded and simply forgets.
 */
import { assert, type Crypto, concat } from "@holdfast/base"
import { toBase64Url, toHex } from "@holdfast/base/text"
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPublicKey,
  createSecretKey,
  hash,
  type KeyObject,
  verify,
} from "node:crypto"
import { sha256Blocks } from "./sha256-lanes.ts"

/** The same bytes as a plain Uint8Array: a Buffer's `slice` shares memory, which core does not expect. */
function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Node recognises a key object at once, and raw bytes only after an exception of its own: four times as slow. */
export function secretKey(bytes: Uint8Array): KeyObject {
  return createSecretKey(bytes)
}

const GCM_TAG_SIZE = 16
/** SubjectPublicKeyInfo of an ML-DSA-44 key up to the key itself: RFC 9881. */
const MLDSA44_SPKI = "30820532300b06096086480165030403110382052100"

const KEYS_MAX = 4096
const keys = new Map<string, KeyObject | null>()

function keyObject(bytes: Uint8Array, make: () => KeyObject): KeyObject | null {
  const name = toHex(bytes)
  const known = keys.get(name)
  if (known !== undefined) return known
  if (keys.size >= KEYS_MAX) keys.clear()
  let key: KeyObject | null = null
  try {
    key = make()
  } catch {
    key = null // A point that is not on the curve: the answer is "does not verify".
  }
  keys.set(name, key)
  return key
}

export function p256KeyObject(publicKey: Uint8Array): KeyObject {
  const x = toBase64Url(publicKey.subarray(0, 32))
  const y = toBase64Url(publicKey.subarray(32))
  return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" })
}

function ed25519KeyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: toBase64Url(publicKey) }, format: "jwk" })
}

/** Text of one letter a byte comes back three times as fast as a Buffer, and trees are made of nothing but small hashes. */
function sha256(bytes: Uint8Array): Uint8Array {
  const letters = hash("sha256", bytes, "binary")
  const digest = new Uint8Array(32)
  for (let i = 0; i < 32; i++) digest[i] = letters.charCodeAt(i)
  return digest
}

/** ML-DSA-44 (FIPS 204, empty context), which only those who check firmware need. */
export function verifyMlDsa44(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 1312 || signature.length !== 2420) return false
  const lead = Buffer.from(MLDSA44_SPKI, "hex")
  const spki = Buffer.concat([lead, publicKey])
  const key = keyObject(publicKey, () => createPublicKey({ key: spki, format: "der", type: "spki" }))
  return key !== null && verify(null, message, key, signature)
}

export const nodeCrypto: Crypto = {
  sha256,
  sha256Blocks,
  hmacSha256: (key, bytes) => plain(createHmac("sha256", secretKey(key)).update(bytes).digest()),
  aesCbcEncrypt(key, iv, bytes) {
    const cipher = createCipheriv("aes-128-cbc", secretKey(key), iv).setAutoPadding(false)
    return plain(Buffer.concat([cipher.update(bytes), cipher.final()]))
  },
  aesCbcDecrypt(key, iv, bytes) {
    const cipher = createDecipheriv("aes-128-cbc", secretKey(key), iv).setAutoPadding(false)
    return plain(Buffer.concat([cipher.update(bytes), cipher.final()]))
  },
  aesGcmSeal(key, nonce, context, bytes) {
    assert(key.length === 32 && nonce.length === 12, "AES-256-GCM takes 32 and 12 bytes")
    const cipher = createCipheriv("aes-256-gcm", secretKey(key), nonce).setAAD(context)
    return concat(cipher.update(bytes), cipher.final(), cipher.getAuthTag())
  },
  aesGcmOpen(key, nonce, context, sealed) {
    assert(key.length === 32 && nonce.length === 12, "AES-256-GCM takes 32 and 12 bytes")
    if (sealed.length < GCM_TAG_SIZE) return null
    const end = sealed.length - GCM_TAG_SIZE
    const decipher = createDecipheriv("aes-256-gcm", secretKey(key), nonce).setAAD(context)
    const text = decipher.setAuthTag(sealed.subarray(end)).update(sealed.subarray(0, end))
    try {
      return concat(text, decipher.final())
    } catch {
      return null // The tag does not fit.
    }
  },
  verifyEs256(publicKey, message, signature) {
    if (publicKey.length !== 64 || signature.length !== 64) return false
    const key = keyObject(publicKey, () => p256KeyObject(publicKey))
    return key !== null && verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature)
  },
  verifyEd25519(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    const key = keyObject(publicKey, () => ed25519KeyObject(publicKey))
    return key !== null && verify(null, message, key, signature)
  },
}
