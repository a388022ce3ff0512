/**
 * Opening the sealed store: from a flash that somebody may have touched to what still counts, and how far it is to be believed.
 *
 * Three things can be wrong, and each is told apart. A write that the power cut short is the end of the newest page and is
 * passed over: nothing was done after it. A page that is missing, moved or changed inside the log is damage. And a
 * flash whose newest mark does not bear the secure element's count is a whole one from another time: it was wound back.
 * What the parts say is not looked at here.
 */
import { type Crypto, assert, EMPTY } from "@holdfast/base"
import { type Cbor, readUint } from "@holdfast/base/cbor"
import { PART_NAMES, type Part, type Stored } from "../stored.ts"
import { type Chunk, type Entry, unpack } from "./entry.ts"
import type { Live } from "./live.ts"
import { type Page, readMark, readPage, type Seal } from "./page.ts"

/** How a block counts: it begins a settling, ends one, or is copies, which stand for themselves. */
export const BEGINS = 1
export const ENDS = 2
export const COPIES = 4

/** What the store works on and with. Nothing here is kept by it. */
export type StoreSurroundings = Seal & {
  /** The whole of a page of the flash, as it is now. */
  read(page: number): Uint8Array
  random(size: number): Uint8Array
  /** What the secure element's counter says. */
  readonly counter: number
  /** What it said when the storage key was made: only then may the flash be blank. */
  readonly counterAtFirst: number
}

/** The newest page, and where it ends. A closed one takes nothing more. */
export type Head = { readonly number: number; readonly end: number; readonly isClosed: boolean }

export type Restored = {
  /** Null on a blank flash. */
  readonly head: Head | null
  /** The oldest page of the log. */
  readonly oldest: number
  /** The power went between the newest segment's first block and the counter's step. */
  readonly isOwed: boolean
  readonly hasOldKeys: boolean
  readonly stored: Stored
}

/** The entries of a block behind its flags. */
export function entriesOf(crypto: Crypto, values: readonly Cbor[]): readonly Entry[] {
  const entries = unpack(crypto, values.slice(1))
  assert(entries !== null, "a block that opens was written by a store")
  return entries
}

/** Takes blocks in their order, and lets a settling count only when its last block came. */
class Gathering {
  readonly chunks = new Map<Part, Map<number, Chunk>>()
  readonly records = new Map<number, Uint8Array>()
  readonly #live: Live
  #pending: { readonly entry: Entry; readonly page: number }[] = []

  constructor(live: Live) {
    this.#live = live
  }

  block(crypto: Crypto, values: readonly Cbor[], page: number): void {
    const flags = readUint(values[0]) ?? 0
    const entries = entriesOf(crypto, values)
    if (flags === COPIES) {
      for (const entry of entries) this.#take(entry, page)
      return
    }
    if ((flags & BEGINS) !== 0) this.#pending = []
    for (const entry of entries) this.#pending.push({ entry, page })
    if ((flags & ENDS) === 0) return
    for (const { entry, page: at } of this.#pending) this.#take(entry, at)
    this.#pending = []
  }

  #take(entry: Entry, page: number): void {
    this.#live.take(entry, page)
    if (entry.kind === "record") this.records.set(entry.sequence, entry.bytes)
    if (entry.kind !== "chunk") return
    const chunks = this.chunks.get(entry.part)
    const [known] = chunks?.values() ?? []
    if (chunks === undefined || known === undefined || known.generation < entry.generation)
      this.chunks.set(entry.part, new Map([[entry.offset, entry]]))
    else if (known.generation === entry.generation) chunks.set(entry.offset, entry)
  }
}

/** The numbers of the pages that have begun, in order. */
function begun(around: StoreSurroundings): readonly number[] {
  const numbers: number[] = []
  for (let index = 0; index < around.geometry.pages; index++) {
    const mark = readMark(around, index, around.read(index))
    if (mark !== null) numbers.push(mark.number)
  }
  return numbers.sort((one, other) => one - other)
}

function pageOf(around: StoreSurroundings, number: number): Page | null {
  const index = number % around.geometry.pages
  const page = readPage(around, index, around.read(index))
  return page?.mark.number === number ? page : null
}

/** The newest page with a block, and the counters in marks to which none came: one at its end, one on the page after it. */
function newest(around: StoreSurroundings): { readonly head: Page | null; readonly cuts: readonly number[] } {
  const cuts: number[] = []
  for (const number of begun(around).toReversed()) {
    const page = pageOf(around, number)
    if (page !== null && page.cut !== null) cuts.push(page.cut)
    if (page !== null && page.settled !== null) return { head: page, cuts }
  }
  return { head: null, cuts }
}

/** Reads everything, tells it to `live`, and says what of it is to be believed. */
export function restore(around: StoreSurroundings, live: Live): Restored {
  const { counter, counterAtFirst, crypto } = around
  const { head, cuts } = newest(around)
  const settled = head?.settled?.counter ?? counterAtFirst
  const isOwed = settled === counter + 1 && cuts.length === 0
  const isOfNow = (settled === counter || isOwed) && cuts.every((cut) => cut === counter + 1)
  const gathering = new Gathering(live)
  const versions = new Set<number>()
  let isDamaged = false
  let before: Page | null = null
  const last = head?.mark.number ?? -1
  const oldest = head?.settled?.oldest ?? 0
  for (let number = oldest; number <= last; number++) {
    const page = pageOf(around, number)
    if (before !== null && page?.mark.previousEnd !== before.end) isDamaged = true
    if (page === null) isDamaged = true
    for (const values of page?.blocks ?? []) gathering.block(crypto, values, number)
    for (const version of page?.versions ?? []) versions.add(version)
    before = page
  }
  versions.delete(Math.max(...around.keys.keys()))
  return {
    head: head === null ? null : { number: last, end: head.end, isClosed: !head.isClean || cuts.length > 0 },
    oldest,
    isOwed,
    hasOldKeys: versions.size > 0,
    stored: storedOf(gathering, live, isDamaged ? "damaged" : isOfNow ? null : "rolled back"),
  }
}

function storedOf({ chunks, records }: Gathering, live: Live, fault: "damaged" | "rolled back" | null): Stored {
  const parts = new Map<Part, Uint8Array>()
  // Where something is gone, a part that is not there may be what is gone: it reads as torn, and not as never stored.
  if (fault === "damaged") for (const part of PART_NAMES) parts.set(part, EMPTY)
  for (const part of live.parts) parts.set(part, live.joined(part, chunks.get(part) ?? new Map()) ?? EMPTY)
  const kept = live.sequences().flatMap((sequence) => records.get(sequence) ?? [])
  return { parts, records: kept, ...(fault === null ? {} : { fault }) }
}
