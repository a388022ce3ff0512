/** I-01: nobody is let in without a right. */
import { Reader } from "../truth/reader.ts"
import type { Rule } from "./rule.ts"
import { admittedIn, isWhose, perDoor, readingFor } from "./verdict.ts"

export const I_01: Rule = {
  id: "I-01",
  words:
    "A lock lets in only whom a grant of its policy admits at the time that the lock believes it is, and who showed all that the door wants then.",
  watch({ truth }) {
    const readers = perDoor(() => new Reader(truth))
    return {
      step(step) {
        const reader = readers(step)
        reader.see(step)
        const fresh = reader.readings(false)
        const known = [...fresh, ...reader.readings(true)]
        reader.settle(step)
        const admitted = admittedIn(step, truth)
        if (admitted === null || step.failed) return null // A lock in trouble is I-04's.
        const { lock_s } = admitted
        // Where the lock does not know the time, which rights still count is I-22's.
        const right = lock_s === null && known.some((shown) => isWhose(admitted, shown))
        if (right || readingFor(known, admitted, step, lock_s) !== null) return null
        return `somebody was let in whom no grant admits, or who did not show enough (${JSON.stringify(known)})`
      },
    }
  },
}
