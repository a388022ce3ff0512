/**
 * Rules as sentences that a locksmith would say: "Engineers may open Lab 2, weekdays 08:00 to 18:00."
 *
 * Names come in from outside, so that a sealed name stays a short id. What a draft changes is not told here: core describes
 * the statement itself.
 */
import type { DoorConfig, Factors, Schedule, State, WeekRule } from "@holdfast/access"
import { type ScheduleId, unreachable } from "@holdfast/base"
import { minuteWords } from "./time.ts"

/** The name of a person, door, group, schedule or credential. */
export type Name = (id: string) => string

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const
const WEEKDAYS = 0b0011111
const WEEKEND = 0b1100000
const ALL_DAYS = 0b1111111

export function daysWords(days: number): string {
  if (days === ALL_DAYS) return "every day"
  if (days === WEEKDAYS) return "weekdays"
  if (days === WEEKEND) return "weekends"
  return DAYS.filter((_, bit) => (days & (1 << bit)) !== 0).join(", ")
}

/** "weekdays 08:00 to 18:00; Sat 09:00 to 12:00". */
export function rulesWords(rules: readonly WeekRule[]): string {
  if (rules.length === 0) return "never"
  return rules
    .map(({ days, from_min, until_min }) =>
      from_min === 0 && until_min === 1440
        ? daysWords(days)
        : `${daysWords(days)} ${minuteWords(from_min)} to ${minuteWords(until_min)}`,
    )
    .join("; ")
}

export const KIND_WORDS = {
  card: "card",
  pin: "PIN",
  phone: "phone",
  biometric: "biometrics",
  identifier: "card number",
} as const

/** "biometrics, then PIN", "phone and PIN or card". */
export function factorsWords(factors: Factors): string {
  if (typeof factors !== "string")
    return factors
      .map(({ kinds, ordered }) => kinds.map((kind) => KIND_WORDS[kind]).join(ordered ? ", then " : " and "))
      .join(" or ")
  switch (factors) {
    case "card":
      return "card"
    case "pin":
      return "PIN"
    case "card and pin":
      return "card and PIN"
    case "card or pin":
      return "card or PIN"
    case "identifier":
      return "card number alone"
    default:
      return unreachable(factors)
  }
}

/** "card; weekdays 08:00 to 18:00 card or PIN". */
export function modesWords(config: DoorConfig<ScheduleId>, state: State | null): string {
  return config.modes
    .map(({ schedule, factors }) => {
      if (schedule === null)
        return config.modes.length === 1 ? factorsWords(factors) : `otherwise ${factorsWords(factors)}`
      return `${state?.schedules.get(schedule)?.name ?? "a schedule"}: ${factorsWords(factors)}`
    })
    .join("; ")
}

export function listWords(items: readonly string[]): string {
  if (items.length <= 1) return items[0] ?? "nothing"
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`
}

/** ", closed on 2 days"; nothing for a schedule that is never closed. */
export function closedWords({ closedDays: { length } }: Schedule): string {
  return length === 0 ? "" : `, closed on ${length} ${length === 1 ? "day" : "days"}`
}

/** "on weekdays 08:00 to 18:00 (Office hours)": its name stands there where it says something else. */
export function scheduleWords(schedule: Schedule): string {
  const hours = rulesWords(schedule.rules)
  const at = hours === "never" || hours.startsWith("every day") ? hours : `on ${hours}`
  const name = schedule.name.toLowerCase() === hours ? "" : ` (${schedule.name})`
  return `${at}${closedWords(schedule)}${name}`
}

/** "Engineers may open Lab 2 and Store on weekdays 08:00 to 18:00 (Office hours)". */
export function grantWords(
  grant: { readonly group: string; readonly doors: readonly string[]; readonly schedule: string | null },
  state: State | null,
  name: Name,
): string {
  const schedule = [...(state?.schedules ?? [])].find(([id]) => id === grant.schedule)?.[1]
  const when =
    grant.schedule === null
      ? "at any time"
      : schedule === undefined
        ? `on ${name(grant.schedule)}`
        : scheduleWords(schedule)
  const doors = grant.doors.length > 4 ? `${grant.doors.length} doors` : listWords(grant.doors.map(name))
  return `${name(grant.group)} may open ${doors} ${when}`
}
