/** Proofs: vectors of others, then every pair of sizes up to 64 with every way to spoil a proof. */
import { toHex } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, fail } from "node:assert/strict"
import { test } from "node:test"
import { Frontier } from "../src/frontier.ts"
import { emptyRoot, leafHash, TreeHasher } from "../src/hash.ts"
import { type Proved, type TreeHead, verifyConsistency, verifyInclusion } from "../src/proof.ts"
import { planConsistency, planInclusion } from "../src/prove.ts"
import { pathTo, proofFrom, rootOf } from "./definition.ts"
import { countedEntries, countedEntry, type Files, logOf, proofFromFiles } from "./memory-log.ts"
import { bytes, vectorText } from "./vectors.ts"

type Inclusion = { size: number; index: number; proof: string[] }
type Consistency = { old: number; size: number; proof: string[] }
type Argon = {
  size: number
  root: string
  index: number
  leaf: string
  inclusion: string[]
  oldSize: number
  oldRoot: string
  consistency: string[]
}
type Merkle = {
  eight: { leaves: string[]; inclusion: Inclusion[]; consistency: Consistency[] }
  counted: { inclusion: Inclusion[]; consistency: Consistency[] }
  argon2020: Argon
}
const { eight, counted, argon2020 }: Merkle = JSON.parse(vectorText("ledger-merkle.json"))

const SIZE_MAX = 64
const entries = countedEntries(SIZE_MAX)
const leaves = entries.map((entry) => leafHash(nodeCrypto, entry))
const heads: TreeHead[] = Array.from({ length: SIZE_MAX + 1 }, (_, size) => ({
  size,
  root: rootOf(entries.slice(0, size)),
}))
const logs = heads.map(({ size }) => logOf(entries.slice(0, size)).files)

function headAt(size: number): TreeHead {
  return heads[size] ?? fail(`there is a tree of ${size}`)
}

function leafAt(index: number): Uint8Array {
  return leaves[index] ?? fail(`there is a leaf ${index}`)
}

function hexes(hashes: readonly Uint8Array[] | null): string[] | null {
  return hashes?.map(toHex) ?? null
}

/** The hash with one bit turned over. */
function flipped(hash: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(hash)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}

/** The words are only put together when the sweep has found something. */
function refused(proved: Proved<string>, what: () => string): void {
  if (proved.ok) fail(`verified, but should not: ${what()}`)
}

/** Every proof that is this one cut short, made longer, or changed in one bit of one hash. */
function* spoiled(proof: readonly Uint8Array[], salt: number): Generator<readonly Uint8Array[], void> {
  for (let length = 0; length < proof.length; length++) yield proof.slice(0, length)
  for (const hash of [new Uint8Array(32), proof[0] ?? leafAt(0)]) {
    yield [...proof, hash]
    yield [hash, ...proof]
  }
  for (const [place, hash] of proof.entries()) {
    yield proof.toSpliced(place, 1)
    yield proof.with(place, flipped(hash, (salt * 31 + place * 7) % 256))
    yield proof.with(place, hash.subarray(0, 31))
    yield proof.with(place, Uint8Array.from([...hash, 0]))
    const next = proof[place + 1]
    if (next !== undefined && toHex(next) !== toHex(hash)) yield proof.with(place, next).with(place + 1, hash)
  }
}

for (const { size, index, proof } of eight.inclusion)
  test(`reference: leaf ${index} is in the tree of ${size}`, () => {
    const leavesOf = eight.leaves.slice(0, size).map(bytes)
    const leaf = leafHash(nodeCrypto, leavesOf[index] ?? new Uint8Array(0))
    deepEqual(hexes(proofFromFiles(nodeCrypto, planInclusion(size, index), logOf(leavesOf).files)), proof)
    deepEqual(verifyInclusion(nodeCrypto, { size, root: rootOf(leavesOf) }, index, leaf, proof.map(bytes)), {
      ok: true,
    })
  })

for (const { old, size, proof } of eight.consistency)
  test(`reference: the tree of ${size} continues the tree of ${old}`, () => {
    const leavesOf = eight.leaves.slice(0, size).map(bytes)
    const before = { size: old, root: rootOf(leavesOf.slice(0, old)) }
    deepEqual(hexes(proofFromFiles(nodeCrypto, planConsistency(old, size), logOf(leavesOf).files)), proof)
    deepEqual(verifyConsistency(nodeCrypto, before, { size, root: rootOf(leavesOf) }, proof.map(bytes)), { ok: true })
  })

