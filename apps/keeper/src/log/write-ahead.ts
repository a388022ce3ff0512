/**
 * The write-ahead file of one log: what is durable before anybody is told.
 *
 *   | base: checkpoint up to which the tiles are durable | group | group | group ...
 *
 *   each frame   | size, 4 bytes | SHA-256, 32 bytes | CBOR [first index, signed checkpoint, [entries]] |
 *
 * A group of entries and the signed checkpoint that covers them go down in one append and one sync. So a power cut leaves
 * the group or does not, and the tiles, which are written at leisure and without waiting, can always be made again. It is
 * no log for readers: when the tiles are durable the file begins anew with a new base.
 */
import { assert, type Crypto, concat, equalBytes } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readUint } from "@holdfast/base/cbor"
import type { AppendFile, Disk } from "@holdfast/port-node"

const SIZE_SIZE = 4
const HASH_SIZE = 32
const HEAD_SIZE = SIZE_SIZE + HASH_SIZE
const NOTE_SIZE_MAX = 16_384
const ENTRY_SIZE_MAX = 0xffff
export const GROUP_ENTRIES_MAX = 4096
export const GROUP_BYTES_MAX = 8 << 20

/** Entries from index `first` on, and the signed checkpoint that the log has with them. */
export type Group = { readonly first: number; readonly note: Uint8Array; readonly entries: readonly Uint8Array[] }

/** What a start finds. `torn` when bytes follow that make no whole group: the power went before they were promised. */
export type Found = { readonly base: Group; readonly groups: readonly Group[]; readonly torn: boolean }

/** In parts, so that the entries are not copied once more only to stand behind their size. */
function encodeGroup(group: Group, crypto: Crypto): Uint8Array[] {
  assert(group.entries.length <= GROUP_ENTRIES_MAX, "a group has at most 4096 entries")
  const body = encodeCbor([group.first, group.note, group.entries])
  const size = new Uint8Array(SIZE_SIZE)
  new DataView(size.buffer).setUint32(0, body.length)
  return [size, crypto.sha256(body), body]
}

function decodeBody(body: Uint8Array): Group | null {
  const decoded = decodeCbor(body)
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 3) return null
  const [firstField, noteField, entriesField] = decoded.value as readonly Cbor[]
  const first = readUint(firstField)
  const note = readBytes(noteField, 1, NOTE_SIZE_MAX)
  const entries = readArray(entriesField, GROUP_ENTRIES_MAX, (entry) => readBytes(entry, 0, ENTRY_SIZE_MAX))
  return first === null || note === null || entries === null ? null : { first, note, entries }
}

/** The frames at the beginning of the bytes that are whole, and how many bytes they take. */
function decodeFrames(bytes: Uint8Array, crypto: Crypto): { groups: Group[]; size: number } {
  const groups: Group[] = []
  let at = 0
  while (at + HEAD_SIZE <= bytes.length) {
    const body_size = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0)
    const end = at + HEAD_SIZE + body_size
    if (end > bytes.length) break
    const body = bytes.subarray(at + HEAD_SIZE, end)
    const hash = bytes.subarray(at + SIZE_SIZE, at + HEAD_SIZE)
    const group = equalBytes(crypto.sha256(body), hash) ? decodeBody(body) : null
    if (group === null) break
    groups.push(group)
    at = end
  }
  return { groups, size: at }
}

/** Reads a write-ahead file: null where there is none, "damaged" where not even its base is whole. */
export function readWriteAhead(disk: Disk, path: string, crypto: Crypto): Found | "damaged" | null {
  const bytes = disk.read(path)
  if (bytes === null) return null
  const { groups, size } = decodeFrames(bytes, crypto)
  const [base, ...rest] = groups
  if (base === undefined || base.entries.length > 0) return "damaged" // A base is put there whole or not at all.
  return { base, groups: rest, torn: size < bytes.length }
}

export class WriteAhead {
  readonly #disk: Disk
  readonly #path: string
  readonly #crypto: Crypto
  #file: AppendFile
  /** Entries of the log up to the last group. */
  #next: number

  private constructor(disk: Disk, path: string, crypto: Crypto, next: number) {
    this.#disk = disk
    this.#path = path
    this.#crypto = crypto
    this.#next = next
    this.#file = disk.openAppend(path)
  }

  /** Begins the file anew: everything before `first` is durable elsewhere, as `note` states it. */
  static begin(disk: Disk, path: string, crypto: Crypto, first: number, note: Uint8Array): WriteAhead {
    disk.replace(path, concat(...encodeGroup({ first, note, entries: [] }, crypto)))
    return new WriteAhead(disk, path, crypto, first)
  }

  /** Goes on with a file that holds its base and nothing else. */
  static goOn(disk: Disk, path: string, crypto: Crypto, found: Found): WriteAhead {
    assert(found.groups.length === 0 && !found.torn, "a file goes on only from its base")
    return new WriteAhead(disk, path, crypto, found.base.first)
  }

  get size(): number {
    return this.#file.size
  }

  /**
   * Makes a group durable. The index is checked inside the write itself: whoever would write over a place of the log that
   * is already promised stops here.
   */
  async append(group: Group): Promise<void> {
    assert(group.first === this.#next, "a group goes on where the log ends")
    this.#next += group.entries.length
    this.#file.append(...encodeGroup(group, this.#crypto))
    await this.#file.sync()
  }

  /** Begins the file anew with the present end as its base. */
  begin(note: Uint8Array): void {
    this.#file.close()
    this.#disk.replace(this.#path, concat(...encodeGroup({ first: this.#next, note, entries: [] }, this.#crypto)))
    this.#file = this.#disk.openAppend(this.#path)
  }

  close(): void {
    this.#file.close()
  }
}
