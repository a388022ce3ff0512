/**
 * A door that asks for more because of what was found at another one (C82): told by the keeper, never by a courier.
 *
 *   finding at another door --> its signed journal --> keeper signs a narrowing for this door --> here, until its end
 *
 * It is taken when the keeper signed it, for this door, a moment ago, because of a door that this one heeds, for no longer than
 * this door's configuration allows, and beyond the end of any that was taken before: so each counts once, and one that was
 * ended by an order does not come back. There is one thing that it does: the door is at threat level 1, and what stood unlocked
 * is locked. It ends by itself, by the time or by this lock's own uptime, whichever comes first; the bolt is not drawn when it
 * does. An order to be normal ends it, and so does a configuration that heeds the other door no more.
 */
import { heedsDoor, verifyNarrowing } from "@holdfast/access/rules"
import { later } from "@holdfast/base"
import { encodeFloor, wallAt, wallSeconds } from "./clock.ts"
import type { Draft } from "./draft.ts"
import { withOrdered, withoutOrdered } from "./mode.ts"
import { configOf } from "./moving.ts"
import { officeClosed } from "./ordering.ts"
import { type Result, resultOf } from "./result.ts"
import { setModes } from "./ruling.ts"

/** How far the keeper's time and this lock's may lie apart, way included. */
export const FRESH_S_MAX = 60

export function narrowingBrought(draft: Draft, ticket: Uint8Array): void {
  const { pairing, clock, modes } = draft.lock
  const { heeds } = configOf(draft.lock)
  const refuse = (because: Result) => draft.record("narrowing refused", because)
  const verified = verifyNarrowing(pairing.site, ticket, pairing.keeper, draft.crypto)
  if (!verified.ok) return refuse(verified.fault === "wrong signature" ? verified.fault : "unreadable")
  const { door, cause, result, notBefore, notAfter } = verified.value
  const found = resultOf(result)
  const wall_ms = wallAt(clock, draft.now)
  const at_s = wallSeconds(clock, draft.now)
  if (door !== pairing.door) return refuse("wrong door")
  if (heeds === null || !heedsDoor(heeds, cause.door)) return refuse("act not allowed")
  if (found === null) return refuse("unreadable")
  // While the time is unknown, nobody can tell when it would end.
  if (wall_ms === null || at_s === null || Math.abs(at_s - notBefore) > FRESH_S_MAX || at_s >= notAfter)
    return refuse("too early or too late")
  if (notAfter - notBefore > heeds.narrowed_s) return refuse("step too large")
  const known = modes.narrowed
  if (known !== null && notAfter === known.end_s) return // It came twice; the first time was enough.
  if (known !== null && notAfter < known.end_s) return refuse("not expected")
  draft.record("narrowing taken", found, { note: `door ${cause.door} record ${cause.sequence} until ${notAfter}` })
  // What time has certainly passed outlives the power: from there it ends, where the time itself is not told again.
  draft.set({ floorStoredAt: draft.now })
  draft.store("clock", encodeFloor(clock, draft.now))
  const closed = { ...modes, ...officeClosed(draft) }
  // The keeper's clock may be ahead of this one.
  const left_ms = Math.min(notAfter * 1000 - wall_ms, heeds.narrowed_s * 1000)
  setModes(draft, {
    ...withOrdered(closed, "narrowed", later(draft.now, left_ms)),
    narrowed: { ...cause, from_s: notBefore, end_s: notAfter },
  })
}

/** The time was told: a narrowing whose end it says is sooner ends then. */
export function narrowedByTime(draft: Draft): void {
  const { modes, clock } = draft.lock
  const until = modes.ordered.get("narrowed")
  const wall_ms = wallAt(clock, draft.now)
  if (until === undefined || until === null || modes.narrowed === null || wall_ms === null) return
  const end = later(draft.now, Math.max(0, modes.narrowed.end_s * 1000 - wall_ms))
  if (end < until) setModes(draft, withOrdered(modes, "narrowed", end))
}

/** The door was configured anew: what it does not heed any more does not narrow it. */
export function narrowedByPolicy(draft: Draft): void {
  const { modes } = draft.lock
  if (modes.narrowed === null || !modes.ordered.has("narrowed")) return
  if (heedsDoor(configOf(draft.lock).heeds, modes.narrowed.door)) return
  draft.record("mode ended", "act not allowed", { note: "narrowed" })
  setModes(draft, withoutOrdered(modes, "narrowed"))
}
