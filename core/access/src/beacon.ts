/**
 * A time beacon: the keeper's clock, bound to a nonce that one lock made a moment ago.
 *
 * Only the asking lock, and only within 10 s of its own uptime after asking, may set its clock by it; for anybody else it is
 * merely a lower bound on the time.
 */
import { type Crypto, idBytes, type SiteId, type UnixMillis, unixMillis } from "@holdfast/base"
import { type Cbor, readBytes, readMap, readUint } from "@holdfast/base/cbor"
import type { PublicKey } from "@holdfast/base/cose"
import { fields, readId } from "./read.ts"
import { type Form, type Signable, signableMap, type Verified, verifyForm } from "./signing.ts"

export type Beacon = { readonly site: SiteId; readonly nonce: Uint8Array; readonly time: UnixMillis }

export const BEACON_SIZE_MAX = 256
export const BEACON_NONCE_SIZE = 16

export type BeaconVerified = Verified<Beacon>

export function beaconToSign(beacon: Beacon, keeper: PublicKey, crypto: Crypto): Signable {
  const payload = fields([0, idBytes(beacon.site)], [1, beacon.nonce], [2, beacon.time])
  return signableMap("beacon", beacon.site, payload, keeper, crypto)
}

function decodeBeacon(payload: Cbor): Beacon | null {
  const map = readMap(payload, [0, 1, 2])
  const site = readId<"SiteId">(map?.get(0))
  const nonce = readBytes(map?.get(1), BEACON_NONCE_SIZE)
  const time = readUint(map?.get(2))
  return site === null || nonce === null || time === null ? null : { site, nonce, time: unixMillis(time) }
}

const BEACON: Form<Beacon> = { type: "beacon", size_max: BEACON_SIZE_MAX, decode: decodeBeacon }

/** The beacon if the keeper of this site signed it. Whose nonce it answers is the caller's check. */
export function verifyBeacon(site: SiteId, bytes: Uint8Array, keeper: PublicKey, crypto: Crypto): BeaconVerified {
  return verifyForm(BEACON, site, bytes, keeper, crypto)
}
