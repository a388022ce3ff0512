/**
 * All detectors of one lock side by side, and the one door through which something sensed reaches its detector.
 *
 * Each keeps its own state and knows nothing of the others. What the lock itself notices is looked at here; what the board's
 * sensors say, in `sensors.ts`. What two findings mean together is the lock's business.
 */
import { earliest, later, type Uptime } from "@holdfast/base"
import { type Attempts, DRAIN_MS, markOf, nextAttempts } from "./attempts.ts"
import { type Bypass, type BypassSensed, NOTHING_BYPASSED, nextBypass } from "./bypass.ts"
import { CASE_CLOSED, type Enclosure } from "./enclosure.ts"
import { calm, type FindingWord, type Seen } from "./finding.ts"
import { LINE_NORMAL, type Line } from "./line.ts"
import { LINK_CLEAR, type Link, type RadioSample } from "./link.ts"
import { type Gravity, POSTURE_UNKNOWN, type Posture } from "./posture.ts"
import { joined, nextSensed } from "./sensors.ts"
import { FORGET_MS, type Supply, type SupplySensed } from "./supply.ts"
import { moved, STILL, type Vibration } from "./vibration.ts"
import type { Window } from "./window.ts"

/** What the board's sensors say. */
export type Sensed =
  | { readonly kind: "window"; readonly window: Window }
  | SupplySensed
  | { readonly kind: "case"; readonly open: boolean }
  | { readonly kind: "posture"; readonly gravity: Gravity }
  | { readonly kind: "line"; readonly ohms: number }
  | { readonly kind: "radio"; readonly sample: RadioSample }
  | { readonly kind: "exit contact"; readonly pressed: boolean }
  /** The state of the debug port's lock, read at each start. */
  | { readonly kind: "debug port"; readonly open: boolean }

/** What the lock itself notices: its bolt, its leaf, and a denial. */
export type Noticed = BypassSensed | { readonly kind: "failed" } | { readonly kind: "leaf closed" }

export type Senses = {
  readonly enclosure: Enclosure
  readonly vibration: Vibration
  readonly posture: Posture
  readonly line: Line
  readonly supply: Supply
  readonly link: Link
  readonly bypass: Bypass
  readonly attempts: Attempts
  /** Null until the chip told. */
  readonly debugPort: boolean | null
}

/** What outlives a reset: counts that an attacker would otherwise clear by pulling the plug. */
export type Remembered = { readonly interruptions: number; readonly failed: number }

export function newSenses(now: Uptime, { interruptions, failed }: Remembered): Senses {
  return {
    enclosure: CASE_CLOSED,
    vibration: STILL,
    posture: POSTURE_UNKNOWN,
    line: LINE_NORMAL,
    supply: { attempts: interruptions, forgetAt: later(now, FORGET_MS) },
    link: LINK_CLEAR,
    bypass: NOTHING_BYPASSED,
    attempts: { failed, drainAt: later(now, DRAIN_MS) },
    debugPort: null,
  }
}

/** What the detectors know now, and what one of them found. */
export type Step = Seen<Senses, FindingWord>

/** The bolt or the leaf moved, and with it the accelerometer. */
function shaken(senses: Senses, now: Uptime, leafOpen = senses.vibration.leafOpen): Senses {
  return { ...senses, vibration: moved(senses.vibration, now, leafOpen) }
}

/** One thing sensed, brought to its detector. */
export function nextSenses(senses: Senses, now: Uptime, sensed: Sensed | Noticed): Step {
  switch (sensed.kind) {
    case "failed":
      return joined(senses, "attempts", nextAttempts(senses.attempts, now))
    case "leaf closed":
      return calm(shaken(senses, now, false))
    case "leaf opened":
      return joined(shaken(senses, now, true), "bypass", nextBypass(senses.bypass, now, sensed))
    case "bolt":
      return joined(shaken(senses, now), "bypass", nextBypass(senses.bypass, now, sensed))
    case "exit contact":
    case "key turned":
      return joined(senses, "bypass", nextBypass(senses.bypass, now, sensed))
    default:
      return nextSensed(senses, now, sensed)
  }
}

/** When time alone will change something, or null. */
export function sensesWake({ supply, attempts, bypass }: Senses): Uptime | null {
  return earliest([
    supply.attempts > 0 ? supply.forgetAt : null,
    attempts.failed > 0 ? attempts.drainAt : null,
    bypass.exitHeldAt,
  ])
}

/** What is to be stored. It changes seldom, whatever is done at the door. */
export function toRemember({ supply, attempts }: Senses): Remembered {
  return { interruptions: supply.attempts, failed: markOf(attempts) }
}
