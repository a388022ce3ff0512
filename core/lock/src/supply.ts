/**
 * The battery over its life: voltage and resistance as measured, what a day and an operation take, and the warning level.
 *
 * `good`, `low` (500 operations or 30 days are left), `critical` (50 operations: no new policy is taken), `empty` (the next
 * drive would pull the supply under its minimum). Two things lead there: the gauge of what is left (`battery.ts`), and the sag
 * that the last drives showed. A level is left only with a margin, so that it does not flutter; other cells start it anew.
 *
 * Without a battery pack in the door's configuration all this stands still and the level is good. What it means for the bolt
 * is `power.ts`'s business.
 */
import type { BatteryPack } from "@holdfast/access/door"
import type { Uptime } from "@holdfast/base"
import { CELLS, coldOf, contentOf, counted, FRESH_CELLS, type Gauge, leftIn, restAt, shareAt } from "./battery.ts"
import { addSpent, NOTHING_SPENT, outOf, type Spent } from "./energy.ts"
import type { DriveMeasure, Motor } from "./motor.ts"

export const LEVELS = ["good", "low", "critical", "empty"] as const
export type BatteryLevel = (typeof LEVELS)[number]
export const CONTACTS = ["good", "corroded", "intermittent"] as const
export type Contact = (typeof CONTACTS)[number]

/** What the board's supply monitor measured, and what was spent in millijoules since it last said so. */
export type BatteryReading = {
  readonly voltage_mv: number
  /** Drawn at that moment: the voltage is reckoned back to rest. */
  readonly load_ma: number
  readonly temperature_c: number
  readonly spent: Partial<Spent>
}

export type Supply = {
  /** While mains are gone and the hold-up lasts: until when; else null. */
  readonly heldUpUntil: Uptime | null
  /** Whether the contact at the front feeds the lock. */
  readonly isExternal: boolean
  /** Starts in a row that no drive and no quiet time came after. */
  readonly breakdowns: number
  /** While the supply rests after breakdowns: until when; else null. */
  readonly restsUntil: Uptime | null
  readonly level: BatteryLevel
  readonly contact: Contact
  readonly gauge: Gauge
  readonly spent: Spent
  /** Resting voltage of the last reading; 0 before the first. */
  readonly rest_mv: number
  readonly temperature_c: number
  /** The coldest of the last weeks: each day it counts for a quarter of a degree less. */
  readonly coldest_c: number
  /** What cells and contacts resist at 20 degrees, by the last drives; 0 before the first. How far that strays. */
  readonly resistance_mohm: number
  readonly unrest_mohm: number
  /** Mean consumption of a day; 0 before the first. */
  readonly day_mj: number
  /** The part of a day that is being counted. */
  readonly counted_ms: number
  readonly counted_mj: number
  readonly readAt: Uptime
}

export function newSupply(now: Uptime): Supply {
  return {
    heldUpUntil: null,
    isExternal: false,
    breakdowns: 0,
    restsUntil: null,
    level: "good",
    contact: "good",
    gauge: FRESH_CELLS,
    spent: NOTHING_SPENT,
    rest_mv: 0,
    temperature_c: 20,
    coldest_c: 20,
    resistance_mohm: 0,
    unrest_mohm: 0,
    day_mj: 0,
    counted_ms: 0,
    counted_mj: 0,
    readAt: now,
  }
}

const DAY_MS = 86_400_000
/** A cell that stands this much higher at rest than before, and so holds this much more, is another cell. */
const FITTED_MV = 60
const FITTED_SHARE = 0.15
/** Below this a resting voltage says little of what is left. */
const TELLING_C_MIN = 5
/** By how much more a cell resists at -20 degrees, and when it is used up. */
const COLD_RESISTANCE = 1.2
const WORN_RESISTANCE = 1.5
const MILDER_C_A_DAY = 0.25
const COLDER_C = 4
const RECENT = 1 / 8
const DAYS_MEAN = 1 / 14

function coldFactor(temperature_c: number): number {
  return 1 + coldOf(temperature_c) * COLD_RESISTANCE
}

function wornFactor(share: number): number {
  return 1 + WORN_RESISTANCE * (1 - share) ** 2
}

