/** I-40: nobody gains a right by what he alone states. */
import { powersOf } from "../truth/powers.ts"
import type { Rule } from "./rule.ts"

export const I_40: Rule = {
  id: "I-40",
  words:
    "However many statements of whatever kind an administrator makes alone, one after the other, she comes in nowhere and never where she could not before, orders no opening, hears of no alarm and has no board and no key that she had not.",
  watch({ truth }) {
    let judged = 0
    const gainedBy = ({
      person,
      boardKey,
      before,
      after,
      what,
      at_ms,
    }: (typeof truth.alone)[number]): string | null => {
      if (before === after) return null // Everything was refused.
      const from_s = Math.floor(at_ms / 1000)
      const had = powersOf(before, person, boardKey, from_s)
      const gained = [...powersOf(after, person, boardKey, from_s)].find((word) => !had.has(word))
      return gained === undefined ? null : `an administrator alone gained by ${what} that she ${gained}`
    }
    return {
      probe() {
        for (; judged < truth.alone.length; judged++) {
          const stated = truth.alone[judged]
          const gained = stated === undefined ? null : gainedBy(stated)
          if (gained !== null) return gained
        }
        return null
      },
    }
  },
}
