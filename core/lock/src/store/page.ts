/**
 * A page of the sealed store: how segments and blocks lie in it, and how they are sealed.
 *
 *   page     | segment mark | block | block | ... | segment mark | block | ... | erased (0xff) |
 *   mark     | 0x0000 | key version u8 | 0 | page number u32 | counter u48 | salt 16 |
 *            end of the page before u16 | oldest page u32 | mac 8 |
 *   block    | length u16 | AES-256-GCM(CBOR array) | tag 16 |                                        big-endian
 *
 * Pages are numbered as they are begun, for ever; number n lies in the flash's page n mod pages. Every segment has a key of
 * its own, HKDF-Expand (RFC 5869, section 2.3) of the storage key over the whole mark: the secure element's counter and
 * 16 random bytes stand in it, so that no key ever comes twice, not even when an old image of the flash is put back. Under
 * one key the nonce is the block's place, which only rises. Device, page and place are bound into every tag: what is moved,
 * or another device's, does not open. Which blocks should be there is store.ts's business.
 */
import { assert, byteAt, type Crypto, concat, equalBytes } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor } from "@holdfast/base/cbor"
import { utf8 } from "@holdfast/base/text"

/** What the flash is: an erase sets a page to 0xff, and a byte is programmed once after it. */
export type Geometry = { readonly page_size: number; readonly pages: number }

/** The storage keys, 32 bytes each, by version; during a change of keys there are two. The highest one writes. */
export type StorageKeys = ReadonlyMap<number, Uint8Array>

/** Whose store this is, and what opens it. */
export type Seal = {
  readonly crypto: Crypto
  readonly geometry: Geometry
  /** 32 bytes that name the lock. */
  readonly device: Uint8Array
  readonly keys: StorageKeys
}

export type Mark = {
  readonly version: number
  readonly number: number
  readonly counter: number
  readonly salt: Uint8Array
  /** Where the page before ended: what lies before that has to be there. */
  readonly previousEnd: number
  /** The number of the oldest page that still belongs to the log. */
  readonly oldest: number
}

/** What is on a page that has begun. */
export type Page = {
  readonly mark: Mark
  /** The mark of the newest segment with a block; null where no block came. */
  readonly settled: Mark | null
  /** The counter in a mark behind which no block came, if that is how the page ends. */
  readonly cut: number | null
  readonly versions: ReadonlySet<number>
  readonly blocks: readonly (readonly Cbor[])[]
  readonly end: number
  /** Nothing was programmed behind the end. */
  readonly isClean: boolean
}

export const SALT_SIZE = 16
const MARK_BODY_SIZE = 36
const MAC_SIZE = 8
export const MARK_SIZE = MARK_BODY_SIZE + MAC_SIZE
const U32 = 2 ** 32
const LENGTH_SIZE = 2
const TAG_SIZE = 16
export const BLOCK_OVERHEAD = LENGTH_SIZE + TAG_SIZE
const MARK_LENGTH = 0
const ERASED_LENGTH = 0xffff

const LABEL_SEAL = utf8("holdfast/store seal/v1\0")
const LABEL_MARK = utf8("holdfast/store mark/v1\0")
const FIRST_ROUND = Uint8Array.of(1)

function markBody({ version, number, counter, salt, previousEnd, oldest }: Mark): Uint8Array {
  assert(
    salt.length === SALT_SIZE && version <= 0xff && counter < 2 ** 48 && number < U32,
    "a mark's fields fit their places",
  )
  const body = new Uint8Array(MARK_BODY_SIZE)
  const view = new DataView(body.buffer)
  view.setUint8(2, version)
  view.setUint32(4, number)
  view.setUint16(8, Math.floor(counter / U32))
  view.setUint32(10, counter % U32)
  body.set(salt, 14)
  view.setUint16(30, previousEnd)
  view.setUint32(32, oldest)
  return body
}

function expand(seal: Seal, label: Uint8Array, at: number, body: Uint8Array): Uint8Array {
  const root = seal.keys.get(byteAt(body, 2))
  assert(root !== undefined && seal.device.length === 32, "a key that is used is there")
  const place = Uint8Array.of(at >> 8, at & 0xff)
  return seal.crypto.hmacSha256(root, concat(label, seal.device, place, body, FIRST_ROUND))
}

export function segmentKey(seal: Seal, at: number, mark: Mark): Uint8Array {
  return expand(seal, LABEL_SEAL, at, markBody(mark))
}

