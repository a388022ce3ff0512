/** L-07: whoever has to wait does not wait for ever. */
import type { Rule } from "./rule.ts"

const WAIT_MS_MAX = 3_600_000

export const L_07: Rule = {
  id: "L-07",
  words: "However often a code was wrong, the keypad looks at another one within an hour, but for the bound of a day.",
  watch() {
    return {
      probe(door) {
        const { lock, uptime_ms } = door.board
        const count = lock?.throttle.counts.get("keypad")
        if (lock === null || count === undefined) return null
        const wait_ms = count.waitUntil - lock.throttle.base - uptime_ms
        return wait_ms > WAIT_MS_MAX ? `the keypad is to wait for ${wait_ms} ms` : null
      },
    }
  },
}
