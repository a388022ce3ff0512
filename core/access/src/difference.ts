/**
 * The difference that a change makes at one door, person by person: who may open when they could not, and who no longer may.
 *
 * Both policies are compiled at the same time, or the horizon's last day would count as a gain. It is for showing before
 * signing; whether a session key suffices is narrower.ts's stricter question.
 */
import type { PersonId } from "@holdfast/base"
import { type Intervals, isSubset } from "./interval.ts"
import type { Policy } from "./policy.ts"
import { Reach } from "./reach.ts"

export type Difference = {
  /** May open at some instant at which they could not. */
  readonly gain: readonly PersonId[]
  /** May no longer open at some instant at which they could. A person can be in both lists. */
  readonly lose: readonly PersonId[]
}

const NEVER: Intervals = []

/** The people of `one` who can open at an instant at which `other` would not let them. */
function ahead(one: Reach, other: Reach | null): readonly PersonId[] {
  const people: PersonId[] = []
  const compared = new Map<Intervals, Map<Intervals, boolean>>() // Patterns share their intervals: compare each pair once.
  for (let index = 0; index < one.people_count; index++) {
    const person = one.person(index)
    const there = other?.indexOf(person) ?? -1
    const mine = one.opens(index)
    const theirs = other === null || there < 0 ? NEVER : other.opens(there)
    const row = compared.get(mine) ?? new Map<Intervals, boolean>()
    compared.set(mine, row)
    const subset = row.get(theirs) ?? isSubset(mine, theirs)
    row.set(theirs, subset)
    if (!subset) people.push(person)
  }
  return people
}

/** Who gains and who loses at this door; null stands for a door without a policy. People ascend by id. */
export function difference(before: Policy | null, after: Policy | null): Difference {
  const was = before === null ? null : new Reach(before)
  const is = after === null ? null : new Reach(after)
  return { gain: is === null ? [] : ahead(is, was), lose: was === null ? [] : ahead(was, is) }
}
