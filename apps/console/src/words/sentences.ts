/**
 * Rules and changes as sentences that a locksmith would say: "Engineers may open Lab 2 on weekdays 08:00 to 18:00."
 *
 * Names come in from outside, so that a sealed name stays a short id. What a change does to doors is not told here but
 * compiled; these are only its words.
 */
import type { Change, DoorConfig, Factors, Kind, State, WeekRule } from "@holdfast/access"
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

export function factorsWords(factors: Factors): string {
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

/** "Engineers may open Lab 2 and Store on weekdays 08:00 to 18:00." */
export function grantWords(
  grant: { readonly group: string; readonly doors: readonly string[]; readonly schedule: string | null },
  state: State | null,
  name: Name,
): string {
  const schedule = [...(state?.schedules ?? [])].find(([id]) => id === grant.schedule)?.[1]
  const when = grant.schedule === null ? "at any time" : (schedule?.name ?? name(grant.schedule))
  const doors = grant.doors.length > 4 ? `${grant.doors.length} doors` : listWords(grant.doors.map(name))
  return `${name(grant.group)} may open ${doors}, ${when}`
}

const KIND_WORDS: Partial<Record<Kind, string>> = {
  "zone table": "Time zone table",
  "delegation revoke": "End a key's right to speak",
}

/** One change in one sentence without a full stop. */
export function changeWords(change: Change, state: State | null, name: Name): string {
  switch (change.kind) {
    case "person add":
      return `Add ${name(change.person)}`
    case "person label":
      return `Rename ${name(change.person)}`
    case "person revoke":
      return `Revoke ${name(change.person)} at every door`
    case "person restore":
      return `Let ${name(change.person)} in again as before the revocation`
    case "credential add":
      return `Give ${name(change.person)} a ${change.what === "card" ? "card" : "PIN"}`
    case "credential remove":
      return `Take away a credential of ${name(state?.credentials.get(change.credential)?.person ?? change.credential)}`
    case "group set":
      return `Name a group ${change.name}`
    case "member add":
      return `Put ${name(change.person)} into ${name(change.group)}`
    case "member remove":
      return `Take ${name(change.person)} out of ${name(change.group)}`
    case "grant set":
      return grantWords(change, state, name)
    case "grant remove":
      return removedGrantWords(change.grant, state, name)
    case "schedule set":
      return `Schedule ${change.name}: ${rulesWords(change.rules)}`
    case "door set":
      return `Configure ${name(change.door)}: grade ${change.config.grade}, ${modesWords(change.config, state)}`
    case "door remove":
      return `Remove ${name(change.door)}`
    case "lock pair":
      return `Pair lock ${change.serial} with ${name(change.door)}`
    case "delegate":
      return `Let a ${change.keyKind} key speak for ${name(change.person)}`
    case "deny":
      return `Deny ${name(change.person ?? change.credential ?? "")} directly at the doors`
    case "plan":
      return `Draw floor ${change.floor}: ${change.rooms.length} rooms`
    case "zone table":
    case "delegation revoke":
      return KIND_WORDS[change.kind] ?? change.kind
    default:
      return unreachable(change)
  }
}

function removedGrantWords(id: string, state: State | null, name: Name): string {
  const grant = [...(state?.grants ?? [])].find(([each]) => each === id)?.[1]
  return grant === undefined ? "Remove a rule" : `No longer: ${grantWords(grant, state, name)}`
}
