/**
 * All detectors of one lock side by side, and the one door through which something sensed reaches its detector.
 *
 * Each keeps its own state and knows nothing of the others. What two findings mean together is the lock's business.
 */
import { later, type Uptime, unreachable, uptime } from "@holdfast/base"
import { type Attempts, attemptsGoOn, DRAIN_MS, markOf, nextAttempts } from "./attempts.ts"
import { type Bypass, type BypassSensed, bypassGoesOn, NOTHING_BYPASSED, nextBypass } from "./bypass.ts"
import { nextDebugPort } from "./debug-port.ts"
import { CASE_CLOSED, type Enclosure, nextEnclosure } from "./enclosure.ts"
import { calm, type FindingWord, type Seen } from "./finding.ts"
import { LINE_NORMAL, type Line, nextLine } from "./line.ts"
import { LINK_CLEAR, type Link, nextLink, type RadioSample } from "./link.ts"
import { type Gravity, nextPosture, POSTURE_UNKNOWN, type Posture } from "./posture.ts"
import { judgeReset } from "./reset.ts"
import { FORGET_MS, nextSupply, type Supply, type SupplySensed, supplyGoesOn } from "./supply.ts"
import { moved, nextVibration, STILL, type Vibration } from "./vibration.ts"
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

type Step = Seen<Senses, FindingWord>

function joined<Name extends keyof Senses>(senses: Senses, name: Name, seen: Seen<Senses[Name], FindingWord>): Step {
  return { ...seen, state: { ...senses, [name]: seen.state } }
}

/** The bolt or the leaf moved, and with it the accelerometer. */
function shaken(senses: Senses, now: Uptime, leafOpen = senses.vibration.leafOpen): Senses {
  return { ...senses, vibration: moved(senses.vibration, now, leafOpen) }
}

/** One thing sensed, brought to its detector. */
export function nextSenses(senses: Senses, now: Uptime, sensed: Sensed | Noticed): Step {
  switch (sensed.kind) {
    case "case":
      return joined(senses, "enclosure", nextEnclosure(senses.enclosure, sensed.open))
    case "window":
      return joined(senses, "vibration", nextVibration(senses.vibration, now, sensed.window))
    case "posture":
      return joined(senses, "posture", nextPosture(senses.posture, sensed.gravity))
    case "line":
      return joined(senses, "line", nextLine(senses.line, sensed.ohms))
    case "radio":
      return joined(senses, "link", nextLink(senses.link, sensed.sample))
    case "supply":
      return joined(senses, "supply", nextSupply(senses.supply, now, sensed))
    case "reset": {
      const step = joined(senses, "supply", nextSupply(senses.supply, now, sensed))
      return { ...step, found: step.found ?? judgeReset(sensed.cause) }
    }
    case "failed":
      return joined(senses, "attempts", nextAttempts(senses.attempts, now))
    case "debug port":
      return joined(senses, "debugPort", nextDebugPort(senses.debugPort, sensed.open))
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
      return unreachable(sensed)
  }
}

/** Lets time pass: what is counted is forgotten bit by bit, and what lasts too long is found. */
export function sensesGoOn(senses: Senses, now: Uptime): Step {
  const supply = supplyGoesOn(senses.supply, now)
  const attempts = attemptsGoOn(senses.attempts, now)
  const isSame = supply === senses.supply && attempts === senses.attempts
  return joined(isSame ? senses : { ...senses, supply, attempts }, "bypass", bypassGoesOn(senses.bypass, now))
}

/** When time alone will change something, or null. */
export function sensesWake({ supply, attempts, bypass }: Senses): Uptime | null {
  const times = [
    supply.attempts > 0 ? supply.forgetAt : null,
    attempts.failed > 0 ? attempts.drainAt : null,
    bypass.exitHeldAt,
  ].filter((time) => time !== null)
  return times.length === 0 ? null : uptime(Math.min(...times))
}

/** What is to be stored. It changes seldom, whatever is done at the door. */
export function toRemember({ supply, attempts }: Senses): Remembered {
  return { interruptions: supply.attempts, failed: markOf(attempts) }
}
