/** I-11: a denial never tells why. */
import { isEnough } from "../truth/rights.ts"
import type { Truth } from "../truth/truth.ts"
import { sameBoot, type Step } from "../world/step.ts"
import { secondsOf } from "@holdfast/base"
import { type Signal, stateOf } from "@holdfast/lock"
import { asksForMore } from "./offered.ts"
import type { Rule } from "./rule.ts"

/** Whether the lock waits for a code after this card, whatever card it is. */
function awaitsCode({ what, before, after, door }: Step, truth: Truth): boolean {
  const { lock } = before
  if (what.kind !== "card" || lock?.active == null || lock.collecting.shown.length > 0) return false
  if (asksForMore(lock)) return false
  const { wall_ms } = stateOf(lock, after.uptime_ms)
  const state = truth.history[truth.placeOf(lock.active.name.version.size)]?.state
  if (state === undefined || wall_ms === null) return false
  const at_s = secondsOf(wall_ms)
  const { credential } = what
  const some = credential ?? [...state.credentials.keys()][0] ?? null
  const enough = (card: typeof some, pin: typeof some): boolean => isEnough(state, door.id, { card, pin }, at_s)
  return enough(some, some) && !enough(some, null) && !enough(null, some)
}

/** What time shows, and the alarm at many denials, which counts them all alike. */
const BESIDE: readonly Signal[] = ["idle", "alarm", "alarm over", "close the door"]

export const I_11: Rule = {
  id: "I-11",
  words:
    "Every denial looks and sounds the same, whichever factor, right, hour or wait is behind it, and none comes before all that the door wants was shown.",
  watch({ truth }) {
    return {
      step(step) {
        const { what, shown } = step
        if (!sameBoot(step)) return null
        const seen = shown.filter((signal) => !BESIDE.includes(signal)).join()
        if (awaitsCode(step, truth) && seen !== "busy" && seen !== "denied,busy")
          return `a card that has to wait for its code showed "${seen}"`
        if (!shown.includes("denied")) return null
        const usual =
          what.kind === "key" ? ["busy,denied", "denied,busy", "denied,busy,denied"] : ["denied", "denied,busy"]
        return usual.includes(seen) ? null : `a denial was shown as "${seen}"`
      },
    }
  },
}
