/** Roots: the reference tests' eight leaves, 70,000 counted leaves of another implementation, and the definition. */
import { AssertionError } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { equal, throws } from "node:assert/strict"
import { test } from "node:test"
import { Frontier } from "../src/frontier.ts"
import { emptyRoot, leafHash, TreeHasher } from "../src/hash.ts"
import { rootOf } from "./definition.ts"
import { countedEntries, countedEntry } from "./memory-log.ts"
import { bytes, vectorText } from "./vectors.ts"

type Merkle = {
  eight: { leaves: string[]; emptyRoot: string; roots: string[] }
  counted: { roots: { size: number; root: string }[] }
}
const { eight, counted }: Merkle = JSON.parse(vectorText("ledger-merkle.json"))

test("the empty tree has the hash of nothing", () => {
  equal(toHex(emptyRoot(nodeCrypto)), eight.emptyRoot)
  equal(toHex(new Frontier(nodeCrypto).root()), eight.emptyRoot)
})

test("the eight leaves of the reference tests", () => {
  const frontier = new Frontier(nodeCrypto)
  for (const [index, leaf] of eight.leaves.entries()) {
    frontier.append(leafHash(nodeCrypto, bytes(leaf)))
    equal(frontier.size, index + 1)
    equal(toHex(frontier.root()), eight.roots[index], `root at size ${index + 1}`)
  }
})

test("70,000 leaves, with the roots that another implementation computed on the way", () => {
  const frontier = new Frontier(nodeCrypto)
  const hasher = new TreeHasher(nodeCrypto)
  for (const { size, root } of counted.roots) {
    while (frontier.size < size) frontier.append(hasher.leaf(countedEntry(frontier.size)))
    equal(toHex(frontier.root()), root, `root at size ${size}`)
  }
})

test("every size from 0 to 130 has the root of the definition, also when the frontier is restored there", () => {
  const entries = countedEntries(131)
  const subtree = (height: number, index: number) =>
    rootOf(entries.slice(index * 2 ** height, (index + 1) * 2 ** height))
  const grown = new Frontier(nodeCrypto)
  for (let size = 0; size <= 130; size++) {
    const restored = Frontier.restore(nodeCrypto, size, subtree)
    for (const frontier of [grown, restored]) {
      equal(toHex(frontier.root()), toHex(rootOf(entries.slice(0, size))), `root at size ${size}`)
    }
    const next = leafHash(nodeCrypto, countedEntry(size))
    grown.append(next)
    restored.append(next)
    equal(toHex(restored.root()), toHex(grown.root()), `root after size ${size}`)
  }
})

test("a frontier tells of every subtree as it is completed", () => {
  const heights: number[] = []
  const frontier = new Frontier(nodeCrypto, (height) => heights.push(height))
  for (const entry of countedEntries(8)) frontier.append(leafHash(nodeCrypto, entry))
  equal(heights.join(" "), "0 0 1 0 0 1 2 0 0 1 0 0 1 2 3")
})

test("what is not a hash is no leaf and no half of a node", () => {
  const hasher = new TreeHasher(nodeCrypto)
  throws(() => new Frontier(nodeCrypto).append(new Uint8Array(31)), AssertionError)
  throws(() => hasher.node(new Uint8Array(32), new Uint8Array(33)), AssertionError)
  throws(() => hasher.node(new Uint8Array(33), new Uint8Array(31)), AssertionError)
})

test("a leaf is never a node: the same 64 bytes hash to two different things", () => {
  const hasher = new TreeHasher(nodeCrypto)
  const both = new Uint8Array(64).fill(7)
  equal(toHex(hasher.leaf(both)) === toHex(hasher.node(both.subarray(0, 32), both.subarray(32))), false)
})

test("a short entry after a long one hashes as if it were alone", () => {
  const hasher = new TreeHasher(nodeCrypto)
  hasher.leaf(new Uint8Array(65_535).fill(9))
  equal(toHex(hasher.leaf(countedEntry(5))), toHex(leafHash(nodeCrypto, countedEntry(5))))
})