test("proofs over up to 70,000 leaves are those of another implementation", () => {
  const roots: Uint8Array[] = []
  const frontier = new Frontier(nodeCrypto)
  const hasher = new TreeHasher(nodeCrypto)
  const sizes = new Set([...counted.inclusion, ...counted.consistency].flatMap((row) => Object.values(row)))
  const files = new Map<number, Files>()
  for (let size = 0; size <= 70_000; size++) {
    if (sizes.has(size)) roots[size] = frontier.root()
    frontier.append(hasher.leaf(countedEntry(size)))
  }
  const headOf = (size: number) => ({ size, root: roots[size] ?? fail(`the root at size ${size} was kept`) })
  const filesOfSize = (size: number) => {
    const known = files.get(size) ?? logOf(countedEntries(size)).files
    files.set(size, known)
    return known
  }
  for (const { size, index, proof } of counted.inclusion) {
    const made = proofFromFiles(nodeCrypto, planInclusion(size, index), filesOfSize(size))
    deepEqual(hexes(made), proof, `leaf ${index} of ${size}`)
    deepEqual(verifyInclusion(nodeCrypto, headOf(size), index, hasher.leaf(countedEntry(index)), proof.map(bytes)), {
      ok: true,
    })
  }
  for (const { old, size, proof } of counted.consistency) {
    const made = proofFromFiles(nodeCrypto, planConsistency(old, size), filesOfSize(size))
    deepEqual(hexes(made), proof, `${old} to ${size}`)
    deepEqual(verifyConsistency(nodeCrypto, headOf(old), headOf(size), proof.map(bytes)), { ok: true })
  }
})

test("a public log of 961,984,013 certificates: one of them is in it, and it only ever grew", () => {
  const { size, root, index, leaf, inclusion, oldSize, oldRoot, consistency } = argon2020
  const head = { size, root: bytes(root) }
  const old = { size: oldSize, root: bytes(oldRoot) }
  const leafOf = leafHash(nodeCrypto, bytes(leaf))
  deepEqual(verifyInclusion(nodeCrypto, head, index, leafOf, inclusion.map(bytes)), { ok: true })
  deepEqual(verifyConsistency(nodeCrypto, old, head, consistency.map(bytes)), { ok: true })
  equal(verifyInclusion(nodeCrypto, head, index + 1, leafOf, inclusion.map(bytes)).ok, false)
  equal(verifyConsistency(nodeCrypto, { ...old, size: oldSize + 1 }, head, consistency.map(bytes)).ok, false)
})

test("every leaf of every size up to 64: the proof is the definition's, and only the right one verifies", () => {
  for (let size = 1; size <= SIZE_MAX; size++) {
    const head = headAt(size)
    for (let index = 0; index < size; index++) {
      const proof = pathTo(index, entries.slice(0, size))
      const made = proofFromFiles(nodeCrypto, planInclusion(size, index), logs[size] ?? new Map())
      deepEqual(hexes(made), hexes(proof), `proof of ${index} in ${size}`)
      const check = (place: number, leaf: number, hashes: readonly Uint8Array[]) =>
        verifyInclusion(nodeCrypto, head, place, leafAt(leaf), hashes)
      deepEqual(check(index, index, proof), { ok: true }, `${index} in ${size}`)
      for (let other = 0; other <= size; other++) {
        if (other !== index) refused(check(other, index, proof), () => `leaf ${index} as ${other} of ${size}`)
        if (other !== index && other < size)
          refused(check(index, other, proof), () => `leaf ${other} at ${index} of ${size}`)
      }
      for (const bad of spoiled(proof, size * SIZE_MAX + index))
        refused(check(index, index, bad), () => `${bad.map(toHex).join(" ")} for ${index} of ${size}`)
    }
  }
})

test("every pair of sizes up to 64: the proof is the definition's, and only the right one verifies", () => {
  for (let size = 0; size <= SIZE_MAX; size++) {
    for (let old = 0; old <= size; old++) {
      const proof = old === 0 ? [] : proofFrom(old, entries.slice(0, size), true)
      const made = proofFromFiles(nodeCrypto, planConsistency(old, size), logs[size] ?? new Map())
      deepEqual(hexes(made), hexes(proof), `proof from ${old} to ${size}`)
      const check = (oldRoot: number, newRoot: number, hashes: readonly Uint8Array[]) =>
        verifyConsistency(
          nodeCrypto,
          { size: old, root: headAt(oldRoot).root },
          { size, root: headAt(newRoot).root },
          hashes,
        )
      deepEqual(check(old, size, proof), { ok: true }, `${old} to ${size}`)
      for (let other = 0; other <= SIZE_MAX; other++) {
        if (other !== old) refused(check(other, size, proof), () => `root of ${other} as ${old} to ${size}`)
        if (other !== size && old > 0) refused(check(old, other, proof), () => `${old} to root of ${other} as ${size}`)
      }
      for (const bad of spoiled(proof, size * SIZE_MAX + old))
        refused(check(old, size, bad), () => `${bad.map(toHex).join(" ")} from ${old} to ${size}`)
    }
  }
})

