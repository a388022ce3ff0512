/**
 * What of all that was written still counts, and on which page it stands: the sealed store's table of contents.
 *
 * Entries are told in the order in which they took effect. Of a part the newest whole generation counts, of the records
 * those that were neither released nor discarded. The bytes themselves are not here.
 */
import { assert, unreachable } from "@holdfast/base"
import type { Part } from "../stored.ts"
import type { Chunk, Entry } from "./entry.ts"

type Home = { generation: number; readonly total: number; readonly pages: Map<number, number> }

/** No page: a record that ought to be there and is not. */
const NOWHERE = -1

export class Live {
  readonly #parts = new Map<Part, Home>()
  #first = 1
  /** The page of each record from {@link #first} on. */
  #records: number[] = []

  get parts(): Iterable<Part> {
    return this.#parts.keys()
  }

  /** The generation that a new store of the part bears. */
  nextGeneration(part: Part): number {
    return (this.#parts.get(part)?.generation ?? 0) + 1
  }

  take(entry: Entry, page: number): void {
    switch (entry.kind) {
      case "chunk":
        return this.#takeChunk(entry, page)
      case "record":
        return this.#takeRecord(entry.sequence, page)
      case "release":
        return this.#release(entry.through)
      case "discard":
        this.#records.length = Math.min(this.#records.length, Math.max(0, entry.from - this.#first))
        return
      default:
        return unreachable(entry)
    }
  }

  #takeChunk({ part, generation, offset, total }: Chunk, page: number): void {
    const home = this.#parts.get(part)
    if (home !== undefined && generation < home.generation) return
    if (home?.generation === generation) home.pages.set(offset, page)
    else this.#parts.set(part, { generation, total, pages: new Map([[offset, page]]) })
  }

  #takeRecord(sequence: number, page: number): void {
    if (this.#records.length === 0) this.#first = sequence
    while (sequence < this.#first) {
      this.#records.unshift(NOWHERE)
      this.#first -= 1
    }
    while (sequence > this.#first + this.#records.length) this.#records.push(NOWHERE)
    this.#records[sequence - this.#first] = page
  }

  #release(through: number): void {
    const count = Math.min(this.#records.length, Math.max(0, through + 1 - this.#first))
    this.#records.splice(0, count)
    this.#first += count
  }

  /** Whether this entry, read from this page, counts. */
  has(entry: Entry, page: number): boolean {
    if (entry.kind === "record") return this.#records[entry.sequence - this.#first] === page
    if (entry.kind !== "chunk") return false // It has done its work: whatever it spoke of lies on older pages, or dies with this one.
    const home = this.#parts.get(entry.part)
    return home?.generation === entry.generation && home.pages.get(entry.offset) === page
  }

  /** Sequences of the records that count, in order; those that are nowhere are left out. */
  sequences(): readonly number[] {
    return this.#records.flatMap((page, at) => (page === NOWHERE ? [] : [this.#first + at]))
  }

  /** The pieces of a part put together, or null while one is missing. */
  joined(part: Part, chunks: ReadonlyMap<number, Chunk>): Uint8Array | null {
    const home = this.#parts.get(part)
    assert(home !== undefined, "only parts that were stored are joined")
    const whole = new Uint8Array(home.total)
    let at = 0
    while (at < home.total || at === 0) {
      const chunk = chunks.get(at)
      if (chunk?.generation !== home.generation) return null
      whole.set(chunk.bytes, at)
      at += chunk.bytes.length
      if (chunk.bytes.length === 0) break
    }
    return at === home.total ? whole : null
  }
}
