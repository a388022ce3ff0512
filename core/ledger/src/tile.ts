/**
 * Where the hashes and entries of a log lie: C2SP tlog-tiles.
 *
 *   tile/0/x001/x234/067        level 0, tile 1234067: 256 leaf hashes
 *   tile/1/000.p/17             level 1, tile 0, still growing: the hashes of 17 full tiles of level 0
 *   tile/entries/273.p/112      the entries under tile 273 of level 0
 *
 * Picture the tree cut into rows eight levels apart. A row is cut into tiles of 256 hashes, and every full tile hashes
 * to one hash of the row above; so a tile is a subtree of height 8, and its inner nodes are computed, never stored.
 * Names only: what a tile's bytes say is {@link TileHashes}' and {@link LogVerifier}'s business.
 */
import { assert, unreachable } from "@holdfast/base"

/** Levels of the tree in one tile. */
export const TILE_HEIGHT = 8
/** Hashes in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 256
const LEVEL_MAX = 63

/** One file of a log. `width` counts its hashes or entries, 1 to 256; below 256 it is partial. */
export type LogFile =
  | { readonly kind: "tile"; readonly level: number; readonly index: number; readonly width: number }
  | { readonly kind: "bundle"; readonly index: number; readonly width: number }

/** How many hashes the row of `level` has in a tree of `size`: one for every full subtree of 256^level leaves. */
function rowCount(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}

/** How many hashes tile `index` of `level` has in a tree of `size`, 0 when it is not there yet. */
export function tileWidth(size: number, level: number, index: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, rowCount(size, level) - index * TILE_WIDTH))
}

/**
 * Every bundle and tile of a tree of `size`, each after all that lies under it: the order in which {@link LogVerifier}
 * takes them, and in which a reader who stops early has read whole subtrees.
 */
export function* filesOf(size: number): Generator<LogFile, void> {
  assert(Number.isSafeInteger(size) && size >= 0, "a tree has a whole number of leaves")
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = tileWidth(size, 0, index)
    yield { kind: "bundle", index, width }
    if (width === TILE_WIDTH) yield* tilesCompletedBy(index)
  }
  for (const file of edgeOf(size)) if (file.kind === "tile") yield file
}

/** The full tiles that become complete with full tile `index` of level 0, that one first. */
function* tilesCompletedBy(index: number): Generator<LogFile, void> {
  yield { kind: "tile", level: 0, index, width: TILE_WIDTH }
  for (let level = 1, count = index + 1; count % TILE_WIDTH === 0; level++) {
    count /= TILE_WIDTH
    yield { kind: "tile", level, index: count - 1, width: TILE_WIDTH }
  }
}

/** The partial bundle and the partial tiles at the growing edge of a tree of `size`, lowest level first. */
export function edgeOf(size: number): LogFile[] {
  assert(Number.isSafeInteger(size) && size >= 0, "a tree has a whole number of leaves")
  const files: LogFile[] = []
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH
    const index = Math.floor(count / TILE_WIDTH)
    if (width > 0 && level === 0) files.push({ kind: "bundle", index, width })
    if (width > 0) files.push({ kind: "tile", level, index, width })
  }
  return files
}

/** The row of hashes that a full subtree is made from: `count` hashes from `first` on, all of them in one tile. */
export type TileSpan = { readonly tile: LogFile; readonly first: number; readonly count: number }

/** Where the full subtree of `height` with number `index` is found in the tiles of a tree of `size`. */
export function tileSpan(size: number, height: number, index: number): TileSpan {
  assert((index + 1) * 2 ** height <= size, "the subtree is full in this tree")
  const level = Math.floor(height / TILE_HEIGHT)
  const count = 2 ** (height % TILE_HEIGHT)
  const place = index * count
  const tileIndex = Math.floor(place / TILE_WIDTH)
  const first = place % TILE_WIDTH
  const width = tileWidth(size, level, tileIndex)
  assert(first + count <= width, "a full subtree below a tile's height lies in one tile")
  return { tile: { kind: "tile", level, index: tileIndex, width }, first, count }
}

/** The path under the log's prefix: tlog-tiles, "Merkle Tree" and "Log entries". */
export function pathOf(file: LogFile): string {
  assert(file.width >= 1 && file.width <= TILE_WIDTH, "a file holds 1 to 256 hashes or entries")
  const number = numberPath(file.index)
  const partial = file.width < TILE_WIDTH ? `.p/${file.width}` : ""
  switch (file.kind) {
    case "tile":
      assert(file.level >= 0 && file.level <= LEVEL_MAX, "a level lies within 0 to 63")
      return `tile/${file.level}/${number}${partial}`
    case "bundle":
      return `tile/entries/${number}${partial}`
    default:
      return unreachable(file)
  }
}

/** Three digits an element, `x` before all but the last: 1234067 is `x001/x234/067`. */
function numberPath(index: number): string {
  assert(Number.isSafeInteger(index) && index >= 0, "a tile is numbered from 0")
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0")
  return padded.replace(/\d{3}(?=\d)/g, "x$&/")
}

const PATH = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/

/** The file that a path names, or null. A path has one spelling, so what parses is written back the same. */
export function parsePath(path: string): LogFile | null {
  const [, row, number, partial] = PATH.exec(path) ?? []
  if (row === undefined || number === undefined) return null
  const index = Number(number.replace(/[x/]/g, ""))
  const width = partial === undefined ? TILE_WIDTH : Number(partial)
  const level = row === "entries" ? 0 : Number(row)
  if (!Number.isSafeInteger(index) || width < 1 || width > TILE_WIDTH || level > LEVEL_MAX) return null
  const file: LogFile = row === "entries" ? { kind: "bundle", index, width } : { kind: "tile", level, index, width }
  return pathOf(file) === path ? file : null
}
