/**
 * How one door behaves: its grade, what it wants to see and when, its times, its fail mode, its lease.
 *
 * The same record stands in the statement that sets a door (schedules by id) and in the policy that its lock carries
 * (schedules by index), so it is written once, over the kind of reference. It says nothing about who may come in.
 */
import { type Cbor, type CborMap, readArray, readMap, readText, readUint } from "@holdfast/base/cbor"
import { type Act, actBits, readActBits } from "./act.ts"
import { type Fitted, fittedFields, readFitted } from "./body.ts"
import { type Entering, enteringFields, PLAIN_ENTERING, readEntering } from "./entering.ts"
import { type Heeding, heedingFields, readHeeding } from "./heeding.ts"
import { encodeFactors, type Factors, readFactors, suitsGrade } from "./factors.ts"
import { NAME_LENGTH_MAX, readInteger } from "./read.ts"
import { NO_UPDATE, readUpdating, type Updating, updatingFields } from "./updating.ts"

export type FailMode = "secure" | "safe"

/** How office hours begin: with the schedule, or with the first valid entry inside it. */
export type Office = "by schedule" | "after first entry"
export type Antipassback = "none" | "soft" | "hard"

/**
 * The factors while a schedule is open; the first mode that matches wins, and the last one has no schedule. With `office` the
 * door stands unlocked in those hours.
 */
export type Mode<Schedule> = {
  readonly schedule: Schedule | null
  readonly factors: Factors
  readonly office?: Office
}

/** What a door's configuration says in parts of their own. */
type Beyond = Fitted & Entering & Heeding & Updating

export type DoorConfig<Schedule> = Beyond & {
  /** Security grade 1 to 4, after EN 60839-11-1. */
  readonly grade: number
  /** Which of the four zone applications on a card this door speaks to. */
  readonly zoneApplication: number
  readonly modes: readonly Mode<Schedule>[]
  readonly unlock_ms: number
  readonly heldOpen_ms: number
  readonly failMode: FailMode
  readonly lease_s: number
  /** IANA name, for showing times at this door. */
  readonly zone: string
  readonly pinOnlyPeople_max: number
  /** For people who need longer: how long the bolt stays drawn, and how long the leaf may stand open. */
  readonly extendedUnlock_ms: number
  readonly extendedHeldOpen_ms: number
  /** What may be ordered from afar at this door; nothing unless it is said. */
  readonly remoteActs: readonly Act[]
  /** Whether a fire alarm releases this door. */
  readonly fireReleases: boolean
  /** What the door wants to see at threat level 1, 2, ...; a higher level wants what the last one does. */
  readonly threatFactors: readonly Factors[]
  readonly antipassback: Antipassback
  /** After this long nobody is held to the side where he was seen; 0: for ever. */
  readonly antipassback_s: number
  /** Whether the door is one of a pair that never stand open together. */
  readonly interlock: boolean
  /** How long the bar must wait until it frees the way out (R45: 15 s, 30 s with the authority's leave); 0: at once. */
  readonly delayedEgress_s: number
}

export const MODES_MAX = 16
export const UNLOCK_MS_DEFAULT = 5_000
export const HELD_OPEN_MS_DEFAULT = 15_000
export const LEASE_S_DEFAULT = 86_400
export const THREAT_LEVEL_MAX = 4

/** What a door does that says nothing about it: none of this is written, so older configurations keep their bytes. */
const STANDARD = {
  extendedUnlock_ms: 20_000,
  extendedHeldOpen_ms: 60_000,
  remoteActs: [],
  fireReleases: false,
  threatFactors: [],
  antipassback: "none",
  antipassback_s: 0,
  interlock: false,
  delayedEgress_s: 0,
} as const
const OFFICE: readonly (Office | null)[] = [null, "by schedule", "after first entry"]
const ANTIPASSBACK: readonly Antipassback[] = ["none", "soft", "hard"]

