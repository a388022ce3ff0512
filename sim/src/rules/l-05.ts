/** L-05: what is decided reaches the locks that can be reached. */
import type { Rule } from "./rule.ts"

const REACH_MS = 5_000

export const L_05: Rule = {
  id: "L-05",
  words: "A lock that has been connected undisturbed has the newest policy, with a lease, 5 s after it was issued.",
  watch({ truth, now_ms }) {
    return {
      probe(door) {
        const connected = truth.connectedSince_ms(door.id)
        const { lock } = door.board
        const issued = truth.now.issued.get(door.id)
        if (connected === null || lock === null || issued === undefined) return null
        const since = truth.history.find(({ state }) => state.issued.get(door.id)?.version.size === issued.version.size)
        if (since === undefined || now_ms() - Math.max(connected, since.at_ms) <= REACH_MS) return null
        if (lock.active?.name.version.size !== issued.version.size) return "the newest policy has not arrived"
        return lock.lease === null ? "no lease has arrived" : null
      },
    }
  },
}
