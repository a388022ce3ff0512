/**
 * Instants ahead at which a policy that is made then says of one person what today's does not: a policy looks 400 days ahead,
 * and a membership may begin or end, and a day be closed, years later.
 *
 * Whoever asks what somebody gains asks it again at each of them. Weeks repeat, so nothing new comes between. It looks at times
 * only, and compares nothing.
 */
import { type PersonId, type UnixSeconds, unixSeconds } from "@holdfast/base"
import { HORIZON_DAYS } from "./schedule.ts"
import type { State } from "./state.ts"
import { DAY_S } from "./zone.ts"

/** What certainly lies in the hours of a policy, whatever its zone: one local day may be missing at either end. */
const SEEN_S = (HORIZON_DAYS - 2) * DAY_S

function turningPoints(state: State, person: PersonId): readonly number[] {
  const times = [...state.schedules.values()].flatMap(({ closedDays }) => closedDays.map((day) => day * DAY_S))
  for (const group of state.people.get(person)?.groups ?? []) {
    const { from = null, until = null } = state.groups.get(group)?.members.get(person) ?? {}
    if (from !== null) times.push(from)
    if (until !== null) times.push(until)
  }
  return times
}

/** Beyond what a policy of `at` tells, in ascending order; no two of them tell of the same days. */
export function instantsAhead(states: readonly State[], person: PersonId, at: UnixSeconds): readonly UnixSeconds[] {
  const instants: UnixSeconds[] = []
  let seen = at + SEEN_S
  for (const time of states.flatMap((state) => turningPoints(state, person)).sort((a, b) => a - b)) {
    if (time <= seen) continue
    instants.push(unixSeconds(time - DAY_S))
    seen = time + SEEN_S - DAY_S
  }
  return instants
}
