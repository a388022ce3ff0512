/**
 * What the sealed store writes: entries, and how small they become inside a block.
 *
 *   block   [flags, entry, entry, ...]                         one CBOR array, sealed as a whole (page.ts)
 *   chunk   [1, part, generation, offset, total, bytes]        a piece of a part; a part is whole when its pieces are all there
 *   release [2, through] · discard [3, from]
 *   plain   [4, sequence, bytes]                               a record that cannot be made smaller
 *   scene   [5, sequence, boot, uptime ms, wall ms]            where the next line stands
 *   line    [6, kind x 256 + result, flags, ms since the last, salt, detail without ids, id, id, ...]
 *
 * A line leaves out what can be told from the rest: the commitment and the sum are hashes of it, sequence and times go on
 * from the line before, and an id or a detail that stood in the block before is only its number. Whatever does not come
 * back byte for byte that way is written plain. What entries mean to the store is store.ts's business.
 */
import { assert, byteAt, type Crypto, concat, equalBytes, ID_SIZE, unreachable } from "@holdfast/base"
import { type Cbor, encodeCbor, readBytes, readUint } from "@holdfast/base/cbor"
import { commitment, DETAIL_BYTES_MAX, RECORD_SIZE, readU64, SALT_SIZE, writeU64 } from "../record.ts"
import { decodeLine, encodeLine, type Part, partNumber, partOf } from "../stored.ts"

export type Chunk = {
  readonly kind: "chunk"
  readonly part: Part
  /** Rises with each store of the part, so that pieces of two stores never mix. */
  readonly generation: number
  readonly offset: number
  readonly total: number
  readonly bytes: Uint8Array
}
export type Entry =
  | Chunk
  | { readonly kind: "record"; readonly sequence: number; readonly bytes: Uint8Array }
  | { readonly kind: "release"; readonly through: number }
  | { readonly kind: "discard"; readonly from: number }

const CHUNK = 1
const RELEASE = 2
const DISCARD = 3
const PLAIN = 4
const SCENE = 5
const LINE = 6

/** What the lines of one block have in common so far. Writing and reading a block grow the same one. */
type Scene = { sequence: number; boot: number; uptime_ms: number; wall_ms: number; readonly seen: Uint8Array[] }

function newScene(): Scene {
  return { sequence: 0, boot: 0, uptime_ms: 0, wall_ms: 0, seen: [] }
}

/** CBOR's mark of a byte string of 16, which is what an id is. */
const ID_MARK = 0x50

/** A detail in two: its ids, and what remains when each is taken out behind its mark. */
function withoutIds(detail: Uint8Array): { readonly rest: Uint8Array; readonly ids: readonly Uint8Array[] } {
  const ids: Uint8Array[] = []
  const rest: number[] = []
  for (let at = 0; at < detail.length; at++) {
    rest.push(byteAt(detail, at))
    if (detail[at] !== ID_MARK || at + ID_SIZE >= detail.length) continue
    ids.push(detail.subarray(at + 1, at + 1 + ID_SIZE))
    at += ID_SIZE
  }
  return { rest: Uint8Array.from(rest), ids }
}

/** The detail again. A mark that had no room for an id behind it stands at the very end, when all ids are used up. */
function withIds(rest: Uint8Array, ids: readonly Uint8Array[]): Uint8Array | null {
  const parts: Uint8Array[] = []
  let used = 0
  let from = 0
  for (let at = 0; at < rest.length && used < ids.length; at++) {
    if (rest[at] !== ID_MARK) continue
    parts.push(rest.subarray(from, at + 1), ids[used] ?? rest)
    from = at + 1
    used += 1
  }
  return used === ids.length ? concat(...parts, rest.subarray(from)) : null
}

/** The bytes, or the number under which they stood before in this block. */
function named(scene: Scene, bytes: Uint8Array): Cbor {
  const known = scene.seen.findIndex((each) => equalBytes(each, bytes))
  if (known >= 0) return known
  scene.seen.push(bytes)
  return bytes
}

function meant(scene: Scene, value: Cbor | undefined): Uint8Array | null {
  if (typeof value === "number") return scene.seen[value] ?? null
  const bytes = readBytes(value, 0, DETAIL_BYTES_MAX)
  if (bytes !== null) scene.seen.push(bytes)
  return bytes
}

