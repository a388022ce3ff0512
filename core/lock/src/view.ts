/**
 * What a lock says about itself right now: the state that it signs in every beat, and that a console may believe.
 *
 * The words have numbers here and nowhere else. A state is a claim at an uptime, not history: history is the journal's.
 */
import type { Version } from "@holdfast/access/door"
import { readVersion } from "@holdfast/access/door"
import {
  ALG_ES256,
  bytesToSign,
  type Cbor,
  type Crypto,
  type DoorId,
  decodeCbor,
  decodeSigned,
  encodeCbor,
  encodeSigned,
  idBytes,
  idOf,
  kidOf,
  type PublicKey,
  readBytes,
  readMap,
  readUint,
  type SiteId,
  type UnixMillis,
  type Uptime,
  unixMillis,
  uptime,
  verifySigned,
} from "@holdfast/base"
import type { Bolt } from "./bolt.ts"
import { wallAt } from "./clock.ts"
import type { Door } from "./door.ts"
import { hasEnded } from "./lease.ts"
import type { Lock } from "./lock.ts"
import { KEYPAD, waitOf } from "./throttle.ts"

export type BoltWord = Bolt["is"]
export type DoorWord = Door["is"]
const BOLTS: readonly BoltWord[] = ["unknown", "thrown", "drawing", "drawn", "throwing", "jammed", "not fully thrown"]
const DOORS: readonly DoorWord[] = ["unknown", "closed", "open", "open long", "held", "forced"]
const FLAGS = ["on reserve power", "code throttled", "no policy", "no lease", "journal full"] as const
export type StateFlag = (typeof FLAGS)[number]

export type LockState = {
  readonly door: DoorId
  readonly uptime_ms: Uptime
  /** Null while the lock does not know the time. */
  readonly wall_ms: UnixMillis | null
  readonly bolt: BoltWord
  readonly leaf: DoorWord
  readonly flags: readonly StateFlag[]
  readonly lastSequence: number
  readonly version: Version | null
  /** Unix seconds; 0 without a lease. */
  readonly leaseEnd_s: number
  readonly boot: number
  readonly authoritySize: number
}

export const STATE_BYTES_MAX = 512

/** The state of a lock at `now`. */
export function stateOf(lock: Lock, now: Uptime): LockState {
  const { lease, clock, journal } = lock
  const holds: Readonly<Record<StateFlag, boolean>> = {
    "on reserve power": lock.power === "reserve",
    "code throttled": waitOf(lock.throttle, KEYPAD, now) > 0,
    "no policy": lock.active === null,
    "no lease": lease === null || hasEnded(lease, clock, now),
    "journal full": journal.lost > 0,
  }
  return {
    door: lock.pairing.door,
    uptime_ms: now,
    wall_ms: wallAt(clock, now),
    bolt: lock.bolt.is,
    leaf: lock.door.is,
    flags: FLAGS.filter((flag) => holds[flag]),
    lastSequence: journal.next - 1,
    version: lock.active?.name.version ?? null,
    leaseEnd_s: lease?.notAfter ?? 0,
    boot: lock.boot,
    authoritySize: lock.held.size,
  }
}

function encodeState(state: LockState): Uint8Array {
  return encodeCbor(
    new Map<number, Cbor>([
      [0, idBytes(state.door)],
      [1, state.uptime_ms],
      [2, state.wall_ms ?? 0],
      [3, BOLTS.indexOf(state.bolt)],
      [4, DOORS.indexOf(state.leaf)],
      [5, state.flags.reduce((bits, flag) => bits + 2 ** FLAGS.indexOf(flag), 0)],
      [6, state.lastSequence],
      [7, state.version === null ? null : [state.version.epoch, state.version.size]],
      [8, state.leaseEnd_s],
      [9, state.boot],
      [10, state.authoritySize],
    ]),
  )
}

function decodeState(payload: Uint8Array): LockState | null {
  const decoded = decodeCbor(payload)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) : null
  const door = readBytes(map?.get(0), 16)
  const ran = readUint(map?.get(1))
  const wall = readUint(map?.get(2))
  const bolt = BOLTS[readUint(map?.get(3)) ?? -1]
  const leaf = DOORS[readUint(map?.get(4)) ?? -1]
  const bits = readUint(map?.get(5), 2 ** FLAGS.length - 1)
  const lastSequence = readUint(map?.get(6))
  const named = map?.get(7)
  const version = readVersion(named)
  const leaseEnd_s = readUint(map?.get(8))
  const boot = readUint(map?.get(9))
  const authoritySize = readUint(map?.get(10))
  if (door === null || ran === null || wall === null || bolt === undefined || leaf === undefined) return null
  if (bits === null || lastSequence === null || leaseEnd_s === null || boot === null || authoritySize === null)
    return null
  if (version === null && named !== null) return null
  const flags = FLAGS.filter((_, at) => Math.floor(bits / 2 ** at) % 2 === 1)
  const wall_ms = wall === 0 ? null : unixMillis(wall)
  const counts = { lastSequence, version, leaseEnd_s, boot, authoritySize }
  return { door: idOf<"DoorId">(door), uptime_ms: uptime(ran), wall_ms, bolt, leaf, flags, ...counts }
}

/** What the journal key signs for a beat, and the beat once it did. */
export function stateToSign(
  crypto: Crypto,
  site: SiteId,
  journalKey: PublicKey,
  state: LockState,
): { readonly bytes: Uint8Array; finish(signature: Uint8Array): Uint8Array } {
  const header = { alg: ALG_ES256, kid: kidOf(journalKey, crypto), type: "state" } as const
  const payload = encodeState(state)
  return {
    bytes: bytesToSign(header, site, payload),
    finish: (signature) => encodeSigned(header, payload, signature),
  }
}

/** The state in a beat, if this lock's journal key signed it; else null. */
export function openState(crypto: Crypto, site: SiteId, journalKey: PublicKey, bytes: Uint8Array): LockState | null {
  const signed = bytes.length > STATE_BYTES_MAX ? null : decodeSigned("state", site, bytes)
  return signed !== null && verifySigned(signed, journalKey, crypto) ? decodeState(signed.payload) : null
}
