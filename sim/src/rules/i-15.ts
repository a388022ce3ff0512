/** I-15: codes are guessed no faster than the throttle lets, however often the lock boots. */
import type { Rule } from "./rule.ts"
import { linesOf } from "../world/step.ts"
import { perDoor } from "./verdict.ts"

/** R24, told once more: three free tries, then 30 s that double up to an hour, and 40 failures in 24 hours. */
const FREE_TRIES = 3
const WAIT_MS_FIRST = 30_000
const WAIT_MS_MAX = 3_600_000
const FAILURES_A_DAY_MAX = 40
const DAY_MS = 86_400_000
/** An oscillator's share. */
const DRIFT = 0.001

function waitAfter_ms(failures: number): number {
  return failures < FREE_TRIES ? 0 : Math.min(WAIT_MS_FIRST * 2 ** (failures - FREE_TRIES), WAIT_MS_MAX)
}

export const I_15: Rule = {
  id: "I-15",
  words:
    "Between two codes that the keypad looks at lies the wait that the failures before them ask for, by true time and over boots, and no 24 hours see more than 40 failures.",
  watch() {
    const guesses = perDoor(() => ({ inARow: 0, at_ms: [] as number[] }))
    return {
      step(step) {
        const { what, before, after, shown, at_ms } = step
        if (what.kind !== "key" || what.key.press !== "enter") return null
        const memory = guesses(step)
        const isCode = ({ kind }: { readonly kind: string }): boolean => kind === "pin"
        const alone = before.lock?.collecting.shown.every(isCode) ?? false
        if (!alone || after.lock?.collecting.shown.some(isCode) === true) return null // With a card, or still waiting for one.
        // A code that was right ends the row, though the power may have gone before anybody saw it.
        if (shown.includes("granted") || linesOf(step, "admitted").length > 0) {
          memory.inARow = 0
          return null
        }
        const wrong = linesOf(step, "refused").some(({ record }) => record.result === "unknown credential")
        if (!wrong || !shown.includes("denied")) return null // The power went before anybody learned anything.
        const since_ms = at_ms - (memory.at_ms.at(-1) ?? Number.NEGATIVE_INFINITY)
        const wait_ms = waitAfter_ms(memory.inARow)
        memory.inARow += 1
        memory.at_ms = [...memory.at_ms.filter((each) => each > at_ms - DAY_MS), at_ms]
        if (since_ms < wait_ms * (1 - DRIFT))
          return `a code was looked at ${since_ms} ms after failure ${memory.inARow - 1} in a row, and not after ${wait_ms} ms`
        return memory.at_ms.length > FAILURES_A_DAY_MAX ? "more codes were looked at in a day than may be" : null
      },
    }
  },
}
