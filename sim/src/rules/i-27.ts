/** I-27: everything that happens is recorded, once. */
import type { Line } from "../truth/line.ts"
import type { Step } from "../world/step.ts"
import { expectedIn, isFull, recordedIn } from "./happenings.ts"
import type { Rule } from "./rule.ts"

/** The records' sequence goes on from where the journal stood. */
function inSequence({ before, after, lines }: Step): boolean {
  const from = before.lock?.journal.next ?? lines[0]?.record.sequence ?? 1
  const whole = lines.every(({ record }: Line, at) => record.sequence === from + at)
  return whole && (before.lock === null || after.lock === null || after.lock.journal.next === from + lines.length)
}

export const I_27: Rule = {
  id: "I-27",
  words:
    "Every decision, every movement of the leaf, every exit, and every change of policy, lease, denials or clock has exactly one record with the next sequence.",
  watch() {
    return {
      step(step) {
        const expected = expectedIn(step)
        if (expected === null || isFull(step)) return null // Where there is no room, I-28 speaks.
        if (!inSequence(step)) return "the records' sequence has a hole"
        for (const { what, kinds, count } of expected) {
          const recorded = recordedIn(step, kinds)
          if (recorded !== count) return `${what} happened ${count} times and was recorded ${recorded} times`
        }
        return null
      },
    }
  },
}
