/**
 * Whether an image may run on this board: the one decision that every boot and every update rests on.
 *
 * Two looks that share no check and are written in different ways answer with marks far apart. Only both together accept, so
 * that one skipped instruction or one inverted branch in here still refuses (I-37, attack 68); a test skips each in turn. The
 * looks read the very bytes that are to run: whoever starts an image starts the payload that came out of here.
 *
 *   first look    step by step, and says which step failed
 *   second look   adds up a number for each fact; only all of them give the sum
 */
import { concat, type Crypto, equalBytes } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { rawSignature } from "@holdfast/access/der"
import { type Claims, decodeClaims } from "./claims.ts"
import {
  compareImageVersions,
  decodeImage,
  encodeImage,
  type FormatFault,
  type Image,
  type ImageVersion,
  TLV,
  type Tlv,
} from "./format.ts"
import { type ImageCrypto, keyHash, type VendorKey, type VendorTrust } from "./keys.ts"

/** What an image is held against. */
export type BoardFacts = {
  readonly model: string
  readonly revision: number
  /** The security counter that was confirmed: nothing below it runs. */
  readonly counter_min: number
  /** The version that an update would replace, and must be newer than; null where nothing is replaced. */
  readonly replaces: ImageVersion | null
}

export type ImageFault =
  | FormatFault
  | "claims malformed"
  | "hash differs"
  | "wrong signature"
  | "second signature missing"
  | "other model"
  | "other revision"
  | "below the floor"
  | "version too old"
  | "not newer"
  | "looks disagree"

export type Firmware = {
  readonly payload: Uint8Array
  /** SHA-256 of the whole file: the name by which a door policy allows an image. */
  readonly image: Uint8Array
  /** SHA-256 over the signed part: MCUboot's name of it. */
  readonly digest: Uint8Array
  readonly version: ImageVersion
  readonly claims: Claims
}
export type ImageVerified =
  | { readonly ok: true; readonly firmware: Firmware }
  | { readonly ok: false; readonly fault: ImageFault }

const LOOKED_FIRST = 0x5ac3_96e1
const LOOKED_SECOND = 0x2e71_c50b

const PURPOSE = utf8("holdfast/image/v1\0")

/** What the ML-DSA-44 key signs: the digest, under a name that no other use of the key has. */
export function mlDsaMessage(digest: Uint8Array): Uint8Array {
  return concat(PURPOSE, digest)
}

/** What one of the vendor's keys made: Ed25519 over the digest (64 bytes), ECDSA over the signed part (DER). */
export type VendorSignature = VendorKey & { readonly signature: Uint8Array }

/** The image with its hash and its signatures, each right behind the hash of its key. */
export function signedImage(
  crypto: Crypto,
  signedPart: Uint8Array,
  signatures: readonly VendorSignature[],
  mlDsaSignature: Uint8Array | null,
): Uint8Array {
  const tlvs: Tlv[] = [{ type: TLV["sha 256"], value: crypto.sha256(signedPart) }]
  for (const { algorithm, key, signature } of signatures) {
    tlvs.push({ type: TLV["key hash"], value: keyHash(crypto, algorithm, key) })
    tlvs.push({ type: SIGNATURE_TYPE[algorithm], value: signature })
  }
  if (mlDsaSignature !== null) tlvs.push({ type: TLV["ml-dsa-44 signature"], value: mlDsaSignature })
  return encodeImage(signedPart, tlvs)
}

const SIGNATURE_TYPE = { ed25519: TLV["ed25519 signature"], es256: TLV["ecdsa signature"] } as const

/** MCUboot: Ed25519 over the digest, ECDSA in DER over the signed part itself. */
function isSignedBy(crypto: Crypto, { algorithm, key }: VendorKey, covered: Uint8Array, tlv: Tlv): boolean {
  if (tlv.type !== SIGNATURE_TYPE[algorithm]) return false
  if (algorithm === "ed25519") return crypto.verifyEd25519(key, crypto.sha256(covered), tlv.value)
  const raw = rawSignature(tlv.value)
  return raw !== null && crypto.verifyEs256(key, covered, raw)
}

function isNewer(version: ImageVersion, than: ImageVersion): boolean {
  return (compareImageVersions(version, than) || version.build - than.build) > 0
}

function lastOf({ tlvs }: Image, type: number): Uint8Array | null {
  return tlvs.findLast((tlv) => tlv.type === type)?.value ?? null
}

type Looked = { readonly mark: number; readonly fault: ImageFault; readonly firmware: Firmware | null }

const refused = (fault: ImageFault): Looked => ({ mark: 0, fault, firmware: null })

