/**
 * Who waits for the nonce of a lock, so that somebody can sign an order to it.
 *
 * A request opens a wait, the lock's answer ends every wait for that door, and so does time. Nothing is kept: a nonce is the
 * lock's, lives 30 s there, and is worth nothing without a person's signature.
 */
import type { DoorId } from "@holdfast/base"
import type { Up } from "@holdfast/wire"

/** A lock on mains answers within a round trip; whoever waits longer is told so. */
export const NONCE_WAIT_MS_MAX = 5_000
const WAITING_MAX = 16

export type Nonce = Omit<Extract<Up, { kind: "nonce" }>, "kind">
type Settle = (nonce: Nonce | null) => void

export class Nonces {
  readonly #waiting = new Map<DoorId, Set<Settle>>()

  /** The next nonce of this door's lock; null when it does not come in time, or too many wait already. */
  next(door: DoorId, wait_ms: number = NONCE_WAIT_MS_MAX): Promise<Nonce | null> {
    const waiting = this.#waiting.get(door) ?? new Set()
    if (waiting.size >= WAITING_MAX) return Promise.resolve(null)
    this.#waiting.set(door, waiting)
    return new Promise((resolve) => {
      const settle: Settle = (nonce) => {
        clearTimeout(timer)
        waiting.delete(settle)
        resolve(nonce)
      }
      const timer = setTimeout(() => settle(null), wait_ms)
      waiting.add(settle)
    })
  }

  came(door: DoorId, nonce: Nonce): void {
    const waiting = this.#waiting.get(door)
    this.#waiting.delete(door)
    for (const settle of waiting ?? []) settle(nonce)
  }
}
