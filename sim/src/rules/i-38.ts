/** I-38: no key seals two things under one nonce. */
import type { Rule } from "./rule.ts"

export const I_38: Rule = {
  id: "I-38",
  words:
    "Whatever write the power goes at, nothing that a lock stores is sealed under a key and a nonce that were used before.",
  watch() {
    return {
      step({ door }) {
        return door.flash.reusedNonce ? "a storage key met the same nonce twice" : null
      },
    }
  },
}
