/**
 * What of a lock's state is news: whoever shows a door wants to hear of it at once.
 *
 * Time passes, the journal grows and a battery creeps down in every beat; that can wait for the next. What only the keeper may
 * read is no news either: it looks different in every beat, and must not show by its timing (I-17).
 */
import type { LockState } from "./view.ts"

/** Equal texts for states that differ in nothing but what creeps. */
export function essenceOf(state: LockState): string {
  const { battery, motor, contact, isExternal, rests, isReinforced } = state.health
  const health = [battery?.level, motor, contact, isExternal, rests, isReinforced]
  const creeps = { uptime_ms: null, wall_ms: null, lastSequence: null, codesTried: null, sealedAlarm: null }
  return JSON.stringify({ ...state, health, ...creeps })
}
