/** I-26: hours are what a wall clock shows. */
import { hasGrant, scheduleOpen } from "../truth/rights.ts"
import type { Rule } from "./rule.ts"
import { secondsOf } from "@holdfast/base"
import type { Line } from "../truth/line.ts"
import type { Step } from "../world/step.ts"
import type { Truth } from "../truth/truth.ts"

/** The site as the lock knows it, and the time by its clock; null where it does not know one of them. */
function scene({ before }: Step, { record }: Line, truth: Truth) {
  const { lock } = before
  if (lock?.active == null || record.wall_ms === null) return null
  const state = truth.history[truth.placeOf(lock.active.name.version.size)]?.state
  return state === undefined ? null : { state, at_s: secondsOf(record.wall_ms) }
}

export const I_26: Rule = {
  id: "I-26",
  words:
    "A grant's hours begin and end when a wall clock in their zone shows it, to the second, on the nights too on which that clock jumps or goes back.",
  watch({ truth }) {
    return {
      step(step) {
        for (const line of step.lines) {
          const known = scene(step, line, truth)
          const { person, grant } = line.detail
          if (known === null || person === undefined) continue
          const { state, at_s } = known
          const { kind, result } = line.record
          const by = grant === undefined ? undefined : state.grants.get(grant)
          if (kind === "admitted" && by !== undefined && !scheduleOpen(state, by.schedule, at_s))
            return "somebody was let in by a grant outside its hours"
          if (kind === "refused" && result === "outside schedule" && hasGrant(state, step.door.id, person, at_s))
            return "somebody was refused for the hour, and a wall clock shows an hour of his grant"
        }
        return null
      },
    }
  },
}