/** A wall clock that is known goes on with the uptime. */
function wallAfter({ uptime_ms, wall_ms }: Scene, next_ms: number): number {
  return wall_ms === 0 ? 0 : wall_ms + next_ms - uptime_ms
}

function packRecord(crypto: Crypto, scene: Scene, sequence: number, bytes: Uint8Array): Cbor[] {
  const line = decodeLine(crypto, bytes)
  const plain: Cbor[] = [[PLAIN, sequence, bytes]]
  if (line === null) return plain
  const { record, salt, detail } = line
  const view = new DataView(record.buffer, record.byteOffset)
  const [uptime_ms, wall_ms] = [readU64(view, 16), readU64(view, 24)]
  if (readU64(view, 0) !== sequence || uptime_ms === null || wall_ms === null) return plain
  if (!equalBytes(record.subarray(32), commitment(crypto, salt, detail))) return plain
  const boot = view.getUint32(8)
  const goesOn = scene.sequence === sequence && scene.boot === boot && uptime_ms >= scene.uptime_ms
  const packed: Cbor[] = []
  if (!goesOn || wallAfter(scene, uptime_ms) !== wall_ms) {
    packed.push([SCENE, sequence, boot, uptime_ms, wall_ms])
    Object.assign(scene, { boot, uptime_ms, wall_ms })
  }
  const { rest, ids } = withoutIds(detail)
  const names = [rest, ...ids].map((each) => named(scene, each))
  packed.push([LINE, view.getUint16(12), view.getUint16(14), uptime_ms - scene.uptime_ms, salt, ...names])
  Object.assign(scene, { sequence: sequence + 1, uptime_ms, wall_ms })
  return packed
}

function pack(crypto: Crypto, scene: Scene, entry: Entry): Cbor[] {
  switch (entry.kind) {
    case "chunk": {
      const { part, generation, offset, total, bytes } = entry
      return [[CHUNK, partNumber(part), generation, offset, total, bytes]]
    }
    case "record":
      return packRecord(crypto, scene, entry.sequence, entry.bytes)
    case "release":
      return [[RELEASE, entry.through]]
    case "discard":
      return [[DISCARD, entry.from]]
    default:
      return unreachable(entry)
  }
}

/** So many bytes at most does a record with a detail of `detail_bytes` take in a block, its scene not counted. */
export function packedSize_max(detail_bytes: number): number {
  return LINE_BYTES_MAX + detail_bytes
}

/** All of a line but its detail: 11 bytes of heads and numbers, the salt, 5 bytes more after 49 quiet days, 3 ids named. */
const LINE_BYTES_MAX = 36

/** The head of a block's array, its flags, and a scene. */
export const BLOCK_HEAD_SIZE_MAX = 40
/** A piece of a part is not worth its head below this. */
const CHUNK_BYTES_MIN = 64

/** `left` is the room that remains, at least. */
export type Taken = {
  readonly values: readonly Cbor[]
  readonly entries: readonly Entry[]
  readonly rest: readonly Entry[]
  readonly left: number
}

/**
 * The first entries that fit into `room` bytes together, or null where not even one does. Where `mayCut` is true a part goes
 * in as many pieces as it needs.
 */
export function take(crypto: Crypto, queue: readonly Entry[], room: number, mayCut: boolean): Taken | null {
  const scene = newScene()
  const values: Cbor[] = []
  const entries: Entry[] = []
  let left = room - 4 // The array's head and the flags.
  for (const [at, entry] of queue.entries()) {
    const packed = pack(crypto, scene, entry)
    const size = packed.reduce((sum: number, each) => sum + encodeCbor(each).length, 0)
    if (size <= left) {
      values.push(...packed)
      entries.push(entry)
      left -= size
      continue
    }
    const [piece, rest] = mayCut && entry.kind === "chunk" ? cut(entry, left - (size - entry.bytes.length)) : []
    if (piece !== undefined && rest !== undefined) {
      return {
        values: [...values, ...pack(crypto, scene, piece)],
        entries: [...entries, piece],
        rest: [rest, ...queue.slice(at + 1)],
        left: 0,
      }
    }
    return entries.length === 0 ? null : { values, entries, rest: queue.slice(at), left }
  }
  return { values, entries, rest: [], left }
}

