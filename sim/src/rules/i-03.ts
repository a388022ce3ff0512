/** I-03: nothing else moves the bolt out. */
import { beganDrawing, linesOf, sameBoot, type Step } from "../world/step.ts"
import { isFull } from "./happenings.ts"
import type { Rule } from "./rule.ts"
import { Rulings } from "../truth/rulings.ts"
import { perDoor } from "./verdict.ts"

function drivenForNobody(step: Step, mayBeDrawn: boolean): boolean {
  const { what, before, failed, cut } = step
  if (!beganDrawing(step) || before.lock?.bolt.is === "drawing" || mayBeDrawn) return false
  if (what.kind === "time" || what.kind === "act" || what.kind === "wire" || what.kind === "sense") return true
  const presents = what.kind === "card" || what.kind === "key"
  if (!presents || before.lock?.active == null || failed || cut) return false // A lock in trouble is I-04's.
  // A full journal counts whom it lets in, and I-01 asks for the right.
  return linesOf(step, "admitted").length === 0 && !(isFull(step) && step.shown.includes("granted"))
}

function leftByItself({ what, before, after, cut, door }: Step, mayBeDrawn: boolean): boolean {
  const left = before.hardware.travel === 1 && after.hardware.travel < 1
  if (!left || what.kind === "power" || before.hardware.motor !== "idle" || mayBeDrawn) return false
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
    "The bolt leaves the frame only for somebody who was let in, by an order, a fire or the hours that hold the door open, by the inside handle or bar, or where loss of power releases the door by design; a leaf that opens against a thrown bolt is alarmed at once.",
  watch({ truth }) {
    const rulings = perDoor(() => new Rulings(truth))
    return {
      step(step) {
        const ruling = rulings(step)
        ruling.see(step)
        const mayBeDrawn = ruling.mayBeDrawn(step.door, step.at_ms)
        if (drivenForNobody(step, mayBeDrawn)) return "the motor draws the bolt, and nobody was let in"
        if (leftByItself(step, mayBeDrawn)) return "the bolt left the frame, and nothing drew it"
        return forcedInSilence(step) ? "the leaf was forced, and nobody was alarmed" : null
      },
    }
  },
}
