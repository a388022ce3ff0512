/**
 * Days, hours and factors in plain words, for people who read drafts, reasons and histories.
 *
 * English only, and nothing decides by it: a program reads numbers and closed words.
 */
import type { WeekRule } from "./change/schedule.ts"
import { type FactorKind, type Factors, type Way, waysOf } from "./factors.ts"
import type { Schedule } from "./state.ts"
import { civilDate, DAY_S } from "./zone.ts"

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
const WEEKDAYS = 0b0011111
const WEEKEND = 0b1100000
const EVERY_DAY = 0b1111111

/** "a", "a and b", "a, b and c". */
export function listInWords(items: readonly string[]): string {
  const last = items[items.length - 1]
  if (last === undefined) return "nothing"
  return items.length === 1 ? last : `${items.slice(0, -1).join(", ")} and ${last}`
}

function two(number: number): string {
  return String(number).padStart(2, "0")
}

/** Minutes since midnight as "08:00"; the day's end is "24:00". */
export function minuteInWords(minute: number): string {
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

export function daysInWords(days: number): string {
  if (days === EVERY_DAY) return "every day"
  if (days === WEEKDAYS) return "on weekdays"
  if (days === WEEKEND) return "on weekends"
  return `on ${listInWords(DAYS.filter((_, index) => (days >> index) & 1))}`
}

function ruleInWords(rule: WeekRule): string {
  return `${daysInWords(rule.days)} ${minuteInWords(rule.from_min)} to ${minuteInWords(rule.until_min)}`
}

/** "on weekdays 08:00 to 18:00 (Europe/Berlin)"; no schedule is "at all hours". */
export function hoursInWords(schedule: Schedule | null): string {
  if (schedule === null) return "at all hours"
  if (schedule.rules.length === 0) return "never"
  return `${listInWords(schedule.rules.map(ruleInWords))} (${schedule.zone})`
}

const KIND_WORDS: Readonly<Record<FactorKind, string>> = {
  card: "card",
  pin: "PIN",
  phone: "phone",
  biometric: "biometrics",
  identifier: "any identifier, which anybody can copy",
}
const ALONE: Readonly<Partial<Record<FactorKind, string>>> = { card: "a card", pin: "a PIN", phone: "a phone" }

function wayInWords({ kinds, ordered }: Way): string {
  const [first] = kinds
  const words = kinds.map((kind) => KIND_WORDS[kind])
  if (kinds.length === 1 && first !== undefined) return ALONE[first] ?? KIND_WORDS[first]
  return ordered ? words.join(", then ") : listInWords(words)
}

/** "with card and PIN", "with a card or a PIN", "with biometrics, then PIN". */
export function factorsInWords(factors: Factors): string {
  const ways = waysOf(factors).map(wayInWords)
  return ways.length === 0 ? "with nothing that can be shown" : `with ${ways.join(" or ")}`
}

/** A civil day as "2026-11-22". */
export function dayInWords(civil_day: number): string {
  const { year, month, day } = civilDate(civil_day)
  return `${year}-${two(month)}-${two(day)}`
}

/** An instant as "2026-11-22 08:05 UTC". */
export function instantInWords(at_s: number): string {
  return `${dayInWords(Math.floor(at_s / DAY_S))} ${minuteInWords(Math.floor((at_s % DAY_S) / 60))} UTC`
}