/** A door of grade 2 that wants a card, with the default times: what a console starts from. */
export function defaultConfig(zone: string): DoorConfig<never> {
  return {
    grade: 2,
    zoneApplication: 0,
    modes: [{ schedule: null, factors: "card" }],
    unlock_ms: UNLOCK_MS_DEFAULT,
    heldOpen_ms: HELD_OPEN_MS_DEFAULT,
    failMode: "secure",
    lease_s: LEASE_S_DEFAULT,
    zone,
    pinOnlyPeople_max: 8,
    ...STANDARD,
    ...NO_UPDATE,
    ...PLAIN_ENTERING,
    heeds: null,
  }
}

function encodeMode<Schedule>(mode: Mode<Schedule>, reference: (schedule: Schedule) => Cbor): Cbor {
  const pair = [mode.schedule === null ? null : reference(mode.schedule), encodeFactors(mode.factors)]
  return mode.office === undefined ? pair : [...pair, OFFICE.indexOf(mode.office)]
}

export function encodeConfig<Schedule>(config: DoorConfig<Schedule>, reference: (schedule: Schedule) => Cbor): Cbor {
  const { extendedUnlock_ms, extendedHeldOpen_ms, antipassback_s, delayedEgress_s } = config
  const map = new Map<number, Cbor>([
    [0, config.grade],
    [1, config.zoneApplication],
    [2, config.modes.map((mode) => encodeMode(mode, reference))],
    [3, config.unlock_ms],
    [4, config.heldOpen_ms],
    [5, config.failMode === "safe" ? 1 : 0],
    [6, config.lease_s],
    [7, config.zone],
    [8, config.pinOnlyPeople_max],
  ])
  if (extendedUnlock_ms !== STANDARD.extendedUnlock_ms) map.set(15, extendedUnlock_ms)
  if (extendedHeldOpen_ms !== STANDARD.extendedHeldOpen_ms) map.set(16, extendedHeldOpen_ms)
  if (config.remoteActs.length > 0) map.set(17, actBits(config.remoteActs))
  if (config.fireReleases) map.set(18, 1)
  if (config.threatFactors.length > 0) map.set(19, config.threatFactors.map(encodeFactors))
  if (config.antipassback !== "none") map.set(20, ANTIPASSBACK.indexOf(config.antipassback))
  if (antipassback_s > 0) map.set(21, antipassback_s)
  if (config.interlock) map.set(22, 1)
  if (delayedEgress_s > 0) map.set(23, delayedEgress_s)
  const beyond = [fittedFields(config), enteringFields(config), heedingFields(config), updatingFields(config)]
  for (const [key, value] of beyond.flat()) map.set(key, value)
  return map
}

function readMode<Schedule>(value: Cbor, reference: (value: Cbor) => Schedule | null): Mode<Schedule> | null {
  const [named, wanted, hours, ...more] = Array.isArray(value) ? (value as readonly Cbor[]) : []
  const factors = readFactors(wanted)
  const office = hours === undefined ? null : OFFICE[readUint(hours) ?? 0]
  if (factors === null || named === undefined || office === undefined || more.length > 0) return null
  if (hours !== undefined && (office === null || named === null)) return null
  const schedule = named === null ? null : reference(named)
  if (schedule === null && named !== null) return null
  return office === null ? { schedule, factors } : { schedule, factors, office }
}

/** Only the last mode is without a schedule: one before it would hide the rest, none at all would leave hours without a rule. */
function ordered<Schedule>(modes: readonly Mode<Schedule>[]): boolean {
  const last = modes.length - 1
  return last >= 0 && modes.every((mode, index) => (mode.schedule === null) === (index === last))
}

type DoorRules = Pick<DoorConfig<never>, keyof typeof STANDARD>

/** A field that is absent at its standard, and never written there. */
function readBeyond(map: CborMap, key: number, min: number, max: number, standard: number): number | null {
  if (!map.has(key)) return standard
  const value = readInteger(map.get(key), min, max)
  return value === standard ? null : value
}

