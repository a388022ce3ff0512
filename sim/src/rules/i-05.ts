/** I-05: what comes and goes releases nothing. */
import { Rulings } from "../truth/rulings.ts"
import { beganDrawing, linesOf } from "../world/step.ts"
import { isFull } from "./happenings.ts"
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

export const I_05: Rule = {
  id: "I-05",
  words:
    "Loss or return of the line, of power or of the time, any message that is no order, and the end of what another door meant, never draws the bolt of a fail-secure door; a fire goes on, and new hours may hold a door open.",
  watch({ truth }) {
    const rulings = perDoor(() => new Rulings(truth))
    return {
      step(step) {
        const { what, before, after, door, at_ms } = step
        const ruling = rulings(step)
        ruling.see(step)
        const isOrder = what.kind === "message" && truth.orderIn(what.bytes) !== null
        // Whether it had to be: I-07. A full journal only counts it.
        if (isOrder && (linesOf(step, "order taken").length > 0 || isFull(step))) return null
        if (ruling.fire !== "quiet") return null
        const isHeard = (lock: typeof before.lock): boolean => lock?.modes.ordered.has("narrowed") === true
        if (what.kind === "time" && isHeard(before.lock) && !isHeard(after.lock) && beganDrawing(step))
          return "the motor draws the bolt at the end of a narrowing"
        if (linesOf(step, "policy applied").length > 0 && ruling.mayBeDrawn(door, at_ms)) return null
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
