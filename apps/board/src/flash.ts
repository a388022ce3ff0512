/**
 * What a board's storage does for its lock: a few parts replaced whole, records appended, room given back.
 *
 * Every call is durable when it returns, except `append`, which is durable at the next `settle`: so the records of one turn
 * cost one wait. {@link FileFlash} is files in a directory, {@link MemoryFlash} the storage of a simulated board, whose power
 * can be cut before any write. What the bytes mean is the lock's business; damage is noticed there.
 */
import { assert, concat } from "@holdfast/base"
import type { Part, Stored } from "@holdfast/lock"
import type { Disk } from "@holdfast/port-node"
import { closeSync, fdatasyncSync, ftruncateSync, openSync, writeSync } from "node:fs"
import { join } from "node:path"

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
  /** Everything appended is durable when it returns. */
  settle(): void
}

type Kept = { readonly sequence: number; readonly bytes: Uint8Array }

const PARTS: readonly Part[] = [
  "boot",
  "clock",
  "throttle",
  "lease",
  "denies",
  "head",
  "slot a",
  "slot b",
  "journal",
  "batch",
  "wear",
  "update",
]

/** | length u16 | sequence u48 | bytes |, one after another. */
const HEAD_SIZE = 8

function frame({ sequence, bytes }: Kept): Uint8Array {
  assert(bytes.length < 0x10000, "a record is small")
  const framed = new Uint8Array(HEAD_SIZE + bytes.length)
  const view = new DataView(framed.buffer)
  view.setUint16(0, bytes.length)
  view.setUint16(2, Math.floor(sequence / 0x1_0000_0000))
  view.setUint32(4, sequence % 0x1_0000_0000)
  framed.set(bytes, HEAD_SIZE)
  return framed
}

/** The whole frames at the beginning; a torn last one is left out. */
function unframe(file: Uint8Array): { readonly kept: Kept[]; readonly size: number } {
  const kept: Kept[] = []
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  let at = 0
  while (at + HEAD_SIZE <= file.length) {
    const length = view.getUint16(at)
    if (at + HEAD_SIZE + length > file.length) break
    const sequence = view.getUint16(at + 2) * 0x1_0000_0000 + view.getUint32(at + 4)
    kept.push({ sequence, bytes: file.slice(at + HEAD_SIZE, at + HEAD_SIZE + length) })
    at += HEAD_SIZE + length
  }
  return { kept, size: at }
}

const RECORDS = "flash/records"
const PART_FILES = new Map<Part, string>(PARTS.map((part) => [part, `flash/${part.replace(" ", "-")}`]))
/** The file is written anew once this much of it is only room given back. */
const STALE_BYTES_MAX = 256 * 1024

/** Files below a board's directory. One process writes them. */
export class FileFlash implements Flash {
  readonly #disk: Disk
  readonly #path: string
  #kept: Kept[] = []
  #file: number | null = null
  #size = 0
  #stale = 0
  #unsettled = false

  constructor(disk: Disk, directory: string) {
    this.#disk = disk
    this.#path = join(directory, RECORDS)
  }

  load(): Stored {
    const parts = new Map<Part, Uint8Array>()
    for (const [part, name] of PART_FILES) {
      const bytes = this.#disk.read(name)
      if (bytes !== null) parts.set(part, bytes)
    }
    const { kept, size } = unframe(this.#disk.read(RECORDS) ?? new Uint8Array(0))
    this.#kept = kept
    this.#rewriteFrom(size)
    return { parts, records: kept.map((each) => each.bytes) }
  }

  /** Opens the file for appending at `size`, cutting off what was torn. */
  #rewriteFrom(size: number): void {
    if (this.#disk.read(RECORDS) === null) this.#disk.replace(RECORDS, new Uint8Array(0))
    if (this.#file !== null) closeSync(this.#file)
    this.#file = openSync(this.#path, "r+")
    ftruncateSync(this.#file, size)
    this.#size = size
    this.#stale = 0
  }

  store(part: Part, bytes: Uint8Array): void {
    this.settle()
    this.#disk.replace(PART_FILES.get(part) ?? "", bytes)
  }

  append(sequence: number, bytes: Uint8Array): void {
    assert(this.#file !== null, "storage is loaded before it is written")
    const kept = { sequence, bytes }
    const framed = frame(kept)
    writeSync(this.#file, framed, 0, framed.length, this.#size)
    this.#size += framed.length
    this.#kept.push(kept)
    this.#unsettled = true
  }

  release(through: number): void {
    const kept = this.#kept.filter((each) => each.sequence > through)
    for (const each of this.#kept) if (each.sequence <= through) this.#stale += HEAD_SIZE + each.bytes.length
    this.#kept = kept
    if (this.#stale > STALE_BYTES_MAX) this.#compact()
  }

  discard(from: number): void {
    this.#kept = this.#kept.filter((each) => each.sequence < from)
    this.#compact()
  }

  #compact(): void {
    const bytes = concat(...this.#kept.map(frame))
    this.#disk.replace(RECORDS, bytes)
    this.#rewriteFrom(bytes.length)
    this.#unsettled = false
  }

  settle(): void {
    if (!this.#unsettled || this.#file === null) return
    fdatasyncSync(this.#file)
    this.#unsettled = false
  }

  close(): void {
    this.settle()
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }
}

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
