/** I-08: whoever has the lines and one stolen key opens what that key may, and slowly. */
import { linesOf, type Step } from "../world/step.ts"
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

const OPENINGS_A_MINUTE_MAX = 6
/** A minute by the lock's own oscillator. */
const MINUTE_MS = 59_990
const OPENING = ["unlock", "office"]

function opens(step: Step): boolean {
  return linesOf(step, "order taken").some(({ detail }) => OPENING.includes(detail.note?.split(" ")[0] ?? ""))
}

export const I_08: Rule = {
  id: "I-08",
  words:
    "With every line and one person's key in the wrong hands a door opens by orders at most six times a minute, and not at all where its policy takes none.",
  watch({ truth }) {
    const openings = perDoor(() => ({ at_ms: [] as number[], boot: 0 }))
    return {
      step(step) {
        if (!opens(step)) return null
        const { at_ms, door, before } = step
        const memory = openings(step)
        if (memory.boot !== before.lock?.boot) memory.at_ms = [] // Kept in memory only, as the nonce is.
        memory.boot = before.lock?.boot ?? 0
        memory.at_ms = [...memory.at_ms.filter((each) => at_ms - each < MINUTE_MS), at_ms]
        const acts = truth.now.doors.get(door.id)?.config.remoteActs ?? []
        if (!acts.includes("unlock")) return "a door was opened from afar that takes no orders"
        return memory.at_ms.length > OPENINGS_A_MINUTE_MAX
          ? `${memory.at_ms.length} orders opened the door within a minute`
          : null
      },
    }
  },
}
