/**
 * A log's growing edge: takes entries, and says which bytes belong into which file.
 *
 * Picture the rightmost tile of every level, half filled, and the bundle under it. An entry fills one more place at the
 * bottom; a full tile is finished and fills one place above. Files are written by the app, which must have all files of
 * a {@link Growth} on disk before it publishes the checkpoint that states the growth. When it could not write them, it
 * drops this writer and resumes another from the last checkpoint. Nothing is signed here.
 */
import { assert, type Crypto, equalBytes } from "@holdfast/base"
import { ENTRY_SIZE_MAX, decodeBundle, LENGTH_SIZE, writeEntry } from "./bundle.ts"
import { Frontier } from "./frontier.ts"
import { HASH_SIZE, TreeHasher } from "./hash.ts"
import type { TreeHead } from "./proof.ts"
import { edgeOf, type LogFile, pathOf, TILE_HEIGHT, TILE_WIDTH, tileSpan, tileWidth } from "./tile.ts"

/** What became of the log since the growth before: the files to write, and the head that they make. */
export type Growth = TreeHead & { readonly files: readonly { readonly file: LogFile; readonly bytes: Uint8Array }[] }

export type ResumeFault = "file missing" | "file damaged" | "root differs"
export type Resumed =
  | { readonly ok: true; readonly writer: LogWriter }
  | { readonly ok: false; readonly fault: ResumeFault; readonly path: string | null }

const BUNDLE_SIZE_START = 1 << 16

export class LogWriter {
  readonly #hasher: TreeHasher
  #frontier: Frontier
  /** By level: the hashes of the tile that is being filled. How many count follows from the size. */
  readonly #rows: Uint8Array[] = []
  #bundle = new Uint8Array(BUNDLE_SIZE_START)
  #bundleSize = 0
  #finished: { file: LogFile; bytes: Uint8Array }[] = []
  /** The size at the last growth. */
  #grownSize = 0

  /** The writer of an empty log. */
  constructor(crypto: Crypto) {
    this.#hasher = new TreeHasher(crypto)
    this.#frontier = new Frontier(crypto, this.#onSubtree)
  }

  /** The writer of a log that `head` describes, from the files of its edge ({@link edgeOf}), read by the app. */
  static resume(crypto: Crypto, head: TreeHead, read: (file: LogFile) => Uint8Array | null): Resumed {
    const writer = new LogWriter(crypto)
    for (const file of edgeOf(head.size)) {
      const bytes = read(file)
      if (bytes === null) return { ok: false, fault: "file missing", path: pathOf(file) }
      if (!writer.#takeEdge(file, bytes)) return { ok: false, fault: "file damaged", path: pathOf(file) }
    }
    writer.#restore(crypto, head.size)
    if (equalBytes(writer.#frontier.root(), head.root)) return { ok: true, writer }
    return { ok: false, fault: "root differs", path: null }
  }

  get size(): number {
    return this.#frontier.size
  }

  /** Appends one entry of at most 65535 bytes; answers its index. */
  append(entry: Uint8Array): number {
    assert(entry.length <= ENTRY_SIZE_MAX, "an entry is at most 65535 bytes")
    const index = this.size
    this.#bundleRoom(LENGTH_SIZE + entry.length)
    this.#bundleSize = writeEntry(this.#bundle, this.#bundleSize, entry)
    this.#frontier.append(this.#hasher.leaf(entry))
    if (this.size % TILE_WIDTH === 0) {
      const file: LogFile = { kind: "bundle", index: Math.floor(index / TILE_WIDTH), width: TILE_WIDTH }
      this.#finished.push({ file, bytes: this.#bundle.subarray(0, this.#bundleSize) })
      this.#bundle = new Uint8Array(this.#bundle.length) // What was handed out never changes.
      this.#bundleSize = 0
    }
    assert(this.size === index + 1, "the log grew by one entry")
    return index
  }

  /** Everything to write since the last growth, and the tree's new head. Finished files once, the edge as it stands. */
  grow(): Growth {
    const size = this.size
    const edge = edgeOf(size).filter((file) => this.#isNew(file))
    const files = [...this.#finished, ...edge.map((file) => ({ file, bytes: this.#edgeBytes(file) }))]
    this.#finished = []
    this.#grownSize = size
    return { size, root: this.#frontier.root(), files }
  }

  /** A partial tile above level 0 mostly stays as it was, under the same path. */
  #isNew(file: LogFile): boolean {
    const level = file.kind === "tile" ? file.level : 0
    return tileWidth(this.#grownSize, level, file.index) !== file.width
  }

  #edgeBytes(file: LogFile): Uint8Array {
    // Lent, not copied: a bundle of batches has megabytes, and what stands in it only grows behind its end.
    if (file.kind === "bundle") return this.#bundle.subarray(0, this.#bundleSize)
    return this.#row(file.level).slice(0, file.width * HASH_SIZE)
  }

  /** Every eighth height of the tree is a level of tiles: its hashes are what the tiles hold. */
  readonly #onSubtree = (height: number, hash: Uint8Array): void => {
    if (height % TILE_HEIGHT !== 0) return
    const level = height / TILE_HEIGHT
    const row = this.#row(level)
    const place = Math.floor(this.size / TILE_WIDTH ** level) // The size does not count the present leaf yet.
    row.set(hash, (place % TILE_WIDTH) * HASH_SIZE)
    if (place % TILE_WIDTH < TILE_WIDTH - 1) return
    const file: LogFile = { kind: "tile", level, index: Math.floor(place / TILE_WIDTH), width: TILE_WIDTH }
    this.#finished.push({ file, bytes: row.slice() })
  }

  #row(level: number): Uint8Array {
    const row = this.#rows[level] ?? new Uint8Array(TILE_WIDTH * HASH_SIZE)
    this.#rows[level] = row
    return row
  }

  #bundleRoom(size: number): void {
    if (this.#bundleSize + size <= this.#bundle.length) return
    const grown = new Uint8Array(2 * (this.#bundleSize + size))
    grown.set(this.#bundle.subarray(0, this.#bundleSize))
    this.#bundle = grown
  }

  #takeEdge(file: LogFile, bytes: Uint8Array): boolean {
    if (file.kind === "tile") {
      if (bytes.length !== file.width * HASH_SIZE) return false
      this.#row(file.level).set(bytes)
      return true
    }
    const decoded = decodeBundle(bytes, file.width)
    if (!decoded.ok) return false
    this.#bundleRoom(bytes.length)
    this.#bundle.set(bytes)
    this.#bundleSize = bytes.length
    return true
  }

  /** The frontier's subtrees all lie in the partial tiles at the edge: a full tile is one hash of a row above. */
  #restore(crypto: Crypto, size: number): void {
    const readHash = (height: number, index: number): Uint8Array => {
      const { first, count } = tileSpan(size, height, index)
      return this.#hasher.rootOfRow(this.#row(Math.floor(height / TILE_HEIGHT)), first, count)
    }
    this.#frontier = Frontier.restore(crypto, size, readHash, this.#onSubtree)
    this.#grownSize = size
  }
}
