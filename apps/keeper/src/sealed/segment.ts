/**
 * An append-only file of encrypted records, for what the keeper knows and nobody else may read.
 *
 *   | size of the box, 4 bytes | box: nonce, ciphertext, tag | size | box | ...
 *
 * Every box is bound to its file and its offset, so none can be moved, repeated or left out in the middle. A power cut may
 * tear the end, which a start cuts off; a damaged record with a whole one anywhere behind it was not torn but changed, and
 * refuses, and so does any torn end where the last stop was a clean one. What the records say is the caller's.
 */
import { assert, concat, utf8 } from "@holdfast/base"
import type { AppendFile, Disk } from "@holdfast/port-node"
import { BOX_NONCE_SIZE, BOX_OVERHEAD, closeBox, openBox } from "@holdfast/port-node/box"

const SIZE_SIZE = 4
const RECORD_SIZE_MAX = 1 << 20

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

/** The box at `at` and where the next record begins, or null where no whole record begins. */
function boxAt(bytes: Uint8Array, at: number): { box: Uint8Array; next: number } | null {
  if (at + SIZE_SIZE > bytes.length) return null
  const size = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0)
  const next = at + SIZE_SIZE + size
  if (size < BOX_OVERHEAD || size > RECORD_SIZE_MAX || next > bytes.length) return null
  return { box: bytes.subarray(at + SIZE_SIZE, next), next }
}

/** Whether a whole record begins anywhere from `from` on. Only a damaged end is searched, and few places look like one. */
function holdsRecord(ports: SegmentPorts, path: string, bytes: Uint8Array, from: number): boolean {
  for (let at = from; at + SIZE_SIZE + BOX_OVERHEAD <= bytes.length; at++) {
    const found = boxAt(bytes, at)
    if (found !== null && openBox(ports.key, contextOf(path, at), found.box) !== null) return true
  }
  return false
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
    const bytes = ports.disk.read(path) ?? new Uint8Array(0)
    let at = 0
    for (let found = boxAt(bytes, at); found !== null; found = boxAt(bytes, at)) {
      const record = openBox(ports.key, contextOf(path, at), found.box)
      if (record === null) break
      visit(record, at)
      at = found.next
    }
    const changed = (size_at_rest !== null && at !== size_at_rest) || holdsRecord(ports, path, bytes, at + 1)
    if (changed) return { ok: false, fault: `${path}: changed or cut from byte ${at} on` }
    const file = ports.disk.openAppend(path)
    if (at < bytes.length) file.cut(at)
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
    const box = closeBox(this.#ports.key, nonce, contextOf(this.#path, offset), record)
    const size = new Uint8Array(SIZE_SIZE)
    new DataView(size.buffer).setUint32(0, box.length)
    this.#file.append(concat(size, box))
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
