/**
 * Which subtrees a proof is made of: RFC 9162, sections 2.1.3.1 (inclusion) and 2.1.4.1 (consistency).
 *
 * A proof is a list of ranges of leaves, lowest first; each stands for the hash of its subtree. A range on the tree's
 * right edge need not be full; it then falls into full subtrees, and only those have a place in the tiles. Nothing is
 * hashed here, so that what to fetch can be known before it is fetched.
 */
import { assert } from "@holdfast/base"

/** The leaves `from` up to, not including, `to`. */
export type Range = { readonly from: number; readonly to: number }

/** The full subtree over the leaves `index * 2^height` up to `(index + 1) * 2^height`. */
export type Subtree = { readonly height: number; readonly index: number }

/** k of the RFC: the largest power of two smaller than `count`. */
function split(count: number): number {
  assert(count >= 2, "only two leaves or more are split")
  let k = 1
  while (k * 2 < count) k *= 2
  return k
}

/** PATH(index, D[size]) as ranges, from the leaf's sibling up. */
export function inclusionRanges(size: number, index: number): Range[] {
  assert(Number.isSafeInteger(size) && size >= 1, "the tree has a leaf")
  assert(Number.isSafeInteger(index) && index >= 0 && index < size, "the leaf is in the tree")
  const ranges: Range[] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const middle = from + split(to - from)
    if (index < middle) {
      ranges.push({ from: middle, to })
      to = middle
    } else {
      ranges.push({ from, to: middle })
      from = middle
    }
  }
  return ranges.reverse()
}

/** PROOF(old, D[size]) as ranges, lowest first. Nothing to prove from the empty tree, or between equal ones. */
export function consistencyRanges(old: number, size: number): Range[] {
  assert(Number.isSafeInteger(size) && size >= 0, "a tree has a whole number of leaves")
  assert(Number.isSafeInteger(old) && old >= 0 && old <= size, "the old tree is no larger")
  if (old === 0) return []
  const ranges: Range[] = []
  let from = 0
  let to = size
  while (old !== to) {
    const middle = from + split(to - from)
    if (old <= middle) {
      ranges.push({ from: middle, to })
      to = middle
    } else {
      ranges.push({ from, to: middle })
      from = middle
    }
  }
  // SUBPROOF(m, D[m], b): the verifier knows this hash already when it is the whole old tree.
  if (from > 0) ranges.push({ from, to })
  return ranges.reverse()
}

/** The full subtrees that make up a range, left to right; only the range at the tree's edge has more than one. */
export function subtreesOf(range: Range): Subtree[] {
  const subtrees: Subtree[] = []
  let from = range.from
  while (from < range.to) {
    let height = 0
    while (2 ** (height + 1) <= range.to - from) height++
    const width = 2 ** height
    assert(from % width === 0, "a range of a proof starts where its subtrees do")
    subtrees.push({ height, index: from / width })
    from += width
  }
  return subtrees
}
