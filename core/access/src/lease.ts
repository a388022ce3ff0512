/**
 * A lease ticket: until when a lock may go on deciding by one policy. When it ends, all rights at the door end.
 *
 * Its length is at once the bound on revocation and the tolerance of an outage. Any courier may carry it.
 */
import { type Crypto, type DoorId, idBytes, type SiteId, type UnixSeconds } from "@holdfast/base"
import { type Cbor, readMap } from "@holdfast/base/cbor"
import type { PublicKey } from "@holdfast/base/cose"
import { fields, readDigest, readId, readSeconds } from "./read.ts"
import { type Form, type Signable, signableMap, type Verified, verifyForm } from "./signing.ts"
import { encodeVersion, readVersion, type Version } from "./version.ts"

export type Lease = {
  readonly site: SiteId
  readonly door: DoorId
  readonly version: Version
  readonly policyHash: Uint8Array
  readonly notBefore: UnixSeconds
  readonly notAfter: UnixSeconds
}

export const LEASE_SIZE_MAX = 512

export type LeaseVerified = Verified<Lease>

export function leaseToSign(lease: Lease, keeper: PublicKey, crypto: Crypto): Signable {
  const payload = fields(
    [0, idBytes(lease.site)],
    [1, idBytes(lease.door)],
    [2, encodeVersion(lease.version)],
    [3, lease.policyHash],
    [4, lease.notBefore],
    [5, lease.notAfter],
  )
  return signableMap("lease", lease.site, payload, keeper, crypto)
}

function decodeLease(payload: Cbor): Lease | null {
  const map = readMap(payload, [0, 1, 2, 3, 4, 5])
  const site = readId<"SiteId">(map?.get(0))
  const door = readId<"DoorId">(map?.get(1))
  const version = readVersion(map?.get(2))
  const policyHash = readDigest(map?.get(3))
  const notBefore = readSeconds(map?.get(4))
  const notAfter = readSeconds(map?.get(5))
  if (site === null || door === null || version === null || policyHash === null) return null
  if (notBefore === null || notAfter === null || notBefore >= notAfter) return null
  return { site, door, version, policyHash, notBefore, notAfter }
}

const LEASE: Form<Lease> = { type: "lease", size_max: LEASE_SIZE_MAX, decode: decodeLease }

/** The ticket if the keeper of this site signed it. Door, version and time are the caller's checks. */
export function verifyLease(site: SiteId, bytes: Uint8Array, keeper: PublicKey, crypto: Crypto): LeaseVerified {
  return verifyForm(LEASE, site, bytes, keeper, crypto)
}
