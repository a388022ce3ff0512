/**
 * What a board's storage does for its lock: a few parts replaced whole, records appended, room given back.
 *
 * What is given is durable at the next `settle`, in the order in which it was given; so whatever belongs together costs one
 * wait. {@link MemoryFlash} is the storage of a board at rest in memory, for tests and replays; `sealed-flash.ts` is the real
 * one, and the simulator's. What the bytes mean is the lock's business; damage is noticed there.
 */
import type { Part, Stored } from "@holdfast/lock"

export interface Flash {
  /** What earlier boots left. */
  load(): Stored
  store(part: Part, bytes: Uint8Array): void
  /** Records come in rising sequence without a gap. */
  append(sequence: number, bytes: Uint8Array): void
  /** Room of records up to `through` may be used again. */
  release(through: number): void
  /** Records from `from` on go. */
  discard(from: number): void
  /** Everything given so far is durable when it returns. */
  settle(): void
  /** Where storage is sealed: nothing that was stored before can be read any more with what remains. */
  changeKey?(): void
}

type Kept = { readonly sequence: number; readonly bytes: Uint8Array }

/** The power went before a write: whoever runs the board switches it off. */
export class FlashCut extends Error {
  override readonly name = "FlashCut"
}

/** Storage in memory. With a budget of writes the power goes when it is used up. */
export class MemoryFlash implements Flash {
  readonly #parts = new Map<Part, Uint8Array>()
  #settled: Kept[] = []
  #waiting: Kept[] = []
  #writes_left: number

  constructor(writes_left: number = Number.POSITIVE_INFINITY) {
    this.#writes_left = writes_left
  }

  /** How many writes there may be from now on. */
  budget(writes_left: number): void {
    this.#writes_left = writes_left
  }

  load(): Stored {
    this.#waiting = []
    return { parts: new Map(this.#parts), records: this.#settled.map((each) => each.bytes) }
  }

  #spend(): void {
    if (this.#writes_left <= 0) throw new FlashCut("the power went before a write")
    this.#writes_left -= 1
  }

  store(part: Part, bytes: Uint8Array): void {
    this.settle()
    this.#spend()
    this.#parts.set(part, bytes)
  }

  append(sequence: number, bytes: Uint8Array): void {
    this.#waiting.push({ sequence, bytes })
  }

  release(through: number): void {
    this.settle()
    if (this.#settled[0] !== undefined && this.#settled[0].sequence <= through)
      this.#settled = this.#settled.filter((each) => each.sequence > through)
  }

  discard(from: number): void {
    this.#spend()
    this.#settled = this.#settled.filter((each) => each.sequence < from)
    this.#waiting = this.#waiting.filter((each) => each.sequence < from)
  }

  settle(): void {
    for (const each of this.#waiting) {
      this.#spend()
      this.#settled.push(each)
    }
    this.#waiting = []
  }

  /** A copy on another storage, such as files, for a board that lives on elsewhere. */
  copyTo(other: Flash): void {
    other.load()
    for (const [part, bytes] of this.#parts) other.store(part, bytes)
    for (const { sequence, bytes } of this.#settled) other.append(sequence, bytes)
    other.settle()
  }
}
