/**
 * What bolt, leaf and exit contact cannot truly do together: somebody moves the bolt, or feeds a sensor (C83).
 *
 * A bolt that leaves its thrown place without a command, a key or a hand on the inside handle was moved from outside. A leaf
 * that opens while the bolt's sensor says thrown means a broken frame or a magnet at the sensor: one of the two lies. An exit
 * contact that stays pressed is a bridged wire or something hung on the handle; the way out stays free all the same.
 */
import { later, type Uptime, unreachable, uptime } from "@holdfast/base"
import { calm, found, type Seen } from "./finding.ts"

/** Longer than anybody leans on a handle. */
export const EXIT_HELD_MS = 30_000

/** From the turn of a key until the bolt has moved. */
const KEY_MS = 10_000

export type Bypass = {
  readonly bolt: "thrown" | "drawn" | "between" | null
  /** When the exit contact will have been pressed too long; null while it is not pressed, or once that was found. */
  readonly exitHeldAt: Uptime | null
  readonly exitHeld: boolean
  /** A key that was turned in the cylinder explains what the bolt does until then. */
  readonly keyUntil: Uptime
}

export type BypassSensed =
  | {
      readonly kind: "bolt"
      readonly is: "thrown" | "drawn" | "between"
      /** Whether the board drove it, or somebody asked to leave or turned a key. */
      readonly explained: boolean
    }
  | { readonly kind: "key turned" }
  | { readonly kind: "leaf opened"; readonly explained: boolean }
  /** The contact's own state, where the door has one; a request to exit is only its edge. */
  | { readonly kind: "exit contact"; readonly pressed: boolean }

export type BypassFinding = "bolt moved by itself" | "leaf open while thrown" | "exit held"

export const NOTHING_BYPASSED: Bypass = {
  bolt: null,
  exitHeldAt: null,
  exitHeld: false,
  keyUntil: uptime(0),
}

export function nextBypass(bypass: Bypass, now: Uptime, sensed: BypassSensed): Seen<Bypass, BypassFinding> {
  switch (sensed.kind) {
    case "bolt": {
      const state = { ...bypass, bolt: sensed.is }
      if (bypass.bolt !== "thrown" || sensed.is === "thrown" || sensed.explained || now < bypass.keyUntil)
        return calm(state)
      return found(state, "bolt moved by itself", "alarm", { drawn: Number(sensed.is === "drawn") })
    }
    case "leaf opened":
      if (bypass.bolt !== "thrown" || sensed.explained) return calm(bypass)
      return found(bypass, "leaf open while thrown", "alarm", {})
    case "key turned":
      return calm({ ...bypass, keyUntil: later(now, KEY_MS) })
    case "exit contact":
      return exitContact(bypass, now, sensed.pressed)
    default:
      return unreachable(sensed)
  }
}

function exitContact(bypass: Bypass, now: Uptime, pressed: boolean): Seen<Bypass, "exit held"> {
  if (!pressed) {
    const state = { ...bypass, exitHeldAt: null, exitHeld: false }
    return { state, found: null, ended: bypass.exitHeld ? "exit held" : null }
  }
  if (bypass.exitHeldAt !== null || bypass.exitHeld) return calm(bypass)
  return calm({ ...bypass, exitHeldAt: later(now, EXIT_HELD_MS) })
}

/** Lets time pass for a contact that is pressed. */
export function bypassGoesOn(bypass: Bypass, now: Uptime): Seen<Bypass, "exit held"> {
  const { exitHeldAt } = bypass
  if (exitHeldAt === null || now < exitHeldAt) return calm(bypass)
  return found({ ...bypass, exitHeldAt: null, exitHeld: true }, "exit held", "warning", { held_ms: EXIT_HELD_MS })
}
