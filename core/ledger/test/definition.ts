/**
 * The Merkle tree as RFC 6962, section 2.1, defines it: recursive, slow, and nothing but the definition. Written apart
 * from the code under test, so that both would have to be wrong in the same way.
 */
import { concat } from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** k: the largest power of two smaller than n. */
function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** MTH(D) */
export function rootOf(entries: readonly Uint8Array[]): Uint8Array {
  const [first] = entries
  if (first === undefined) return nodeCrypto.sha256(new Uint8Array(0))
  if (entries.length === 1) return nodeCrypto.sha256(concat(LEAF, first))
  const k = split(entries.length)
  return nodeCrypto.sha256(concat(NODE, rootOf(entries.slice(0, k)), rootOf(entries.slice(k))))
}

/** PATH(m, D) */
export function pathTo(m: number, entries: readonly Uint8Array[]): Uint8Array[] {
  if (entries.length === 1) return []
  const k = split(entries.length)
  if (m < k) return [...pathTo(m, entries.slice(0, k)), rootOf(entries.slice(k))]
  return [...pathTo(m - k, entries.slice(k)), rootOf(entries.slice(0, k))]
}

/** SUBPROOF(m, D, b); PROOF(m, D) is SUBPROOF(m, D, true). */
export function proofFrom(m: number, entries: readonly Uint8Array[], known: boolean = true): Uint8Array[] {
  if (m === entries.length) return known ? [] : [rootOf(entries)]
  const k = split(entries.length)
  if (m <= k) return [...proofFrom(m, entries.slice(0, k), known), rootOf(entries.slice(k))]
  return [...proofFrom(m - k, entries.slice(k), false), rootOf(entries.slice(0, k))]
}
