/** A log in memory: the writer under test and its files by path, as an app would have them on disk. */
import type { Crypto } from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"
import { equal } from "node:assert/strict"
import type { TreeHead } from "../src/proof.ts"
import type { ProofPlan } from "../src/prove.ts"
import { makeProof } from "../src/prove.ts"
import { pathOf } from "../src/tile.ts"
import { type Difference, LogVerifier } from "../src/verify.ts"
import { LogWriter } from "../src/writer.ts"

export type Files = Map<string, Uint8Array>

/** Real SHA-256 that remembers its answers: a sweep asks for the same few hashes a million times. */
export function rememberingCrypto(): Crypto {
  const known = new Map<string, Uint8Array>()
  const sha256 = (bytes: Uint8Array): Uint8Array => {
    const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")
    const hash = known.get(name) ?? new Uint8Array(nodeCrypto.sha256(bytes))
    known.set(name, hash)
    return hash
  }
  return { ...nodeCrypto, sha256 }
}

/** Leaf i is i as four bytes big-endian, as the vectors have it. */
export function countedEntry(index: number): Uint8Array {
  const entry = new Uint8Array(4)
  new DataView(entry.buffer).setUint32(0, index)
  return entry
}

export function countedEntries(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => countedEntry(index))
}

/** Writes everything that grew; a path that is written again must get the very same bytes. */
export function grow(writer: LogWriter, files: Files): TreeHead {
  const { size, root, files: written } = writer.grow()
  for (const { file, bytes } of written) {
    const path = pathOf(file)
    const before = files.get(path)
    if (before !== undefined) equal(Buffer.compare(before, bytes), 0, `${path} is written once`)
    files.set(path, bytes)
  }
  return { size, root }
}

export function logOf(entries: readonly Uint8Array[], crypto: Crypto = nodeCrypto): { head: TreeHead; files: Files } {
  const writer = new LogWriter(crypto)
  const files: Files = new Map()
  for (const entry of entries) writer.append(entry)
  return { head: grow(writer, files), files }
}

/** The loop that an app runs around the verifier. */
export function verifyLog(crypto: Crypto, head: TreeHead, files: Files): Difference | null {
  const verifier = new LogVerifier(crypto, head)
  for (let file = verifier.wanted; file !== null; file = verifier.wanted) verifier.take(files.get(pathOf(file)) ?? null)
  return verifier.finish()
}

/** The loop that an app runs around a proof plan. */
export function proofFromFiles(crypto: Crypto, plan: ProofPlan, files: Files): Uint8Array[] | null {
  return makeProof(
    crypto,
    plan,
    plan.tiles.map((tile) => files.get(pathOf(tile)) ?? new Uint8Array(0)),
  )
}
