/**
 * What the vendor says of an image under his signature: for which boards it is, from which version it may be taken, and its
 * security counter. They stand in the protected TLVs.
 *
 *   model      text              the product's name, as the board has it
 *   revisions  u16 u16           first and last hardware revision it runs on, little-endian
 *   dependency u8 u8 u16 version image 0 must be at this version or later before: the smallest one that may be updated from
 *   counter    u32               the security counter; a board that confirmed n never runs anything below n again
 *   ML-DSA-44  32 bytes          SHA-256 of the second key's SubjectPublicKeyInfo: the image says itself that it is signed twice
 *
 * Each stands at most once, and all but the last must be there. Unknown protected TLVs are refused: they could be conditions.
 */
import { concat } from "@holdfast/base"
import { fromUtf8, utf8 } from "@holdfast/base/text"
import { decodeImageVersion, encodeImageVersion, type ImageVersion, TLV, type Tlv } from "./format.ts"

export type Claims = {
  readonly model: string
  readonly revision_min: number
  readonly revision_max: number
  readonly version_min: ImageVersion
  readonly counter: number
  readonly mlDsaKeyHash: Uint8Array | null
}

const MODEL_BYTES_MAX = 32
const REQUIRED = [TLV.model, TLV.revisions, TLV.dependency, TLV["security counter"]]
const KNOWN: readonly number[] = [...REQUIRED, TLV["ml-dsa-44 key hash"]]

function u16(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value & 0xff, value >> 8]))
}

export function encodeClaims(claims: Claims): readonly Tlv[] {
  const counter = new Uint8Array(4)
  new DataView(counter.buffer).setUint32(0, claims.counter, true)
  const tlvs: Tlv[] = [
    { type: TLV["security counter"], value: counter },
    { type: TLV.dependency, value: concat(new Uint8Array(4), encodeImageVersion(claims.version_min)) },
    { type: TLV.model, value: utf8(claims.model) },
    { type: TLV.revisions, value: u16(claims.revision_min, claims.revision_max) },
  ]
  if (claims.mlDsaKeyHash !== null) tlvs.push({ type: TLV["ml-dsa-44 key hash"], value: claims.mlDsaKeyHash })
  return tlvs
}

/** What the protected TLVs say, or null where one is missing, twice there, unknown or malformed. */
export function decodeClaims(tlvs: readonly Tlv[]): Claims | null {
  const values = new Map(tlvs.map(({ type, value }) => [type, value]))
  if (values.size !== tlvs.length || tlvs.some(({ type }) => !KNOWN.includes(type))) return null
  const [model, revisions, dependency, counter] = REQUIRED.map((type) => values.get(type))
  const mlDsaKeyHash = values.get(TLV["ml-dsa-44 key hash"]) ?? null
  if (model === undefined || revisions?.length !== 4 || dependency?.length !== 12 || counter?.length !== 4) return null
  const name = model.length <= MODEL_BYTES_MAX ? fromUtf8(model) : null
  const version_min = decodeImageVersion(dependency.subarray(4))
  const onImageZero = dependency.subarray(0, 4).every((byte) => byte === 0)
  if (name === null || name === "" || version_min === null || !onImageZero) return null
  if (mlDsaKeyHash !== null && mlDsaKeyHash.length !== 32) return null
  const range = new DataView(revisions.buffer, revisions.byteOffset, 4)
  return {
    model: name,
    revision_min: range.getUint16(0, true),
    revision_max: range.getUint16(2, true),
    version_min,
    counter: new DataView(counter.buffer, counter.byteOffset, 4).getUint32(0, true),
    mlDsaKeyHash,
  }
}
