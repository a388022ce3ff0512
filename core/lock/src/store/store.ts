/**
 * The sealed store: a log that runs round the flash for ever, one page after another.
 *
 *        tail                              head
 *   ... | page 7 | page 8 | page 9 | ... | page 21 |(free)|      page n lies at n mod pages
 *
 * What is put waits in memory until it is settled; then it goes to the end of the log as one sealed block, which counts
 * wholly or not at all. To begin page n the store erases its place, and what still counts on the page that lies at the next
 * place is copied to page n first, packed into one block. So a cut of the power at any byte leaves the old state or the
 * new one, every page wears alike (page n's place has been erased n / pages times), and a page of the log that is missing
 * is noticed.
 *
 * Each segment of a page has a key of its own, for which the secure element's counter moves on: first the mark with the next
 * value and its first block are programmed, then the counter follows. After a boot the newest mark bears the counter's
 * value, or one more where the power went between the two; anything else is a flash from another time. Codes tried and
 * people denied begin a new segment at once, so that not even a few minutes of them can be wound back.
 *
 * It touches no hardware: whoever runs it carries out each operation, durably, before asking for the next.
 */
import { assert, concat, EMPTY } from "@holdfast/base"
import type { Part, Stored } from "../stored.ts"
import { BLOCK_HEAD_SIZE_MAX, type Entry, packedSize_max, type Taken, take } from "./entry.ts"
import { Live } from "./live.ts"
import { BLOCK_OVERHEAD, encodeMark, MARK_SIZE, type Mark, readPage, SALT_SIZE, sealBlock, segmentKey } from "./page.ts"
import { BEGINS, COPIES, ENDS, entriesOf, type Head, restore, type StoreSurroundings } from "./restore.ts"

export type StoreOperation =
  | { readonly kind: "erase"; readonly page: number }
  | { readonly kind: "program"; readonly page: number; readonly at: number; readonly bytes: Uint8Array }
  /** The secure element's counter moves on by one, to this value. */
  | { readonly kind: "advance"; readonly to: number }

/** How worn the flash is, by the erases of the log's going round: the most and the least worn page. */
export type Wear = { readonly erases_max: number; readonly erases_min: number }

/** Parts that nobody may wind back by cutting off the end of the log: they are anchored in the counter at once. */
const ANCHORED: ReadonlySet<Part> = new Set<Part>(["throttle", "denies"])

/**
 * How many bytes of records a store of this shape holds beside its other parts, counted as {@link packedSize_max} counts:
 * two pages are always free or being cleaned, and at the end of each a record may have found no room.
 */
export function recordRoom(page_size: number, pages: number, parts_bytes: number): number {
  const page = page_size - MARK_SIZE - BLOCK_OVERHEAD - BLOCK_HEAD_SIZE_MAX - packedSize_max(64)
  return (pages - 2) * page - parts_bytes
}

const EMPTY_BLOCK_SIZE = 2
const NOTHING: Taken = { values: [], entries: [], rest: [], left: 0 }

type Placed = { readonly entry: Entry; readonly page: number }

export class SealedStore {
  readonly #around: StoreSurroundings
  readonly #version: number
  readonly #live = new Live()
  #counter: number
  #head: Head | null
  #previousEnd = 0
  #oldest: number
  /** The key of the segment that is being written; null when the next block begins one. */
  #key: Uint8Array | null = null
  /** The newest mark is one ahead of the counter. */
  #isOwed: boolean
  #hasOldKeys: boolean
  #waiting: Entry[] = []
  #isAnchored = false
  /** What earlier boots left. */
  readonly stored: Stored

