/**
 * One log and its only writer: entries in, durable and covered by a signed checkpoint out.
 *
 * Picture a ferry. Entries wait at the quay; the ferry takes all that are there, crosses (one append and one sync of the
 * write-ahead file), and comes back for those who arrived meanwhile. So there is no timer, one sync and one signature
 * serve a whole group, and a lone entry waits for nobody. Nothing is acknowledged before the crossing. The tiles for readers
 * are written behind it: at once when nobody waits, and every 256 entries otherwise. Large files are written ten times a
 * second at most.
 *
 * It does not know what entries say. One process may hold a log; that is the data directory's lock, not this file.
 */
import { assert, type Crypto } from "@holdfast/base"
import {
  checkpointBytesToSign,
  encodeCheckpoint,
  encodeReceipt,
  type Growth,
  type LogFile,
  type LogWriter,
  openCheckpoint,
  pathOf,
  type TreeHead,
  type Verifier,
} from "@holdfast/ledger"
import type { Disk } from "@holdfast/port-node"
import { TileSource } from "./edge.ts"
import { GROUP_BYTES_MAX, GROUP_ENTRIES_MAX, type WriteAhead } from "./write-ahead.ts"

const PUBLISH_ENTRIES_MAX = 256
const TILE_WIDTH = 256
const UNSYNCED_BYTES_MAX = 32 << 20
/** A publication of so many bytes is followed by a rest: a bundle of batches is written whole with each of its entries. */
const LARGE_BYTES = 1 << 18
const REST_MS = 100

/** What a log needs beside its files. */
export type LogPorts = {
  readonly disk: Disk
  readonly crypto: Crypto
  /** Signs with the log's Ed25519 key. */
  sign(bytes: Uint8Array): Uint8Array
  /** Bytes in the write-ahead file, or in files that are not yet durable, after which the files are synced. */
  readonly unsynced_bytes_max?: number
  /** Calls back after a while; without it no publication is followed by a rest. */
  later?(ms: number, act: () => void): void
}

export type LogPlace = {
  /** Where readers look: `ledger/<class>/<period>`. */
  readonly directory: string
  readonly writeAhead: string
  readonly verifier: Verifier
}

/** A tree and its signed checkpoint. */
export type SignedHead = TreeHead & { readonly note: Uint8Array }

type Waiting = { readonly entry: Uint8Array; readonly done: PromiseWithResolvers<void> }

export function signedHead(ports: LogPorts, verifier: Verifier, { size, root }: TreeHead): SignedHead {
  const checkpoint = { origin: verifier.name, size, root, extensions: [] }
  const note = encodeCheckpoint(checkpoint, verifier, ports.sign(checkpointBytesToSign(checkpoint)))
  return { size, root, note }
}

/** The log cannot go on: an earlier write failed. */
export class LogStoppedError extends Error {
  override readonly name = "LogStoppedError"
}

export class Log {
  readonly #ports: LogPorts
  readonly #place: LogPlace
  readonly #writer: LogWriter
  readonly #writeAhead: WriteAhead
  readonly #tiles: TileSource
  #head: SignedHead
  /** Size of the tree that readers can see. */
  #published: number
  #waiting: Waiting[] = []
  #next: number
  #running: Promise<void> | null = null
  /** A large publication was a moment ago. */
  #resting = false
  #failure: Error | null = null
  /** Files since the last publication, by path; a later version of a path replaces an earlier one. */
  #unpublished = new Map<string, { file: LogFile; bytes: Uint8Array }>()
  /** Published files that are not durable yet. */
  #unsynced = new Map<string, LogFile>()
  #unsynced_bytes = 0
  /** Partial files that the durable base of the write-ahead file needs, and those of the present edge. */
  #base = new Set<string>()
  #edge = new Map<string, string>()
  /** Called with the new size when readers can see it. */
  onPublished: (size: number) => void = () => undefined

