/**
 * An append-only file of encrypted records, for what the keeper knows and nobody else may read.
 *
 *   | size of the box, 4 bytes | box: nonce, ciphertext, tag | size | box | ...
 *
 * Every box is bound to its file and its offset, so none can be moved, repeated or left out in the middle. A power cut may
 * tear the end, which a start cuts off; a damaged record with a whole one anywhere behind it was not torn but changed, and
 * refuses, and so does any torn end where the last stop was a clean one. What the records say is the caller's.
 */
import { assert, concat } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import type { AppendFile, Disk } from "@holdfast/port-node"
import { BOX_NONCE_SIZE, BOX_OVERHEAD, boxParts, openBox } from "@holdfast/port-node/box"

const SIZE_SIZE = 4
const RECORD_SIZE_MAX = 1 << 20
const WINDOW_SIZE = 4 * RECORD_SIZE_MAX

export type SegmentPorts = {
  readonly disk: Disk
  readonly random: (size: number) => Uint8Array
  /** AES-256. */
  readonly key: Uint8Array
}

export type SegmentOpened =
  | { readonly ok: true; readonly segment: Segment }
  | { readonly ok: false; readonly fault: string }

/** What binds a box to its place. */
function contextOf(path: string, offset: number): Uint8Array {
  const place = new Uint8Array(8)
  new DataView(place.buffer).setBigUint64(0, BigInt(offset))
  return concat(utf8(`holdfast/${path}\0`), place)
}

type Found = { readonly box: Uint8Array; readonly next: number }

/** The box at `at` and where the next record begins, or null where no whole record begins. */
function boxAt(bytes: Uint8Array, at: number): Found | null {
  if (at + SIZE_SIZE > bytes.length) return null
  const size = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0)
  const next = at + SIZE_SIZE + size
  if (size < BOX_OVERHEAD || size > RECORD_SIZE_MAX || next > bytes.length) return null
  return { box: bytes.subarray(at + SIZE_SIZE, next), next }
}

/** The file from beginning to end through a window that is larger than any record. */
class Reading {
  readonly #ports: SegmentPorts
  readonly #path: string
  readonly #size: number
  #window: Uint8Array = new Uint8Array(0)
  #from = 0

  constructor(ports: SegmentPorts, path: string) {
    this.#ports = ports
    this.#path = path
    this.#size = ports.disk.size(path) ?? 0
  }

  get size(): number {
    return this.#size
  }

  /** The record at `at`, if a whole one that was not changed begins there, and the offset behind it. */
  recordAt(at: number): { readonly record: Uint8Array; readonly next: number } | null {
    const found = boxAt(this.#window, at - this.#from) ?? boxAt(this.#move(at), 0)
    const record = found === null ? null : openBox(this.#ports.key, contextOf(this.#path, at), found.box)
    return found === null || record === null ? null : { record, next: this.#from + found.next }
  }

  /** Whether a whole record begins within a window behind `at`; few places even look like one. */
  holdsRecordAfter(at: number): boolean {
    const end = Math.min(at + WINDOW_SIZE, this.#size)
    for (let next = at + 1; next + SIZE_SIZE + BOX_OVERHEAD <= end; next++) {
      if (boxAt(this.#window, next - this.#from) !== null && this.recordAt(next) !== null) return true
    }
    return false
  }

  #move(at: number): Uint8Array {
    const size = Math.min(WINDOW_SIZE, this.#size - at)
    if (this.#from !== at || this.#window.length !== size) {
      this.#window = this.#ports.disk.readPart(this.#path, at, size) ?? new Uint8Array(0)
      this.#from = at
    }
    return this.#window
  }
}

export class Segment {
  readonly #ports: SegmentPorts
  readonly #path: string
  readonly #file: AppendFile
  #unsynced = false
  /** One sync serves everybody who asked before it began. */
  #syncing: Promise<void> | null = null
  #asked: Promise<void> | null = null

  private constructor(ports: SegmentPorts, path: string, file: AppendFile) {
    this.#ports = ports
    this.#path = path
    this.#file = file
  }

  /**
   * Opens or makes the file. `visit` hears every record and its offset, in order. `size_at_rest` is how long the file was when
   * the keeper last stopped cleanly, null when it did not.
   */
  static open(
    ports: SegmentPorts,
    path: string,
    size_at_rest: number | null,
    visit: (record: Uint8Array, offset: number) => void,
  ): SegmentOpened {
    const reading = new Reading(ports, path)
    let at = 0
    for (let found = reading.recordAt(at); found !== null; found = reading.recordAt(at)) {
      visit(found.record, at)
      at = found.next
    }
    const changed = (size_at_rest !== null && at !== size_at_rest) || reading.holdsRecordAfter(at)
    if (changed) return { ok: false, fault: `${path}: changed or cut from byte ${at} on` }
    const file = ports.disk.openAppend(path)
    if (at < reading.size) file.cut(at)
    return { ok: true, segment: new Segment(ports, path, file) }
  }

  get size(): number {
    return this.#file.size
  }

  /** Adds a record; answers its offset. It is durable when a {@link sync} that is asked for afterwards has answered. */
  append(record: Uint8Array): number {
    assert(record.length + BOX_OVERHEAD <= RECORD_SIZE_MAX, "a record is at most a megabyte")
    const offset = this.#file.size
    const nonce = this.#ports.random(BOX_NONCE_SIZE)
    const size = new Uint8Array(SIZE_SIZE)
    new DataView(size.buffer).setUint32(0, record.length + BOX_OVERHEAD)
    this.#file.append(size, ...boxParts(this.#ports.key, nonce, contextOf(this.#path, offset), record))
    this.#unsynced = true
    return offset
  }

  async sync(): Promise<void> {
    if (!this.#unsynced && this.#asked === null) return (await this.#syncing) ?? undefined
    this.#asked ??= this.#after(this.#syncing)
    return this.#asked
  }

  async #after(running: Promise<void> | null): Promise<void> {
    await running
    this.#asked = null
    this.#unsynced = false
    this.#syncing = this.#file.sync()
    await this.#syncing
  }

  /** The record at an offset that {@link append} or the opening told; null when it was changed since. */
  read(offset: number): Uint8Array | null {
    const { disk, key } = this.#ports
    const head = disk.readPart(this.#path, offset, SIZE_SIZE)
    if (head === null) return null
    const size = new DataView(head.buffer, head.byteOffset).getUint32(0)
    if (size < BOX_OVERHEAD || size > RECORD_SIZE_MAX) return null
    const box = disk.readPart(this.#path, offset + SIZE_SIZE, size)
    return box === null ? null : openBox(key, contextOf(this.#path, offset), box)
  }

  close(): void {
    this.#file.close()
  }
}
