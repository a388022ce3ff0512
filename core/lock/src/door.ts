/**
 * The door leaf: closed, open, held open or forced, from its position sensor.
 *
 * An opening is forced when the bolt was thrown, nothing had released it, and nobody had just asked to leave. A door that
 * stands open too long is warned about at two thirds of its time and held at the end of it (R15); both end when it closes.
 * The bolt is `bolt.ts`'s business; here it only tells whether an opening was to be expected.
 */
import { later, type Uptime, unreachable } from "@holdfast/base"

/** A request to exit excuses an opening this long. */
export const EXIT_MASK_MS = 10_000

export type Door =
  | { readonly is: "unknown" }
  | { readonly is: "closed" }
  | { readonly is: "open"; readonly warnAt: Uptime; readonly holdAt: Uptime }
  | { readonly is: "open long"; readonly holdAt: Uptime }
  | { readonly is: "held" }
  | { readonly is: "forced" }

export type DoorInput =
  | {
      readonly kind: "sensed"
      readonly door: "open" | "closed"
      readonly expected: boolean
      readonly heldOpen_ms: number
    }
  | { readonly kind: "tick" }

export function nextDoor(door: Door, now: Uptime, input: DoorInput): Door {
  switch (input.kind) {
    case "sensed":
      if (input.door === "closed") return door.is === "closed" ? door : { is: "closed" }
      if (door.is !== "closed" && door.is !== "unknown") return door // It was open already.
      // After a boot nobody can say who opened a door that is found open.
      if (door.is === "closed" && !input.expected) return { is: "forced" }
      return {
        is: "open",
        warnAt: later(now, Math.floor((input.heldOpen_ms * 2) / 3)),
        holdAt: later(now, input.heldOpen_ms),
      }
    case "tick":
      if ((door.is === "open" || door.is === "open long") && now >= door.holdAt) return { is: "held" }
      if (door.is === "open" && now >= door.warnAt) return { is: "open long", holdAt: door.holdAt }
      return door
    default:
      return unreachable(input)
  }
}

/** Whether the leaf is where a bolt may be thrown into its frame. A door without a sensor is taken as closed. */
export function mayLock(door: Door): boolean {
  return door.is === "closed" || door.is === "unknown"
}

/** While the warning runs: when it becomes an alarm. */
export function alarmAt(door: Door): Uptime | null {
  return door.is === "open long" ? door.holdAt : null
}

export function doorWakes(door: Door): Uptime | null {
  if (door.is === "open") return door.warnAt
  return door.is === "open long" ? door.holdAt : null
}
