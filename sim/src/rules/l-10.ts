/** L-10: an owner who lost every key but the founding key gets the site back. */
import type { Rule } from "./rule.ts"

/** Whoever is turned away tries again every ten minutes, and the keeper's machine may be down for twenty. */
const HEARD_MS = 2 * 3_600_000

export const L_10: Rule = {
  id: "L-10",
  words:
    "Whoever holds the founding key names a new key for somebody who lost his, and what he states by it is admitted as before, within two hours of an answering keeper.",
  watch({ truth, now_ms }) {
    return {
      probe() {
        const { recoversSince_ms, keeperSince_ms } = truth
        if (recoversSince_ms === null || keeperSince_ms === null) return null
        const waited_ms = now_ms() - Math.max(recoversSince_ms, keeperSince_ms)
        return waited_ms > HEARD_MS ? "the founding key named somebody, and he is not heard" : null
      },
    }
  },
}
