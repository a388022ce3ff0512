/**
 * Failed attempts at a door, of every kind together: wrong codes, strange cards, cards that break off (C80, C81).
 *
 * Picture a bucket with a hole: each failure is a drop, one drop a minute runs out, and nobody's success empties it, or a
 * guesser would only have to wait for the next person. Four marks: the first two are what a clumsy hand reaches on a bad day,
 * the third closes the keypad for a while, the fourth wants somebody to come. Which code may be tried when is the throttle's
 * business; this looks across it, so that trying forty cards is as visible as trying forty codes.
 */
import { assert, later, type Uptime } from "@holdfast/base"
import { calm, found, type Seen } from "./finding.ts"

export const DRAIN_MS = 60_000
/** Drops at which the codes wait, at which the keypad is closed, and at which somebody should come. */
export const SLOW_AT = 5
export const CLOSE_AT = 10
export const ALERT_AT = 20
const DROPS_MAX = 60

export type Attempts = { readonly failed: number; readonly drainAt: Uptime }

export function nextAttempts(attempts: Attempts, now: Uptime): Seen<Attempts, "many attempts"> {
  const failed = Math.min(attempts.failed + 1, DROPS_MAX)
  const state = { failed, drainAt: attempts.failed === 0 ? later(now, DRAIN_MS) : attempts.drainAt }
  if (failed < SLOW_AT) return calm(state)
  const severity = failed < CLOSE_AT ? "notice" : failed < ALERT_AT ? "warning" : "alarm"
  return found(state, "many attempts", severity, { failed })
}

/** Lets time pass: as many drops as whole minutes went by. */
export function attemptsGoOn(attempts: Attempts, now: Uptime): Attempts {
  if (attempts.failed === 0 || now < attempts.drainAt) return attempts
  const drops = Math.floor((now - attempts.drainAt) / DRAIN_MS) + 1
  assert(drops >= 1, "a minute that is over drains a drop")
  return { failed: Math.max(0, attempts.failed - drops), drainAt: later(attempts.drainAt, drops * DRAIN_MS) }
}

/** The highest mark that was reached: what is worth a write to storage. */
export function markOf({ failed }: Attempts): number {
  return [ALERT_AT, CLOSE_AT, SLOW_AT, 0].find((mark) => failed >= mark) ?? 0
}