export function encodeMark(seal: Seal, at: number, mark: Mark): Uint8Array {
  const body = markBody(mark)
  return concat(body, expand(seal, LABEL_MARK, at, body).subarray(0, MAC_SIZE))
}

/** The mark at this place, or null where there is none of ours. */
function decodeMark(seal: Seal, at: number, bytes: Uint8Array): Mark | null {
  if (bytes.length < MARK_SIZE || !seal.keys.has(byteAt(bytes, 2))) return null
  const body = bytes.slice(0, MARK_BODY_SIZE)
  if (!equalBytes(expand(seal, LABEL_MARK, at, body).subarray(0, MAC_SIZE), bytes.subarray(MARK_BODY_SIZE, MARK_SIZE)))
    return null
  const view = new DataView(body.buffer)
  const mark = {
    version: view.getUint8(2),
    number: view.getUint32(4),
    counter: view.getUint16(8) * U32 + view.getUint32(10),
    salt: body.slice(14, 30),
    previousEnd: view.getUint16(30),
    oldest: view.getUint32(32),
  }
  return equalBytes(markBody(mark), body) ? mark : null
}

/** Page number and place, twice: the nonce has room for both, and the tag binds them again beside the device. */
function placeOf(number: number, at: number): Uint8Array {
  const nonce = new Uint8Array(12)
  const view = new DataView(nonce.buffer)
  view.setUint32(4, number)
  view.setUint32(8, at)
  return nonce
}

/** A block as it is programmed at `at`. */
export function sealBlock(
  seal: Seal,
  key: Uint8Array,
  number: number,
  at: number,
  values: readonly Cbor[],
): Uint8Array {
  const nonce = placeOf(number, at)
  const sealed = seal.crypto.aesGcmSeal(key, nonce, concat(seal.device, nonce), encodeCbor(values))
  assert(at + LENGTH_SIZE + sealed.length <= seal.geometry.page_size, "a block ends within its page")
  return concat(Uint8Array.of(sealed.length >> 8, sealed.length & 0xff), sealed)
}

function openBlock(
  seal: Seal,
  key: Uint8Array,
  number: number,
  at: number,
  sealed: Uint8Array,
): readonly Cbor[] | null {
  const nonce = placeOf(number, at)
  const plain = seal.crypto.aesGcmOpen(key, nonce, concat(seal.device, nonce), sealed)
  const decoded = plain === null ? null : decodeCbor(plain)
  return decoded?.ok && Array.isArray(decoded.value) ? (decoded.value as readonly Cbor[]) : null
}

/** The mark with which the flash's page `index` begins; null where no page of this store does. */
export function readMark(seal: Seal, index: number, bytes: Uint8Array): Mark | null {
  const mark = lengthAt(bytes, 0) === MARK_LENGTH ? decodeMark(seal, 0, bytes) : null
  return mark !== null && mark.number % seal.geometry.pages === index ? mark : null
}

/** Reads the flash's page `index` up to the first thing that does not open. */
export function readPage(seal: Seal, index: number, bytes: Uint8Array): Page | null {
  assert(bytes.length === seal.geometry.page_size, "a page is read whole")
  const mark = readMark(seal, index, bytes)
  if (mark === null) return null
  const versions = new Set([mark.version])
  const blocks: (readonly Cbor[])[] = []
  let [segment, settled]: [Mark, Mark | null] = [mark, null]
  let key = segmentKey(seal, 0, mark)
  let end = MARK_SIZE
  for (;;) {
    const length = lengthAt(bytes, end)
    const from = end + LENGTH_SIZE
    if (from + length > bytes.length) break // Erased, or torn.
    if (length === MARK_LENGTH) {
      const next = decodeMark(seal, end, bytes.subarray(end))
      if (next === null || next.number !== mark.number) break
      key = segmentKey(seal, end, next)
      versions.add(next.version)
      segment = next
      end += MARK_SIZE
      continue
    }
    const values = openBlock(seal, key, mark.number, end, bytes.subarray(from, from + length))
    if (values === null) break
    blocks.push(values)
    settled = segment
    end = from + length
  }
  const cut = settled === segment ? null : segment.counter
  const isClean = bytes.subarray(end).every((byte) => byte === 0xff)
  return { mark, settled, cut, versions, blocks, end, isClean }
}

/** The length that stands at `at`; as if erased where the page has no room for one. */
function lengthAt(bytes: Uint8Array, at: number): number {
  return at + LENGTH_SIZE > bytes.length ? ERASED_LENGTH : (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1)
}
