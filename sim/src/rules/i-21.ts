/** I-21: the floor of time only rises, and never above the truth. */
import { type Cbor, decodeCbor } from "@holdfast/base/cbor"
import { linesOf } from "../world/step.ts"
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

/** The keeper's clock may be a minute wrong before it is noticed; an oscillator adds a little. */
export const CLOCK_ERROR_MS = 75_000

/** A part is "HFp1", a number, its body and a sum of eight bytes. */
function storedFloor(part: Uint8Array | undefined): number | null {
  const decoded = part === undefined ? null : decodeCbor(part.slice(5, -8))
  const value: Cbor | null = decoded?.ok === true ? decoded.value : null
  return typeof value === "number" ? value : null
}

export const I_21: Rule = {
  id: "I-21",
  words:
    "The time that a lock holds for certainly passed never falls while it runs, in its storage only by a time that the keeper signed for it, and never lies ahead of true time by more than a clock may err.",
  watch() {
    const stored = perDoor(() => ({ floor: 0 }))
    return {
      step(step) {
        const { before, after, at_ms, door } = step
        const memory = stored(step)
        const kept = storedFloor(door.flash.parts.get("clock"))
        const told = linesOf(step, "time set").length > 0
        if (kept !== null && kept < memory.floor && !told) return "the stored floor of time fell"
        memory.floor = kept ?? memory.floor
        if (after.lock === null) return null
        const { floor } = after.lock.clock
        if (floor > at_ms + CLOCK_ERROR_MS) return `the floor lies ${floor - at_ms} ms ahead of true time`
        const sameLife = before.lock !== null && before.lock.boot === after.lock.boot
        return sameLife && floor < before.lock.clock.floor ? "the floor of time fell" : null
      },
    }
  },
}
