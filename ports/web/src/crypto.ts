/**
 * Core's {@link Crypto} in the browser, on the audited noble libraries: synchronous, unlike WebCrypto, so that core can
 * verify a log or decide for a door without waiting.
 *
 * It touches no private key. Keys that sign live in WebCrypto, out of reach of any script (`keys.ts`).
 */
import type { Crypto } from "@holdfast/base"
import { assert, concat } from "@holdfast/base"
import { cbc, gcm } from "@noble/ciphers/aes.js"
import { ed25519 } from "@noble/curves/ed25519.js"
import { p256 } from "@noble/curves/nist.js"
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"

const UNCOMPRESSED = Uint8Array.of(4)

/** noble throws for a point off the curve and for sizes it does not like; core wants "does not verify". */
function answered(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false
  }
}

export const webCrypto: Crypto = {
  sha256: (bytes) => sha256(bytes),
  hmacSha256: (key, bytes) => hmac(sha256, key, bytes),
  aesCbcEncrypt: (key, iv, bytes) => cbc(key, iv, { disablePadding: true }).encrypt(bytes),
  aesCbcDecrypt: (key, iv, bytes) => cbc(key, iv, { disablePadding: true }).decrypt(bytes),
  aesGcmSeal(key, nonce, context, bytes) {
    assert(key.length === 32 && nonce.length === 12, "AES-256-GCM takes 32 and 12 bytes")
    return gcm(key, nonce, context).encrypt(bytes)
  },
  aesGcmOpen(key, nonce, context, sealed) {
    assert(key.length === 32 && nonce.length === 12, "AES-256-GCM takes 32 and 12 bytes")
    try {
      return gcm(key, nonce, context).decrypt(sealed)
    } catch {
      return null // Too short, or the tag does not fit.
    }
  },
  verifyEs256(publicKey, message, signature) {
    if (publicKey.length !== 64 || signature.length !== 64) return false
    const point = concat(UNCOMPRESSED, publicKey)
    return answered(() => p256.verify(signature, message, point, { lowS: false, prehash: true }))
  },
  verifyEd25519(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    // RFC 8032, not ZIP 215: the same signatures must verify here as in every other verifier of the log.
    return answered(() => ed25519.verify(signature, message, publicKey, { zip215: false }))
  },
}
