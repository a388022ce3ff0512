/** I-03: nothing else moves the bolt out. */
import { beganDrawing, linesOf, sameBoot, type Step } from "../world/step.ts"
import { isFull } from "./happenings.ts"
import type { Rule } from "./rule.ts"

function drivenForNobody(step: Step): boolean {
  const { what, before, failed, cut } = step
  if (!beganDrawing(step) || before.lock?.bolt.is === "drawing") return false
  if (what.kind === "time" || what.kind === "act") return true
  const presents = what.kind === "card" || what.kind === "key"
  if (!presents || before.lock?.active == null || failed || cut) return false // A lock in trouble is I-04's.
  // A full journal counts whom it lets in, and I-01 asks for the right.
  return linesOf(step, "admitted").length === 0 && !(isFull(step) && step.shown.includes("granted"))
}

function leftByItself({ what, before, after, cut, door }: Step): boolean {
  const left = before.hardware.travel === 1 && after.hardware.travel < 1
  if (!left || what.kind === "power" || before.hardware.motor !== "idle") return false
  if (cut && door.options.failMode === "safe") return false
  return what.kind !== "act" || what.act.kind !== "handle"
}

function forcedInSilence(step: Step): boolean {
  const { before, after } = step
  const broken = before.hardware.travel === 1 && before.hardware.leaf === "closed" && after.hardware.leaf === "open"
  if (!broken || !sameBoot(step) || before.lock?.door.is !== "closed") return false
  const excused = before.lock.bolt.is === "drawing" || before.uptime_ms < before.lock.exitMaskUntil
  return !excused && !isFull(step) && linesOf(step, "door forced").length !== 1
}

export const I_03: Rule = {
  id: "I-03",
  words:
    "The bolt leaves the frame only for somebody who was let in, by the inside handle, or where loss of power releases the door by design; a leaf that opens against a thrown bolt is alarmed at once.",
  watch() {
    return {
      step(step) {
        if (drivenForNobody(step)) return "the motor draws the bolt, and nobody was let in"
        if (leftByItself(step)) return "the bolt left the frame, and nothing drew it"
        return forcedInSilence(step) ? "the leaf was forced, and nobody was alarmed" : null
      },
    }
  },
}
