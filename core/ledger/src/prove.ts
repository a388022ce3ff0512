/**
 * Making inclusion and consistency proofs from the tiles of a log.
 *
 * Core does not fetch. So a proof is planned first: the plan names the tiles it needs, the app reads them from wherever
 * they are, in any order and at once, and hands them over. Tiles from outside may lie: a proof made from them is worth
 * nothing until `proof.ts` has verified it against a signed root.
 */
import { assert, type Crypto } from "@holdfast/base"
import { HASH_SIZE, TreeHasher } from "./hash.ts"
import { consistencyRanges, inclusionRanges, type Range, subtreesOf } from "./range.ts"
import { type LogFile, pathOf, tileSpan } from "./tile.ts"

/** Where one full subtree is found: `count` hashes of tile number `tile` of the plan, from the hash `first` on. */
type Piece = { readonly tile: number; readonly first: number; readonly count: number }

/** What a proof is made from. Every hash of the proof is joined from its pieces, left to right. */
export type ProofPlan = {
  readonly tiles: readonly LogFile[]
  readonly hashes: readonly (readonly Piece[])[]
}

/** Plans the proof that leaf `index` is in the tree of `size`: RFC 9162, section 2.1.3.1. */
export function planInclusion(size: number, index: number): ProofPlan {
  return plan(size, inclusionRanges(size, index))
}

/** Plans the proof that the tree of `size` continues the tree of size `old`: RFC 9162, section 2.1.4.1. */
export function planConsistency(old: number, size: number): ProofPlan {
  return plan(size, consistencyRanges(old, size))
}

function plan(size: number, ranges: readonly Range[]): ProofPlan {
  const tiles: LogFile[] = []
  const places = new Map<string, number>()
  const hashes = ranges.map((range) =>
    subtreesOf(range).map(({ height, index }) => {
      const { tile, first, count } = tileSpan(size, height, index)
      const path = pathOf(tile)
      const place = places.get(path) ?? tiles.push(tile) - 1
      places.set(path, place)
      return { tile: place, first, count }
    }),
  )
  return { tiles, hashes }
}

/** Roots of subtrees that were computed before, by the name of their place: a full subtree never changes. */
export type KnownRoots = Map<string, Uint8Array>

/**
 * The proof's hashes from the planned tiles' bytes, in the plan's order; lowest first, so an inclusion proof begins
 * with the leaf's sibling. Null when a tile is not exactly as long as its width says. Whoever makes many proofs from tiles of
 * its own keeps `known` from one to the next.
 */
export function makeProof(
  crypto: Crypto,
  plan: ProofPlan,
  tiles: readonly Uint8Array[],
  known: KnownRoots = new Map(),
): Uint8Array[] | null {
  assert(tiles.length === plan.tiles.length, "every planned tile is handed over")
  if (plan.tiles.some(({ width }, place) => tiles[place]?.length !== width * HASH_SIZE)) return null
  const hasher = new TreeHasher(crypto)
  const rootOf = ({ tile, first, count }: Piece): Uint8Array => {
    const file = plan.tiles[tile]
    const bytes = tiles[tile]
    assert(file?.kind === "tile" && bytes !== undefined, "a piece lies in a planned tile")
    const name = `${file.level} ${file.index} ${first} ${count}`
    const root = known.get(name) ?? hasher.rootOfRow(bytes, first, count)
    known.set(name, root)
    return root
  }
  return plan.hashes.map((pieces) => {
    const subtrees = pieces.map(rootOf)
    return subtrees.reduceRight((right, left) => hasher.node(left, right))
  })
}
