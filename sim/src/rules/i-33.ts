/** I-33: without any power a door does what it was built for. */
import type { Rule } from "./rule.ts"

export const I_33: Rule = {
  id: "I-33",
  words:
    "On true loss of power a fail-safe bolt is out of the frame, a fail-secure one stays where it stood, and neither moves when power returns.",
  watch() {
    return {
      step({ what, before, after, door }) {
        if (what.kind !== "power" || before.hardware.powered === after.hardware.powered) return null
        if (after.hardware.powered)
          return after.hardware.travel === before.hardware.travel ? null : "the bolt jumped when power returned"
        if (door.options.failMode === "safe")
          return after.hardware.travel === 0 ? null : "a fail-safe door stayed locked without power"
        return after.hardware.travel === before.hardware.travel
          ? null
          : "a fail-secure door moved its bolt without power"
      },
    }
  },
}
