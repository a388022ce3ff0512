/** I-04: errors never open. */
import { Reader } from "../truth/reader.ts"
import { beganDrawing, linesOf } from "../world/step.ts"
import type { Rule } from "./rule.ts"
import { admittedIn, perDoor, readingFor } from "./verdict.ts"

export const I_04: Rule = {
  id: "I-04",
  words:
    "A lock that has no policy, lost part of its storage or fails in the middle of a turn lets nobody in who has no right: trouble refuses.",
  watch({ truth }) {
    const readers = perDoor(() => new Reader(truth))
    return {
      step(step) {
        const reader = readers(step)
        reader.see(step)
        const fresh = reader.readings(false)
        reader.settle(step)
        const { before, what } = step
        const presents = what.kind === "card" || what.kind === "key"
        if (!presents || before.lock === null || before.lock.bolt.is === "drawing") return null
        const opened = beganDrawing(step) || linesOf(step, "admitted").length > 0
        if (!opened) return null
        if (before.lock.active === null) return "a lock without a policy opened"
        if (!step.failed) return null
        const admitted = admittedIn(step, truth)
        const right = admitted !== null && readingFor(fresh, admitted, step, admitted.lock_s) !== null
        return right ? null : "a lock that failed opened to somebody without a right"
      },
    }
  },
}
