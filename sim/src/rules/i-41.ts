/** I-41: what detectors suspect, here or at another door, may ask for more, and never lets anybody in. */
import type { Factors } from "@holdfast/access"
import type { Crypto } from "@holdfast/base"
import { type Input, type Lock, turn } from "@holdfast/lock"
import type { Step } from "../world/step.ts"
import { heardWatch } from "./heard.ts"
import type { Rule } from "./rule.ts"

/** The most that a lock suspects. */
const LEVEL_MAX = 2

/** What a lock knows of threats: nothing, what its own detectors suspect, or what it heard of another door. */
type Threat = "none" | "suspects" | "heard"

/** The same lock with another threat, at a door whose configuration asks for this while there is one. */
function threatened({ lock }: Step["before"], threat: Threat, factors: Factors): Lock | null {
  if (lock?.active == null) return null
  const { active, defence } = lock
  const config = { ...active.policy.config, threatFactors: [factors] }
  const ordered = new Map(lock.modes.ordered)
  ordered.delete("narrowed")
  if (threat === "heard") ordered.set("narrowed", null)
  return {
    ...lock,
    active: { ...active, policy: { ...active.policy, config } },
    defence: { ...defence, level: threat === "suspects" ? LEVEL_MAX : 0 },
    modes: { ...lock.modes, ordered },
    ruled: ruledBy(lock.ruled, threat),
  }
}

/** The mode that rules then, above which stand those that a threat does not touch. */
function ruledBy(ruled: Lock["ruled"], threat: Threat): Lock["ruled"] {
  return threat === "heard" && (ruled === "normal" || ruled === "office") ? "threat level" : ruled
}

function effectsOf(lock: Lock, input: Input, step: Step, crypto: Crypto) {
  return turn(lock, step.after.uptime_ms, input, crypto).effects
}

/** Whether somebody is let in who presses enter now. */
function letsIn(lock: Lock, step: Step, crypto: Crypto): boolean {
  return effectsOf(lock, { kind: "key", key: { press: "enter" } }, step, crypto).some(
    (effect) => effect.kind === "show" && effect.signal === "granted",
  )
}

/** Whether somebody who leaves now has the motor against him: what it is told last in the turn. */
function isHeldIn(lock: Lock, step: Step, crypto: Crypto): boolean {
  const drives = effectsOf(lock, { kind: "request to exit" }, step, crypto).filter((effect) => effect.kind === "drive")
  return drives.at(-1)?.drive === "throw"
}

export const I_41: Rule = {
  id: "I-41",
  words:
    "Whatever a lock suspects or hears of another door, and whatever its door then asks for, nobody is let in whom the calm lock refuses, and nobody who leaves is held; what it hears was truly found at a door that it heeds, asks for more, counts once, and ends when its configuration says.",
  watch(building) {
    const crypto = building.doors[0]?.options.signing.crypto
    const heard = heardWatch(building)
    return {
      step(step) {
        const wrong = heard.step?.(step) ?? null
        if (wrong !== null) return wrong
        const { what, before, failed, cut } = step
        const isEntry = what.kind === "key" && what.key.press === "enter" && before.lock?.collecting.digits !== ""
        if (crypto === undefined || !isEntry || failed || cut) return null
        for (const factors of ["card", "pin"] as const) {
          for (const threat of ["suspects", "heard"] as const) {
            const calm = threatened(before, "none", factors)
            const alarmed = threatened(before, threat, factors)
            if (calm === null || alarmed === null) return null
            if (letsIn(alarmed, step, crypto) && !letsIn(calm, step, crypto))
              return `a threat (${threat}) let somebody in, at a door that asks for ${factors} then`
            if (isHeldIn(alarmed, step, crypto) && !isHeldIn(calm, step, crypto))
              return `a threat (${threat}) held somebody in`
          }
        }
        return null
      },
      probe: (door) => heard.probe?.(door) ?? null,
    }
  },
}
