/**
 * That something happened, whatever it was: what a test waits for between two looks at a fact.
 *
 * It is counted, so that what happens during a look is not lost to whoever then begins to wait.
 */
export class Stirring {
  #count = 0
  readonly #waiting = new Set<() => void>()

  get count(): number {
    return this.#count
  }

  stir(): void {
    this.#count++
    for (const wake of this.#waiting) wake()
  }

  /** Whether something more than the first `seen` happened before the wall clock says `end_ms`. */
  async beyond(seen: number, end_ms: number): Promise<boolean> {
    if (this.#count > seen) return Date.now() < end_ms
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(limit)
        this.#waiting.delete(settle)
        resolve(this.#count > seen)
      }
      const limit = setTimeout(settle, Math.max(0, end_ms - Date.now()))
      this.#waiting.add(settle)
    })
  }
}