/** Whether other cells were fitted since the last reading. */
export function isFitted(supply: Supply, pack: BatteryPack, rest_mv: number): boolean {
  if (supply.rest_mv === 0 || rest_mv - supply.rest_mv < FITTED_MV * pack.cells) return false
  const left = leftIn(supply.gauge, pack).mean_mj / contentOf(pack)
  return shareAt(pack.chemistry, rest_mv / pack.cells) - left >= FITTED_SHARE
}

/** Other cells: what the old ones showed is forgotten. What a day takes stays true. */
export function fitted(supply: Supply): Supply {
  const { day_mj, counted_ms, counted_mj, coldest_c, heldUpUntil, isExternal, breakdowns, restsUntil } = supply
  const door = { day_mj, counted_ms, counted_mj, coldest_c, heldUpUntil, isExternal, breakdowns, restsUntil }
  return { ...newSupply(supply.readAt), ...door }
}

/** Takes a reading. On the front contact the voltage is not the battery's, and only the spending is counted. */
export function read(supply: Supply, pack: BatteryPack, now: Uptime, reading: BatteryReading): Supply {
  const { voltage_mv, load_ma, temperature_c } = reading
  const rest_mv = Math.round(voltage_mv + (load_ma * supply.resistance_mohm * coldFactor(temperature_c)) / 1_000)
  const own = supply.isExternal ? null : rest_mv
  const before = own !== null && isFitted(supply, pack, own) ? fitted(supply) : supply
  const out_mj = outOf(addSpent(NOTHING_SPENT, reading.spent))
  const telling = own !== null && temperature_c >= TELLING_C_MIN ? own : null
  return {
    ...dayCounted(before, now, out_mj),
    gauge: counted(before.gauge, pack, out_mj, telling, temperature_c),
    spent: addSpent(before.spent, reading.spent),
    rest_mv: own ?? before.rest_mv,
    temperature_c,
    coldest_c: Math.min(supply.coldest_c + ((now - supply.readAt) / DAY_MS) * MILDER_C_A_DAY, temperature_c),
  }
}

function dayCounted(supply: Supply, now: Uptime, out_mj: number): Supply {
  const counted_ms = supply.counted_ms + now - supply.readAt
  const counted_mj = supply.counted_mj + out_mj
  if (counted_ms < DAY_MS) return { ...supply, counted_ms, counted_mj, readAt: now }
  const sample = Math.max(0, (counted_mj * DAY_MS) / counted_ms)
  const day_mj = supply.day_mj === 0 ? sample : supply.day_mj + (sample - supply.day_mj) * DAYS_MEAN
  return { ...supply, day_mj, counted_ms: 0, counted_mj: 0, readAt: now }
}

/** A drive tells what it took, and by its sag what cells and contacts resist. */
export function afterDrive(supply: Supply, pack: BatteryPack, measure: DriveMeasure): Supply {
  const { energy_mj, rest_mv, low_mv, peak_ma, temperature_c } = measure
  const spent = addSpent(supply.spent, { drive: energy_mj })
  const gauge = counted(supply.gauge, pack, energy_mj, null, temperature_c)
  const counted_mj = supply.counted_mj + energy_mj
  if (supply.isExternal) return { ...supply, spent, gauge, counted_mj }
  const seen = ((rest_mv - low_mv) * 1_000) / peak_ma / coldFactor(temperature_c)
  const first = supply.resistance_mohm === 0
  const stray = first ? 0 : Math.abs(seen - supply.resistance_mohm)
  const resistance_mohm = first ? seen : supply.resistance_mohm + (seen - supply.resistance_mohm) * RECENT
  const unrest_mohm = supply.unrest_mohm + (stray - supply.unrest_mohm) * RECENT
  const moved = { ...supply, spent, gauge, counted_mj, rest_mv, temperature_c, resistance_mohm, unrest_mohm }
  return { ...moved, contact: contactOf(moved, pack) }
}

/**
 * What the resistance says of the contacts (C94). Intermittent: it strays from drive to drive by half of itself. Corroded: it is
 * four times that of fresh cells while these, by their resting voltage, hold more than a third; worn cells resist as well.
 */
export function contactOf({ resistance_mohm, unrest_mohm, rest_mv }: Supply, pack: BatteryPack): Contact {
  const fresh_mohm = CELLS[pack.chemistry].resistance_mohm * pack.cells
  if (unrest_mohm > resistance_mohm / 2 && unrest_mohm > fresh_mohm / 2) return "intermittent"
  const isFull = shareAt(pack.chemistry, rest_mv / pack.cells) > 1 / 3
  return resistance_mohm > 4 * fresh_mohm && isFull ? "corroded" : "good"
}

