/**
 * What a lock says about itself right now: the state that it signs in every beat, and that a console may believe.
 *
 * The words have numbers here and nowhere else. A state is a claim at an uptime, not history: history is the journal's.
 */
import type { Version } from "@holdfast/access/door"
import { readVersion } from "@holdfast/access/door"
import {
  type Crypto,
  type DoorId,
  idBytes,
  idOf,
  type SiteId,
  type UnixMillis,
  type Uptime,
  unixMillis,
  uptime,
} from "@holdfast/base"
import {
  type Cbor,
  type CborMap,
  decodeCbor,
  encodeCbor,
  readBytes,
  readMap,
  readText,
  readUint,
} from "@holdfast/base/cbor"
import {
  ALG_ES256,
  bytesToSign,
  decodeSigned,
  encodeSigned,
  kidOf,
  type PublicKey,
  verifySigned,
} from "@holdfast/base/cose"
import type { Bolt } from "./bolt.ts"
import { wallAt } from "./clock.ts"
import { alarmAt, type Door } from "./door.ts"
import { defenceFields, type DefenceState, defenceStateOf, readDefence } from "./defence-state.ts"
import { type Health, healthFields, healthOf, readHealth } from "./health.ts"
import { hasEnded } from "./lease.ts"
import type { Lock } from "./lock.ts"
import { endOf, MODES, type ModeWord } from "./mode.ts"
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
  /** What keeps the lock's keys: "software" is no secure element; null where the board did not say. */
  readonly element: ElementWord | null
  /** What rules the door, and the uptime at which that ends by itself. */
  readonly mode: ModeWord
  readonly modeEnds_ms: Uptime | null
  readonly threatLevel: number
  /** While the leaf stands open long: the uptime at which that becomes an alarm. */
  readonly alarmAt_ms: Uptime | null
  /** The delayed way out: its bar was pushed and counts until this uptime; it is free; or neither. */
  readonly wayOut: "ready" | "counting" | "free"
  /** The version that the launcher started; null on a board without one. */
  readonly firmware: string | null
  /** The update that is under way, or the image that runs on trial. */
  readonly update: UpdateWord
  /** Battery, motor, energy, supply. */
  readonly health: Health
  /** Entries at the keypad that were judged in this boot, right ones and wrong ones. */
  readonly codesTried?: number
  /** For the keeper alone: the silent alarms, or that there are none, sealed at one size. The board puts it in. */
  readonly sealedAlarm?: Uint8Array
  /** What the lock suspects, and how far it is on its guard. */
  readonly defence: DefenceState
}

const UPDATES = ["none", "gathering", "checking", "waiting", "on trial"] as const
export type UpdateWord = (typeof UPDATES)[number]

const ELEMENTS = ["software", "pkcs11"] as const
export type ElementWord = (typeof ELEMENTS)[number]

export const STATE_BYTES_MAX = 1024
const SEALED_ALARM_SIZE_MAX = 256

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
    element: lock.pairing.element ?? null,
    codesTried: lock.codesTried,
    mode: lock.ruled,
    modeEnds_ms: endOf(lock.modes, lock.ruled),
    threatLevel: lock.modes.level,
    alarmAt_ms: alarmAt(lock.door),
    wayOut: lock.egress.is,
    firmware: lock.update.running?.version ?? null,
    update: isOnTrial(lock) ? "on trial" : lock.update.task.is,
    health: healthOf(lock),
    defence: defenceStateOf(lock),
  }
}

function isOnTrial({ update }: Lock): boolean {
  return update.running?.onTrial === true && update.confirmAt !== null
}

const WAYS_OUT: readonly LockState["wayOut"][] = ["ready", "counting", "free"]

