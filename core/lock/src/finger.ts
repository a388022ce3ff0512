/**
 * What a biometric matcher answers: whose template came closest, how close, and whether it was alive.
 *
 * The matcher keeps the templates and names them by credential ids; no template ever comes this far, and there is no field
 * for one (attack 39). Its tries are counted before the answer is looked at and bounded by R27; a score says by how many tenths of
 * a power of ten a false match is rarer than one, so 40 is one in 10,000. What a door wants beside a finger, its
 * configuration says.
 */
import type { CredentialId } from "@holdfast/base"
import type { Draft } from "./draft.ts"
import { setThrottle } from "./throttling.ts"
import { shownNow } from "./presenting.ts"
import { NOBODY } from "./record.ts"
import type { Result } from "./result.ts"
import { countTry, FINGER, isAlarm, LIVE_FINGER, succeeded } from "./throttle.ts"

/** R27: a false match is at most one in 10,000. */
export const SCORE_DB_MIN = 40
/** Of 100, where the matcher tells living skin from a copy at all. */
export const LIVENESS_MIN = 50

export type Comparison = {
  /** Whose template came closest; null where none came near. */
  readonly credential: CredentialId | null
  readonly score_db: number
  /** 0 to 100; null from a matcher that cannot tell. */
  readonly liveness: number | null
}

function whyNot({ credential, score_db, liveness }: Comparison): Result | null {
  const isMatch = credential !== null && score_db >= SCORE_DB_MIN
  return isMatch && (liveness === null || liveness >= LIVENESS_MIN) ? null : "no biometric match"
}

export function biometricCompared(draft: Draft, comparison: Comparison): void {
  const { throttle } = draft.lock
  const { credential, score_db, liveness } = comparison
  const subject = liveness === null ? FINGER : LIVE_FINGER
  const counted = countTry(throttle, subject, draft.now)
  const isWaiting = counted === throttle
  setThrottle(draft, counted)
  const because = isWaiting ? "biometric throttled" : whyNot(comparison)
  const note = `score ${score_db}${liveness === null ? "" : `, liveness ${liveness}`}`
  draft.record("biometric compared", because ?? "done", { credential: credential ?? NOBODY, note })
  if (!isWaiting && because !== null && isAlarm(counted, subject)) draft.record("throttled", "alarm")
  if (because === null) setThrottle(draft, succeeded(counted, subject))
  const found = because === null ? credential : null
  shownNow(draft, { kind: "biometric", credential: found, because: because ?? "done" })
}
