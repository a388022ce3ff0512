/** I-10: a number that anybody can copy opens nothing. */
import { Reader } from "../truth/reader.ts"
import type { Rule } from "./rule.ts"
import { admittedIn, perDoor, readingFor } from "./verdict.ts"

/** A reader has forgotten a card by then. */
const FACTOR_MS = 15_100
const GRADE_MIN = 2

export const I_10: Rule = {
  id: "I-10",
  words:
    "At a door of grade 2 and up a card without its keys, though it bears a cardholder's number, counts for nothing.",
  watch({ truth }) {
    const readers = perDoor(() => ({ reader: new Reader(truth), copyAt_ms: Number.NEGATIVE_INFINITY }))
    return {
      step(step) {
        const memory = readers(step)
        const { reader } = memory
        reader.see(step)
        const known = [...reader.readings(false), ...reader.readings(true)]
        reader.settle(step)
        const { what, at_ms } = step
        if (what.kind === "card" && what.card.keys === null) memory.copyAt_ms = at_ms
        const admitted = admittedIn(step, truth)
        const grade = admitted?.state.doors.get(step.door.id)?.config.grade ?? 0
        if (admitted === null || grade < GRADE_MIN || at_ms - memory.copyAt_ms > FACTOR_MS) return null
        const right = readingFor(known, admitted, step, admitted.lock_s) !== null
        return right ? null : "the copy of a card's number let somebody in"
      },
    }
  },
}
