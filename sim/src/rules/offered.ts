/**
 * Somebody did everything as he should: whether he then had to be let in, and whether he was.
 *
 * What L-01 and I-16 have in common. A lock that does not know the time, whose lease is over, or that was told to deny him may
 * refuse, and so may one that is locked down or on its guard; one whose keypad is besieged may not.
 */
import { secondsOf } from "@holdfast/base"
import { type Lock, stateOf } from "@holdfast/lock"
import { isEnough, mayOpen, ownerOf } from "../truth/rights.ts"
import type { Truth } from "../truth/truth.ts"
import { sameBoot, type Step } from "../world/step.ts"

/** So many failures of one subject within 24 hours, and it waits (R24). */
const FAILURES_A_DAY_MAX = 40

/** Whether a threat, here or at another door, makes the door want more than it says. */
export function asksForMore({ modes, defence, active }: Lock): boolean {
  const isAsked = (active?.policy.config.threatFactors.length ?? 0) > 0
  return modes.level > 0 || (isAsked && (defence.level > 0 || modes.ordered.has("narrowed")))
}

/** Null where nobody had to be let in; else whether he was, and whether codes were being throttled then. */
export function offeredIn(step: Step, truth: Truth): { readonly letIn: boolean; readonly besieged: boolean } | null {
  const { completes, before, after, door } = step
  const { lock } = before
  if (completes === null || lock?.active == null || !sameBoot(step)) return null
  const { wall_ms, flags } = stateOf(lock, after.uptime_ms)
  if (flags.includes("no lease") || flags.includes("journal full")) return null
  if (lock.ruled === "lockdown" || asksForMore(lock)) return null
  const state = truth.history[truth.placeOf(lock.active.name.version.size)]?.state
  const at_s = wall_ms === null ? null : secondsOf(wall_ms)
  if (state === undefined || !mayOpen(state, door.id, completes, at_s)) return null
  const { card, pin } = completes
  // Where one factor was enough, the verdict fell on the first, and the second stands alone.
  if (
    card !== null &&
    pin !== null &&
    [
      { card, pin: null },
      { card: null, pin },
    ].some((one) => isEnough(state, door.id, one, at_s))
  )
    return null
  const person = ownerOf(state, completes)
  const denied = lock.denies.some((deny) => {
    return deny.person === person || deny.credential === completes.card || deny.credential === completes.pin
  })
  const now = lock.throttle.base + after.uptime_ms
  const mustWait = (subject: string): boolean => {
    if (subject === "keypad" && after.uptime_ms < lock.defence.keypadUntil) return true
    const count = lock.throttle.counts.get(subject)
    return count !== undefined && (count.waitUntil > now || count.recent.length >= FAILURES_A_DAY_MAX)
  }
  // A code that is tried too often waits: its own subject is the card that it comes with, or the keypad.
  if (denied || (completes.pin !== null && mustWait(completes.card ?? "keypad"))) return null
  const besieged = ["keypad", ...lock.throttle.counts.keys()].some(mustWait)
  return { letIn: step.shown.includes("granted"), besieged }
}