function firstLook(bytes: Uint8Array, vendor: VendorTrust, board: BoardFacts, crypto: ImageCrypto): Looked {
  const decoded = decodeImage(bytes)
  if (!decoded.ok) return refused(decoded.fault)
  const { image } = decoded
  const covered = bytes.subarray(0, image.signed_size)
  const digest = crypto.sha256(covered)
  if (!equalBytes(lastOf(image, TLV["sha 256"]) ?? covered, digest)) return refused("hash differs")
  let signers = 0
  for (const key of vendor.keys) {
    const hash = keyHash(crypto, key.algorithm, key.key)
    if (vendor.revoked.some((each) => equalBytes(each, hash))) continue
    // A signature stands right behind the hash of its key.
    const at = image.tlvs.findIndex(({ type, value }) => type === TLV["key hash"] && equalBytes(value, hash))
    const signature = image.tlvs[at + 1]
    if (at >= 0 && signature !== undefined && isSignedBy(crypto, key, covered, signature)) signers += 1
  }
  if (signers < vendor.threshold || signers === 0) return refused("wrong signature")
  const claims = decodeClaims(image.protectedTlvs)
  if (claims === null) return refused("claims malformed")
  if (vendor.mlDsa !== null) {
    const expected = keyHash(crypto, "mlDsa44", vendor.mlDsa)
    const signature = lastOf(image, TLV["ml-dsa-44 signature"])
    if (claims.mlDsaKeyHash === null || signature === null) return refused("second signature missing")
    if (!equalBytes(claims.mlDsaKeyHash, expected)) return refused("second signature missing")
    if (!crypto.verifyMlDsa44(vendor.mlDsa, mlDsaMessage(digest), signature)) return refused("wrong signature")
  }
  if (claims.model !== board.model) return refused("other model")
  if (board.revision < claims.revision_min || board.revision > claims.revision_max) return refused("other revision")
  if (claims.counter < board.counter_min) return refused("below the floor")
  const { replaces } = board
  if (replaces !== null && compareImageVersions(replaces, claims.version_min) < 0) return refused("version too old")
  if (replaces !== null && !isNewer(image.version, replaces)) return refused("not newer")
  const firmware = { payload: image.payload, image: crypto.sha256(bytes), digest, version: image.version, claims }
  return { mark: LOOKED_FIRST, fault: "looks disagree", firmware }
}

/** One number for each fact, none of which is a sum of others. */
const FACTS = [0x0113_2b41, 0x0229_4c83, 0x0457_9d07, 0x088b_3a1f, 0x1127_643d, 0x0c15_88e2, 0x0309_5d4b] as const
const BEGUN = LOOKED_SECOND - FACTS.reduce<number>((sum, fact) => sum + fact, 0)

/** What holds of an image, added up; only the whole is worth anything. For {@link verifyImage} and whoever tests one look alone. */
export function secondLook(bytes: Uint8Array, vendor: VendorTrust, board: BoardFacts, crypto: ImageCrypto): number {
  const decoded = decodeImage(bytes)
  const claims = decoded.ok ? decodeClaims(decoded.image.protectedTlvs) : null
  if (!decoded.ok || claims === null) return 0
  const covered = bytes.slice(0, decoded.image.signed_size)
  const [hashed, signed, twice, fits, risen, follows, newer] = FACTS
  const counting = vendor.keys.filter(
    ({ algorithm, key }) => !vendor.revoked.some((each) => equalBytes(each, keyHash(crypto, algorithm, key))),
  )
  const signers = counting.filter((key) => decoded.image.tlvs.some((tlv) => isSignedAgain(crypto, key, covered, tlv)))
  const second = lastOf(decoded.image, TLV["ml-dsa-44 signature"])
  const digest = crypto.sha256(covered)
  const { mlDsa } = vendor
  const isTwice =
    mlDsa === null ||
    (second !== null &&
      equalBytes(claims.mlDsaKeyHash ?? second, keyHash(crypto, "mlDsa44", mlDsa)) &&
      crypto.verifyMlDsa44(mlDsa, concat(PURPOSE, digest), second))
  let mark = BEGUN
  mark += equalBytes(lastOf(decoded.image, TLV["sha 256"]) ?? second ?? covered, digest) ? hashed : 0
  mark += signers.length >= Math.max(1, vendor.threshold) ? signed : 0
  mark += isTwice ? twice : 0
  const { model, revision_min: from, revision_max: until } = claims
  mark += board.model === model && from <= board.revision && board.revision <= until ? fits : 0
  mark += board.counter_min <= claims.counter ? risen : 0
  mark += compareImageVersions(board.replaces ?? claims.version_min, claims.version_min) >= 0 ? follows : 0
  mark += board.replaces === null || isNewer(decoded.image.version, board.replaces) ? newer : 0
  return mark
}

/** The same question as {@link isSignedBy}, asked in other words: a fault in one is not a fault in the other. */
function isSignedAgain(crypto: Crypto, { algorithm, key }: VendorKey, covered: Uint8Array, tlv: Tlv): boolean {
  const raw = algorithm === "es256" ? (rawSignature(tlv.value) ?? tlv.value) : tlv.value
  return (
    tlv.type === SIGNATURE_TYPE[algorithm] &&
    (algorithm === "es256"
      ? crypto.verifyEs256(key, covered, raw)
      : crypto.verifyEd25519(key, crypto.sha256(covered), raw))
  )
}

/** Whether these bytes may run on this board, and what is in them. Refuses unless both looks say otherwise. */
export function verifyImage(
  bytes: Uint8Array,
  vendor: VendorTrust,
  board: BoardFacts,
  crypto: ImageCrypto,
): ImageVerified {
  const first = firstLook(bytes, vendor, board, crypto)
  const second = secondLook(bytes, vendor, board, crypto)
  if (first.mark !== LOOKED_FIRST || first.firmware === null) return { ok: false, fault: first.fault }
  if (second !== LOOKED_SECOND) return { ok: false, fault: "looks disagree" }
  return { ok: true, firmware: first.firmware }
}
