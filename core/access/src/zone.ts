/**
 * Wall clocks as arithmetic: civil days counted from 1970-01-01, and a zone's offset at an instant from its table.
 *
 * Core never asks an operating system what time zones are: a zone table enters by a statement of the keeper, so everybody who
 * folds the log compiles the same hours.
 */
import { assert } from "@holdfast/base"
import type { Transition, ZoneTable } from "./change/zone.ts"

export const DAY_S = 86_400

/** UTC needs no table. */
export const UTC: ZoneTable = { zone: "UTC", tzdata: "", transitions: [{ at_s: 0, offset_s: 0 }] }

export function knowsZone(zones: ReadonlyMap<string, ZoneTable>, zone: string): boolean {
  return zone === UTC.zone || zones.has(zone)
}

export function zoneTable(zones: ReadonlyMap<string, ZoneTable>, zone: string): ZoneTable | null {
  return zones.get(zone) ?? (zone === UTC.zone ? UTC : null)
}

/** The transition in force at an instant; before the first one, the first. */
function transitionAt(table: ZoneTable, at_s: number): Transition {
  const { transitions } = table
  let low = 0
  let high = transitions.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const transition = transitions[middle]
    assert(transition !== undefined, "the middle lies inside the table")
    if (transition.at_s <= at_s) low = middle + 1
    else high = middle
  }
  const found = transitions[Math.max(0, low - 1)]
  assert(found !== undefined, "a zone table is never empty")
  return found
}

/** Seconds that a wall clock in this zone is ahead of UTC at an instant (unix seconds). */
export function offsetAt(table: ZoneTable, at_s: number): number {
  return transitionAt(table, at_s).offset_s
}

/** Civil days since 1970-01-01 that a wall clock in this zone shows at an instant. */
export function civilDayAt(table: ZoneTable, at_s: number): number {
  return Math.floor((at_s + offsetAt(table, at_s)) / DAY_S)
}

/** 0 is Monday: 1970-01-01 was a Thursday. */
export function weekday(civil_day: number): number {
  return (((civil_day + 3) % 7) + 7) % 7
}

export type CivilDate = { readonly year: number; readonly month: number; readonly day: number }

/**
 * The Gregorian date of a civil day. Years begin in March here, so that the leap day comes last: 400 years are 146,097 days,
 * and the month follows from the day of the year by the line (5 x + 2) / 153.
 */
export function civilDate(civil_day: number): CivilDate {
  const shifted = civil_day + 719_468 // Days since 0000-03-01.
  const era = Math.floor(shifted / 146_097)
  const day_of_era = shifted - era * 146_097
  const leap_days = Math.floor(day_of_era / 1_460) - Math.floor(day_of_era / 36_524) + Math.floor(day_of_era / 146_096)
  const year_of_era = Math.floor((day_of_era - leap_days) / 365)
  const day_of_year = day_of_era - (365 * year_of_era + Math.floor(year_of_era / 4) - Math.floor(year_of_era / 100))
  const march_month = Math.floor((5 * day_of_year + 2) / 153)
  const day = day_of_year - Math.floor((153 * march_month + 2) / 5) + 1
  const month = march_month < 10 ? march_month + 3 : march_month - 9
  return { year: year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

/** The civil day of a Gregorian date, the inverse of {@link civilDate}. */
export function civilDay({ year, month, day }: CivilDate): number {
  assert(month >= 1 && month <= 12 && day >= 1 && day <= 31, "a date has a month and a day")
  const march_year = month <= 2 ? year - 1 : year
  const era = Math.floor(march_year / 400)
  const year_of_era = march_year - era * 400
  const march_month = month > 2 ? month - 3 : month + 9
  const day_of_year = Math.floor((153 * march_month + 2) / 5) + day - 1
  const day_of_era = year_of_era * 365 + Math.floor(year_of_era / 4) - Math.floor(year_of_era / 100) + day_of_year
  return era * 146_097 + day_of_era - 719_468
}
