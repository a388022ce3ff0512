/**
 * What one person has shown so far: keys typed, a card or phone held up, a finger laid down, in the order of showing.
 *
 * A keypad buffer forgets after 10 s without a key; what was shown waits 15 s for the next factor. Nothing here knows whether
 * a card was good or a code right: a bad card waits for the code like a good one, so that the denial at the end does not tell
 * which of the two it was. One thing shown twice counts once, as the later of the two.
 */
import { assert, type CredentialId, earliest, later, type Uptime } from "@holdfast/base"
import type { FactorKind } from "@holdfast/access/door"
import type { Result } from "./result.ts"

export const KEY_MS_MAX = 10_000
export const FACTOR_MS_MAX = 15_000
export const CODE_DIGITS_MAX = 12
/** A code of six digits with its decoys around it. */
export const ENTRY_DIGITS_MAX = 14

/** A code as typed, or anything else as its own check ended: a credential, or why there is none. */
export type Showing =
  | { readonly kind: "pin"; readonly code: string }
  | {
      readonly kind: Exclude<FactorKind, "pin">
      readonly credential: CredentialId | null
      readonly because: Result
    }

export type Collecting = {
  /** Digits as typed; one more than fits is kept, so that an entry that is too long stays wrong. */
  readonly digits: string
  readonly digitsUntil: Uptime | null
  readonly shown: readonly Showing[]
  /** How long what was shown waits for more; null where nothing was shown. */
  readonly until: Uptime | null
}

export const NOTHING_SHOWN: Collecting = { digits: "", digitsUntil: null, shown: [], until: null }

export type Key = { readonly press: "digit"; readonly digit: number } | { readonly press: "clear" | "enter" }

/** After a key other than enter. Clearing also takes back a factor that was waiting. */
export function typed(collecting: Collecting, now: Uptime, key: Key): Collecting {
  if (key.press !== "digit")
    return key.press === "clear" ? NOTHING_SHOWN : { ...collecting, digits: "", digitsUntil: null }
  assert(Number.isInteger(key.digit) && key.digit >= 0 && key.digit <= 9, "a key is one digit")
  const digits = collecting.digits.length > ENTRY_DIGITS_MAX ? collecting.digits : `${collecting.digits}${key.digit}`
  return { ...collecting, digits, digitsUntil: later(now, KEY_MS_MAX) }
}

/** All that was shown, with this at its end. */
export function withShowing(collecting: Collecting, showing: Showing): readonly Showing[] {
  return [...collecting.shown.filter(({ kind }) => kind !== showing.kind), showing]
}

/** Another factor is waited for. */
export function waiting(shown: readonly Showing[], now: Uptime): Collecting {
  assert(shown.length > 0, "something was shown")
  return { ...NOTHING_SHOWN, shown, until: later(now, FACTOR_MS_MAX) }
}

/** What is left as time passes, and whether somebody never showed the rest. */
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

export function factorsWake({ until, digitsUntil }: Collecting): Uptime | null {
  return earliest([until, digitsUntil])
}
