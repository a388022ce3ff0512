/** The lock's cryptography as it fails once, at a call that somebody chose: a promise inside the lock breaks there. */
import { AssertionError, type Crypto } from "@holdfast/base"

export class FaultyCrypto {
  /** What the lock is given; it works until it is armed. */
  readonly crypto: Crypto
  /** Calls until it fails; null while it works. */
  #left: number | null = null

  constructor(inner: Crypto) {
    this.crypto = new Proxy(inner, {
      get: (target, name, receiver): unknown => {
        this.#count() // A function of it is read once for each call.
        return Reflect.get(target, name, receiver)
      },
    })
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
}
