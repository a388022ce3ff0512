/** I-39: another site is another world, even for whoever has the same key in both. */
import { toHex } from "@holdfast/base/text"
import { linesOf } from "../world/step.ts"
import type { Rule } from "./rule.ts"

export const I_39: Rule = {
  id: "I-39",
  words:
    "What was signed for another site, by a key that may say the same here, is admitted by no keeper and obeyed by no lock of this one.",
  watch({ truth }) {
    return {
      step(step) {
        const { what } = step
        if (what.kind !== "message" || !truth.foreign.has(toHex(what.bytes))) return null
        const obeyed = [...linesOf(step, "order taken"), ...linesOf(step, "deny taken")]
        return obeyed.length === 0 ? null : "a lock obeyed what was said for another site"
      },
      probe() {
        return truth.foreignAdmitted ? "the keeper admitted what was said for another site" : null
      },
    }
  },
}
