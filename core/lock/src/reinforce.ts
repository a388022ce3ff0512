/**
 * Reinforcing the thrown bolt: for a short while the motor presses it home, on command of the defence.
 *
 * Each time lasts at most 30 s, and as long again nothing is reinforced, so neither the motor nor the battery is worn down by
 * whoever provokes it. It is given up at once when somebody wants out, when the bolt is drawn for somebody, when the leaf
 * moves, or when the supply runs low: what is pressed home never works against the way out.
 */
import type { Draft } from "./draft.ts"
import { endReinforcement, mayThrow } from "./moving.ts"

export const REINFORCE_MS_MAX = 30_000

/** Presses the bolt home for `ms`, where it is thrown and may stay so; answers whether it does. */
export function reinforce(draft: Draft, ms: number): boolean {
  const { bolt, reinforced, supply } = draft.lock
  const isWorn = supply.level === "critical" || supply.level === "empty"
  if (bolt.is !== "thrown" || !mayThrow(draft.lock) || isWorn || draft.now < reinforced.restsUntil) return false
  if (reinforced.until !== null) return true
  const length_ms = Math.min(ms, REINFORCE_MS_MAX)
  draft.set({ reinforced: { until: draft.later(length_ms), restsUntil: draft.now } })
  draft.record("bolt reinforced", "done", { note: `for ${Math.round(length_ms / 1000)} s` })
  draft.effect({ kind: "drive", drive: "reinforce" })
  return true
}

/** Lets time pass. */
export function reinforcementGoesOn(draft: Draft): void {
  const { until } = draft.lock.reinforced
  if (until !== null && (draft.now >= until || !mayThrow(draft.lock))) endReinforcement(draft)
}
