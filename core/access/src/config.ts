/**
 * How one door behaves: its grade, what it wants to see and when, its times, its fail mode, its lease.
 *
 * The same record stands in the statement that sets a door (schedules by id) and in the policy that its lock carries
 * (schedules by index), so it is written once, over the kind of reference. It says nothing about who may come in.
 */
import { type Cbor, readArray, readMap, readText, readUint } from "@holdfast/base"
import { type Factors, factorsNumber, readFactors } from "./factors.ts"
import { fields, NAME_LENGTH_MAX, readInteger, readTuple } from "./read.ts"

export type FailMode = "secure" | "safe"

/** The factors while a schedule is open; the first mode that matches wins, and the last one has no schedule. */
export type Mode<Schedule> = { readonly schedule: Schedule | null; readonly factors: Factors }

export type DoorConfig<Schedule> = {
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
}

export const MODES_MAX = 16
export const UNLOCK_MS_DEFAULT = 5_000
export const HELD_OPEN_MS_DEFAULT = 15_000
export const LEASE_S_DEFAULT = 86_400

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
  }
}

export function encodeConfig<Schedule>(config: DoorConfig<Schedule>, reference: (schedule: Schedule) => Cbor): Cbor {
  const modes = config.modes.map((mode) => [
    mode.schedule === null ? null : reference(mode.schedule),
    factorsNumber(mode.factors),
  ])
  return fields(
    [0, config.grade],
    [1, config.zoneApplication],
    [2, modes],
    [3, config.unlock_ms],
    [4, config.heldOpen_ms],
    [5, config.failMode === "safe" ? 1 : 0],
    [6, config.lease_s],
    [7, config.zone],
    [8, config.pinOnlyPeople_max],
  )
}

function readMode<Schedule>(value: Cbor, reference: (value: Cbor) => Schedule | null): Mode<Schedule> | null {
  const pair = readTuple(value, 2)
  const factors = readFactors(pair?.[1])
  const named = pair?.[0]
  if (factors === null || named === undefined) return null
  if (named === null) return { schedule: null, factors }
  const schedule = reference(named)
  return schedule === null ? null : { schedule, factors }
}

/** Only the last mode is without a schedule: one before it would hide the rest, none at all would leave hours without a rule. */
function ordered<Schedule>(modes: readonly Mode<Schedule>[]): boolean {
  const last = modes.length - 1
  return last >= 0 && modes.every((mode, index) => (mode.schedule === null) === (index === last))
}

/** The configuration, or null for a field out of its range. A bare identifier is refused from grade 2 up. */
export function decodeConfig<Schedule>(
  value: Cbor | undefined,
  reference: (value: Cbor) => Schedule | null,
): DoorConfig<Schedule> | null {
  const map = readMap(value, [0, 1, 2, 3, 4, 5, 6, 7, 8])
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
  if (!ordered(modes) || (grade > 1 && modes.some((mode) => mode.factors === "identifier"))) return null
  const failMode: FailMode = fail === 1 ? "safe" : "secure"
  return { grade, zoneApplication, modes, unlock_ms, heldOpen_ms, failMode, lease_s, zone, pinOnlyPeople_max }
}
