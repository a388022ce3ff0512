/**
 * How the lock fares, as its signed state tells it: the battery and how long it lasts, the motor and how its load drifts, where
 * the energy went, what is odd about the supply.
 *
 * Counts and forecasts for people; no decision rests on what is read back from here. Integers only, and only what there is to
 * say: a door on mains with a fresh motor says nothing.
 */
import { type Cbor, type CborMap, readUint } from "@holdfast/base/cbor"
import { FEATURES, NOTHING_SPENT, type Spent } from "./energy.ts"
import type { Lock } from "./lock.ts"
import { LEARN_THROWS } from "./motor.ts"
import { configOf } from "./moving.ts"
import { type BatteryLevel, CONTACTS, type Contact, type Forecast, forecast, LEVELS } from "./supply.ts"

const TRENDS = ["learning", "steady", "misaligned"] as const

export type Health = {
  /** Null at a door on mains. What is likely left, and the level by what is as good as sure. */
  readonly battery: (Forecast & { readonly level: BatteryLevel; readonly rest_mv: number }) | null
  readonly cycles: number
  readonly motor: (typeof TRENDS)[number]
  /** The load in the last third of a throw, in thousandths of what it was when it was learnt; 0 while it is learnt. */
  readonly late_permille: number
  /** In joules. */
  readonly spent: Spent
  readonly contact: Contact
  /** Whether the contact at the front feeds the lock, the supply is given a rest, the bolt is pressed home. */
  readonly isExternal: boolean
  readonly rests: boolean
  readonly isReinforced: boolean
}

export function healthOf(lock: Lock): Health {
  const { supply, motor, reinforced } = lock
  const pack = configOf(lock).battery
  const isLearnt = motor.learnt >= LEARN_THROWS
  const { level, rest_mv } = supply
  return {
    battery: pack === undefined ? null : { ...forecast(supply, pack, motor, "likely"), level, rest_mv },
    cycles: motor.cycles,
    motor: motor.isMisaligned ? "misaligned" : isLearnt ? "steady" : "learning",
    late_permille: isLearnt ? Math.round((1_000 * motor.fast) / motor.late) : 0,
    spent: supply.spent,
    contact: supply.contact,
    isExternal: supply.isExternal,
    rests: supply.restsUntil !== null,
    isReinforced: reinforced.until !== null,
  }
}

/** The keys of a state that say something. Absent days or operations are written as null. */
export function healthFields(health: Health): readonly (readonly [number, Cbor])[] {
  const { battery, cycles, motor, late_permille, spent, contact, isExternal, rests, isReinforced } = health
  const written: (readonly [number, Cbor])[] = []
  if (battery !== null) {
    const { level, percent, days, operations, rest_mv } = battery
    written.push([130, [LEVELS.indexOf(level), percent, days, operations, Math.round(rest_mv)]])
  }
  if (cycles > 0 || late_permille > 0) written.push([131, [cycles, TRENDS.indexOf(motor), late_permille]])
  const joules = FEATURES.map((feature) => Math.round(spent[feature] / 1_000))
  if (joules.some((each) => each > 0)) written.push([132, joules])
  const bits = [isExternal, rests, isReinforced].reduce((sum, is, at) => sum + (is ? 2 ** at : 0), 0)
  if (bits > 0 || contact !== "good") written.push([133, [bits, CONTACTS.indexOf(contact)]])
  return written
}

/** What a state says of all this; what is absent, or no longer understood, is as at a new lock on mains. */
export function readHealth(map: CborMap): Health {
  const list = (key: number): readonly Cbor[] => {
    const value = map.get(key)
    return Array.isArray(value) ? (value as readonly Cbor[]) : []
  }
  const [level, percent, days, operations, rest_mv] = list(130)
  const [cycles, trend, late] = list(131)
  const [bits, contact] = list(133)
  const word = LEVELS[readUint(level) ?? LEVELS.length]
  const said = readUint(bits) ?? 0
  return {
    battery:
      word === undefined
        ? null
        : {
            level: word,
            percent: readUint(percent) ?? 0,
            days: readUint(days),
            operations: readUint(operations),
            rest_mv: readUint(rest_mv) ?? 0,
          },
    cycles: readUint(cycles) ?? 0,
    motor: TRENDS[readUint(trend) ?? 0] ?? "learning",
    late_permille: readUint(late) ?? 0,
    spent: readSpent(list(132)),
    contact: CONTACTS[readUint(contact) ?? 0] ?? "good",
    isExternal: said % 2 === 1,
    rests: (said >> 1) % 2 === 1,
    isReinforced: (said >> 2) % 2 === 1,
  }
}

function readSpent(joules: readonly Cbor[]): Spent {
  const spent = { ...NOTHING_SPENT }
  for (const [at, feature] of FEATURES.entries()) spent[feature] = 1_000 * (readUint(joules[at]) ?? 0)
  return spent
}