  /** Of a log that is at rest: `writer` and `writeAhead` stand at `head`, and all files of `edge` are durable. */
  constructor(
    ports: LogPorts,
    place: LogPlace,
    at: { writer: LogWriter; writeAhead: WriteAhead; head: SignedHead; edge: readonly EdgeFile[] },
  ) {
    assert(at.writer.size === at.head.size, "the writer stands at the head")
    this.#ports = ports
    this.#place = place
    this.#writer = at.writer
    this.#writeAhead = at.writeAhead
    this.#head = at.head
    this.#published = at.head.size
    this.#next = at.head.size
    this.#tiles = new TileSource(ports.disk, place.directory, ports.crypto)
    for (const { file, bytes } of at.edge) {
      this.#tiles.add(file, bytes)
      this.#base.add(pathOf(file))
      this.#edge.set(rowOf(file), pathOf(file))
    }
  }

  /** The last durable tree. */
  get head(): SignedHead {
    return this.#head
  }

  /** Index of the next entry, counting those on their way. */
  get next(): number {
    return this.#next
  }

  /** Puts an entry in line; its index is certain at once, and it is durable when {@link settled} answers. */
  append(entry: Uint8Array): { index: number; durable: Promise<void> } {
    if (this.#failure !== null) throw new LogStoppedError(`the log ${this.#place.verifier.name} has stopped`)
    const done = Promise.withResolvers<void>()
    done.promise.catch(() => undefined) // Whoever waits hears of it; nobody has to.
    this.#waiting.push({ entry, done })
    this.#running ??= this.#run()
    return { index: this.#next++, durable: done.promise }
  }

  /** Answers when everything that was appended before is durable and published. */
  async settled(): Promise<void> {
    const size = this.#next
    while (this.#published < size && this.#failure === null) {
      this.#resting = false // Who asks for everything waits for no rest.
      await (this.#running ??= this.#run())
    }
    while (this.#running !== null) await this.#running
    if (this.#failure !== null) throw this.#failure
  }

  /** A tlog-proof for the entry at `index`, under the last durable checkpoint. */
  receipt(index: number, extra: Uint8Array | null): Uint8Array {
    assert(index < this.#head.size, "a receipt is for a durable entry")
    const proof = this.#tiles.inclusion(this.#head.size, index)
    return encodeReceipt({ extra, index, proof, checkpoint: this.#head.note })
  }

  /** The tree that a signed checkpoint of this log states, or null when its key did not sign it. */
  open(note: Uint8Array): TreeHead | null {
    const { verifier } = this.#place
    const opened = openCheckpoint(note, verifier.name, verifier, this.#ports.crypto)
    return opened.ok ? opened.checkpoint : null
  }

  /** The hashes that lead from the tree of `old` entries to that of `size`. */
  consistency(old: number, size: number): Uint8Array[] {
    assert(old <= size && size <= this.#head.size, "the trees are durable, and the old one is no larger")
    return this.#tiles.consistency(old, size)
  }

  /** Stops with everything durable and nothing to repair. */
  async close(): Promise<void> {
    await this.settled()
    if (this.#unsynced.size > 0) await this.#cut()
    this.#writeAhead.close()
  }

  async #run(): Promise<void> {
    try {
      await Promise.resolve() // All that one turn of the caller appends goes together.
      while (this.#waiting.length > 0) await this.#commit(this.#takeGroup())
      if (this.#mayPublish(this.#head.size - this.#published)) this.#publish()
    } catch (error) {
      this.#failure = error instanceof Error ? error : new LogStoppedError(String(error))
      for (const { done } of this.#waiting.splice(0)) done.reject(this.#failure)
    } finally {
      this.#running = null
    }
  }

  #mayPublish(entries: number): boolean {
    return entries >= PUBLISH_ENTRIES_MAX || (entries > 0 && this.#waiting.length === 0 && !this.#resting)
  }

  /** What came during the rest is published at its end, if nothing comes that does it sooner. */
  #rest(later: NonNullable<LogPorts["later"]>): void {
    this.#resting = true
    later(REST_MS, () => {
      this.#resting = false
      if (this.#failure === null) this.#running ??= this.#run()
    })
  }

  #takeGroup(): Waiting[] {
    let count = 0
    let bytes = 0
    for (const { entry } of this.#waiting) {
      if (count === GROUP_ENTRIES_MAX || (count > 0 && bytes + entry.length > GROUP_BYTES_MAX)) break
      count++
      bytes += entry.length
    }
    return this.#waiting.splice(0, count)
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    try {
      const first = this.#writer.size
      for (const { entry } of group) this.#writer.append(entry)
      const growth = this.#writer.grow()
      const head = signedHead(this.#ports, this.#place.verifier, growth)
      await this.#writeAhead.append({ first, note: head.note, entries: group.map(({ entry }) => entry) })
      this.#take(growth, head)
      if (this.#mayPublish(head.size - this.#published)) this.#publish()
    } catch (error) {
      for (const { done } of group) done.reject(error)
      throw error
    }
    for (const { done } of group) done.resolve()
    const unsynced_bytes_max = this.#ports.unsynced_bytes_max ?? UNSYNCED_BYTES_MAX
    if (Math.max(this.#writeAhead.size, this.#unsynced_bytes) >= unsynced_bytes_max) await this.#cut()
  }

  #take(growth: Growth, head: SignedHead): void {
    assert(growth.size === head.size, "the checkpoint states the growth")
    this.#head = head
    for (const { file, bytes } of growth.files) {
      this.#tiles.add(file, bytes)
      const path = pathOf(file)
      const before = this.#edge.get(rowOf(file))
      if (before !== undefined) this.#unpublished.delete(before)
      if (file.width < TILE_WIDTH) this.#edge.set(rowOf(file), path)
      else this.#edge.delete(rowOf(file))
      this.#unpublished.set(path, { file, bytes })
    }
  }

  /** Shows readers the present tree: its files, then the checkpoint that states them. */
  #publish(): void {
    const { disk, later } = this.#ports
    const { directory } = this.#place
    let published_bytes = 0
    for (const [path, { file, bytes }] of this.#unpublished) {
      disk.write(`${directory}/${path}`, bytes)
      this.#unsynced.set(path, file)
      published_bytes += bytes.length
    }
    this.#unsynced_bytes += published_bytes
    disk.write(`${directory}/checkpoint`, this.#head.note)
    if (later !== undefined && published_bytes >= LARGE_BYTES) this.#rest(later)
    this.#unpublished.clear()
    this.#published = this.#head.size
    this.onPublished(this.#published)
  }

  /**
   * Makes the published files durable, and begins the write-ahead file anew. Partial files of trees in between go first;
   * those of the old base only when the new one is durable, since a start after a power cut would ask for them.
   */
  async #cut(): Promise<void> {
    const { disk } = this.#ports
    const { directory } = this.#place
    if (this.#published < this.#head.size) this.#publish()
    const present = new Set(this.#edge.values())
    for (const [path, file] of this.#unsynced) {
      if (file.width === TILE_WIDTH || present.has(path) || this.#base.has(path)) continue
      disk.remove(`${directory}/${path}`)
      this.#unsynced.delete(path)
    }
    await disk.sync([...this.#unsynced.keys(), "checkpoint"].map((path) => `${directory}/${path}`))
    this.#writeAhead.begin(this.#head.note)
    for (const path of this.#base) if (!present.has(path)) disk.remove(`${directory}/${path}`)
    this.#base = present
    this.#unsynced.clear()
    this.#unsynced_bytes = 0
  }
}

/** A partial tile or bundle at the growing edge. */
export type EdgeFile = { readonly file: LogFile; readonly bytes: Uint8Array }

/** The row that a file is the growing edge of. */
function rowOf(file: LogFile): string {
  return file.kind === "tile" ? `tile ${file.level}` : "bundle"
}
