/** I-28: a gap in the journal is a record, never a silence. */
import { expectedIn, isFull, recordedIn } from "./happenings.ts"
import { linesOf } from "../world/step.ts"
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

export const I_28: Rule = {
  id: "I-28",
  words: "What finds no room in a full journal is counted, and the count becomes a record as soon as there is room.",
  watch() {
    const lost = perDoor(() => ({ events: 0 }))
    return {
      step(step) {
        const expected = expectedIn(step)
        const { before, after } = step
        if (expected === null || before.lock === null || after.lock === null) return null
        const memory = lost(step)
        memory.events = Math.max(memory.events, before.lock.journal.lost)
        const gaps = linesOf(step, "gap").map(({ detail }) => detail.count ?? 0)
        const settled = gaps.reduce((sum, count) => sum + count, 0)
        if (settled > 0 && settled < before.lock.journal.lost)
          return "a gap record tells of fewer events than were lost"
        if (!isFull(step)) return null
        const happened = expected.reduce((sum, { count }) => sum + count, 0)
        const recorded = expected.reduce((sum, { kinds }) => sum + recordedIn(step, kinds), 0)
        const counted = after.lock.journal.lost - before.lock.journal.lost + settled
        if (recorded + counted >= happened) return null
        return `${happened} things happened, ${recorded} were recorded and ${counted} counted as lost`
      },
    }
  },
}
