/** I-22: no right outlives its end by true time. */
import { Reader } from "../truth/reader.ts"
import { CLOCK_ERROR_MS } from "./i-21.ts"
import type { Rule } from "./rule.ts"
import { admittedIn, perDoor, readingFor } from "./verdict.ts"

export const I_22: Rule = {
  id: "I-22",
  words:
    "Nobody is let in outside the hours of his right by true time, give or take what a clock may err, whatever happened to the lock's clock; a lock that does not know the time lets in only by rights without hours and end.",
  watch({ truth }) {
    const readers = perDoor(() => new Reader(truth))
    return {
      step(step) {
        const reader = readers(step)
        reader.see(step)
        const readings = [...reader.readings(false), ...reader.readings(true)]
        reader.settle(step)
        const admitted = admittedIn(step, truth)
        if (admitted === null) return null
        if (admitted.lock_s === null)
          return readingFor(readings, admitted, step, null) === null
            ? "a lock that does not know the time let somebody in by a right that has hours or an end"
            : null
        if (readingFor(readings, admitted, step, admitted.lock_s) === null) return null // Not even by its own time: I-01.
        const times = [0, -CLOCK_ERROR_MS, CLOCK_ERROR_MS].map((error_ms) => Math.floor((step.at_ms + error_ms) / 1000))
        const right = times.some((at_s) => readingFor(readings, admitted, step, at_s) !== null)
        if (right) return null
        return `the lock's clock is ${Math.round(admitted.lock_s - step.at_ms / 1000)} s off, and let somebody in outside his hours`
      },
    }
  },
}
