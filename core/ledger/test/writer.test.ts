/** The growing edge: however growth is cut into commits, the files are the same; and it resumes anywhere. */
import { AssertionError } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import fc from "fast-check"
import { deepEqual, equal, fail, throws } from "node:assert/strict"
import { test } from "node:test"
import { edgeOf, filesOf, type LogFile, pathOf } from "../src/tile.ts"
import { LogWriter } from "../src/writer.ts"
import { rootOf } from "./definition.ts"
import { countedEntries, countedEntry, type Files, grow, logOf, verifyLog } from "./memory-log.ts"
import { vectorText } from "./vectors.ts"

type Merkle = { counted: { tiles: { size: number; files: { path: string; sha256: string }[] } } }
const { counted }: Merkle = JSON.parse(vectorText("ledger-merkle.json"))
const { tiles } = counted

test("the tiles of 70,000 entries are those of another implementation", () => {
  const { files } = logOf(countedEntries(tiles.size))
  for (const { path, sha256 } of tiles.files)
    equal(toHex(nodeCrypto.sha256(files.get(path) ?? fail(`${path} was written`))), sha256, path)
})

test("one growth writes exactly the files of its size", () => {
  for (const size of [0, 1, 2, 255, 256, 257, 511, 512, 513, 1_000]) {
    const { files } = logOf(countedEntries(size))
    deepEqual([...files.keys()].sort(), [...filesOf(size)].map(pathOf).sort(), `files of size ${size}`)
  }
})

test("a commit after every entry: each state verifies, and no file is ever changed", () => {
  const writer = new LogWriter(nodeCrypto)
  const files: Files = new Map()
  for (const [index, entry] of countedEntries(530).entries()) {
    equal(writer.append(entry), index)
    const head = grow(writer, files)
    equal(head.size, index + 1)
    equal(verifyLog(nodeCrypto, head, files), null, `size ${head.size}`)
  }
})

test("nothing new, nothing to write", () => {
  const writer = new LogWriter(nodeCrypto)
  deepEqual(writer.grow().files, [])
  for (const entry of countedEntries(300)) writer.append(entry)
  writer.grow()
  deepEqual(writer.grow().files, [])
  writer.append(countedEntry(300))
  deepEqual(
    writer.grow().files.map(({ file }) => pathOf(file)),
    ["tile/entries/001.p/45", "tile/0/001.p/45"],
    "the tile above stays",
  )
})

test("growth cut into any commits ends in the same tree and the same full files", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(sizes, (commits) => {
      const writer = new LogWriter(nodeCrypto)
      const files: Files = new Map()
      let head = grow(writer, files)
      for (const count of commits) {
        for (let i = 0; i < count; i++) writer.append(countedEntry(writer.size))
        head = grow(writer, files)
      }
      const whole = logOf(countedEntries(head.size))
      equal(toHex(head.root), toHex(whole.head.root))
      for (const [path, bytes] of whole.files) equal(Buffer.compare(files.get(path) ?? fail(path), bytes), 0, path)
    }),
    { numRuns: 40 },
  )
})

test("a writer resumes at every size up to 520 and goes on as if it had never stopped", () => {
  const through = new LogWriter(nodeCrypto)
  const files: Files = new Map()
  for (let size = 0; size <= 520; size++) {
    const head = grow(through, files)
    const resumed = LogWriter.resume(nodeCrypto, head, (file) => files.get(pathOf(file)) ?? null)
    if (!resumed.ok) return fail(`${resumed.fault} at size ${size}`)
    deepEqual(resumed.writer.grow(), { ...head, files: [] }, "what is on disk is not written again")
    resumed.writer.append(countedEntry(size))
    through.append(countedEntry(size))
    deepEqual(grow(resumed.writer, files), grow(through, files), `after size ${size}`)
  }
})

test("a resumed writer fills tiles of the second level", () => {
  const entries = countedEntries(65_530)
  const { head, files } = logOf(entries)
  const resumed = LogWriter.resume(nodeCrypto, head, (file) => files.get(pathOf(file)) ?? null)
  if (!resumed.ok) return fail(resumed.fault)
  for (let size = head.size; size < 65_540; size++) resumed.writer.append(countedEntry(size))
  const grown = grow(resumed.writer, files)
  equal(toHex(grown.root), toHex(logOf(countedEntries(65_540)).head.root))
  equal(verifyLog(nodeCrypto, grown, files), null)
})

test("a writer resumes only from what the head describes", () => {
  const { head, files } = logOf(countedEntries(300))
  const resume = (change: (file: LogFile, bytes: Uint8Array) => Uint8Array | null) => {
    const resumed = LogWriter.resume(nodeCrypto, head, (file) =>
      change(file, files.get(pathOf(file)) ?? new Uint8Array(0)),
    )
    return resumed.ok ? "resumes" : `${resumed.path ?? "tree"}: ${resumed.fault}`
  }
  equal(
    resume((_, bytes) => bytes),
    "resumes",
  )
  for (const edge of edgeOf(300)) {
    const path = pathOf(edge)
    equal(
      resume((file, bytes) => (pathOf(file) === path ? null : bytes)),
      `${path}: file missing`,
    )
    equal(
      resume((file, bytes) => (pathOf(file) === path ? bytes.subarray(1) : bytes)),
      `${path}: file damaged`,
    )
    if (edge.kind === "bundle") continue
    equal(
      resume((file, bytes) => (pathOf(file) === path ? bytes.map((byte) => byte ^ 1) : bytes)),
      "tree: root differs",
    )
  }
})

test("entries of every size up to the largest", () => {
  const writer = new LogWriter(nodeCrypto)
  const files: Files = new Map()
  const entries = [0, 1, 65_535, 65_534, 0, 40_000].map((size) => new Uint8Array(size).fill(size & 255))
  for (const entry of entries) writer.append(entry)
  const head = grow(writer, files)
  equal(toHex(head.root), toHex(rootOf(entries)))
  equal(verifyLog(nodeCrypto, head, files), null)
  throws(() => writer.append(new Uint8Array(65_536)), AssertionError)
})
