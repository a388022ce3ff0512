/**
 * Whether one person may do more at a door after a change than before: open at more instants, order more, bear one more trait.
 *
 * Asked of the author of a change, since nobody gives himself a right (I-40). Who else gains is difference.ts's.
 */
import { EMPTY, type PersonId } from "@holdfast/base"
import { type Act, NARROWING_ACTS } from "./act.ts"
import { isSubset } from "./interval.ts"
import type { Policy } from "./policy.ts"
import { Reach } from "./reach.ts"
import { CREDENTIAL_ROW, idAt, OWNER_AT, PERSON_ROW, TRAITS_AT, u16At, u32At } from "./table.ts"

/** All that this person's own keys may order, but for what only narrows. */
function ordersOf(policy: Policy | null, person: PersonId): readonly Act[] {
  const own = policy?.actors.filter((actor) => actor.person === person) ?? []
  return own.flatMap(({ acts }) => acts.filter((act) => !NARROWING_ACTS.includes(act)))
}

/** The traits of this person at the door, as bits. */
function traitBitsOf(policy: Policy | null, person: PersonId): number {
  let bits = 0
  const { credentials, people } = policy ?? { credentials: EMPTY, people: EMPTY }
  for (let at = 0; at < credentials.length; at += CREDENTIAL_ROW)
    if (idAt(people, u32At(credentials, at + OWNER_AT) * PERSON_ROW) === person)
      bits |= u16At(credentials, at + TRAITS_AT)
  return bits
}

/** Whether this person may do something at the door after, or have something done, that was not so before. */
export function gains(before: Policy | null, after: Policy | null, person: PersonId): boolean {
  const orders = ordersOf(before, person)
  if (ordersOf(after, person).some((act) => !orders.includes(act))) return true
  return (traitBitsOf(after, person) & ~traitBitsOf(before, person)) !== 0 || gainsHours(before, after, person)
}

/** Whether this person may open at some instant after, at which they could not before, or could only with somebody else. */
function gainsHours(before: Policy | null, after: Policy | null, person: PersonId): boolean {
  const reach = after === null ? null : new Reach(after)
  const index = reach?.indexOf(person) ?? -1
  if (reach === null || index < 0) return false
  const wasWithAnother = (before?.config.twoPerson_ms ?? 0) > 0 && reach.policy.config.twoPerson_ms === 0
  const earlier = before === null || wasWithAnother ? null : new Reach(before)
  const index_before = earlier?.indexOf(person) ?? -1
  const could = earlier === null || index_before < 0 ? [] : earlier.opens(index_before)
  return !isSubset(reach.opens(index), could)
}
