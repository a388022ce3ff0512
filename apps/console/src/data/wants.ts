/**
 * What a door wants to see at this moment by the proved log and this browser's clock: the same policy that its lock was given,
 * asked the same way. What the lock itself makes of a threat level or an order is in its signed state.
 */
import { compile, type Factors, type State } from "@holdfast/access"
import { requiredFactors } from "@holdfast/access/door"
import { officeAt } from "@holdfast/access/rules"
import { type DoorId, secondsOf, unixMillis } from "@holdfast/base"

export type Wanted = { readonly factors: Factors; readonly office: ReturnType<typeof officeAt> }

/** Null where the door's policy does not compile; compiled as of `day_ms`, or the log's last entry if that came later. Hours are looked up, so that asking again each minute costs little. */
export function wantedFrom(state: State, door: DoorId, day_ms: number): ((now_ms: number) => Wanted) | null {
  const compiled = compile(state, door, secondsOf(unixMillis(Math.max(day_ms, state.admittedAt))))
  if (!compiled.ok) return null
  const { policy } = compiled
  return (now_ms) => {
    const at = secondsOf(unixMillis(now_ms))
    return { factors: requiredFactors(policy, at), office: officeAt(policy, at) }
  }
}
