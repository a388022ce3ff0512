/**
 * A {@link Disk} in memory whose power can be cut after any write.
 *
 * It knows what a power cut forgives and what it does not: beside what a reader sees now, every file keeps what is
 * durable. {@link afterPowerCut} makes the disk that the next start finds; for everything that was not synced, the caller's
 * `fate` decides whether it was kept, lost or torn. The simulator and the power-cut tests run the real keeper on it.
 * It has no directories of its own, no permissions and no size limit.
 */
import { assert, concat } from "@holdfast/base"
import type { AppendFile, Disk } from "./disk.ts"

/** Thrown by the write at which the power went, and by everything after it. */
export class PowerCut extends Error {
  override readonly name = "PowerCut"
}

/** What became of a change that no sync had covered. */
export type Fate = "kept" | "lost" | "torn"

/** The first `size` bytes of a buffer; what lies behind them is room to grow, so that appending copies seldom. */
type Content = { readonly buffer: Uint8Array; readonly size: number }

type File = {
  now: Content | null
  durable: Content | null
  /** Bytes of `now` that only appending put there, beyond `durable`: they can be lost from the end. */
  appended: boolean
}

const NOTHING: Content = { buffer: new Uint8Array(0), size: 0 }

function contentOf(bytes: Uint8Array): Content {
  return { buffer: bytes.slice(), size: bytes.length }
}

function bytesOf(content: Content): Uint8Array {
  return content.buffer.subarray(0, content.size)
}

/** The content with bytes behind it. Contents that share the buffer end before those bytes, so they stay as they are. */
function extended({ buffer, size }: Content, bytes: Uint8Array): Content {
  const sum = size + bytes.length
  const room = sum <= buffer.length ? buffer : new Uint8Array(2 * sum)
  if (room !== buffer) room.set(buffer.subarray(0, size))
  room.set(bytes, size)
  return { buffer: room, size: sum }
}

/** Half of what no sync covered, and then a few zeros: the size reached the disk before the bytes did. */
function torn({ now, durable, appended }: File): Content | null {
  if (now === null) return durable
  const kept = appended && durable !== null ? durable.size : 0
  const half = kept + Math.floor((now.size - kept) / 2)
  const zeros = new Uint8Array(Math.min(16, now.size - half))
  return contentOf(concat(now.buffer.subarray(0, half), zeros))
}

export class MemoryDisk implements Disk {
  readonly #files: Map<string, File>
  #writesLeft: number
  #writes = 0

  /** A disk whose power goes at the write after `writesUntilCut`; by default never. */
  constructor(writesUntilCut = Number.POSITIVE_INFINITY, files: Map<string, File> = new Map()) {
    this.#writesLeft = writesUntilCut
    this.#files = files
  }

  /** How many writes were made so far. */
  get writes(): number {
    return this.#writes
  }

  /** The power goes now. */
  cutPower(): void {
    this.#writesLeft = 0
  }

  /** The disk as the next start finds it. `fate` is asked once for every file with something that was not synced. */
  afterPowerCut(fate: (path: string) => Fate, writesUntilCut = Number.POSITIVE_INFINITY): MemoryDisk {
    const files = new Map<string, File>()
    for (const [path, file] of this.#files) {
      const left = file.now === file.durable ? file.now : this.#left(file, fate(path))
      if (left === null) continue
      const copy = contentOf(bytesOf(left))
      files.set(path, { now: copy, durable: copy, appended: false })
    }
    return new MemoryDisk(writesUntilCut, files)
  }

  #left(file: File, fate: Fate): Content | null {
    if (fate === "kept") return file.now
    return fate === "lost" ? file.durable : torn(file)
  }

  /** Every file that a reader sees now, by path: for tests that look at a whole disk. */
  contents(): Map<string, Uint8Array> {
    const seen = new Map<string, Uint8Array>()
    for (const [path, { now }] of this.#files) if (now !== null) seen.set(path, bytesOf(now))
    return seen
  }

  read(path: string): Uint8Array | null {
    const now = this.#files.get(path)?.now ?? null
    return now === null ? null : bytesOf(now).slice()
  }

  size(path: string): number | null {
    return this.#files.get(path)?.now?.size ?? null
  }

  readPart(path: string, offset: number, size: number): Uint8Array | null {
    const now = this.#files.get(path)?.now ?? null
    return now === null || now.size < offset + size ? null : now.buffer.slice(offset, offset + size)
  }

  list(directory: string): string[] {
    const prefix = `${directory}/`
    const names = new Set<string>()
    for (const [path, { now }] of this.#files) {
      if (now === null || !path.startsWith(prefix)) continue
      const [name] = path.slice(prefix.length).split("/")
      if (name !== undefined) names.add(name)
    }
    return [...names].sort()
  }

  replace(path: string, bytes: Uint8Array): void {
    this.#power()
    const content = contentOf(bytes)
    this.#files.set(path, { now: content, durable: content, appended: false })
  }

  write(path: string, bytes: Uint8Array): void {
    this.#power()
    const file = this.#file(path)
    file.now = contentOf(bytes)
    file.appended = false
  }

  async sync(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      this.#power()
      this.#makeDurable(path)
    }
  }

  remove(path: string): void {
    this.#power()
    const file = this.#files.get(path)
    if (file !== undefined) file.now = null
  }

  openAppend(path: string): AppendFile {
    this.#power()
    const file = this.#file(path)
    file.now ??= NOTHING
    file.durable ??= file.now
    const size = (): number => (this.#file(path).now ?? NOTHING).size
    return {
      get size() {
        return size()
      },
      append: (...parts) => this.#append(path, concat(...parts)),
      sync: async () => {
        this.#power()
        this.#makeDurable(path)
      },
      cut: (to) => {
        assert(to <= size(), "a file is cut to a shorter one")
        this.replace(path, bytesOf(this.#file(path).now ?? NOTHING).subarray(0, to))
      },
      close: () => undefined,
    }
  }

  #append(path: string, bytes: Uint8Array): void {
    this.#power()
    const file = this.#file(path)
    file.appended = file.appended || file.now === file.durable
    file.now = extended(file.now ?? NOTHING, bytes)
  }

  #makeDurable(path: string): void {
    const file = this.#file(path)
    file.durable = file.now
    file.appended = false
  }

  #file(path: string): File {
    const file = this.#files.get(path) ?? { now: null, durable: null, appended: false }
    this.#files.set(path, file)
    return file
  }

  #power(): void {
    if (this.#writesLeft <= 0) throw new PowerCut("the power is cut")
    this.#writesLeft--
    this.#writes++
  }
}
