/**
 * A firmware image as MCUboot writes it (docs/design.md of that project, "Image format"), so that imgtool reads ours and we read its.
 *
 *   +--------+---------+---------+----------------+--------------------+
 *   | header | filling | payload | protected TLVs | TLVs               |   all numbers little-endian
 *   +--------+---------+---------+----------------+--------------------+
 *   0       32    header_size              signed_size                 end
 *
 *   header: magic u32 | load address u32 | header_size u16 | protected size u16 | payload size u32 | flags u32
 *           | major u8 | minor u8 | revision u16 | build u32 | 0 u32
 *   TLVs:   magic u16 | size with these four bytes u16 | { type u16 | length u16 | value }...
 *
 * Hash and signatures cover everything up to `signed_size`; they stand in the last TLVs, which nothing covers. The bytes lie in
 * memory-mapped flash and are read where they lie: each length is held against what is left before it is followed. What the
 * values mean is `claims.ts`'s business, whether they are to be believed `verify.ts`'s.
 */
import { assert, concat } from "@holdfast/base"

export const IMAGE_MAGIC = 0x96f3b83d
export const HEADER_SIZE = 32
export const IMAGE_SIZE_MAX = 16 * 1024 * 1024
const HEADER_SIZE_MAX = 4096
const TLV_HEAD_SIZE = 4
const PROTECTED_MAGIC = 0x6908
const UNPROTECTED_MAGIC = 0x6907
const TLVS_MAX = 64

/** MCUboot's own types, and ours from its range for vendors: the low byte is 0xa0 or more. */
export const TLV = {
  "key hash": 0x01,
  "sha 256": 0x10,
  "ecdsa signature": 0x22,
  "ed25519 signature": 0x24,
  dependency: 0x40,
  "security counter": 0x50,
  model: 0xa0,
  revisions: 0xa1,
  "ml-dsa-44 key hash": 0xa2,
  "ml-dsa-44 signature": 0xa3,
} as const

export type Tlv = { readonly type: number; readonly value: Uint8Array }

export type ImageVersion = {
  readonly major: number
  readonly minor: number
  readonly revision: number
  readonly build: number
}

export type Image = {
  readonly version: ImageVersion
  readonly payload: Uint8Array
  readonly protectedTlvs: readonly Tlv[]
  readonly tlvs: readonly Tlv[]
  /** Hash and signatures cover the bytes before this. */
  readonly signed_size: number
}

export type FormatFault =
  | "too large"
  | "too short"
  | "no image"
  | "unsupported image"
  | "sizes disagree"
  | "TLVs malformed"
export type ImageDecoded =
  | { readonly ok: true; readonly image: Image }
  | { readonly ok: false; readonly fault: FormatFault }

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** The area that begins at `at`, or null where it does not fit or its entries do not fill it exactly. */
function readArea(bytes: Uint8Array, at: number, magic: number): { tlvs: readonly Tlv[]; end: number } | null {
  const view = viewOf(bytes)
  if (at + TLV_HEAD_SIZE > bytes.length || view.getUint16(at, true) !== magic) return null
  const end = at + view.getUint16(at + 2, true)
  if (end > bytes.length) return null
  const tlvs: Tlv[] = []
  let next = at + TLV_HEAD_SIZE
  while (next < end) {
    if (next + TLV_HEAD_SIZE > end || tlvs.length === TLVS_MAX) return null
    const from = next + TLV_HEAD_SIZE
    const until = from + view.getUint16(next + 2, true)
    if (until > end) return null
    tlvs.push({ type: view.getUint16(next, true), value: bytes.subarray(from, until) })
    next = until
  }
  return next === end ? { tlvs, end } : null
}

function readVersion(view: DataView, at: number): ImageVersion {
  return {
    major: view.getUint8(at),
    minor: view.getUint8(at + 1),
    revision: view.getUint16(at + 2, true),
    build: view.getUint32(at + 4, true),
  }
}

/** A version as eight bytes, in a header or in a dependency. */
export function encodeImageVersion({ major, minor, revision, build }: ImageVersion): Uint8Array {
  const bytes = new Uint8Array(8)
  const view = viewOf(bytes)
  view.setUint8(0, major)
  view.setUint8(1, minor)
  view.setUint16(2, revision, true)
  view.setUint32(4, build, true)
  return bytes
}

