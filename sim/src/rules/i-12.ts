/** I-12: the keypad answers every digit alike. */
import { sameBoot } from "../world/step.ts"
import type { Rule } from "./rule.ts"

export const I_12: Rule = {
  id: "I-12",
  words: "Whoever hears or sees the keypad learns that a key was pressed, and never which digit.",
  watch() {
    return {
      step(step) {
        const { what, shown } = step
        if (what.kind !== "key" || what.key.press !== "digit" || !sameBoot(step)) return null
        // A key may also be what wakes the lock to deny somebody who never came with his second factor.
        const seen = shown.filter((signal) => signal !== "denied")
        const answer = seen[0] === "idle" ? seen.slice(1) : seen
        return answer.join() === "busy" ? null : `the digit ${what.key.digit} showed "${shown.join()}"`
      },
    }
  },
}
