/**
 * What mains power does to a door. A fail-secure door ignores it: neither its loss nor its return ever moves the bolt (I-05).
 * A fail-safe door is released while mains are gone, and locks again when they return and the door is closed.
 *
 * True loss of power is the hardware's: a fail-safe bolt is held thrown by current and falls open without any program.
 */
import { unreachable } from "@holdfast/base"

export type Power = "mains" | "reserve"
export type FailMode = "secure" | "safe"

/** Whether the door stands released because of power: then nothing throws its bolt. */
export function isReleased(power: Power, failMode: FailMode): boolean {
  switch (failMode) {
    case "safe":
      return power === "reserve"
    case "secure":
      return false
    default:
      return unreachable(failMode)
  }
}
