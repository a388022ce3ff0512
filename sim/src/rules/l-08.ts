/** L-08: a lock that lost the time gets it back. */
import type { Rule } from "./rule.ts"

const CONTACT_MS = 60_000

export const L_08: Rule = {
  id: "L-08",
  words: "A lock that does not know the time learns it within 60 s of undisturbed contact.",
  watch({ truth, now_ms }) {
    return {
      probe(door) {
        const connected = truth.connectedSince_ms(door.id)
        const { lock } = door.board
        if (connected === null || lock === null || now_ms() - connected <= CONTACT_MS) return null
        return lock.clock.start_ms === null ? "the lock still does not know the time" : null
      },
    }
  },
}
