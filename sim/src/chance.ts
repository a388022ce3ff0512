/**
 * All chance of a simulated building, from one seed: whoever needs chance gets a branch of his own by name.
 *
 * Picture a tree of dice: the branch "people" throws the same numbers whatever the branch "weather" does, so that a change in
 * one part of the building leaves the others as they were. It is not for keys that protect anything.
 */
import { assert } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { createHash } from "node:crypto"

export class Chance {
  readonly #name: string
  readonly #state: Uint32Array

  constructor(name: string) {
    this.#name = name
    const digest = createHash("sha256").update(utf8(name)).digest()
    this.#state = Uint32Array.from([0, 4, 8, 12], (at) => digest.readUInt32BE(at))
  }

  /** A branch with its own numbers. */
  branch(name: string): Chance {
    return new Chance(`${this.#name}/${name}`)
  }

  /** 32 bits: Chris Doty-Humphrey's sfc32. */
  #next(): number {
    const [a = 0, b = 0, c = 0, count = 0] = this.#state
    const answer = (a + b + count) >>> 0
    this.#state.set([b ^ (b >>> 9), (c + (c << 3)) >>> 0, (((c << 21) | (c >>> 11)) + answer) >>> 0, count + 1])
    return answer
  }

  /** A whole number from 0 to before `bound`. */
  below(bound: number): number {
    assert(Number.isSafeInteger(bound) && bound >= 1, "one of at least one")
    return Math.floor((this.#next() / 0x1_0000_0000) * bound)
  }

  /** A whole number from `from` up to and with `to`. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }

  /** True so many times in a hundred. */
  happens(percent: number): boolean {
    return this.#next() / 0x1_0000_0000 < percent / 100
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)]
    assert(item !== undefined, "there is something to pick from")
    return item
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.#next() >>> 24)
  }
}
