/**
 * What one person has shown so far: keys typed, a card held up, in either order.
 *
 * A keypad buffer forgets after 10 s without a key; a first factor waits 15 s for the second. Nothing here knows whether a
 * card was good or a code right: a bad card waits for the code like a good one, so that the denial at the end does not tell
 * which of the two it was.
 */
import { assert, type CredentialId, later, type Uptime } from "@holdfast/base"
import type { Result } from "./result.ts"

export const KEY_MS_MAX = 10_000
export const FACTOR_MS_MAX = 15_000
export const CODE_DIGITS_MAX = 12

/** The card as its exchange ended: a credential, or why there is none. */
export type CardShown = { readonly credential: CredentialId | null; readonly because: Result }

export type Collecting = {
  /** Digits as typed; one more than fits is kept, so that a code that is too long stays wrong. */
  readonly digits: string
  readonly digitsUntil: Uptime | null
  readonly card: CardShown | null
  readonly code: string | null
  readonly until: Uptime | null
}

export const NOTHING_SHOWN: Collecting = { digits: "", digitsUntil: null, card: null, code: null, until: null }

export type Key = { readonly press: "digit"; readonly digit: number } | { readonly press: "clear" | "enter" }

/** After a key other than enter. Clearing also takes back a factor that was waiting. */
export function typed(collecting: Collecting, now: Uptime, key: Key): Collecting {
  if (key.press !== "digit")
    return key.press === "clear" ? NOTHING_SHOWN : { ...collecting, digits: "", digitsUntil: null }
  assert(Number.isInteger(key.digit) && key.digit >= 0 && key.digit <= 9, "a key is one digit")
  const digits = collecting.digits.length > CODE_DIGITS_MAX ? collecting.digits : `${collecting.digits}${key.digit}`
  return { ...collecting, digits, digitsUntil: later(now, KEY_MS_MAX) }
}

/** The first factor is there and the other is waited for. */
export function waiting(collecting: Collecting, now: Uptime, first: Pick<Collecting, "card" | "code">): Collecting {
  assert(first.card === null || first.code === null, "only one factor is waiting")
  return { ...collecting, ...first, digits: "", digitsUntil: null, until: later(now, FACTOR_MS_MAX) }
}

/** What is left as time passes, and the card whose second factor never came. */
export function forgetting(
  collecting: Collecting,
  now: Uptime,
): { readonly collecting: Collecting; readonly abandoned: boolean } {
  const { until, digitsUntil } = collecting
  if (until !== null && now >= until) return { collecting: NOTHING_SHOWN, abandoned: true }
  if (digitsUntil !== null && now >= digitsUntil)
    return { collecting: { ...collecting, digits: "", digitsUntil: null }, abandoned: false }
  return { collecting, abandoned: false }
}

export function factorsWake(collecting: Collecting): Uptime | null {
  const { until, digitsUntil } = collecting
  if (until === null || digitsUntil === null) return until ?? digitsUntil
  return until < digitsUntil ? until : digitsUntil
}
