/**
 * A board's storage under watch: it hears every record on its way to durability, and tears the part that is being written
 * when the power goes, now and then, as flash memory does.
 *
 * The bytes themselves are MemoryFlash's. What is noted here is truth that the lock cannot see.
 */
import type { Flash } from "@holdfast/board"
import { FlashCut, MemoryFlash } from "@holdfast/board"
import type { Part, Stored } from "@holdfast/lock"
import type { Chance } from "../chance.ts"
import { type Line, readLine } from "../truth/line.ts"

const TORN_PERCENT = 30

export class WatchedFlash implements Flash {
  readonly #inner = new MemoryFlash()
  readonly #chance: Chance
  /** Records of this step, and whether each is durable yet. */
  #appended: Line[] = []
  /** The records that a boot would find, by sequence. */
  readonly durable = new Map<number, Line>()
  /** The parts that a boot would find, and those that the last loss of power tore. */
  readonly parts = new Map<Part, Uint8Array>()
  readonly torn = new Set<Part>()
  #unsettled: Line[] = []

  constructor(chance: Chance) {
    this.#chance = chance
  }

  /** The power goes before the write after so many more. */
  budget(writes_left: number): void {
    this.#inner.budget(writes_left)
  }

  /** What was appended since it was asked last. */
  takeAppended(): readonly Line[] {
    const appended = this.#appended
    this.#appended = []
    return appended
  }

  load(): Stored {
    const stored = this.#inner.load()
    this.#unsettled = []
    this.durable.clear()
    for (const bytes of stored.records) {
      const line = readLine(bytes)
      if (line !== null) this.durable.set(line.record.sequence, line)
    }
    return stored
  }

  store(part: Part, bytes: Uint8Array): void {
    this.settle()
    try {
      this.#inner.store(part, bytes)
    } catch (error) {
      if (error instanceof FlashCut && this.#chance.happens(TORN_PERCENT)) this.#tear(part, bytes)
      throw error
    }
    this.parts.set(part, bytes)
    this.torn.delete(part)
  }

  #tear(part: Part, bytes: Uint8Array): void {
    const torn = bytes.slice(0, this.#chance.below(bytes.length))
    this.#inner.budget(1)
    this.#inner.store(part, torn)
    this.parts.delete(part)
    this.torn.add(part)
  }

  append(sequence: number, bytes: Uint8Array): void {
    this.#inner.append(sequence, bytes)
    const line = readLine(bytes)
    if (line === null) return
    this.#appended.push(line)
    this.#unsettled.push(line)
  }

  release(through: number): void {
    this.settle()
    this.#inner.release(through)
  }

  discard(from: number): void {
    this.#inner.discard(from)
    for (const sequence of this.durable.keys()) if (sequence >= from) this.durable.delete(sequence)
  }

  settle(): void {
    this.#inner.settle()
    for (const line of this.#unsettled) this.durable.set(line.record.sequence, line)
    this.#unsettled = []
  }
}
