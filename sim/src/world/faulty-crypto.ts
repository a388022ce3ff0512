/** The lock's cryptography as it fails once, at a call that somebody chose: a promise inside the lock breaks there. */
import { AssertionError, type Crypto } from "@holdfast/base"

export class FaultyCrypto implements Crypto {
  readonly #inner: Crypto
  /** Calls until it fails; null while it works. */
  #left: number | null = null

  constructor(inner: Crypto) {
    this.#inner = inner
  }

  /** The call after `calls` more fails, once; null disarms. */
  arm(calls: number | null): void {
    this.#left = calls
  }

  get armed(): boolean {
    return this.#left !== null
  }

  #count(): void {
    if (this.#left === null) return
    if (this.#left > 0) {
      this.#left -= 1
      return
    }
    this.#left = null
    throw new AssertionError("the secure element answers")
  }

  sha256(bytes: Uint8Array): Uint8Array {
    this.#count()
    return this.#inner.sha256(bytes)
  }

  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
    this.#count()
    return this.#inner.hmacSha256(key, bytes)
  }

  aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array {
    this.#count()
    return this.#inner.aesCbcEncrypt(key, iv, bytes)
  }

  aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array {
    this.#count()
    return this.#inner.aesCbcDecrypt(key, iv, bytes)
  }

  aesGcmSeal(key: Uint8Array, nonce: Uint8Array, context: Uint8Array, plain: Uint8Array): Uint8Array {
    this.#count()
    return this.#inner.aesGcmSeal(key, nonce, context, plain)
  }

  aesGcmOpen(key: Uint8Array, nonce: Uint8Array, context: Uint8Array, sealed: Uint8Array): Uint8Array | null {
    this.#count()
    return this.#inner.aesGcmOpen(key, nonce, context, sealed)
  }

  verifyEs256(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    this.#count()
    return this.#inner.verifyEs256(key, message, signature)
  }

  verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    this.#count()
    return this.#inner.verifyEd25519(key, message, signature)
  }
}
