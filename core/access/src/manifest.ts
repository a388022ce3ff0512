/**
 * The keeper's signature on a policy: which bytes, for which door, compiled from which authority log, in which chunks.
 *
 * A lock first verifies this, then that the log it names continues the one the lock holds, then fetches the chunks by hash.
 * It carries no policy and no secret.
 */
import { type Crypto, type DoorId, EMPTY, idBytes, type SiteId, type UnixSeconds } from "@holdfast/base"
import { type Cbor, readArray, readMap, readText, readUint } from "@holdfast/base/cbor"
import type { PublicKey } from "@holdfast/base/cose"
import { fields, NAME_LENGTH_MAX, readDigest, readId, readSeconds } from "./read.ts"
import { type Form, type Signable, signableMap, type Verified, verifyForm } from "./signing.ts"
import { encodeVersion, readVersion, type Version } from "./version.ts"

export type Manifest = {
  readonly site: SiteId
  readonly door: DoorId
  readonly version: Version
  readonly policyHash: Uint8Array
  /** The authority log at which it was compiled. */
  readonly authority: { readonly size: number; readonly root: Uint8Array }
  readonly tzdata: string
  readonly compiledAt: UnixSeconds
  /** SHA-256 of each chunk of at most {@link CHUNK_SIZE} bytes: the policy's, and behind them those of an index that is long. */
  readonly chunks: readonly Uint8Array[]
  readonly policySize: number
  readonly secretsHash: Uint8Array
}

export const CHUNK_SIZE = 4_096
/** Within the link's message cap of 128 KiB, beside a proof: about 3,400 chunks, a policy of 250,000 people, or of 130,000 with a card each. */
export const MANIFEST_SIZE_MAX = 122_880
const CHUNKS_MAX = 4_096

export type ManifestVerified = Verified<Manifest>

function chunksOf(bytes: Uint8Array): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / CHUNK_SIZE)
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * CHUNK_SIZE, (at + 1) * CHUNK_SIZE))
}

/**
 * A policy and the index of its secrets as a courier brings them: chunks, which the lock asks for by their place, and what comes
 * with the offer. An index of one chunk at most comes with the offer; a longer one in chunks of its own, behind the policy's.
 */
export function piecesOf(
  policy: Uint8Array,
  secrets: Uint8Array,
): { readonly chunks: readonly Uint8Array[]; readonly secrets: Uint8Array } {
  if (secrets.length <= CHUNK_SIZE) return { chunks: chunksOf(policy), secrets }
  return { chunks: [...chunksOf(policy), ...chunksOf(secrets)], secrets: EMPTY }
}

export function manifestToSign(manifest: Manifest, keeper: PublicKey, crypto: Crypto): Signable {
  const payload = fields(
    [0, idBytes(manifest.site)],
    [1, idBytes(manifest.door)],
    [2, encodeVersion(manifest.version)],
    [3, manifest.policyHash],
    [4, fields([0, manifest.authority.size], [1, manifest.authority.root])],
    [5, manifest.tzdata],
    [6, manifest.compiledAt],
    [7, manifest.chunks],
    [8, manifest.policySize],
    [9, manifest.secretsHash],
  )
  return signableMap("manifest", manifest.site, payload, keeper, crypto)
}

function decodeManifest(payload: Cbor): Manifest | null {
  const map = readMap(payload, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const site = readId<"SiteId">(map?.get(0))
  const door = readId<"DoorId">(map?.get(1))
  const version = readVersion(map?.get(2))
  const policyHash = readDigest(map?.get(3))
  const head = readMap(map?.get(4), [0, 1])
  const size = readUint(head?.get(0))
  const root = readDigest(head?.get(1))
  const tzdata = readText(map?.get(5), NAME_LENGTH_MAX)
  const compiledAt = readSeconds(map?.get(6))
  const chunks = readArray(map?.get(7), CHUNKS_MAX, readDigest)
  const policySize = readUint(map?.get(8), CHUNKS_MAX * CHUNK_SIZE)
  const secretsHash = readDigest(map?.get(9))
  if (site === null || door === null || version === null || policyHash === null || size === null || root === null)
    return null
  if (tzdata === null || compiledAt === null || chunks === null || policySize === null || secretsHash === null)
    return null
  if (chunks.length < Math.ceil(policySize / CHUNK_SIZE) || version.size !== size) return null
  const authority = { size, root }
  return { site, door, version, policyHash, authority, tzdata, compiledAt, chunks, policySize, secretsHash }
}

const MANIFEST: Form<Manifest> = { type: "manifest", size_max: MANIFEST_SIZE_MAX, decode: decodeManifest }

/** The manifest if the keeper of this site signed it. Which door it is for, and whether it is newer, is the caller's check. */
export function verifyManifest(site: SiteId, bytes: Uint8Array, keeper: PublicKey, crypto: Crypto): ManifestVerified {
  return verifyForm(MANIFEST, site, bytes, keeper, crypto)
}
