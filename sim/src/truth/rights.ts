/**
 * Who may open which door: the truth by which the locks are judged, worked out a second time and in another way.
 *
 * No policy, no table, no intervals: it walks from the person over groups to grants, and asks a wall clock whether a schedule
 * is open. Slow and plain on purpose.
 */
import type { Factors, Schedule, State } from "@holdfast/access"
import type { CredentialId, DoorId, PersonId } from "@holdfast/base"
import { wallTime } from "./wall-clock.ts"

/** What somebody truly showed: cards that know their keys, codes that are somebody's. */
export type Shown = { readonly card: CredentialId | null; readonly pin: CredentialId | null }

function isOpen(schedule: Schedule, at_s: number): boolean {
  const { weekday, minute_of_day, civil_day } = wallTime(schedule.zone, at_s)
  if (schedule.closedDays.includes(civil_day)) return false
  return schedule.rules.some(({ days, from_min, until_min }) => {
    return Math.floor(days / 2 ** weekday) % 2 === 1 && from_min <= minute_of_day && minute_of_day < until_min
  })
}

/** Whether a schedule is open at this time; none always is. */
export function scheduleOpen(state: State, id: string | null, at_s: number | null): boolean {
  if (id === null) return true
  const schedule = [...state.schedules].find(([each]) => each === id)?.[1]
  return schedule !== undefined && at_s !== null && isOpen(schedule, at_s)
}

/** Whether the person has any grant at the door at this time; null is an unknown time, at which only lasting rights count. */
export function hasGrant(state: State, door: DoorId, person: PersonId, at_s: number | null): boolean {
  if (state.people.get(person)?.standing !== "good") return false
  for (const grant of state.grants.values()) {
    const membership = state.groups.get(grant.group)?.members.get(person)
    if (membership === undefined || !grant.doors.includes(door)) continue
    const { from, until } = membership
    const lasts = from === null && until === null
    const inTime = at_s === null ? lasts : (from === null || from <= at_s) && (until === null || at_s < until)
    if (inTime && scheduleOpen(state, grant.schedule, at_s)) return true
  }
  return false
}

/** Whether what was shown is what the door wants then; at an unknown time it must be enough at every hour. */
export function isEnough(state: State, door: DoorId, shown: Shown, at_s: number | null): boolean {
  const modes = state.doors.get(door)?.config.modes ?? []
  const satisfied = (factors: Factors): boolean => {
    const card = shown.card !== null
    const pin = shown.pin !== null
    if (factors === "card") return card
    if (factors === "pin") return pin
    if (factors === "card and pin") return card && pin
    return factors === "card or pin" && (card || pin)
  }
  if (at_s === null) return modes.length > 0 && modes.every(({ factors }) => satisfied(factors))
  const mode = modes.find(({ schedule }) => scheduleOpen(state, schedule, at_s))
  return mode !== undefined && satisfied(mode.factors)
}

/** The one person to whom all that was shown belongs; null where it is nobody's or two people's. */
export function ownerOf(state: State, { card, pin }: Shown): PersonId | null {
  const owners = new Set<PersonId | null>()
  for (const id of [card, pin]) {
    if (id === null) continue
    const credential = state.credentials.get(id)
    owners.add(credential === undefined || credential.denied ? null : credential.person)
  }
  const [owner] = owners
  return owners.size === 1 ? (owner ?? null) : null
}

export function mayOpen(state: State, door: DoorId, shown: Shown, at_s: number | null): boolean {
  const person = ownerOf(state, shown)
  return person !== null && hasGrant(state, door, person, at_s) && isEnough(state, door, shown, at_s)
}
