/**
 * Verifying Merkle proofs: RFC 9162, sections 2.1.3.2 (inclusion) and 2.1.4.2 (consistency).
 *
 * The verifier walks from the bottom of the tree to its root with two numbers beside each other: the place of the node
 * it stands at, and the last place of that row. They say on which side the next hash of the proof belongs, so a proof
 * carries no directions and cannot lie about them. Proofs come from outside: a bad one is answered, never thrown.
 */
import { assert, type Crypto, equalBytes } from "@holdfast/base"
import { HASH_SIZE, TreeHasher } from "./hash.ts"

/** A tree as a checkpoint states it. */
export type TreeHead = { readonly size: number; readonly root: Uint8Array }

export type ProofFault = "hash not 32 bytes" | "proof too long" | "proof too short"
export type InclusionFault = ProofFault | "index outside the tree" | "root differs"
export type ConsistencyFault = ProofFault | "old tree is larger" | "old root differs" | "new root differs"

export type Proved<Fault> = { readonly ok: true } | { readonly ok: false; readonly fault: Fault }

const half = (place: number): number => Math.floor(place / 2)
const isOdd = (place: number): boolean => place % 2 === 1

/** Whether the leaf hash stands at `index` in the tree: RFC 9162, section 2.1.3.2. */
export function verifyInclusion(
  crypto: Crypto,
  tree: TreeHead,
  index: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): Proved<InclusionFault> {
  assertTree(tree)
  assert(Number.isSafeInteger(index) && index >= 0, "a leaf is numbered from 0")
  if (!areHashes([tree.root, leaf, ...proof])) return { ok: false, fault: "hash not 32 bytes" }
  if (index >= tree.size) return { ok: false, fault: "index outside the tree" } // Step 1; nothing is in the empty tree.
  const hasher = new TreeHasher(crypto)
  let node = index // Step 2: fn,
  let last = tree.size - 1 // and sn.
  let root = leaf // Step 3.
  for (const sibling of proof) {
    if (last === 0) return { ok: false, fault: "proof too long" } // Step 4a.
    if (isOdd(node) || node === last) {
      root = hasher.node(sibling, root) // Step 4b i.
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)] // Step 4b ii.
    } else {
      root = hasher.node(root, sibling) // Step 4b, otherwise.
    }
    ;[node, last] = [half(node), half(last)] // Step 4c.
  }
  if (last !== 0) return { ok: false, fault: "proof too short" } // Step 5.
  return equalBytes(root, tree.root) ? { ok: true } : { ok: false, fault: "root differs" }
}

/**
 * Whether the new tree begins with all that the old one held: RFC 9162, section 2.1.4.2.
 *
 * The RFC leaves two cases out, since it only speaks of 0 < old < new. From the empty tree everything follows, and a
 * tree follows from itself: both with no proof at all, and any proof is refused, so that a proof has one form.
 */
export function verifyConsistency(
  crypto: Crypto,
  old: TreeHead,
  tree: TreeHead,
  proof: readonly Uint8Array[],
): Proved<ConsistencyFault> {
  assertTree(old)
  assertTree(tree)
  if (!areHashes([old.root, tree.root, ...proof])) return { ok: false, fault: "hash not 32 bytes" }
  if (old.size > tree.size) return { ok: false, fault: "old tree is larger" }
  const hasher = new TreeHasher(crypto)
  if (old.size === 0 && !equalBytes(old.root, hasher.empty())) return { ok: false, fault: "old root differs" }
  if (old.size === 0 && tree.size > 0) return proof.length === 0 ? { ok: true } : { ok: false, fault: "proof too long" }
  if (old.size === tree.size) {
    if (proof.length > 0) return { ok: false, fault: "proof too long" }
    return equalBytes(old.root, tree.root) ? { ok: true } : { ok: false, fault: "new root differs" }
  }
  if (proof.length === 0) return { ok: false, fault: "proof too short" } // Step 1.
  return climbFromOld(hasher, old, tree, proof)
}

/** Steps 2 to 7, for 0 < old < new and a proof that is not empty. */
function climbFromOld(
  hasher: TreeHasher,
  old: TreeHead,
  tree: TreeHead,
  proof: readonly Uint8Array[],
): Proved<ConsistencyFault> {
  assert(old.size > 0 && old.size < tree.size, "both trees have leaves, and the new one has more")
  let node = old.size - 1 // Step 3: fn,
  let last = tree.size - 1 // and sn.
  while (isOdd(node)) [node, last] = [half(node), half(last)] // Step 4.
  const path = node === 0 ? [old.root, ...proof] : proof // Step 2: only for a power of two does step 4 end at 0.
  const [first, ...rest] = path
  assert(first !== undefined, "the proof is not empty")
  let oldRoot = first // Step 5.
  let newRoot = first
  for (const sibling of rest) {
    if (last === 0) return { ok: false, fault: "proof too long" } // Step 6a.
    if (isOdd(node) || node === last) {
      oldRoot = hasher.node(sibling, oldRoot) // Step 6b i.
      newRoot = hasher.node(sibling, newRoot) // Step 6b ii.
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)] // Step 6b iii.
    } else {
      newRoot = hasher.node(newRoot, sibling) // Step 6b, otherwise.
    }
    ;[node, last] = [half(node), half(last)] // Step 6c.
  }
  if (last !== 0) return { ok: false, fault: "proof too short" } // Step 7.
  if (!equalBytes(oldRoot, old.root)) return { ok: false, fault: "old root differs" }
  return equalBytes(newRoot, tree.root) ? { ok: true } : { ok: false, fault: "new root differs" }
}

function assertTree(tree: TreeHead): void {
  assert(Number.isSafeInteger(tree.size) && tree.size >= 0, "a tree has a whole number of leaves")
}

/** A shorter or longer "hash" would move bytes between the two halves of a node. */
function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_SIZE)
}
