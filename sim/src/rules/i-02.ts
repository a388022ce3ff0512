/** I-02: one showing opens at most once. */
import { Reader } from "../truth/reader.ts"
import type { Rule } from "./rule.ts"
import { admittedIn, perDoor, readingFor } from "./verdict.ts"

export const I_02: Rule = {
  id: "I-02",
  words: "What somebody shows once lets in once: a card held up and a code typed are used up by the verdict on them.",
  watch({ truth }) {
    const readers = perDoor(() => new Reader(truth))
    return {
      step(step) {
        const reader = readers(step)
        reader.see(step)
        const fresh = reader.readings(false)
        const used = reader.readings(true)
        reader.settle(step)
        const admitted = admittedIn(step, truth)
        if (admitted === null || readingFor(fresh, admitted, step, admitted.lock_s) !== null) return null
        if (readingFor(used, admitted, step, admitted.lock_s) === null) return null // Without any right: I-01.
        return "what was shown before let somebody in a second time"
      },
    }
  },
}
