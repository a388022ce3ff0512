/** I-41: what detectors suspect may ask for more, and never lets anybody in. */
import type { Factors } from "@holdfast/access"
import type { Crypto } from "@holdfast/base"
import { type Input, type Lock, turn } from "@holdfast/lock"
import type { Step } from "../world/step.ts"
import type { Rule } from "./rule.ts"

/** The most that a lock suspects. */
const LEVEL_MAX = 2

/** The same lock with another suspicion, at a door whose configuration asks for this while there is one. */
function suspecting({ lock }: Step["before"], level: 0 | typeof LEVEL_MAX, factors: Factors): Lock | null {
  if (lock?.active == null) return null
  const { active, defence } = lock
  const config = { ...active.policy.config, threatFactors: [factors] }
  return {
    ...lock,
    active: { ...active, policy: { ...active.policy, config } },
    defence: { ...defence, level },
  }
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

/** Whether somebody who leaves now has the motor against him. */
function isHeldIn(lock: Lock, step: Step, crypto: Crypto): boolean {
  return effectsOf(lock, { kind: "request to exit" }, step, crypto).some(
    (effect) => effect.kind === "drive" && effect.drive === "throw",
  )
}

export const I_41: Rule = {
  id: "I-41",
  words:
    "Whatever a lock suspects, and whatever its door then asks for, nobody is let in whom the calm lock refuses, and nobody who leaves is held.",
  watch({ doors }) {
    const crypto = doors[0]?.options.signing.crypto
    return {
      step(step) {
        const { what, before, failed, cut } = step
        const isEntry = what.kind === "key" && what.key.press === "enter" && before.lock?.collecting.digits !== ""
        if (crypto === undefined || !isEntry || failed || cut) return null
        for (const factors of ["card", "pin"] as const) {
          const calm = suspecting(before, 0, factors)
          const alarmed = suspecting(before, LEVEL_MAX, factors)
          if (calm === null || alarmed === null) return null
          if (letsIn(alarmed, step, crypto) && !letsIn(calm, step, crypto))
            return `a suspicion let somebody in, at a door that asks for ${factors} then`
          if (isHeldIn(alarmed, step, crypto) && !isHeldIn(calm, step, crypto)) return "a suspicion held somebody in"
        }
        return null
      },
    }
  },
}
