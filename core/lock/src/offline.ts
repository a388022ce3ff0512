/**
 * Offline PINs: codes that a lock accepts though it never heard of them, because it can work out the same number.
 *
 *   PIN = (dec(HMAC(K_owner, d)) + dec(HMAC(K_site, d))) mod 10^D            dec: first 8 bytes, big-endian, mod 10^D
 *   d   = "offline-pin/v1" 0x00 type u8, epoch u16, start slot u32, duration code u8, sequence u8
 *
 * Two halves make one, and neither holder can mint alone. Nobody tells the lock which descriptor was meant: it tries the 650
 * that are acceptable now, all of them every time, so that the work says nothing about the code. The site's half is made for
 * one door, so a code is worth nothing at another (attack 58). What was used, and how long a timed code still holds, is
 * remembered in `offline-used.ts`.
 */
import { DURATIONS_S, OFFLINE_TYPES, type OfflineType } from "@holdfast/access/rules"
import { assert, byteAt, concat, type Crypto, type DoorId, idBytes, type UnixSeconds } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"

export { DURATIONS_S, OFFLINE_TYPES, type OfflineType }

export type Descriptor = {
  readonly type: OfflineType
  readonly epoch: number
  /** Hours since 1970 UTC; of a momentary code five-minute steps. */
  readonly start: number
  /** An index into {@link DURATIONS_S}; 0 where the type has none. */
  readonly duration: number
  /** Tells codes of one type and start apart. */
  readonly sequence: number
}

const HOUR_S = 3_600
const MOMENT_S = 300
const FIRST_USE_HOURS = 24
/** How many sequences each type has, so that 24 x (8 + 8 x 2 + 3) + 2 = 650 codes are acceptable at any instant. */
const SEQUENCES: Readonly<Record<OfflineType, number>> = { "one-time": 8, timed: 2, erase: 3, momentary: 1 }
export const ACCEPTABLE_COUNT = 650

/** How many digits such codes have at a door of this grade. */
export function offlineDigits(grade: number): number {
  return grade >= 3 ? 10 : 9
}

const LABEL = utf8("offline-pin/v1\0")
const DOOR_LABEL = utf8("offline-pin/door/v1\0")

/** The site's half for one door: what one lock knows is worth nothing at another. */
export function siteHalf(crypto: Crypto, siteKey: Uint8Array, door: DoorId): Uint8Array {
  return crypto.hmacSha256(siteKey, concat(DOOR_LABEL, idBytes(door)))
}

export function descriptorBytes({ type, epoch, start, duration, sequence }: Descriptor): Uint8Array {
  assert(start >= 0 && start <= 0xffff_ffff && epoch <= 0xffff, "a descriptor's numbers fit their places")
  const bytes = concat(LABEL, new Uint8Array(9))
  const view = new DataView(bytes.buffer, LABEL.length)
  view.setUint8(0, OFFLINE_TYPES.indexOf(type))
  view.setUint16(1, epoch)
  view.setUint32(3, start)
  view.setUint8(7, duration)
  view.setUint8(8, sequence)
  return bytes
}

/** How many codes of one type may begin in one hour, or moment. */
export function sequencesOf(type: OfflineType): number {
  return SEQUENCES[type]
}

/** What one half gives to a code: the first eight bytes mod 10^digits, in steps, since 2^64 is beyond what a number holds. */
export function shareFrom(hash: Uint8Array, digits: number): number {
  const modulus = 10 ** digits
  let value = 0
  for (let at = 0; at < 8; at++) value = (value * 256 + byteAt(hash, at)) % modulus
  return value
}

/** The code that two shares make, as a number. */
export function joinShares(owner: number, site: number, digits: number): number {
  return (owner + site) % 10 ** digits
}

/** The number that both halves make of a descriptor. */
export function offlinePin(
  crypto: Crypto,
  owner: Uint8Array,
  site: Uint8Array,
  descriptor: Descriptor,
  digits: number,
): number {
  const bytes = descriptorBytes(descriptor)
  return joinShares(
    shareFrom(crypto.hmacSha256(owner, bytes), digits),
    shareFrom(crypto.hmacSha256(site, bytes), digits),
    digits,
  )
}

/** Every descriptor whose code may be used for the first time at this instant. Their number never changes. */
export function acceptable(at: UnixSeconds, epoch: number): readonly Descriptor[] {
  const found: Descriptor[] = []
  const add = (type: OfflineType, start: number, durations: number): void => {
    for (let duration = 0; duration < durations; duration++)
      for (let sequence = 0; sequence < SEQUENCES[type]; sequence++)
        found.push({ type, epoch, start: Math.max(0, start), duration, sequence })
  }
  const hour = Math.floor(at / HOUR_S)
  for (let age = 0; age < FIRST_USE_HOURS; age++) {
    add("one-time", hour - age, 1)
    add("timed", hour - age, DURATIONS_S.length)
    add("erase", hour - age, 1)
  }
  const moment = Math.floor(at / MOMENT_S)
  for (let age = 0; age < 2; age++) add("momentary", moment - age, 1)
  assert(found.length === ACCEPTABLE_COUNT, "650 codes are acceptable at any instant")
  return found
}

/** Until when a code may be entered for the last time; at its first use it must not be past. */
export function endOf({ type, start, duration }: Descriptor): number {
  if (type === "momentary") return (start + 2) * MOMENT_S
  const length_s = type === "timed" ? DURATIONS_S[duration] : FIRST_USE_HOURS * HOUR_S
  assert(length_s !== undefined, "a duration code is in the table")
  return start * HOUR_S + length_s
}

/** The descriptor whose code this is, or null. All are worked out, whichever it is. */
export function searchOffline(
  crypto: Crypto,
  owner: Uint8Array,
  site: Uint8Array,
  descriptors: readonly Descriptor[],
  code: string,
  digits: number,
): Descriptor | null {
  const entered = code.length === digits ? Number(code) : Number.NaN
  let found: Descriptor | null = null
  for (const descriptor of descriptors) {
    const isIt = offlinePin(crypto, owner, site, descriptor, digits) === entered
    found = isIt ? descriptor : found
  }
  return found
}
