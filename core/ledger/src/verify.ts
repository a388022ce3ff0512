/**
 * Verifying a whole log, one file at a time, against the size and root of its checkpoint.
 *
 * The entries are the truth that is recomputed: their hashes build the tree anew, and every tile must hold exactly the
 * hashes that the entries make. The app asks {@link LogVerifier.wanted} for the next file, reads it from wherever it
 * is, and gives it to {@link LogVerifier.take}; memory stays at a row of hashes a level. At the end the root decides who
 * is to blame: when the entries make the checkpoint's root, a tile that differs is wrong, and otherwise an entry is. It does
 * not judge what entries say, and it believes the checkpoint: open that first.
 */
import { assert, type Crypto, equalBytes, unreachable } from "@holdfast/base"
import { decodeBundle } from "./bundle.ts"
import { Frontier } from "./frontier.ts"
import { HASH_SIZE, TreeHasher } from "./hash.ts"
import type { TreeHead } from "./proof.ts"
import { filesOf, type LogFile, pathOf, TILE_HEIGHT, TILE_WIDTH } from "./tile.ts"

/** The first thing that is wrong with a log. `position` counts within the file, from 0. */
export type Difference =
  | { readonly what: "missing"; readonly file: LogFile }
  | { readonly what: "wrong size"; readonly file: LogFile; readonly size: number }
  | { readonly what: "bad bundle"; readonly file: LogFile; readonly fault: "ends early" | "bytes left over" }
  | { readonly what: "hash differs"; readonly file: LogFile; readonly position: number }
  | { readonly what: "entry differs"; readonly file: LogFile; readonly position: number }
  | { readonly what: "root differs" }

export class LogVerifier {
  readonly #head: TreeHead
  readonly #hasher: TreeHasher
  readonly #frontier: Frontier
  readonly #files: Iterator<LogFile, void>
  /** By level: the hashes of the present tile as the entries make them. */
  readonly #rows: Uint8Array[] = []
  #wanted: LogFile | null
  #difference: Difference | null = null

  constructor(crypto: Crypto, head: TreeHead) {
    assert(Number.isSafeInteger(head.size) && head.size >= 0, "a tree has a whole number of leaves")
    this.#head = head
    this.#hasher = new TreeHasher(crypto)
    this.#frontier = new Frontier(crypto, this.#onSubtree)
    this.#files = filesOf(head.size)
    this.#wanted = this.#nextFile()
  }

  /** The file to take next, or null when the verifier has seen all that it needs to answer. */
  get wanted(): LogFile | null {
    return this.#wanted
  }

  /** Takes the bytes of the wanted file, or null when it is not there. */
  take(bytes: Uint8Array | null): void {
    const file = this.#wanted
    assert(file !== null, "only a wanted file is taken")
    const goesOn = bytes === null ? this.#stop({ what: "missing", file }) : this.#check(file, bytes)
    this.#wanted = goesOn ? this.#nextFile() : null
  }

  /** The first difference, or null when every byte is as the checkpoint says. Answers once nothing is wanted. */
  finish(): Difference | null {
    assert(this.#wanted === null, "every wanted file was taken")
    const found = this.#difference
    if (found !== null && found.what !== "hash differs") return found
    if (this.#frontier.size < this.#head.size) return found
    if (equalBytes(this.#frontier.root(), this.#head.root)) return found
    if (found === null) return { what: "root differs" }
    const { file, position } = found
    if (file.kind !== "tile" || file.level > 0) return found
    return { what: "entry differs", file: { kind: "bundle", index: file.index, width: file.width }, position }
  }

  #check(file: LogFile, bytes: Uint8Array): boolean {
    switch (file.kind) {
      case "bundle":
        return this.#checkBundle(file, bytes)
      case "tile":
        return this.#checkTile(file, file.level, bytes)
      default:
        return unreachable(file)
    }
  }

  /** Without its entries nothing later can be recomputed, so a broken bundle ends the work. */
  #checkBundle(file: LogFile, bytes: Uint8Array): boolean {
    assert(this.#frontier.size === file.index * TILE_WIDTH, "bundles are taken in order")
    const decoded = decodeBundle(bytes, file.width)
    if (!decoded.ok) return this.#stop({ what: "bad bundle", file, fault: decoded.fault })
    for (const entry of decoded.entries) this.#frontier.append(this.#hasher.leaf(entry))
    return true
  }

  /** A differing hash does not end the work: only the root, at the end, tells whether the tile or an entry is wrong. */
  #checkTile(file: LogFile, level: number, bytes: Uint8Array): boolean {
    const size = file.width * HASH_SIZE
    if (bytes.length !== size) return this.#stop({ what: "wrong size", file, size: bytes.length })
    if (this.#difference !== null) return true
    const row = this.#row(level)
    let at = 0
    while (at < size && bytes[at] === row[at]) at++
    if (at < size) this.#difference = { what: "hash differs", file, position: Math.floor(at / HASH_SIZE) }
    return true
  }

  /** An earlier difference stays the first one. */
  #stop(difference: Difference): false {
    this.#difference ??= difference
    return false
  }

  /** Every eighth height of the tree is a level of tiles. A row is compared before its next tile is begun. */
  readonly #onSubtree = (height: number, hash: Uint8Array): void => {
    if (height % TILE_HEIGHT !== 0) return
    const level = height / TILE_HEIGHT
    const place = Math.floor(this.#frontier.size / TILE_WIDTH ** level) // The size does not count the present leaf yet.
    this.#row(level).set(hash, (place % TILE_WIDTH) * HASH_SIZE)
  }

  #row(level: number): Uint8Array {
    const row = this.#rows[level] ?? new Uint8Array(TILE_WIDTH * HASH_SIZE)
    this.#rows[level] = row
    return row
  }

  #nextFile(): LogFile | null {
    return this.#files.next().value ?? null
  }
}

/** One line that names what is wrong and where: `tile/0/x001/067: hash 17 is not what the entries make`. */
export function describeDifference(difference: Difference): string {
  switch (difference.what) {
    case "missing":
      return `${pathOf(difference.file)}: missing`
    case "wrong size":
      return `${pathOf(difference.file)}: ${difference.size} bytes, not ${difference.file.width * HASH_SIZE}`
    case "bad bundle":
      return `${pathOf(difference.file)}: ${difference.fault}`
    case "hash differs":
      return `${pathOf(difference.file)}: hash ${difference.position} differs from what the entries make`
    case "entry differs":
      return `${pathOf(difference.file)}: entry ${difference.position} differs from its leaf hash in the tile`
    case "root differs":
      return "checkpoint: the root differs from what the entries and tiles make"
    default:
      return unreachable(difference)
  }
}
