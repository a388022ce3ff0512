/** L-02: a siege of the keypad keeps nobody waiting who has a right. */
import { offeredIn } from "./offered.ts"
import type { Rule } from "./rule.ts"

export const L_02: Rule = {
  id: "L-02",
  words: "While codes are being guessed, the motor draws the bolt for whoever shows a good card in the very turn.",
  watch({ truth }) {
    return {
      step(step) {
        const offered = offeredIn(step, truth)
        if (offered === null || !offered.besieged || !offered.letIn) return null // Who was refused: I-16.
        const { acted } = step
        return acted.motor === "drawing" || acted.travel === 0 ? null : "somebody was let in, and the bolt stood still"
      },
    }
  },
}