/** The rules that a door has beyond the plainest one. */
function readRules(map: CborMap): DoorRules | null {
  const extendedUnlock_ms = readBeyond(map, 15, 1_000, 180_000, STANDARD.extendedUnlock_ms)
  const extendedHeldOpen_ms = readBeyond(map, 16, 5_000, 600_000, STANDARD.extendedHeldOpen_ms)
  const remoteActs = readActBits(readBeyond(map, 17, 1, 0xffff, 0) ?? -1)
  const fire = readBeyond(map, 18, 1, 1, 0)
  const threatFactors = map.has(19) ? readArray(map.get(19), THREAT_LEVEL_MAX, readFactors) : STANDARD.threatFactors
  const antipassback = ANTIPASSBACK[readBeyond(map, 20, 1, 2, 0) ?? -1]
  const antipassback_s = readBeyond(map, 21, 1, 604_800, 0)
  const interlock = readBeyond(map, 22, 1, 1, 0)
  const delayedEgress_s = readBeyond(map, 23, 1, 30, 0)
  if (extendedUnlock_ms === null || extendedHeldOpen_ms === null || remoteActs === null || fire === null) return null
  if (threatFactors === null || (map.has(19) && threatFactors.length === 0) || antipassback === undefined) return null
  if (antipassback_s === null || interlock === null || delayedEgress_s === null) return null
  const times = { extendedUnlock_ms, extendedHeldOpen_ms, antipassback_s, delayedEgress_s }
  const rules = { remoteActs, threatFactors, antipassback }
  return { ...times, ...rules, fireReleases: fire === 1, interlock: interlock === 1 }
}

/**
 * Rules that would work against each other. A delayed way out is freed by fire and by loss of power (NFPA 101, 7.2.1.6.1), and
 * waits at most 15 s, or 30 s where the authority allows it; a door of an interlocked pair never stands unlocked.
 */
function areSound(config: DoorConfig<unknown>): boolean {
  const { delayedEgress_s, failMode, fireReleases, interlock, modes, grade, threatFactors } = config
  if (delayedEgress_s > 15 && delayedEgress_s !== 30) return false
  if (delayedEgress_s > 0 && (failMode === "secure" || !fireReleases)) return false
  if (interlock && modes.some(({ office }) => office !== undefined)) return false
  const wanted = [...modes.map(({ factors }) => factors), ...threatFactors]
  return wanted.every((factors) => suitsGrade(factors, grade))
}

/** The configuration, or null for a field out of its range, and for factors that are too little for the grade. */
export function decodeConfig<Schedule>(
  value: Cbor | undefined,
  reference: (value: Cbor) => Schedule | null,
): DoorConfig<Schedule> | null {
  const map = readMap(
    value,
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 15, 16, 17, 18, 19, 20, 21, 22, 23, 30, 31, 32, 38, 46, 47],
  )
  const rules = map === null ? null : readRules(map)
  const fitted = map === null ? null : readFitted(map)
  const entering = map === null ? null : readEntering(map)
  const heeding = map === null ? null : readHeeding(map)
  const updating = map === null ? null : readUpdating(map)
  const grade = readInteger(map?.get(0), 1, 4)
  const zoneApplication = readInteger(map?.get(1), 0, 3)
  const modes = readArray(map?.get(2), MODES_MAX, (mode) => readMode(mode, reference))
  const unlock_ms = readInteger(map?.get(3), 1_000, 60_000)
  const heldOpen_ms = readInteger(map?.get(4), 5_000, 600_000)
  const fail = readUint(map?.get(5), 1)
  const lease_s = readInteger(map?.get(6), 3_600, 2_592_000)
  const zone = readText(map?.get(7), NAME_LENGTH_MAX)
  const pinOnlyPeople_max = readUint(map?.get(8), 0xffff)
  if (grade === null || zoneApplication === null || modes === null || unlock_ms === null) return null
  if (heldOpen_ms === null || fail === null || lease_s === null || zone === null || pinOnlyPeople_max === null)
    return null
  if (rules === null || fitted === null || entering === null || heeding === null || updating === null) return null
  if (!ordered(modes)) return null
  const failMode: FailMode = fail === 1 ? "safe" : "secure"
  const plain = { grade, zoneApplication, modes, unlock_ms, heldOpen_ms, failMode, lease_s, zone, pinOnlyPeople_max }
  const config = { ...plain, ...rules, ...fitted, ...entering, ...heeding, ...updating }
  return areSound(config) ? config : null
}
