/**
 * Which building a seed means: its time zone and date, its doors with their settings, its people and their rights.
 *
 * Small on purpose: a few doors, about eight people, an afternoon and the night after it, around a night on which clocks may change.
 */
import type { FailMode, WeekRule, Factors } from "@holdfast/access"
import type { Office } from "@holdfast/access/door"
import type { Chance } from "../chance.ts"

export type DoorPlan = {
  readonly name: string
  /** What it wants, and what it wants at night where that differs. */
  readonly factors: Factors
  readonly nightFactors: Factors | null
  readonly failMode: FailMode
  readonly lease_s: number
  readonly unlock_ms: number
  readonly heldOpen_ms: number
  readonly zoneApplication: number
  readonly journal_records_max: number
  /** Whether it takes orders from afar. */
  readonly ordered: boolean
  readonly fireReleases: boolean
  readonly delayedEgress_s: number
  /** Whether it wants more to be shown while something threatens it. */
  readonly threatFactors: readonly Factors[]
  readonly office: Office | null
  /** Whether what is found at other doors narrows it, for how long, and because of all of them or of the next one only. */
  readonly heeds: { readonly narrowed_s: number; readonly whom: "any" | "the next" } | null
}

export type SchedulePlan = { readonly name: string; readonly rules: readonly WeekRule[] }

export type Plan = {
  readonly zone: string
  /** True time at the beginning. */
  readonly start_ms: number
  readonly hours: number
  readonly doors: readonly DoorPlan[]
  readonly people: number
  /** How many of them have a PIN. */
  readonly withPin: number
  readonly schedules: readonly SchedulePlan[]
  /** Power cuts, bad lines, broken promises, clock jumps: some buildings have none, so that every seed is not a storm. */
  readonly storms: boolean
}

/** A noon before a night: zones and dates on which the wall clock stands still, jumps or goes back. */
const NIGHTS: readonly (readonly [string, string])[] = [
  ["Europe/Berlin", "2026-10-24T12:00:00Z"],
  ["Europe/Berlin", "2027-03-27T12:00:00Z"],
  ["America/New_York", "2026-10-31T16:00:00Z"],
  ["America/New_York", "2027-03-13T16:00:00Z"],
  ["Australia/Lord_Howe", "2027-04-03T02:00:00Z"],
  ["Asia/Kolkata", "2026-11-22T07:00:00Z"],
]

const EVERY_DAY = 127
const HOUR = 60

/** Hours that an odd night cuts, a working day, and one that crosses midnight in two rules. */
const SCHEDULES: readonly SchedulePlan[] = [
  { name: "working day", rules: [{ days: EVERY_DAY, from_min: 7 * HOUR, until_min: 19 * HOUR }] },
  { name: "small hours", rules: [{ days: EVERY_DAY, from_min: HOUR + 30, until_min: 2 * HOUR + 30 }] },
  {
    name: "night",
    rules: [
      { days: EVERY_DAY, from_min: 20 * HOUR, until_min: 24 * HOUR },
      { days: EVERY_DAY, from_min: 0, until_min: 6 * HOUR },
    ],
  },
]

const LEASES_S = [3_600, 3_600, 3_600, 7_200, 86_400]
const NARROWED_S = [60, 300, 900, 3_600]
const FACTORS: readonly Factors[] = ["card", "card", "card or pin", "card and pin", "pin", "pin"]

function doorPlan(chance: Chance, index: number): DoorPlan {
  const factors = chance.pick(FACTORS)
  const nightFactors = chance.happens(40) ? chance.pick(["card and pin", "card"] as const) : null
  const failMode = chance.happens(25) ? "safe" : "secure"
  return {
    name: `Door ${index + 1}`,
    factors,
    nightFactors,
    failMode,
    lease_s: chance.pick(LEASES_S),
    unlock_ms: chance.between(2_000, 8_000),
    heldOpen_ms: chance.between(10_000, 30_000),
    zoneApplication: chance.below(4),
    journal_records_max: chance.happens(50) ? 16 : 50_000,
    ...rulesPlan(chance.branch(`rules of door ${index + 1}`), failMode),
  }
}

function rulesPlan(
  chance: Chance,
  failMode: FailMode,
): Pick<DoorPlan, "ordered" | "fireReleases" | "delayedEgress_s" | "threatFactors" | "office" | "heeds"> {
  // A way out may only be delayed where fire and loss of power free it.
  const isDelayed = failMode === "safe" && chance.happens(60)
  return {
    ordered: chance.happens(70),
    fireReleases: isDelayed || chance.happens(60),
    delayedEgress_s: isDelayed ? 15 : 0,
    threatFactors: chance.happens(30) ? ["card and pin"] : [],
    office: chance.happens(25) ? chance.pick(["by schedule", "after first entry"] as const) : null,
    heeds: chance.happens(70)
      ? { narrowed_s: chance.pick(NARROWED_S), whom: chance.pick(["any", "the next"] as const) }
      : null,
  }
}

export function planOf(chance: Chance): Plan {
  const [zone, noon] = chance.pick(NIGHTS)
  const people = chance.between(6, 8)
  return {
    zone,
    start_ms: Date.parse(noon),
    hours: chance.between(15, 17),
    doors: Array.from({ length: chance.between(2, 3) }, (_, index) => doorPlan(chance, index)),
    people,
    withPin: Math.min(people, 6),
    schedules: SCHEDULES,
    storms: chance.happens(85),
  }
}