test("a flip of any one bit of any hash of one proof is caught", () => {
  const proof = pathTo(41, entries.slice(0, 55))
  const consistency = proofFrom(41, entries.slice(0, 55), true)
  for (let bit = 0; bit < 256; bit++) {
    for (const [place, hash] of proof.entries())
      equal(verifyInclusion(nodeCrypto, headAt(55), 41, leafAt(41), proof.with(place, flipped(hash, bit))).ok, false)
    for (const [place, hash] of consistency.entries())
      equal(
        verifyConsistency(nodeCrypto, headAt(41), headAt(55), consistency.with(place, flipped(hash, bit))).ok,
        false,
      )
    equal(verifyInclusion(nodeCrypto, headAt(55), 41, flipped(leafAt(41), bit), proof).ok, false)
  }
})

const root = rootOf(entries.slice(0, 7))
const path = pathTo(3, entries.slice(0, 7))
const steps = proofFrom(3, entries.slice(0, 7), true)
const [three, seven] = [headAt(3), headAt(7)]
const none = { size: 0, root: emptyRoot(nodeCrypto) }
const zeros = new Uint8Array(32)

function inclusionFault(head: TreeHead, index: number, leaf: Uint8Array, proof: readonly Uint8Array[]): string {
  const proved = verifyInclusion(nodeCrypto, head, index, leaf, proof)
  return proved.ok ? "in the tree" : proved.fault
}

function consistencyFault(old: TreeHead, head: TreeHead, proof: readonly Uint8Array[]): string {
  const proved = verifyConsistency(nodeCrypto, old, head, proof)
  return proved.ok ? "consistent" : proved.fault
}

test("each fault of an inclusion proof has its own word", () => {
  equal(inclusionFault({ size: 7, root }, 3, leafAt(3), path), "in the tree")
  equal(inclusionFault(none, 0, leafAt(0), []), "index outside the tree")
  equal(inclusionFault({ size: 7, root }, 7, leafAt(3), path), "index outside the tree")
  equal(inclusionFault({ size: 7, root: root.subarray(1) }, 3, leafAt(3), path), "hash not 32 bytes")
  equal(inclusionFault({ size: 7, root }, 3, leafAt(3).subarray(1), path), "hash not 32 bytes")
  equal(inclusionFault({ size: 7, root }, 3, leafAt(3), [...path.slice(0, 2), new Uint8Array(33)]), "hash not 32 bytes")
  equal(inclusionFault({ size: 7, root }, 3, leafAt(3), [...path, zeros]), "proof too long")
  equal(inclusionFault({ size: 7, root }, 3, leafAt(3), path.slice(1)), "proof too short")
  equal(inclusionFault({ size: 7, root: zeros }, 3, leafAt(3), path), "root differs")
})

test("each fault of a consistency proof has its own word", () => {
  equal(consistencyFault(three, seven, steps), "consistent")
  equal(consistencyFault(none, seven, []), "consistent")
  equal(consistencyFault(none, none, []), "consistent")
  equal(consistencyFault(seven, seven, []), "consistent")
  equal(consistencyFault(seven, three, steps), "old tree is larger")
  equal(consistencyFault(none, seven, [zeros]), "proof too long")
  equal(consistencyFault(seven, seven, [zeros]), "proof too long")
  equal(consistencyFault({ size: 0, root: zeros }, seven, []), "old root differs")
  equal(consistencyFault({ size: 0, root: zeros }, { size: 0, root: zeros }, []), "old root differs")
  equal(consistencyFault(none, { size: 0, root: zeros }, []), "new root differs")
  equal(consistencyFault({ size: 7, root: zeros }, seven, []), "new root differs")
  equal(consistencyFault(three, seven, []), "proof too short")
  equal(consistencyFault(three, seven, steps.slice(0, 2)), "proof too short")
  equal(consistencyFault(three, seven, [...steps, zeros]), "proof too long")
  equal(consistencyFault({ size: 3, root: zeros }, seven, steps), "old root differs")
  equal(consistencyFault(three, { size: 7, root: zeros }, steps), "new root differs")
  equal(consistencyFault(three, { size: 7, root: zeros.subarray(1) }, steps), "hash not 32 bytes")
  equal(consistencyFault({ size: 3, root: new Uint8Array(0) }, seven, steps), "hash not 32 bytes")
})

test("a proof from a tile of the wrong length is not made", () => {
  const plan = planInclusion(7, 3)
  const [file] = plan.tiles
  deepEqual(file, { kind: "tile", level: 0, index: 0, width: 7 })
  equal(proofFromFiles(nodeCrypto, plan, new Map([["tile/0/000.p/7", new Uint8Array(7 * 32 - 1)]])), null)
  equal(proofFromFiles(nodeCrypto, plan, new Map()), null)
})