/** How far above its minimum the supply would stay in the next drive, as a share of that minimum; null before the first. */
export function headroom(supply: Supply, pack: BatteryPack, peak_ma: number): number | null {
  if (supply.rest_mv === 0) return null
  const sag_mv = (supply.resistance_mohm * coldFactor(supply.temperature_c) * peak_ma) / 1_000
  const end_mv = CELLS[pack.chemistry].end_mv * pack.cells
  return (supply.rest_mv - sag_mv - end_mv) / end_mv
}

/** The share of its content below which the pack could not drive the motor at this temperature. */
function endShare(supply: Supply, pack: BatteryPack, peak_ma: number, temperature_c: number): number {
  const { chemistry, cells } = pack
  const { end_mv, cold_loss } = CELLS[chemistry]
  const now = Math.max(0, Math.min(1, leftIn(supply.gauge, pack).mean_mj / contentOf(pack)))
  const expected_mv = restAt(chemistry, now - cold_loss * coldOf(supply.temperature_c))
  const shift_mv = supply.rest_mv === 0 ? 0 : Math.max(-60, Math.min(60, supply.rest_mv / cells - expected_mv))
  const resistance = (supply.resistance_mohm * coldFactor(temperature_c)) / cells / wornFactor(now)
  const stands = (share: number): boolean => {
    const rest_mv = restAt(chemistry, share - cold_loss * coldOf(temperature_c)) + shift_mv
    return rest_mv - (resistance * wornFactor(share) * peak_ma) / 1_000 >= end_mv * (1 + HEADROOM_EMPTY)
  }
  let share = 0
  while (share < 0.9 && !stands(share)) share += 0.02
  return share
}

export type Forecast = { readonly percent: number; readonly days: number | null; readonly operations: number | null }

/**
 * What is left. Most likely: by what is believed most, at the cold of the last weeks. As good as sure: what nine in ten would
 * promise, should it get colder still. An operation is a draw and a throw.
 */
export function forecast(supply: Supply, pack: BatteryPack, motor: Motor, how: "likely" | "sure"): Forecast {
  const temperature_c = supply.coldest_c - (how === "sure" ? COLDER_C : 0)
  const end = endShare(supply, pack, motor.peak_ma, temperature_c)
  const left = leftIn(supply.gauge, pack, end)
  const left_mj = how === "sure" ? left.sure_mj : left.mean_mj
  return {
    percent: Math.min(100, Math.round((100 * left_mj) / contentOf(pack) / (1 - end))),
    days: supply.day_mj === 0 ? null : Math.floor(left_mj / supply.day_mj),
    operations: motor.drive_mj === 0 ? null : Math.floor(left_mj / (2 * motor.drive_mj)),
  }
}

const DAYS_LOW = 30
const OPERATIONS_LOW = 500
const OPERATIONS_CRITICAL = 50
const HEADROOM_LOW = 0.06
const HEADROOM_CRITICAL = 0.035
const HEADROOM_EMPTY = 0.02
const MARGIN = 1.25

function rankOf({ days, operations }: Forecast, above: number | null, margin: number): number {
  if (above !== null && above < HEADROOM_EMPTY * margin) return 3
  const isUnder = (count: number | null, limit: number): boolean => count !== null && count < limit * margin
  if (isUnder(operations, OPERATIONS_CRITICAL) || isUnder(above, HEADROOM_CRITICAL)) return 2
  return isUnder(operations, OPERATIONS_LOW) || isUnder(days, DAYS_LOW) || isUnder(above, HEADROOM_LOW) ? 1 : 0
}

/** The level that is due now. */
export function levelOf(supply: Supply, pack: BatteryPack, motor: Motor): BatteryLevel {
  const sure = forecast(supply, pack, motor, "sure")
  const above = headroom(supply, pack, motor.peak_ma)
  const before = LEVELS.indexOf(supply.level)
  const rank = Math.max(rankOf(sure, above, 1), Math.min(before, rankOf(sure, above, MARGIN)))
  return LEVELS[rank] ?? "empty"
}
