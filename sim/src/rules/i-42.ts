/** I-42: a door that is not known to be locked is not shown as locked. */
import { stateOf } from "@holdfast/lock"
import type { Step } from "../world/step.ts"
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

type Said = { readonly boot: number; readonly uptime_ms: number }

function isBefore(said: Said, known: Said): boolean {
  return said.boot === known.boot ? said.uptime_ms < known.uptime_ms : said.boot < known.boot
}

/** Whether the bolt stands in the frame as far as it goes, with nothing that moves it. */
function isLocked({ hardware }: Step["after"]): boolean {
  return hardware.travel === 1 && hardware.motor !== "drawing"
}

export const I_42: Rule = {
  id: "I-42",
  words:
    "No lock says that its bolt is thrown while it is not, nor that its leaf is closed while it is open; and what is shown of a door is the newest that its lock signed, with its true age.",
  watch({ truth }) {
    const memories = perDoor(() => ({ shown: { boot: 0, uptime_ms: 0 } }))
    return {
      step({ after, cut, failed }) {
        if (after.lock === null || cut || failed) return null
        const { bolt, leaf } = stateOf(after.lock, after.uptime_ms)
        if (bolt === "thrown" && !isLocked(after)) return "the lock says that it is locked, and it is not"
        return leaf === "closed" && after.hardware.leaf === "open"
          ? "the lock says that the leaf is closed, and it is not"
          : null
      },
      probe(door) {
        const shown = truth.shown.get(door.id)
        if (shown === undefined) return null
        const memory = memories({ door })
        const { lock, uptime_ms } = door.board
        if (isBefore(shown.state, memory.shown)) return "an older state of a door is shown than before"
        memory.shown = shown.state
        const now = lock === null ? null : { boot: lock.boot, uptime_ms }
        return now !== null && isBefore(now, shown.state) ? "a state of a door is shown that is yet to come" : null
      },
    }
  },
}