  /** Reads the whole flash. */
  constructor(around: StoreSurroundings) {
    const { page_size, pages } = around.geometry
    assert(page_size >= 1024 && page_size <= 0x8000 && pages >= 4, "the flash is of a shape that the store can use")
    this.#around = around
    this.#version = Math.max(...around.keys.keys())
    this.#counter = around.counter
    const { head, oldest, isOwed, hasOldKeys, stored } = restore(around, this.#live)
    this.#head = head
    this.#oldest = oldest
    this.#isOwed = isOwed
    this.#hasOldKeys = hasOldKeys
    this.stored = stored
  }

  /** Whether something may still be sealed under another key than the newest. */
  get hasOldKeys(): boolean {
    return this.#hasOldKeys
  }

  get wear(): Wear {
    const begun = (this.#head?.number ?? -1) + 1
    const { pages } = this.#around.geometry
    return { erases_max: Math.ceil(begun / pages), erases_min: Math.floor(begun / pages) }
  }

  put(part: Part, bytes: Uint8Array): void {
    const whole = { part, generation: this.#live.nextGeneration(part), offset: 0, total: bytes.length, bytes }
    this.#waiting = this.#waiting.filter((each) => each.kind !== "chunk" || each.part !== part)
    this.#waiting.push({ kind: "chunk", ...whole })
    if (ANCHORED.has(part)) this.#isAnchored = true
  }

  append(sequence: number, bytes: Uint8Array): void {
    this.#waiting.push({ kind: "record", sequence, bytes })
  }

  release(through: number): void {
    this.#waiting.push({ kind: "release", through })
  }

  discard(from: number): void {
    this.#waiting.push({ kind: "discard", from })
  }

  /** Writes what waits: all of it counts from the last of these operations on, and none of it before. */
  *settle(): Generator<StoreOperation, void> {
    yield* this.#payCounter()
    if (this.#isAnchored) this.#key = null
    this.#isAnchored = false
    const written: Placed[] = []
    const first = this.#head?.number ?? 0
    let queue: readonly Entry[] = this.#waiting
    this.#waiting = []
    for (let turned = 0; queue.length > 0; ) {
      const taken = take(this.#around.crypto, queue, this.#room(), true)
      if (taken === null) {
        const { pages } = this.#around.geometry
        // Nothing of this settling counts before its end: a page of it would leave the log without being copied.
        const goesRound = (this.#head?.number ?? -1) + 2 - pages >= first
        assert(turned++ <= pages && !goesRound, "the store holds what the lock may keep")
        yield* this.#beginPage(queue)
        continue
      }
      const flags = (written.length === 0 ? BEGINS : 0) | (taken.rest.length === 0 ? ENDS : 0)
      const page = yield* this.#write(flags, taken)
      for (const entry of taken.entries) written.push({ entry, page })
      queue = taken.rest
      turned = 0
    }
    for (const { entry, page } of written) this.#live.take(entry, page)
  }

  /** Copies whatever counts to new pages, where the log begins from then on: nothing is left of an older storage key, nor of anything dead. */
  *reseal(): Generator<StoreOperation, void> {
    yield* this.settle()
    const last = this.#head?.number ?? -1
    yield* this.#beginPage([])
    for (let number = this.#oldest; number <= last; number++) yield* this.#copyOn(number)
    this.#oldest = last + 1
    this.#key = null
    if (this.#room() < EMPTY_BLOCK_SIZE) yield* this.#beginPage([])
    if (this.#key === null) yield* this.#write(COPIES, NOTHING) // Its mark says where the log begins now.
    yield* this.#wipe()
    this.#hasOldKeys = false
  }

  /** Erases whatever lies outside the log: it counts no more, but whoever had its key could still read it. */
  *#wipe(): Generator<StoreOperation, void> {
    const { pages } = this.#around.geometry
    const newest = this.#head?.number ?? -1
    for (let number = newest + 1; number < this.#oldest + pages; number++)
      if (this.#around.read(number % pages).some((byte) => byte !== 0xff)) yield { kind: "erase", page: number % pages }
  }

  *#copyOn(number: number): Generator<StoreOperation, void> {
    for (let queue = this.#countingOn(number); queue.length > 0; queue = this.#countingOn(number)) {
      const taken = take(this.#around.crypto, queue, this.#room(), false)
      if (taken === null) yield* this.#beginPage([])
      else yield* this.#copy(taken)
    }
  }

  /** What was copied counts where it stands now, at once. */
  *#copy(copies: Taken): Generator<StoreOperation, void> {
    const page = yield* this.#write(COPIES, copies)
    for (const entry of copies.entries) this.#live.take(entry, page)
  }

  *#payCounter(): Generator<StoreOperation, void> {
    if (!this.#isOwed) return
    this.#isOwed = false
    this.#counter += 1
    yield { kind: "advance", to: this.#counter }
  }

  /** What a block's values may take up at the end of the log. */
  #room(): number {
    if (this.#head === null || this.#head.isClosed) return 0
    const mark = this.#key === null ? MARK_SIZE : 0
    return this.#around.geometry.page_size - this.#head.end - mark - BLOCK_OVERHEAD
  }

  /** Programs one block, before it the mark of a new segment where one begins; answers with its page. */
  *#write(flags: number, { values }: Taken): Generator<StoreOperation, number> {
    assert(this.#head !== null && !this.#head.isClosed, "there is a page to write to")
    const { number, end } = this.#head
    const around = this.#around
    const mark = this.#key === null ? this.#nextMark(number) : null
    const head = mark === null ? EMPTY : encodeMark(around, end, mark)
    const key: Uint8Array = mark === null ? (this.#key ?? EMPTY) : segmentKey(around, end, mark)
    const bytes = concat(head, sealBlock(around, key, number, end + head.length, [flags, ...values]))
    this.#key = key
    this.#head = { number, end: end + bytes.length, isClosed: false }
    this.#isOwed = mark !== null
    yield { kind: "program", page: number % around.geometry.pages, at: end, bytes }
    yield* this.#payCounter()
    return number
  }

  #nextMark(number: number): Mark {
    this.#oldest = Math.max(this.#oldest, number + 2 - this.#around.geometry.pages)
    return {
      version: this.#version,
      number,
      counter: this.#counter + 1,
      salt: this.#around.random(SALT_SIZE),
      previousEnd: this.#previousEnd,
      oldest: this.#oldest,
    }
  }

  /** Begins the next page, with whatever counts on the page that will have to go after it. */
  *#beginPage(queue: readonly Entry[]): Generator<StoreOperation, void> {
    const { crypto, geometry } = this.#around
    const number = (this.#head?.number ?? -1) + 1
    yield { kind: "erase", page: number % geometry.pages }
    this.#previousEnd = this.#head?.end ?? 0
    this.#head = { number, end: 0, isClosed: false }
    this.#key = null
    const oldest = number + 1 - geometry.pages
    const must = this.#countingOn(oldest)
    if (must.length === 0) return
    const only = take(crypto, must, this.#room(), false)
    assert(only !== null && only.rest.length === 0, "what stood on one page fits on one page")
    yield* this.#copy(this.#filled(only, oldest + 1, queue))
  }

  /**
   * Where the copies leave no room for what waits, the page is filled to the brim from those that come next: otherwise a
   * store that is nearly full could go round without ever gathering its gaps into room.
   */
  #filled(copies: Taken, from: number, queue: readonly Entry[]): Taken {
    const { crypto } = this.#around
    if (queue.length === 0 || take(crypto, queue, copies.left - BLOCK_OVERHEAD, true) !== null) return copies
    let filled = copies
    for (let number = from; number < (this.#head?.number ?? 0); number++) {
      const more = take(crypto, [...filled.entries, ...this.#countingOn(number)], this.#room(), false)
      assert(more !== null, "what fitted still fits")
      filled = more
      if (more.rest.length > 0) break
    }
    return filled
  }

  /** The entries on a page that still count, each once. */
  #countingOn(number: number): readonly Entry[] {
    if (number < this.#oldest) return []
    const { crypto, geometry } = this.#around
    const index = number % geometry.pages
    const page = readPage(this.#around, index, this.#around.read(index))
    if (page === null || page.mark.number !== number) return []
    const counting = new Map<string, Entry>()
    for (const values of page.blocks)
      for (const entry of entriesOf(crypto, values))
        if (this.#live.has(entry, number)) counting.set(nameOf(entry), entry)
    return [...counting.values()]
  }
}

/** What two entries have in common of which the later one counts. */
function nameOf(entry: Entry): string {
  return entry.kind === "chunk" ? `${entry.part} ${entry.offset}` : entry.kind === "record" ? `${entry.sequence}` : ""
}