/** What a door rarely has to say is written only then: [key, value]. */
function rareFields(state: LockState): readonly (readonly [number, Cbor])[] {
  const { element, mode, modeEnds_ms, threatLevel, alarmAt_ms, wayOut, firmware, update } = state
  const fields: [number, Cbor][] = []
  if (element !== null) fields.push([100, ELEMENTS.indexOf(element)])
  if (mode !== "normal") fields.push([115, MODES.indexOf(mode)])
  if (modeEnds_ms !== null) fields.push([116, modeEnds_ms])
  if (threatLevel > 0) fields.push([117, threatLevel])
  if (alarmAt_ms !== null) fields.push([118, alarmAt_ms])
  if (wayOut !== "ready") fields.push([119, WAYS_OUT.indexOf(wayOut)])
  if (firmware !== null) fields.push([146, firmware])
  if (update !== "none") fields.push([147, UPDATES.indexOf(update)])
  return fields
}

type Rare = Pick<
  LockState,
  "element" | "mode" | "modeEnds_ms" | "threatLevel" | "alarmAt_ms" | "wayOut" | "firmware" | "update"
>

/** An absent field reads as the usual; null for a mode that this program does not know. */
function readRare(map: CborMap): Rare | null {
  const mode = map.has(115) ? MODES[readUint(map.get(115)) ?? -1] : "normal"
  if (mode === undefined) return null
  const modeEnds = readUint(map.get(116))
  const alarm = readUint(map.get(118))
  return {
    element: ELEMENTS[readUint(map.get(100)) ?? -1] ?? null,
    mode,
    modeEnds_ms: modeEnds === null ? null : uptime(modeEnds),
    threatLevel: readUint(map.get(117)) ?? 0,
    alarmAt_ms: alarm === null ? null : uptime(alarm),
    wayOut: WAYS_OUT[readUint(map.get(119)) ?? 0] ?? "ready",
    firmware: readText(map.get(146), 32),
    update: UPDATES[readUint(map.get(147)) ?? 0] ?? "none",
  }
}

function encodeState(state: LockState): Uint8Array {
  const { sealedAlarm, codesTried } = state
  return encodeCbor(
    new Map<number, Cbor>([
      ...rareFields(state),
      ...healthFields(state.health),
      ...defenceFields(state.defence),
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
      ...(sealedAlarm === undefined ? [] : [[110, sealedAlarm] as const]),
      ...(codesTried === undefined ? [] : [[111, codesTried] as const]),
    ]),
  )
}

function decodeState(payload: Uint8Array): LockState | null {
  const decoded = decodeCbor(payload)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) : null
  if (map === null) return null
  const door = readBytes(map.get(0), 16)
  const ran = readUint(map.get(1))
  const wall = readUint(map.get(2))
  const bolt = BOLTS[readUint(map.get(3)) ?? -1]
  const leaf = DOORS[readUint(map.get(4)) ?? -1]
  const bits = readUint(map.get(5), 2 ** FLAGS.length - 1)
  const lastSequence = readUint(map.get(6))
  const named = map.get(7)
  const version = readVersion(named)
  const leaseEnd_s = readUint(map.get(8))
  const boot = readUint(map.get(9))
  const authoritySize = readUint(map.get(10))
  if (door === null || ran === null || wall === null || bolt === undefined || leaf === undefined) return null
  if (bits === null || lastSequence === null || leaseEnd_s === null || boot === null || authoritySize === null)
    return null
  const rare = readRare(map)
  if (rare === null || (version === null && named !== null)) return null
  const flags = FLAGS.filter((_, at) => Math.floor(bits / 2 ** at) % 2 === 1)
  const wall_ms = wall === 0 ? null : unixMillis(wall)
  const sealedAlarm = readBytes(map?.get(110), 1, SEALED_ALARM_SIZE_MAX)
  const tried = readUint(map?.get(111))
  const entering = {
    ...(sealedAlarm === null ? {} : { sealedAlarm }),
    ...(tried === null ? {} : { codesTried: tried }),
  }
  const counts = { lastSequence, version, leaseEnd_s, boot, authoritySize }
  return {
    door: idOf<"DoorId">(door),
    uptime_ms: uptime(ran),
    wall_ms,
    bolt,
    leaf,
    flags,
    ...counts,
    ...rare,
    health: readHealth(map),
    ...entering,
    defence: readDefence(map),
  }
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
