/**
 * One tap over many statements: a Merkle tree (RFC 9162, section 2.1) whose leaves are the Sig_structures and whose root is
 * in the challenge. Each statement then carries the shared assertion and its own path, and stands alone.
 *
 * The ledger has trees too; this one is small, held in memory and lives only inside signatures, so access stays without it.
 */
import { assert, concat, type Crypto } from "@holdfast/base"

export const TAP_STATEMENTS_MAX = 65_536
export const TAP_PATH_MAX = 16

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

function leafHash(leaf: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(concat(LEAF, leaf))
}

function nodeHash(left: Uint8Array, right: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(concat(NODE, left, right))
}

/** Each level joins pairs and lifts an odd last one unchanged: the same tree as the recursive definition. */
function levelsOf(leaves: readonly Uint8Array[], crypto: Crypto): readonly (readonly Uint8Array[])[] {
  let level = leaves.map((leaf) => leafHash(leaf, crypto))
  const levels = [level]
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i]
      const right = level[i + 1]
      assert(left !== undefined, "a pair has a left side")
      above.push(right === undefined ? left : nodeHash(left, right, crypto))
    }
    levels.push(above)
    level = above
  }
  return levels
}

export type Tap = {
  readonly root: Uint8Array
  /** The siblings from leaf to root of the statement at `index`. */
  path(index: number): readonly Uint8Array[]
}

export function tapOver(structures: readonly Uint8Array[], crypto: Crypto): Tap {
  assert(
    structures.length >= 1 && structures.length <= TAP_STATEMENTS_MAX,
    "a tap covers a bounded number of statements",
  )
  const levels = levelsOf(structures, crypto)
  const root = levels[levels.length - 1]?.[0]
  assert(root !== undefined, "a tree with a leaf has a root")
  return {
    root,
    path(index) {
      assert(index >= 0 && index < structures.length, "the statement is under the tap")
      const path: Uint8Array[] = []
      for (let height = 0, at = index; height < levels.length - 1; height++, at >>= 1) {
        const sibling = levels[height]?.[at ^ 1]
        if (sibling !== undefined) path.push(sibling)
      }
      return path
    },
  }
}

/** The root that a path implies: RFC 9162, section 2.1.3.2; null when the path has another length than it must. */
export function tapRoot(
  structure: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  crypto: Crypto,
): Uint8Array | null {
  if (index >= size) return null // Step 1.
  let node = index
  let last = size - 1
  let root = leafHash(structure, crypto)
  for (const sibling of path) {
    if (last === 0) return null // Step 4a: the path is too long.
    if (node % 2 === 1 || node === last) {
      root = nodeHash(sibling, root, crypto) // Step 4b.
      while (node % 2 === 0 && node !== 0) {
        node >>= 1
        last >>= 1
      }
    } else {
      root = nodeHash(root, sibling, crypto)
    }
    node >>= 1 // Step 4c.
    last >>= 1
  }
  return last === 0 ? root : null // Step 5: otherwise the path is too short.
}
