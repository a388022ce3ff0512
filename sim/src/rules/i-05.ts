/** I-05: what comes and goes releases nothing. */
import { beganDrawing } from "../world/step.ts"
import type { Rule } from "./rule.ts"

export const I_05: Rule = {
  id: "I-05",
  words:
    "Loss or return of the line, of power or of the time, and any message, never draws the bolt of a fail-secure door.",
  watch() {
    return {
      step(step) {
        const { what, before, after, door } = step
        if (what.kind !== "link" && what.kind !== "power" && what.kind !== "message") return null
        if (beganDrawing(step) && before.lock?.bolt.is !== "drawing")
          return `the motor draws the bolt upon a ${what.kind}`
        const released = before.hardware.travel === 1 && after.hardware.travel < 1
        if (!released || door.options.failMode === "safe") return null
        return `a fail-secure bolt left the frame upon a ${what.kind}`
      },
    }
  },
}
