/**
 * The two hashes that a Merkle tree is made of: RFC 6962, section 2.1 (the same in RFC 9162, section 2.1.1).
 *
 * A leaf hash covers one entry, a node hash covers the hashes of its two halves. The first byte tells them apart, so
 * that nobody can pass a node off as an entry. What the tree's shape is, {@link Frontier} and `range.ts` know.
 */
import { assert, type Crypto, EMPTY } from "@holdfast/base"

/** Bytes of a SHA-256 hash. */
export const HASH_SIZE = 32

export const LEAF_PREFIX = 0x00
export const NODE_PREFIX = 0x01

/**
 * Hashes leaves and nodes of one tree after another through its own two buffers: an allocation for every prefixed copy
 * would cost as much as the hash. Seen from outside it has no state.
 */
export class TreeHasher {
  readonly #crypto: Crypto
  readonly #node = new Uint8Array(1 + 2 * HASH_SIZE)
  #leaf = new Uint8Array(0)

  constructor(crypto: Crypto) {
    this.#crypto = crypto
    this.#node[0] = NODE_PREFIX
  }

  /** The root of the tree without entries: the hash of nothing. */
  empty(): Uint8Array {
    return this.#crypto.sha256(EMPTY)
  }

  leaf(entry: Uint8Array): Uint8Array {
    const size = 1 + entry.length
    if (this.#leaf.length < size) {
      this.#leaf = new Uint8Array(2 * size)
      this.#leaf[0] = LEAF_PREFIX
    }
    this.#leaf.set(entry, 1)
    return this.#crypto.sha256(this.#leaf.subarray(0, size))
  }

  node(left: Uint8Array, right: Uint8Array): Uint8Array {
    assert(left.length === HASH_SIZE && right.length === HASH_SIZE, "a node is made of two hashes of 32 bytes")
    this.#node.set(left, 1)
    this.#node.set(right, 1 + HASH_SIZE)
    return this.#crypto.sha256(this.#node)
  }

  /** The root over `count` consecutive hashes of one row, from the hash at `first` on; `count` is a power of two. */
  rootOfRow(row: Uint8Array, first: number, count: number): Uint8Array {
    assert(count >= 1 && first >= 0 && (first + count) * HASH_SIZE <= row.length, "the hashes lie inside the row")
    if (count === 1) return row.slice(first * HASH_SIZE, (first + 1) * HASH_SIZE)
    assert(count % 2 === 0, "a full subtree has two equal halves")
    const half = count / 2
    const left = this.rootOfRow(row, first, half)
    return this.node(left, this.rootOfRow(row, first + half, half))
  }
}

/** The hash of one entry: RFC 6962, section 2.1. */
export function leafHash(crypto: Crypto, entry: Uint8Array): Uint8Array {
  return new TreeHasher(crypto).leaf(entry)
}

/** The root of the tree of size 0: RFC 6962, section 2.1. */
export function emptyRoot(crypto: Crypto): Uint8Array {
  return new TreeHasher(crypto).empty()
}
