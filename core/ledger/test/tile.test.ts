/** Names of files: vectors both ways, and the tiles of every size up to 2,000 against the specification's formulas. */
import fc from "fast-check"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { edgeOf, filesOf, type LogFile, parsePath, pathOf, tileSpan } from "../src/tile.ts"
import { vectorText } from "./vectors.ts"

type Named = { path: string; kind: "tile" | "bundle"; level?: number; index: number; width: number }
type Paths = { accepted: Named[]; refused: { path: string; why: string }[] }
const { accepted, refused }: Paths = JSON.parse(vectorText("ledger-path.json"))

for (const { path, ...file } of accepted)
  test(`${path} both ways`, () => {
    deepEqual(parsePath(path), file)
    const parsed = parsePath(path)
    equal(parsed === null ? null : pathOf(parsed), path)
  })

for (const { path, why } of refused)
  test(`${JSON.stringify(path)} is no path: ${why}`, () => equal(parsePath(path), null))

const anyFile: fc.Arbitrary<LogFile> = fc.oneof(
  fc.record(
    {
      kind: fc.constant("tile" as const),
      level: fc.integer({ min: 0, max: 63 }),
      index: fc.maxSafeNat(),
      width: fc.integer({ min: 1, max: 256 }),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    { kind: fc.constant("bundle" as const), index: fc.maxSafeNat(), width: fc.integer({ min: 1, max: 256 }) },
    { noNullPrototype: true },
  ),
)

test("every file has one path, and the path names the file", () => {
  fc.assert(fc.property(anyFile, (file) => deepEqual(parsePath(pathOf(file)), file)))
})

test("whatever parses as a path is written back the same", () => {
  const nearPath = fc
    .tuple(anyFile, fc.nat(), fc.constantFrom("0", "1", "9", "x", "/", ".", "p", ""))
    .map(([file, at, letter]) => {
      const path = pathOf(file)
      const place = at % path.length
      return path.slice(0, place) + letter + path.slice(place + 1)
    })
  fc.assert(
    fc.property(nearPath, (path) => {
      const file = parsePath(path)
      return file === null || pathOf(file) === path
    }),
    { numRuns: 2_000 },
  )
})

test("the specification's example: a tree of 70,000", () => {
  const files = [...filesOf(70_000)]
  const count = (kind: string, level: number, full: boolean) =>
    files
      .filter((file) => file.kind === kind && (file.kind === "bundle" || file.level === level))
      .filter(({ width }) => (width === 256) === full).length
  deepEqual([count("bundle", 0, true), count("bundle", 0, false)], [273, 1])
  deepEqual([count("tile", 0, true), count("tile", 0, false)], [273, 1])
  deepEqual([count("tile", 1, true), count("tile", 1, false)], [1, 1])
  deepEqual([count("tile", 2, true), count("tile", 2, false)], [0, 1])
  deepEqual(edgeOf(70_000).map(pathOf), [
    "tile/entries/273.p/112",
    "tile/0/273.p/112",
    "tile/1/001.p/17",
    "tile/2/000.p/1",
  ])
})

test("a tree of 256 is a full tile and a partial tile above it", () => {
  deepEqual([...filesOf(256)].map(pathOf), ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"])
})

test("the empty tree has no files", () => deepEqual([...filesOf(0), ...edgeOf(0)], []))

test("every size up to 2,000 has exactly the files that the formulas ask for, each after those under it", () => {
  for (let size = 0; size <= 2_000; size++) {
    const asked: string[] = []
    for (let level = 0; size >= 256 ** level; level++) {
      const hashes = Math.floor(size / 256 ** level)
      const row = level === 0 ? ["entries", "0"] : [String(level)]
      for (const name of row) {
        for (let index = 0; index < Math.floor(hashes / 256); index++) asked.push(`tile/${name}/00${index}`)
        if (hashes % 256 > 0) asked.push(`tile/${name}/00${Math.floor(hashes / 256)}.p/${hashes % 256}`)
      }
    }
    const files = [...filesOf(size)]
    deepEqual(files.map(pathOf).sort(), asked.sort(), `files of size ${size}`)
    let bundles = 0
    let tiles = 0
    for (const file of files) {
      if (file.kind === "bundle") equal(file.index, bundles++, "bundles come in order")
      else if (file.level === 0) equal(file.index, tiles++, "tiles come in order")
      else equal(tiles >= Math.min(Math.ceil(size / 256), (file.index + 1) * 256 ** file.level), true)
      equal(tiles <= bundles, true, "a tile comes after its bundle")
    }
  }
})

/** Where a subtree of the tree of 70,000 lies: path, first hash, count. */
function spanOf(height: number, index: number): string {
  const { tile, first, count } = tileSpan(70_000, height, index)
  return `${pathOf(tile)} ${first}+${count}`
}

test("where a subtree lies: one hash of its row, or a run of hashes of one tile", () => {
  equal(spanOf(0, 0), "tile/0/000 0+1")
  equal(spanOf(0, 69_999), "tile/0/273.p/112 111+1")
  equal(spanOf(7, 1), "tile/0/000 128+128")
  equal(spanOf(8, 0), "tile/1/000 0+1")
  equal(spanOf(8, 272), "tile/1/001.p/17 16+1")
  equal(spanOf(15, 1), "tile/1/000 128+128")
  equal(spanOf(16, 0), "tile/2/000.p/1 0+1")
})
