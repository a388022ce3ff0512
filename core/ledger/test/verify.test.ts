/** The whole-log check: every single byte of a small log is guarded, and the file that is wrong is named. */
import { AssertionError } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { deepEqual, equal, fail, throws } from "node:assert/strict"
import { test } from "node:test"
import { decodeBundle, encodeBundle } from "../src/bundle.ts"
import { emptyRoot } from "../src/hash.ts"
import type { TreeHead } from "../src/proof.ts"
import { parsePath, pathOf } from "../src/tile.ts"
import { type Difference, describeDifference, LogVerifier } from "../src/verify.ts"
import { countedEntries, type Files, logOf, rememberingCrypto, verifyLog } from "./memory-log.ts"

const crypto = rememberingCrypto()

/** What the verifier says of a log in which one file reads otherwise; null is a missing file. */
function verdict(head: TreeHead, files: Files, path: string, bytes: Uint8Array | null): string {
  const changed = new Map(files)
  if (bytes === null) changed.delete(path)
  else changed.set(path, bytes)
  const difference = verifyLog(crypto, head, changed)
  return difference === null ? "as the checkpoint says" : describeDifference(difference)
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ (1 << bit)
  return copy
}

/** Which entry of a bundle a byte belongs to. */
function entryAt(bundle: Uint8Array, count: number, at: number): { position: number; inLength: boolean } {
  const decoded = decodeBundle(bundle, count)
  if (!decoded.ok) return fail(decoded.fault)
  let start = 0
  for (const [position, entry] of decoded.entries.entries()) {
    const end = start + 2 + entry.length
    if (at < end) return { position, inLength: at < start + 2 }
    start = end
  }
  return fail("the byte lies in an entry")
}

/** The answer that blames the right file, and the right place in it, for a flip of one bit. */
function expected(path: string, bytes: Uint8Array, at: number): RegExp {
  const file = parsePath(path) ?? fail(path)
  if (file.kind === "tile")
    return new RegExp(`^${path}: hash ${Math.floor(at / 32)} differs from what the entries make$`)
  const { position, inLength } = entryAt(bytes, file.width, at)
  if (inLength) return new RegExp(`^${path}: (ends early|bytes left over|entry \\d+ differs .*)$`)
  return new RegExp(`^${path}: entry ${position} differs from its leaf hash in the tile$`)
}

for (const size of [1, 2, 40, 257])
  test(`a flip of every single byte of a log of ${size} is named, file and place`, () => {
    const { head, files } = logOf(countedEntries(size), crypto)
    for (const [path, bytes] of files) {
      for (let at = 0; at < bytes.length; at++) {
        const said = verdict(head, files, path, flipped(bytes, at, at % 8))
        if (!expected(path, bytes, at).test(said)) fail(`byte ${at} of ${path}: ${said}`)
      }
    }
  })

test("every size up to 300 verifies, and under no other root", () => {
  for (let size = 0; size <= 300; size++) {
    const { head, files } = logOf(countedEntries(size), crypto)
    equal(verifyLog(crypto, head, files), null, `size ${size}`)
    const other = { size, root: flipped(head.root, size % 32, size % 8) }
    deepEqual(verifyLog(crypto, other, files), { what: "root differs" }, `size ${size}, another root`)
  }
})

test("a log of three levels: flips near every seam", () => {
  const { head, files } = logOf(countedEntries(65_536 + 300), crypto)
  equal(verifyLog(crypto, head, files), null)
  for (const [path, at] of [
    ["tile/entries/000", 2],
    ["tile/entries/255", 256 * 6 - 1],
    ["tile/entries/257.p/44", 5],
    ["tile/0/255", 8191],
    ["tile/0/256", 0],
    ["tile/0/257.p/44", 44 * 32 - 1],
    ["tile/1/000", 8191],
    ["tile/1/001.p/1", 31],
    ["tile/2/000.p/1", 0],
  ] as const) {
    const bytes = files.get(path) ?? fail(`${path} is there`)
    const said = verdict(head, files, path, flipped(bytes, at, 7))
    equal(expected(path, bytes, at).test(said), true, said)
  }
})