export function decodeImageVersion(bytes: Uint8Array): ImageVersion | null {
  return bytes.length === 8 ? readVersion(viewOf(bytes), 0) : null
}

/** Takes an image apart. Nothing in it is believed yet; every byte of the file belongs to exactly one part. */
export function decodeImage(bytes: Uint8Array): ImageDecoded {
  const no = (fault: FormatFault): ImageDecoded => ({ ok: false, fault })
  if (bytes.length > IMAGE_SIZE_MAX) return no("too large")
  if (bytes.length < HEADER_SIZE) return no("too short")
  const view = viewOf(bytes)
  if (view.getUint32(0, true) !== IMAGE_MAGIC) return no("no image")
  const header_size = view.getUint16(8, true)
  const protected_size = view.getUint16(10, true)
  const payload_size = view.getUint32(12, true)
  // Neither encrypted nor compressed nor for a fixed address: flags, load address and the last word are zero.
  if (view.getUint32(4, true) !== 0 || view.getUint32(16, true) !== 0 || view.getUint32(28, true) !== 0)
    return no("unsupported image")
  if (header_size < HEADER_SIZE || header_size > HEADER_SIZE_MAX) return no("sizes disagree")
  const payload_end = header_size + payload_size
  if (payload_end > bytes.length) return no("sizes disagree")
  const covered = readArea(bytes, payload_end, PROTECTED_MAGIC)
  if (covered === null) return no("TLVs malformed")
  if (covered.end !== payload_end + protected_size) return no("sizes disagree")
  const open = readArea(bytes, covered.end, UNPROTECTED_MAGIC)
  if (open === null) return no("TLVs malformed")
  if (open.end !== bytes.length) return no("sizes disagree")
  return {
    ok: true,
    image: {
      version: readVersion(view, 20),
      payload: bytes.subarray(header_size, payload_end),
      protectedTlvs: covered.tlvs,
      tlvs: open.tlvs,
      signed_size: covered.end,
    },
  }
}

function encodeArea(magic: number, tlvs: readonly Tlv[]): Uint8Array {
  const parts = tlvs.map(({ type, value }) => {
    const head = new Uint8Array(TLV_HEAD_SIZE)
    viewOf(head).setUint16(0, type, true)
    viewOf(head).setUint16(2, value.length, true)
    assert(value.length <= 0xffff, "a TLV's length has two bytes")
    return concat(head, value)
  })
  const info = new Uint8Array(TLV_HEAD_SIZE)
  const whole = concat(info, ...parts)
  assert(whole.length <= 0xffff, "an area's size has two bytes")
  viewOf(whole).setUint16(0, magic, true)
  viewOf(whole).setUint16(2, whole.length, true)
  return whole
}

/** The part of an image that is hashed and signed. */
export function encodeSignedPart(
  version: ImageVersion,
  payload: Uint8Array,
  protectedTlvs: readonly Tlv[],
): Uint8Array {
  const area = encodeArea(PROTECTED_MAGIC, protectedTlvs)
  const header = new Uint8Array(HEADER_SIZE)
  const view = viewOf(header)
  view.setUint32(0, IMAGE_MAGIC, true)
  view.setUint16(8, HEADER_SIZE, true)
  view.setUint16(10, area.length, true)
  view.setUint32(12, payload.length, true)
  header.set(encodeImageVersion(version), 20)
  return concat(header, payload, area)
}

/** The whole image: the signed part, then hash and signatures. */
export function encodeImage(signedPart: Uint8Array, tlvs: readonly Tlv[]): Uint8Array {
  const image = concat(signedPart, encodeArea(UNPROTECTED_MAGIC, tlvs))
  assert(image.length <= IMAGE_SIZE_MAX, "an image fits its slot")
  return image
}

/** Negative, zero or positive, as MCUboot orders versions: the build number does not count for a dependency. */
export function compareImageVersions(a: ImageVersion, b: ImageVersion): number {
  return a.major - b.major || a.minor - b.minor || a.revision - b.revision
}

export function imageVersionText({ major, minor, revision, build }: ImageVersion): string {
  return `${major}.${minor}.${revision}+${build}`
}
