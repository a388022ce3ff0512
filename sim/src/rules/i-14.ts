/** I-14: wrong codes are counted, and stay counted. */
import type { Lock } from "@holdfast/lock"
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

const KEYPAD = "keypad"

function failuresOf(lock: Lock, subject: string): number {
  return lock.throttle.counts.get(subject)?.failures ?? 0
}

export const I_14: Rule = {
  id: "I-14",
  words:
    "A count of wrong codes only falls by a right one of the same subject, and no loss of power makes the lock forget a wrong code that it answered.",
  watch() {
    /** Wrong codes at the keypad since the last right one, as whoever typed them counts. */
    const truths = perDoor(() => ({ failures: 0 }))
    return {
      step(step) {
        const truth = truths(step)
        const { before, after, what, lines, shown } = step
        const typed = what.kind === "key" && what.key.press === "enter"
        // A code that was right may have ended the row, though the power went before anybody saw it.
        const right = shown.includes("granted") || lines.some(({ record }) => record.kind === "admitted")
        if (right && typed) truth.failures = 0
        const wrong = lines.some(({ record, detail }) => {
          return record.kind === "refused" && record.result === "unknown credential" && detail.credential === undefined
        })
        const counted = before.lock !== null && after.lock !== null && counts(before.lock, after.lock)
        if (typed && wrong && counted && shown.includes("denied")) truth.failures += 1
        if (after.lock === null) return null
        if (failuresOf(after.lock, KEYPAD) < truth.failures)
          return `${truth.failures} wrong codes were answered, and ${failuresOf(after.lock, KEYPAD)} are counted`
        if (before.lock === null || shown.includes("granted")) return null
        for (const subject of before.lock.throttle.counts.keys())
          if (failuresOf(after.lock, subject) < failuresOf(before.lock, subject))
            return `the count of ${subject === KEYPAD ? "the keypad" : "a card"} fell by itself`
        return null
      },
    }
    /** Whether the code was judged by itself: with a card, the card's own count is meant. */
    function counts(before: Lock, after: Lock): boolean {
      const isCode = ({ kind }: { readonly kind: string }): boolean => kind === "pin"
      return before.collecting.shown.every(isCode) && !after.collecting.shown.some(isCode)
    }
  },
}