function cut(chunk: Chunk, size: number): readonly [Chunk, Chunk] | readonly [] {
  if (size < CHUNK_BYTES_MIN) return []
  const behind = { ...chunk, offset: chunk.offset + size, bytes: chunk.bytes.subarray(size) }
  return [{ ...chunk, bytes: chunk.bytes.subarray(0, size) }, behind]
}

function unpackLine(crypto: Crypto, scene: Scene, fields: readonly Cbor[]): Entry | null {
  const [, wordField, flagsField, passedField, saltField, restField, ...idFields] = fields
  const word = readUint(wordField, 0xffff)
  const flags = readUint(flagsField, 0xffff)
  const passed_ms = readUint(passedField)
  const salt = readBytes(saltField, SALT_SIZE)
  const rest = meant(scene, restField)
  const ids = idFields.map((field) => meant(scene, field)).filter((id) => id !== null)
  const detail = rest === null || ids.length < idFields.length ? null : withIds(rest, ids)
  if (word === null || flags === null || passed_ms === null || salt === null || detail === null) return null
  const uptime_ms = scene.uptime_ms + passed_ms
  const wall_ms = wallAfter(scene, uptime_ms)
  const { sequence, boot } = scene
  if (!Number.isSafeInteger(uptime_ms) || !Number.isSafeInteger(wall_ms)) return null
  const record = new Uint8Array(RECORD_SIZE)
  const view = new DataView(record.buffer)
  writeU64(view, 0, sequence)
  view.setUint32(8, boot)
  view.setUint16(12, word)
  view.setUint16(14, flags)
  writeU64(view, 16, uptime_ms)
  writeU64(view, 24, wall_ms)
  record.set(commitment(crypto, salt, detail), 32)
  Object.assign(scene, { sequence: sequence + 1, uptime_ms, wall_ms })
  return { kind: "record", sequence, bytes: encodeLine(crypto, { record, salt, detail }) }
}

function setScene(scene: Scene, fields: readonly Cbor[]): boolean {
  const [sequence, boot, uptime_ms, wall_ms] = fields.slice(1).map((field) => readUint(field))
  if (typeof sequence !== "number" || typeof boot !== "number") return false
  if (typeof uptime_ms !== "number" || typeof wall_ms !== "number") return false
  Object.assign(scene, { sequence, boot, uptime_ms, wall_ms })
  return true
}

function unpackChunk(fields: readonly Cbor[]): Entry | null {
  const [number, generation, offset, total] = fields.slice(1, 5).map((field) => readUint(field))
  const bytes = readBytes(fields[5], 0, 0xffff)
  const part = typeof number === "number" ? partOf(number) : null
  if (part === null || typeof generation !== "number" || typeof offset !== "number") return null
  if (typeof total !== "number" || bytes === null || offset + bytes.length > total) return null
  return { kind: "chunk", part, generation, offset, total, bytes }
}

function unpackOther(fields: readonly Cbor[]): Entry | null {
  const number = readUint(fields[1])
  if (number === null) return null
  if (fields[0] === RELEASE) return { kind: "release", through: number }
  if (fields[0] === DISCARD) return { kind: "discard", from: number }
  const bytes = readBytes(fields[2], 0, 0xffff)
  return fields[0] === PLAIN && bytes !== null ? { kind: "record", sequence: number, bytes } : null
}

/** The entries of a block, or null where one does not read: a seal that opened vouches for them, so that is our own fault. */
export function unpack(crypto: Crypto, values: readonly Cbor[]): readonly Entry[] | null {
  const scene = newScene()
  const entries: Entry[] = []
  for (const value of values) {
    if (!Array.isArray(value)) return null
    const fields = value as readonly Cbor[]
    if (fields[0] === SCENE) {
      if (!setScene(scene, fields)) return null
      continue
    }
    const entry =
      fields[0] === LINE
        ? unpackLine(crypto, scene, fields)
        : fields[0] === CHUNK
          ? unpackChunk(fields)
          : unpackOther(fields)
    if (entry === null) return null
    entries.push(entry)
  }
  assert(entries.length <= values.length, "an entry takes a value at least")
  return entries
}
