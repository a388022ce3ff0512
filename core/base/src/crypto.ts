/**
 * The cryptography that core may call: pure functions of their arguments, given in by whoever runs core.
 *
 * Nothing here uses a private signing key or chance: those are effects, and their answers come back as inputs. On Node
 * the port uses node:crypto, in the browser audited libraries; both pass one contract test.
 */

export interface Crypto {
  /** SHA-256 (FIPS 180-4): 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array
  /** SHA-256 of a byte and a block of 64 bytes, for each block: 32 bytes each, in order. For whoever has long rows of them. */
  sha256Blocks?(prefix: number, blocks: Uint8Array): Uint8Array
  /** HMAC-SHA-256 (RFC 2104): 32 bytes. */
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array
  /** AES-128-CBC without padding (FIPS 197, SP 800-38A): key 16, iv 16, a whole number of blocks. */
  aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array
  aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array
  /**
   * AES-256-GCM (SP 800-38D): key 32, nonce 12, which is used once under this key. Answers the ciphertext and its tag of 16.
   * `context` is bound, and not stored.
   */
  aesGcmSeal(key: Uint8Array, nonce: Uint8Array, context: Uint8Array, plain: Uint8Array): Uint8Array
  /** What {@link aesGcmSeal} sealed, or null when any of its arguments is another, or the bytes are too short. */
  aesGcmOpen(key: Uint8Array, nonce: Uint8Array, context: Uint8Array, sealed: Uint8Array): Uint8Array | null
  /** ECDSA P-256 with SHA-256: x || y (64 bytes), r || s (64 bytes). Answers false for anything malformed; does not check low-S. */
  verifyEs256(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
  /** Ed25519 (RFC 8032): key 32, signature 64. Answers false for anything malformed. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}
