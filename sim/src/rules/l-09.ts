/** L-09: a change of keys ends. */
import type { Rule } from "./rule.ts"

export const L_09: Rule = {
  id: "L-09",
  words:
    "A change of the key under which a lock stores, whatever write the power goes at, is done with the next boot: one key is left, and everything stands under it.",
  watch() {
    return {
      step({ door, after, cut, failed }) {
        if (after.lock === null || cut || failed) return null
        return door.flash.keys_count === 1 ? null : "the lock runs, and its storage still stands under two keys"
      },
    }
  },
}
