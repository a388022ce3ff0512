/** L-01: whoever may come in gets in, with or without a line. */
import { offeredIn } from "./offered.ts"
import type { Rule } from "./rule.ts"

export const L_01: Rule = {
  id: "L-01",
  words: "Whoever has a right and shows what the door wants is let in by the lock alone, offline as online.",
  watch({ truth }) {
    return {
      step(step) {
        const offered = offeredIn(step, truth)
        return offered !== null && !offered.besieged && !offered.letIn ? "somebody with every right was refused" : null
      },
    }
  },
}
