/**
 * The bolt: thrown (locked), drawn (open), or on its way, as the position sensor says and never as a command hoped.
 *
 *   thrown --draw--> drawing --sensor--> drawn --time or door closed--> throwing --sensor--> thrown
 *                       |                                                  |
 *                       +---- stalled or too slow, three attempts ---------+---> jammed | not fully thrown
 *
 * A drive that does not arrive is tried three times and then left until somebody acts: a new draw, or the door moving. The
 * bolt is never thrown while `mayThrow` is false: the door stands open, or power loss holds it released. What moved the bolt
 * when nobody commanded it (a key, the request-to-exit hardware) shows as the sensor leaving `thrown`. Where the supply does
 * not suffice (`mayDraw` false) no draw begins, and one that failed is not tried again.
 *
 * A motor leaves the bolt where it brought it. A solenoid holds it at one end while it is energised, thrown at a fail-safe
 * door and drawn at a fail-secure one, and lets a spring take it to the other.
 */
import type { Actuator, FailMode } from "@holdfast/access/door"
import { assert, later, type Uptime, unreachable } from "@holdfast/base"

export const DRIVE_MS_MAX = 2_000
export const ATTEMPTS_MAX = 3

export type BoltSensed = "thrown" | "drawn" | "between"

export type Bolt =
  | { readonly is: "unknown" }
  | { readonly is: "thrown" }
  | { readonly is: "drawing"; readonly attempt: number; readonly until: Uptime; readonly unlock_ms: number }
  | { readonly is: "drawn"; readonly throwAt: Uptime }
  | { readonly is: "throwing"; readonly attempt: number; readonly until: Uptime }
  | { readonly is: "jammed"; readonly wanted: "thrown" | "drawn" }
  | { readonly is: "not fully thrown" }

export type BoltInput =
  | { readonly kind: "draw"; readonly unlock_ms: number }
  /** Asked again to lock: the door closed, or what held the bolt drawn has ended. */
  | { readonly kind: "throw" }
  /** Somebody leaves: the hardware draws the bolt by itself, and no throw may work against it. */
  | { readonly kind: "let go"; readonly unlock_ms: number }
  | { readonly kind: "sensed"; readonly bolt: BoltSensed; readonly unlock_ms: number }
  | { readonly kind: "stalled" }
  | { readonly kind: "tick" }

/** `hold` keeps a coil energised at the end where it stands; `reinforce` presses the thrown bolt home. */
export type Drive = "draw" | "throw" | "stop" | "hold" | "reinforce"

const THROWN: Bolt = { is: "thrown" }

function draw(now: Uptime, unlock_ms: number, attempt: number): Bolt {
  return { is: "drawing", attempt, until: later(now, DRIVE_MS_MAX), unlock_ms }
}

function throwing(now: Uptime, attempt: number): Bolt {
  return { is: "throwing", attempt, until: later(now, DRIVE_MS_MAX) }
}

/** Where the bolt goes. Pure: what driving it takes is {@link driveOf}'s business. */
export function nextBolt(bolt: Bolt, now: Uptime, input: BoltInput, mayThrow: boolean, mayDraw: boolean = true): Bolt {
  switch (input.kind) {
    case "draw":
      if (bolt.is === "drawn") return { is: "drawn", throwAt: later(now, input.unlock_ms) }
      return mayDraw ? draw(now, input.unlock_ms, 1) : bolt
    case "throw":
      return mayThrow && bolt.is !== "thrown" && bolt.is !== "throwing" && bolt.is !== "drawing"
        ? throwing(now, 1)
        : bolt
    case "let go":
      return bolt.is === "throwing" || bolt.is === "drawn"
        ? { is: "drawn", throwAt: later(now, input.unlock_ms) }
        : bolt
    case "sensed":
      return sensed(bolt, now, input.bolt, input.unlock_ms, mayThrow)
    case "stalled":
      return failedDrive(bolt, now, "stalled", mayThrow, mayDraw)
    case "tick":
      return elapsed(bolt, now, mayThrow, mayDraw)
    default:
      return unreachable(input)
  }
}

function sensed(bolt: Bolt, now: Uptime, at: BoltSensed, unlock_ms: number, mayThrow: boolean): Bolt {
  switch (at) {
    case "thrown":
      return bolt.is === "drawing" ? bolt : THROWN // A draw that was just commanded has not moved it yet.
    case "drawn":
      if (bolt.is === "drawing") return { is: "drawn", throwAt: later(now, bolt.unlock_ms) }
      if (bolt.is === "drawn" || bolt.is === "throwing") return bolt
      // Nobody commanded this, or a jam came loose: it is open now, and will be locked again.
      return { is: "drawn", throwAt: later(now, unlock_ms) }
    case "between":
      if (bolt.is === "thrown") return { is: "drawn", throwAt: later(now, unlock_ms) }
      return bolt.is === "unknown" && mayThrow ? throwing(now, 1) : bolt
    default:
      return unreachable(at)
  }
}

function elapsed(bolt: Bolt, now: Uptime, mayThrow: boolean, mayDraw: boolean): Bolt {
  if (bolt.is === "drawn") return now >= bolt.throwAt && mayThrow ? throwing(now, 1) : bolt
  if (bolt.is === "drawing" || bolt.is === "throwing")
    return now >= bolt.until ? failedDrive(bolt, now, "too slow", mayThrow, mayDraw) : bolt
  return bolt
}

/** A drive ended without arriving. The door opening under a throw ends it without blame. */
function failedDrive(bolt: Bolt, now: Uptime, how: "stalled" | "too slow", mayThrow: boolean, mayDraw: boolean): Bolt {
  if (bolt.is === "drawing")
    return mayDraw && bolt.attempt < ATTEMPTS_MAX
      ? draw(now, bolt.unlock_ms, bolt.attempt + 1)
      : { is: "jammed", wanted: "drawn" }
  if (bolt.is !== "throwing") return bolt
  if (!mayThrow) return { is: "drawn", throwAt: now }
  if (bolt.attempt < ATTEMPTS_MAX) return throwing(now, bolt.attempt + 1)
  return how === "stalled" ? { is: "jammed", wanted: "thrown" } : { is: "not fully thrown" }
}

/** Where a coil must stay energised to hold the bolt, or null for a motor, which holds it by itself. */
export function heldEnd(actuator: Actuator, failMode: FailMode): "thrown" | "drawn" | null {
  if (actuator === "motor") return null
  return failMode === "safe" ? "thrown" : "drawn"
}

/** What the actuator must do on the way from one state to the next, if anything. */
export function driveOf(before: Bolt, after: Bolt, held: "thrown" | "drawn" | null = null): Drive | null {
  if (before === after) return null
  if (after.is === held && before.is !== held) return "hold"
  // A coil that still held would push the bolt back out under the hand that drew it.
  if (before.is === held && after.is !== "drawing" && after.is !== "throwing" && after.is !== held) return "stop"
  switch (after.is) {
    case "drawing":
      return "draw"
    case "throwing":
      return "throw"
    case "drawn":
    case "thrown":
    case "jammed":
    case "not fully thrown":
      return before.is === "drawing" || before.is === "throwing" ? "stop" : null
    case "unknown":
      assert(false, "a bolt once known stays known")
      return null
    default:
      return unreachable(after)
  }
}

/** When the bolt next wants a tick, or null. While it may not be thrown, a drawn bolt waits for an event. */
export function boltWakes(bolt: Bolt, mayThrow: boolean): Uptime | null {
  if (bolt.is === "drawing" || bolt.is === "throwing") return bolt.until
  return bolt.is === "drawn" && mayThrow ? bolt.throwAt : null
}
