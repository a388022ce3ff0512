/**
 * A narrowing: the keeper tells one lock that something grave was found at another door of its site, and until when that counts.
 *
 * It names the record that is its reason and has no word for what the lock is to do: there is one thing that a lock does about
 * it, and that asks for more. So no narrowing, whoever holds the key, lets anybody in who could not have come in without it.
 */
import { type Crypto, type DoorId, idBytes, type SiteId, type UnixSeconds } from "@holdfast/base"
import { type Cbor, readMap, readUint } from "@holdfast/base/cbor"
import type { PublicKey } from "@holdfast/base/cose"
import { fields, readId, readSeconds } from "./read.ts"
import { type Form, type Signable, signableMap, type Verified, verifyForm } from "./signing.ts"

/** The record of a lock that is the reason. */
export type Cause = {
  readonly door: DoorId
  readonly sequence: number
}

export type Narrowing = {
  readonly site: SiteId
  /** Whom it is for. */
  readonly door: DoorId
  readonly cause: Cause
  /** The number of the record's result: what was found. */
  readonly result: number
  /** When the keeper signed it. */
  readonly notBefore: UnixSeconds
  readonly notAfter: UnixSeconds
}

export const NARROWING_SIZE_MAX = 256
const RESULT_MAX = 255

export type NarrowingVerified = Verified<Narrowing>

export function narrowingToSign(narrowing: Narrowing, keeper: PublicKey, crypto: Crypto): Signable {
  const { site, door, cause, result, notBefore, notAfter } = narrowing
  const payload = fields(
    [0, idBytes(site)],
    [1, idBytes(door)],
    [2, idBytes(cause.door)],
    [3, cause.sequence],
    [4, result],
    [5, notBefore],
    [6, notAfter],
  )
  return signableMap("narrowing", site, payload, keeper, crypto)
}

function decodeNarrowing(payload: Cbor): Narrowing | null {
  const map = readMap(payload, [0, 1, 2, 3, 4, 5, 6])
  const site = readId<"SiteId">(map?.get(0))
  const door = readId<"DoorId">(map?.get(1))
  const other = readId<"DoorId">(map?.get(2))
  const sequence = readUint(map?.get(3))
  const result = readUint(map?.get(4), RESULT_MAX)
  const notBefore = readSeconds(map?.get(5))
  const notAfter = readSeconds(map?.get(6))
  if (site === null || door === null || other === null || sequence === null || result === null) return null
  if (notBefore === null || notAfter === null || notBefore >= notAfter || other === door) return null
  return { site, door, cause: { door: other, sequence }, result, notBefore, notAfter }
}

const NARROWING: Form<Narrowing> = { type: "narrowing", size_max: NARROWING_SIZE_MAX, decode: decodeNarrowing }

/** The narrowing if the keeper of this site signed it. Door, bound and time are the caller's checks. */
export function verifyNarrowing(site: SiteId, bytes: Uint8Array, keeper: PublicKey, crypto: Crypto): NarrowingVerified {
  return verifyForm(NARROWING, site, bytes, keeper, crypto)
}
