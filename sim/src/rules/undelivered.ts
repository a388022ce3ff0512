/**
 * Records that somebody must hear of soon, and how long they have been waiting while the way to the keeper was free.
 *
 * What I-18, I-20 and L-03 have in common. A record is delivered when its lock has the receipt.
 */
import type { SimDoor } from "../world/door.ts"
import type { Line } from "../truth/line.ts"
import type { Truth } from "../truth/truth.ts"
import type { Step } from "../world/step.ts"

type Waiting = { readonly sequence: number; readonly at_ms: number }

export class Undelivered {
  readonly #truth: Truth
  readonly #matters: (line: Line) => boolean
  #waiting: Waiting[] = []

  constructor(truth: Truth, matters: (line: Line) => boolean) {
    this.#truth = truth
    this.#matters = matters
  }

  /** To be called for every step of the door. A record that a loss of power may have undone counts for nothing yet. */
  see({ lines, at_ms, after, cut, failed }: Step): void {
    const { lock } = after
    if (lock !== null) this.#waiting = this.#waiting.filter(({ sequence }) => sequence >= lock.journal.head.next)
    if (cut || failed || lock === null) return
    for (const line of lines) if (this.#matters(line)) this.#waiting.push({ sequence: line.record.sequence, at_ms })
  }

  get count(): number {
    return this.#waiting.length
  }

  /** Whether something waits, though it could have been delivered for so long. */
  isLate(door: SimDoor, now_ms: number, ms: number): boolean {
    const told_ms = this.#truth.toldSince_ms(door.id)
    if (told_ms === null || now_ms - told_ms <= ms) return false
    return this.#waiting.some(({ at_ms }) => now_ms - at_ms > ms)
  }
}
