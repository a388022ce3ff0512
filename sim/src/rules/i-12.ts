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
        // A key may also be what wakes the lock to end something: a wait for a second factor, an alarm.
        const answer = shown.filter((signal) => signal !== "denied" && signal !== "alarm" && signal !== "alarm over")
        if (answer.length === 2 && answer[0] === "idle") answer.shift()
        return answer.join() === "busy" ? null : `the digit ${what.key.digit} showed "${shown.join()}"`
      },
    }
  },
}
