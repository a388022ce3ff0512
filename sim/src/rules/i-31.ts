/** I-31: whoever is inside gets out. */
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

/** The shortest time that a bolt stays drawn for somebody who turned the handle. */
const LET_GO_MS = 900

export const I_31: Rule = {
  id: "I-31",
  words:
    "The inside handle draws the bolt in every state of the lock, with and without power, and no throw works against it while somebody goes out.",
  watch({ now_ms }) {
    const handles = perDoor(() => ({ turned_ms: Number.NEGATIVE_INFINITY }))
    return {
      step(step) {
        const memory = handles(step)
        const { what, after, before, at_ms } = step
        if (what.kind === "act" && what.act.kind === "handle") {
          memory.turned_ms = at_ms
          if (after.hardware.travel !== 0) return "the inside handle was turned, and the bolt did not move"
        }
        const rebooted = before.lock?.boot !== after.lock?.boot
        if (after.hardware.leaf !== before.hardware.leaf || rebooted) memory.turned_ms = Number.NEGATIVE_INFINITY
        const thrown = before.hardware.travel === 0 && after.hardware.travel > 0
        if (thrown && now_ms() - memory.turned_ms < LET_GO_MS) return "the bolt was thrown against somebody going out"
        return null
      },
    }
  },
}
