/**
 * The tiles that proofs are made from: the growing ones at the edge from memory, full ones from the disk.
 *
 * A proof about a recent entry touches the edge and perhaps a tile beside it, so nearly all of them cost no reading. Full
 * tiles never change: a few stay in memory. It writes nothing.
 */
import { assert, type Crypto } from "@holdfast/base"
import {
  type KnownRoots,
  type LogFile,
  makeProof,
  type ProofPlan,
  pathOf,
  planConsistency,
  planInclusion,
} from "@holdfast/ledger"
import type { Disk } from "@holdfast/port-node"

const HASH_SIZE = 32
const TILE_WIDTH = 256
const FULL_TILES_MAX = 256
const ROOTS_MAX = 8_192

/** A file of the log is not there or too short, although its checkpoint promises it. */
export class LogFileError extends Error {
  override readonly name = "LogFileError"
}

export class TileSource {
  readonly #disk: Disk
  readonly #directory: string
  readonly #crypto: Crypto
  /** By level, the tile that is being filled, as wide as it is now. */
  readonly #edge = new Map<number, { index: number; bytes: Uint8Array }>()
  readonly #full = new Map<string, Uint8Array>()
  /** Receipts for neighbours share nearly all of their subtrees. */
  readonly #roots: KnownRoots = new Map()

  constructor(disk: Disk, directory: string, crypto: Crypto) {
    this.#disk = disk
    this.#directory = directory
    this.#crypto = crypto
  }

  /** Takes a tile as the writer made it, before it is on the disk. */
  add(file: LogFile, bytes: Uint8Array): void {
    if (file.kind !== "tile") return
    if (file.width < TILE_WIDTH) this.#edge.set(file.level, { index: file.index, bytes })
    else this.#keep(pathOf(file), bytes)
  }

  inclusion(size: number, index: number): Uint8Array[] {
    return this.#prove(planInclusion(size, index))
  }

  consistency(old: number, size: number): Uint8Array[] {
    return this.#prove(planConsistency(old, size))
  }

  #prove(plan: ProofPlan): Uint8Array[] {
    const proof = makeProof(
      this.#crypto,
      plan,
      plan.tiles.map((tile) => this.#tile(tile)),
      this.#roots,
    )
    if (this.#roots.size > ROOTS_MAX) this.#roots.clear()
    assert(proof !== null, "tiles of the planned width make a proof")
    return proof
  }

  #tile(file: LogFile): Uint8Array {
    assert(file.kind === "tile", "a proof is made from tiles")
    const edge = this.#edge.get(file.level)
    if (edge !== undefined && edge.index === file.index && edge.bytes.length >= file.width * HASH_SIZE)
      return edge.bytes.subarray(0, file.width * HASH_SIZE)
    return this.#fullTile(file).subarray(0, file.width * HASH_SIZE)
  }

  /** A tile that was partial in the tree of the proof may be full by now, and a full one serves every width. */
  #fullTile(file: LogFile): Uint8Array {
    const path = pathOf({ ...file, width: TILE_WIDTH })
    const known = this.#full.get(path) ?? this.#disk.read(`${this.#directory}/${path}`)
    if (known === null || known.length !== TILE_WIDTH * HASH_SIZE)
      throw new LogFileError(`${this.#directory}/${path} is missing or damaged`)
    this.#keep(path, known)
    return known
  }

  #keep(path: string, bytes: Uint8Array): void {
    this.#full.delete(path)
    this.#full.set(path, bytes)
    const [oldest] = this.#full.keys()
    if (this.#full.size > FULL_TILES_MAX && oldest !== undefined) this.#full.delete(oldest)
  }
}
