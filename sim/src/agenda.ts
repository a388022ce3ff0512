/**
 * What is still to happen in a simulated building, in the order of virtual time. Time stands still while something happens.
 *
 * Two things at one instant happen in the order in which they were put down, so a run repeats.
 */
import { assert } from "@holdfast/base"

type Item = { readonly at_ms: number; readonly order: number; readonly happen: () => void | Promise<void> }

export class Agenda {
  #now_ms: number
  #order = 0
  /** The next one is the last, so that it is cheap to take. */
  readonly #items: Item[] = []

  constructor(start_ms: number) {
    this.#now_ms = start_ms
  }

  /** True time, in unix milliseconds. Nobody in the building knows it. */
  get now_ms(): number {
    return this.#now_ms
  }

  at(at_ms: number, happen: () => void | Promise<void>): void {
    const item = { at_ms: Math.max(Math.ceil(at_ms), this.#now_ms), order: this.#order++, happen }
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#items[middle]
      assert(other !== undefined, "the middle lies inside")
      if (other.at_ms > item.at_ms) low = middle + 1
      else high = middle
    }
    this.#items.splice(low, 0, item)
  }

  in(ms: number, happen: () => void | Promise<void>): void {
    this.at(this.#now_ms + ms, happen)
  }

  /** Lets everything happen up to `end_ms`; what lies later stays. */
  async runTo(end_ms: number): Promise<void> {
    for (let next = this.#items.at(-1); next !== undefined && next.at_ms <= end_ms; next = this.#items.at(-1)) {
      this.#items.pop()
      assert(next.at_ms >= this.#now_ms, "time never goes back")
      this.#now_ms = next.at_ms
      await next.happen()
    }
    this.#now_ms = end_ms
  }
}
