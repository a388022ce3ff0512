/**
 * Root metadata: who owns the site, and the keys of every other role. The first entry of the authority log.
 *
 * Picture a deed: version 1 signs itself and its hash is the site's name; version n+1 is signed by a key that is in both n
 * and n+1. It is not an appointment of administrators: those are delegations, stated by a root key.
 *
 * Only a threshold of 1 verifies yet: a COSE_Sign1 carries one signature, and a deed that asks for more is refused rather
 * than taken with less.
 */
import { type Crypto, equalBytes, idOf, type SiteId, type UnixSeconds } from "@holdfast/base"
import {
  type Cbor,
  decodeCbor,
  encodeCbor,
  readArray,
  readBytes,
  readMap,
  readText,
  readUint,
} from "@holdfast/base/cbor"
import { decodeSigned, encodeCoseKey, kidOf, type PublicKey, verifySigned } from "@holdfast/base/cose"
import { fields, NAME_LENGTH_MAX, readCoseKey, readHpkeKey, readSeconds } from "./read.ts"
import { type Signable, signable } from "./signing.ts"

export type Root = {
  readonly version: number
  readonly keys: readonly PublicKey[]
  readonly threshold: number
  /** Signs policies, leases and beacons. */
  readonly keeper: PublicKey
  /** Ed25519, signs checkpoints. */
  readonly logKey: Uint8Array
  /** Uncompressed P-256; attachments are sealed to it. */
  readonly keeperHpke: Uint8Array
  /** Exact origins (with port) from which a passkey's assertion counts. */
  readonly origins: readonly string[]
  readonly rpId: string
  /** Rises when the keeper is replaced; policy versions start with it. */
  readonly epoch: number
  readonly createdAt: UnixSeconds
}

export const ROOT_SIZE_MAX = 16_384
const KEYS_MAX = 16
const ORIGINS_MAX = 16
const EPOCH_MAX = 0xffff_ffff

/** The payload's bytes; those of version 1 name the site. */
export function encodeRoot(root: Root): Uint8Array {
  return encodeCbor(
    fields(
      [0, root.version],
      [1, root.keys.map(encodeCoseKey)],
      [2, root.threshold],
      [3, encodeCoseKey(root.keeper)],
      [4, root.logKey],
      [5, root.keeperHpke],
      [6, root.origins],
      [7, root.rpId],
      [8, root.epoch],
      [9, root.createdAt],
    ),
  )
}

export function decodeRoot(payload: Uint8Array): Root | null {
  const decoded = decodeCbor(payload)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) : null
  const version = readUint(map?.get(0))
  const keys = readArray(map?.get(1), KEYS_MAX, readCoseKey)
  const threshold = readUint(map?.get(2))
  const keeper = readCoseKey(map?.get(3))
  const logKey = readBytes(map?.get(4), 32)
  const keeperHpke = readHpkeKey(map?.get(5))
  const origins = readArray(map?.get(6), ORIGINS_MAX, (origin) => readText(origin, NAME_LENGTH_MAX))
  const rpId = readText(map?.get(7), NAME_LENGTH_MAX)
  const epoch = readUint(map?.get(8), EPOCH_MAX)
  const createdAt = readSeconds(map?.get(9))
  if (version === null || keys === null || threshold === null || keeper === null || logKey === null) return null
  if (keeperHpke === null || origins === null || rpId === null || epoch === null || createdAt === null) return null
  if (version < 1 || threshold < 1 || threshold > keys.length) return null
  return { version, keys, threshold, keeper, logKey, keeperHpke, origins, rpId, epoch, createdAt }
}

/** The site's name: the first 16 bytes of SHA-256 over the payload of its first root metadata. */
export function siteIdOf(firstPayload: Uint8Array, crypto: Crypto): SiteId {
  return idOf<"SiteId">(crypto.sha256(firstPayload).slice(0, 16))
}

/** What a root key signs so that `root` becomes the site's deed. */
export function rootToSign(root: Root, site: SiteId, key: PublicKey, crypto: Crypto): Signable {
  return signable("root", site, encodeRoot(root), key, crypto)
}

export type RootFault = "too large" | "malformed" | "threshold not met" | "wrong signature" | "not the next version"

export type RootVerified =
  | { readonly ok: true; readonly root: Root; readonly site: SiteId }
  | { readonly ok: false; readonly fault: RootFault }

function payloadOf(bytes: Uint8Array): Uint8Array | null {
  const decoded = decodeCbor(bytes)
  const payload: Cbor | undefined = decoded.ok && Array.isArray(decoded.value) ? decoded.value[2] : undefined
  return readBytes(payload, 1, ROOT_SIZE_MAX)
}

function verifyRoot(bytes: Uint8Array, site: SiteId, previous: Root | null, crypto: Crypto): RootVerified {
  const signed = decodeSigned("root", site, bytes)
  const root = signed === null ? null : decodeRoot(signed.payload)
  if (signed === null || root === null) return { ok: false, fault: "malformed" }
  const expected = previous === null ? 1 : previous.version + 1
  if (root.version !== expected || root.epoch < (previous?.epoch ?? 0))
    return { ok: false, fault: "not the next version" }
  if (root.threshold !== 1 || (previous?.threshold ?? 1) !== 1) return { ok: false, fault: "threshold not met" }
  const key = root.keys.find((each) => equalBytes(kidOf(each, crypto), signed.kid))
  const owned = key !== undefined && (previous === null || previous.keys.some((each) => equalBytes(each, key)))
  if (!owned || !verifySigned(signed, key, crypto)) return { ok: false, fault: "wrong signature" }
  return { ok: true, root, site }
}

/** Version 1, which names the site. The caller compares that name with the one that it was told. */
export function verifyFirstRoot(bytes: Uint8Array, crypto: Crypto): RootVerified {
  if (bytes.length > ROOT_SIZE_MAX) return { ok: false, fault: "too large" }
  const payload = payloadOf(bytes)
  if (payload === null) return { ok: false, fault: "malformed" }
  return verifyRoot(bytes, siteIdOf(payload, crypto), null, crypto)
}

/** Version n+1, signed by a key that both deeds name; the epoch never goes down. */
export function verifyNextRoot(bytes: Uint8Array, site: SiteId, previous: Root, crypto: Crypto): RootVerified {
  if (bytes.length > ROOT_SIZE_MAX) return { ok: false, fault: "too large" }
  return verifyRoot(bytes, site, previous, crypto)
}
