/**
 * A growing Merkle tree, remembered by its frontier: the roots of the full subtrees that make it up, largest first.
 *
 * Think of a binary counter. A tree of 13 = 8 + 4 + 1 leaves is three full subtrees, one for each set bit of its size;
 * appending a leaf adds one, and every carry joins two subtrees of one height into the next. So an append costs two
 * hashes on average and the memory is one hash for each bit. It cannot answer for old leaves: proofs need the tiles.
 */
import { assert, type Crypto } from "@holdfast/base"
import { HASH_SIZE, TreeHasher } from "./hash.ts"

/** Reads the root of the full subtree over the leaves `index * 2^height` up to `(index + 1) * 2^height`. */
export type ReadHash = (height: number, index: number) => Uint8Array

/** Hears of every full subtree as it is completed; height 0 are the leaves themselves. */
export type OnSubtree = (height: number, hash: Uint8Array) => void

export class Frontier {
  readonly #hasher: TreeHasher
  readonly #onSubtree: OnSubtree | null
  /** By height; meaningful where that bit of the size is set, left over otherwise. */
  readonly #roots: Uint8Array[] = []
  #size = 0

  constructor(crypto: Crypto, onSubtree: OnSubtree | null = null) {
    this.#hasher = new TreeHasher(crypto)
    this.#onSubtree = onSubtree
  }

  /** The frontier of a tree that is already there. `readHash` is asked once for every set bit of `size`. */
  static restore(crypto: Crypto, size: number, readHash: ReadHash, onSubtree: OnSubtree | null = null): Frontier {
    assert(Number.isSafeInteger(size) && size >= 0, "a tree has a whole number of leaves")
    const frontier = new Frontier(crypto, onSubtree)
    for (let height = 0, rest = size; rest > 0; height++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue
      const root = readHash(height, rest - 1)
      assert(root.length === HASH_SIZE, "a hash has 32 bytes")
      frontier.#roots[height] = root
    }
    frontier.#size = size
    return frontier
  }

  /** How many leaves the tree has. */
  get size(): number {
    return this.#size
  }

  /** Appends one leaf hash, and keeps that very array: the caller must not write into it afterwards. */
  append(leaf: Uint8Array): void {
    assert(leaf.length === HASH_SIZE, "a leaf hash has 32 bytes")
    this.#onSubtree?.(0, leaf)
    let root = leaf
    let height = 0
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      root = this.#hasher.node(this.#rootAt(height), root)
      height++
      this.#onSubtree?.(height, root)
    }
    this.#roots[height] = root
    this.#size++
  }

  /** The root of the whole tree at its present size. */
  root(): Uint8Array {
    let root: Uint8Array | null = null
    for (let height = 0, rest = this.#size; rest > 0; height++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue
      root = root === null ? this.#rootAt(height) : this.#hasher.node(this.#rootAt(height), root)
    }
    return root ?? this.#hasher.empty()
  }

  #rootAt(height: number): Uint8Array {
    const root = this.#roots[height]
    assert(root !== undefined, "every set bit of the size has its subtree")
    return root
  }
}