test("each missing, short or long file is named", () => {
  const { head, files } = logOf(countedEntries(300), crypto)
  for (const [path, bytes] of files) {
    const isTile = !path.startsWith("tile/entries/")
    const longer = Uint8Array.from([...bytes, 0])
    equal(verdict(head, files, path, null), `${path}: missing`)
    equal(
      verdict(head, files, path, bytes.subarray(1)),
      isTile ? `${path}: ${bytes.length - 1} bytes, not ${bytes.length}` : `${path}: ends early`,
    )
    equal(
      verdict(head, files, path, longer),
      isTile ? `${path}: ${bytes.length + 1} bytes, not ${bytes.length}` : `${path}: bytes left over`,
    )
  }
})

test("two entries that changed places, and one that is another's", () => {
  const { head, files } = logOf(countedEntries(10), crypto)
  const path = "tile/entries/000.p/10"
  const entries = countedEntries(10)
  const [first, second] = entries
  if (first === undefined || second === undefined) return fail("there are ten entries")
  const says = "differs from its leaf hash in the tile"
  equal(verdict(head, files, path, encodeBundle(entries.with(0, second).with(1, first))), `${path}: entry 0 ${says}`)
  equal(verdict(head, files, path, encodeBundle(entries.with(7, first))), `${path}: entry 7 ${says}`)
})

test("entries and tiles rewritten together: the checkpoint says no", () => {
  const { head } = logOf(countedEntries(300), crypto)
  const rewritten = logOf(countedEntries(300).with(5, new Uint8Array(4).fill(9)), crypto)
  deepEqual(verifyLog(crypto, head, rewritten.files), { what: "root differs" })
  equal(
    describeDifference({ what: "root differs" }),
    "checkpoint: the root differs from what the entries and tiles make",
  )
})

test("a bundle and its tile rewritten, the tile above left: named there", () => {
  const { head, files } = logOf(countedEntries(300), crypto)
  const rewritten = logOf(countedEntries(300).with(5, new Uint8Array(4).fill(9)), crypto)
  const mixed = new Map(files)
  for (const path of ["tile/entries/000", "tile/0/000"]) mixed.set(path, rewritten.files.get(path) ?? fail(path))
  const difference: Difference | null = verifyLog(crypto, head, mixed)
  equal(
    difference === null ? null : describeDifference(difference),
    "tile/1/000.p/1: hash 0 differs from what the entries make",
  )
})

test("the first of several differences is the one that is named", () => {
  const { head, files } = logOf(countedEntries(600), crypto)
  const spoiled = new Map(files)
  for (const path of ["tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"])
    spoiled.set(path, flipped(files.get(path) ?? fail(path), 40, 0))
  const difference = verifyLog(crypto, head, spoiled)
  deepEqual(difference, { what: "hash differs", file: parsePath("tile/0/001"), position: 1 })
  spoiled.delete("tile/0/002.p/88")
  deepEqual(verifyLog(crypto, head, spoiled), difference, "also when a later file is missing")
})

test("the empty log wants nothing, and has the root of nothing", () => {
  const verifier = new LogVerifier(crypto, { size: 0, root: emptyRoot(crypto) })
  equal(verifier.wanted, null)
  equal(verifier.finish(), null)
  deepEqual(new LogVerifier(crypto, { size: 0, root: new Uint8Array(32) }).finish(), { what: "root differs" })
})

test("files are wanted in order, and an answer comes only at the end", () => {
  const { head, files } = logOf(countedEntries(257), crypto)
  const verifier = new LogVerifier(crypto, head)
  const order: string[] = []
  for (let file = verifier.wanted; file !== null; file = verifier.wanted) {
    throws(() => verifier.finish(), AssertionError)
    order.push(pathOf(file))
    verifier.take(files.get(pathOf(file)) ?? null)
  }
  deepEqual(order, ["tile/entries/000", "tile/0/000", "tile/entries/001.p/1", "tile/0/001.p/1", "tile/1/000.p/1"])
  throws(() => verifier.take(new Uint8Array(0)), AssertionError)
  equal(toHex(head.root).length, 64)
})
