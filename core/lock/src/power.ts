/**
 * Whether what feeds a door suffices to move its bolt, and when it releases a fail-safe one.
 *
 * Mains: a fail-secure door ignores them: neither their loss nor their return ever moves the bolt (I-05). A fail-safe door is
 * released once they were gone for its hold-up, and locks again when they return and the door is closed.
 *
 * An empty battery drives nothing: the next drive would pull the supply under its minimum half way. The contact at the front
 * stands in for it; it never decides who comes in. A supply that broke down again and again while the board started or drove
 * is given a rest, in which nothing is driven (attack 134).
 *
 * True loss of power is the hardware's: a fail-safe bolt is held thrown by current and falls open without any program.
 */
import type { FailMode } from "@holdfast/access/door"
import { unreachable } from "@holdfast/base"
import type { ResetCause } from "@holdfast/sense"
import type { Supply } from "./supply.ts"

export type Power = "mains" | "reserve"

/** Whether the door stands released because of power: then nothing throws its bolt. */
export function isReleased(
  power: Power,
  failMode: FailMode,
  { heldUpUntil, level }: Pick<Supply, "heldUpUntil" | "level">,
): boolean {
  switch (failMode) {
    case "safe":
      return (power === "reserve" && heldUpUntil === null) || level === "empty"
    case "secure":
      return false
    default:
      return unreachable(failMode)
  }
}

export type Withheld = "supply unsteady" | "battery empty"

/** Why no drive is begun now, or null. */
export function withheld({ level, isExternal, restsUntil }: Supply): Withheld | null {
  if (isExternal) return null
  if (restsUntil !== null) return "supply unsteady"
  return level === "empty" ? "battery empty" : null
}

/** With its last 50 operations a lock takes no new policy; what denies somebody, and its lease, it takes to the end (R44). */
export function refusesPolicies({ level, isExternal }: Supply): boolean {
  return !isExternal && (level === "critical" || level === "empty")
}

/** Whether a start tells of a supply, or a program, that broke down at work; a plug, a pin or an order does not. */
export function isBreakdown(cause: ResetCause): boolean {
  return cause === "brown-out" || cause === "watchdog" || cause === "lockup"
}

const BREAKDOWNS_MAX = 3
const REST_MS = 60_000
const LONG_REST_MS = 600_000
/** Without any drive a supply counts as steady after this long. */
export const STEADY_MS = 600_000

/** How long the supply rests after so many breakdowns in a row. */
export function restOf(breakdowns: number): number {
  if (breakdowns < BREAKDOWNS_MAX) return 0
  return breakdowns < 2 * BREAKDOWNS_MAX ? REST_MS : LONG_REST_MS
}
