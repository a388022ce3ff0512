/**
 * What the board's sensors say, each brought to its detector, and time passing for all of them.
 *
 * Nobody at the door waits for either. What the lock itself notices of its bolt and its leaf is `senses.ts`'s business.
 */
import { type Uptime, unreachable } from "@holdfast/base"
import { attemptsGoOn } from "./attempts.ts"
import { type BypassSensed, bypassGoesOn } from "./bypass.ts"
import { nextDebugPort } from "./debug-port.ts"
import { nextEnclosure } from "./enclosure.ts"
import type { FindingWord, Seen } from "./finding.ts"
import { nextLine } from "./line.ts"
import { nextLink } from "./link.ts"
import { nextPosture } from "./posture.ts"
import { judgeReset } from "./reset.ts"
import type { Sensed, Senses, Step } from "./senses.ts"
import { nextSupply, supplyGoesOn } from "./supply.ts"
import { nextVibration } from "./vibration.ts"

/** All detectors, with the step that one of them took. */
export function joined<Name extends keyof Senses>(
  senses: Senses,
  name: Name,
  seen: Seen<Senses[Name], FindingWord>,
): Step {
  return { ...seen, state: { ...senses, [name]: seen.state } }
}

/** One thing that a sensor said. */
export function nextSensed(senses: Senses, now: Uptime, sensed: Exclude<Sensed, BypassSensed>): Step {
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
    case "debug port":
      return joined(senses, "debugPort", nextDebugPort(senses.debugPort, sensed.open))
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
