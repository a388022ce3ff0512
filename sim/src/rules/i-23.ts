/** I-23: a right that was taken away ends. */
import { hasGrant } from "../truth/rights.ts"
import type { Truth } from "../truth/truth.ts"
import type { Step } from "../world/step.ts"
import { CLOCK_ERROR_MS } from "./i-21.ts"
import type { Rule } from "./rule.ts"
import { type Admitted, admittedIn } from "./verdict.ts"

/** T_rev on mains. */
const CONNECTED_MS = 5_000

/** When the person's right at this door was taken away, looking from the lock's policy to now; null while it stands. */
function takenAway_ms(truth: Truth, step: Step, { person, place }: Admitted): number | null {
  if (person === null) return null
  const at_s = Math.floor(step.at_ms / 1000)
  const still = (state: Truth["now"]): boolean => {
    return [-CLOCK_ERROR_MS / 1000, 0, CLOCK_ERROR_MS / 1000].some((error_s) =>
      hasGrant(state, step.door.id, person, at_s + error_s),
    )
  }
  const later = truth.history.slice(place + 1)
  let since: number | null = null
  for (const { state, at_ms } of later) {
    if (still(state)) since = null
    else since ??= at_ms
  }
  return since
}

export const I_23: Rule = {
  id: "I-23",
  words:
    "A right that was taken away opens a connected lock no more after 5 s, and any lock that knows the time no more after its lease.",
  watch({ truth }) {
    return {
      step(step) {
        const admitted = admittedIn(step, truth)
        const since_ms = admitted === null ? null : takenAway_ms(truth, step, admitted)
        if (admitted === null || since_ms === null) return null
        const told_ms = Math.max(since_ms, truth.toldSince_ms(step.door.id) ?? Number.POSITIVE_INFINITY)
        if (step.at_ms > told_ms + CONNECTED_MS)
          return `a connected lock let somebody in ${step.at_ms - since_ms} ms after his right was taken away`
        // An unknown time makes the lease end late; that outage is accepted, and said so where leases are judged.
        if (admitted.lock_s === null) return null
        const lease_ms = 1000 * (admitted.state.doors.get(step.door.id)?.config.lease_s ?? 0)
        if (step.at_ms <= since_ms + lease_ms + 2 * CLOCK_ERROR_MS) return null
        return `somebody was let in ${step.at_ms - since_ms} ms after his right was taken away, longer than any lease`
      },
    }
  },
}
