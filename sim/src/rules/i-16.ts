/** I-16: a storm at the keypad stands in nobody's way. */
import { offeredIn } from "./offered.ts"
import type { Rule } from "./rule.ts"

export const I_16: Rule = {
  id: "I-16",
  words: "While codes are being throttled, whoever shows a good card, or a good code of another subject, is let in.",
  watch({ truth }) {
    return {
      step(step) {
        const offered = offeredIn(step, truth)
        return offered !== null && offered.besieged && !offered.letIn ? "somebody with every right was refused" : null
      },
    }
  },
}
