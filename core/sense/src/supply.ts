/**
 * Somebody plays with the supply: how many attempts there were lately, over resets too (C24, C78, C79).
 *
 * Who looks for the one dip that makes a chip stumble has to try very often, so counting attempts is what finds him. One
 * attempt is a report of dips while nothing drew power, a report of overvoltage, or a start after a reset that nobody
 * announced. What a weak or cold cell does by itself is left to the battery's own part: dips under the motor or the radio,
 * and resets while the cell stood low. A few dips together with a jolt are a contact that bounced in a slam.
 *
 * One attempt is forgotten after each ten minutes of running. The board stores the count, or a reset would clear it.
 */
import { later, type Uptime } from "@holdfast/base"
import { calm, found, type Seen } from "./finding.ts"
import { isUnexpected, type ResetCause } from "./reset.ts"

export const ATTEMPTS_WARNING = 3
export const ATTEMPTS_ALARM = 4
export const FORGET_MS = 600_000
const ATTEMPTS_MAX = 99
const BOUNCES_MAX = 5

export type Supply = { readonly attempts: number; readonly forgetAt: Uptime }

export type SupplySensed =
  /** What the supply's comparator saw in at most one second. */
  | {
      readonly kind: "supply"
      readonly dips: number
      readonly over: boolean
      /** Whether motor or radio drew their current meanwhile. */
      readonly loaded: boolean
      /** Whether the accelerometer woke meanwhile. */
      readonly jolted: boolean
    }
  /** The first thing said after a start. */
  | { readonly kind: "reset"; readonly cause: ResetCause; readonly weak: boolean; readonly loaded: boolean }

export type SupplyFinding = "brief interruptions" | "overvoltage"

function isAttempt(sensed: SupplySensed): boolean {
  if (sensed.kind === "reset") return isUnexpected(sensed.cause) && !(sensed.weak || sensed.loaded)
  if (sensed.over) return true
  return sensed.dips > 0 && !sensed.loaded && !(sensed.jolted && sensed.dips <= BOUNCES_MAX)
}

export function nextSupply(supply: Supply, now: Uptime, sensed: SupplySensed): Seen<Supply, SupplyFinding> {
  if (!isAttempt(sensed)) return calm(supply)
  const attempts = Math.min(supply.attempts + 1, ATTEMPTS_MAX)
  const state = { attempts, forgetAt: later(now, FORGET_MS) }
  if (sensed.kind === "supply" && sensed.over) return found(state, "overvoltage", "alarm", { attempts })
  if (attempts < ATTEMPTS_WARNING) return calm(state)
  return found(state, "brief interruptions", attempts < ATTEMPTS_ALARM ? "warning" : "alarm", { attempts })
}

/** Lets time pass: an attempt is forgotten for each ten minutes. */
export function supplyGoesOn(supply: Supply, now: Uptime): Supply {
  if (supply.attempts === 0 || now < supply.forgetAt) return supply
  const forgotten = Math.floor((now - supply.forgetAt) / FORGET_MS) + 1
  const forgetAt = later(supply.forgetAt, forgotten * FORGET_MS)
  return { attempts: Math.max(0, supply.attempts - forgotten), forgetAt }
}
