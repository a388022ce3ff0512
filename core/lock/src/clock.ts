/**
 * What time a lock believes it is, and how sure it may be.
 *
 * After a boot the time is unknown until a beacon answers the lock's own nonce within 10 s (attack 50). The *floor*
 * is a time that has certainly passed; it is stored, only rises, and grows with the lock's running time. A known clock is
 * never moved by more than five minutes; an unknown one never to before its floor. Unknown time narrows, never widens. What
 * a clock chip says is not heard (docs/adr/0100).
 */
import {
  assert,
  equalBytes,
  secondsOf,
  type UnixMillis,
  type UnixSeconds,
  type Uptime,
  unixMillis,
} from "@holdfast/base"
import { decodeCbor, encodeCbor, readUint } from "@holdfast/base/cbor"

export const BEACON_MS_MAX = 10_000
export const STEP_S_MAX = 300
export const STEP_MS_MAX = STEP_S_MAX * 1000
/** The lock's own oscillator may be this fast: what its uptime proves is a little less than what it shows. */
const DRIFT_PARTS = 10_000

export type Clock = {
  /** Time at uptime 0 of this boot, as the last beacon told. Null while unknown. */
  readonly start_ms: number | null
  /** A time that had certainly passed at {@link floorAt}. */
  readonly floor: UnixMillis
  readonly floorAt: Uptime
  /** The nonce that left last, and when. It answers at most one beacon. */
  readonly asked: { readonly nonce: Uint8Array; readonly at: Uptime } | null
}

export type BeaconFault = "not expected" | "too early or too late" | "step too large"
export type ClockSet =
  | { readonly ok: true; readonly clock: Clock }
  | { readonly ok: false; readonly fault: BeaconFault }

export function unknownClock(floor: UnixMillis, now: Uptime): Clock {
  return { start_ms: null, floor, floorAt: now, asked: null }
}

/** A time that has certainly passed by now. */
export function passedBy(clock: Clock, now: Uptime): UnixMillis {
  assert(now >= clock.floorAt, "uptime never goes back")
  const ran = now - clock.floorAt
  return unixMillis(clock.floor + ran - Math.ceil(ran / DRIFT_PARTS))
}

/** The time now, or null while it is unknown. It is never before what has certainly passed. */
export function wallAt(clock: Clock, now: Uptime): UnixMillis | null {
  return clock.start_ms === null ? null : unixMillis(Math.max(clock.start_ms + now, passedBy(clock, now)))
}

export function wallSeconds(clock: Clock, now: Uptime): UnixSeconds | null {
  const wall = wallAt(clock, now)
  return wall === null ? null : secondsOf(wall)
}

export function asking(clock: Clock, now: Uptime, nonce: Uint8Array): Clock {
  assert(nonce.length === 16, "a nonce is 16 bytes")
  return { ...clock, asked: { nonce, at: now } }
}

/** Sets the clock by a beacon that the keeper signed, and uses the nonce up: it answers once. */
export function takeBeacon(clock: Clock, now: Uptime, nonce: Uint8Array, time: UnixMillis): ClockSet {
  const { asked } = clock
  if (asked === null || !equalBytes(asked.nonce, nonce)) return { ok: false, fault: "not expected" }
  if (now - asked.at > BEACON_MS_MAX) return { ok: false, fault: "too early or too late" }
  const believed = wallAt(clock, now)
  if (believed !== null && Math.abs(time - believed) > STEP_MS_MAX) return { ok: false, fault: "step too large" }
  const passed = passedBy(clock, now)
  if (time < passed - STEP_MS_MAX) return { ok: false, fault: "step too large" }
  const floor = unixMillis(Math.max(time, passed))
  assert(floor >= clock.floor, "the floor only rises")
  return { ok: true, clock: { start_ms: time - now, floor, floorAt: now, asked: null } }
}

/** What is stored: the floor as it stands now. */
export function encodeFloor(clock: Clock, now: Uptime): Uint8Array {
  return encodeCbor(wallAt(clock, now) ?? passedBy(clock, now))
}

export function decodeFloor(bytes: Uint8Array): UnixMillis | null {
  const decoded = decodeCbor(bytes)
  const floor = decoded.ok ? readUint(decoded.value) : null
  return floor === null ? null : unixMillis(floor)
}
