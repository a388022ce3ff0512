/**
 * Orders from afar: one person's signature over one nonce of this lock, obeyed at most once (I-07; attacks 84 and 96).
 *
 * The lock makes a nonce when it is asked, keeps one at a time, in memory only, and forgets it after 30 s of its own uptime or
 * at the first order that bears it; so no wall clock is needed, nothing old is obeyed, and a boot obeys nothing. Who may say
 * what is the policy's. What opens is counted: {@link OPENINGS_A_MINUTE_MAX} a minute, whoever signs; an evacuation is not.
 */
import { compareVersions } from "@holdfast/access/door"
import { type Act, NARROWING_ACTS, type OrderFault, verifyOrder } from "@holdfast/access/rules"
import { equalBytes, type Uptime, unreachable } from "@holdfast/base"
import { deniedBy } from "./denies.ts"
import type { Draft } from "./draft.ts"
import { hasEnded } from "./lease.ts"
import { type Modes, type Ordered, withOrdered, withoutOrdered } from "./mode.ts"
import { configOf, drawFor } from "./moving.ts"
import type { Result } from "./result.ts"
import { setModes } from "./ruling.ts"
import { arm, isLeaving } from "./service.ts"

export const NONCE_MS_MAX = 30_000
/** Asked again before this, a lock gives the nonce that is out: to ask is nobody's right, and must spoil nobody's order. */
export const NONCE_AGAIN_MS = 15_000
export const OPENINGS_A_MINUTE_MAX = 6
const MINUTE_MS = 60_000

export type Ordering = {
  readonly asked: { readonly nonce: Uint8Array; readonly at: Uptime } | null
  /** When the last orders that open were obeyed. */
  readonly openings: readonly Uptime[]
}

export const NOTHING_ORDERED: Ordering = { asked: null, openings: [] }

/** Answers with the nonce that an order must bear, and the version that it must name. */
export function nonceAsked(draft: Draft): void {
  const { active, ordering } = draft.lock
  if (active === null) return draft.record("order refused", "no policy")
  const { asked } = ordering
  const isYoung = asked !== null && draft.now < asked.at + NONCE_AGAIN_MS
  const given = isYoung ? asked : { nonce: draft.chance(16), at: draft.now }
  draft.set({ ordering: { ...ordering, asked: given } })
  draft.effect({ kind: "send", message: { kind: "nonce", nonce: given.nonce, version: active.name.version } })
}

export function orderHeard(draft: Draft, envelope: Uint8Array): void {
  const { active, ordering, pairing } = draft.lock
  const { asked } = ordering
  if (active === null) return draft.record("order refused", "no policy")
  if (asked === null) return draft.record("order refused", "old nonce") // Nothing is out: no signature is worth a look.
  const verified = verifyOrder(active.policy, envelope, draft.crypto)
  if (!verified.ok) return draft.record("order refused", saidOf(verified.fault))
  const { order, nonce, by: person, id, acts } = verified
  const refuse = (because: Result) => draft.record("order refused", because, { person, note: `${order.act} ${id}` })
  if (order.door !== pairing.door) return refuse("wrong door")
  if (!equalBytes(nonce, asked.nonce)) return refuse("old nonce")
  draft.set({ ordering: { ...ordering, asked: null } })
  if (draft.now - asked.at > NONCE_MS_MAX) return refuse("expired")
  if (compareVersions(order.version, active.name.version) !== 0) return refuse("old version")
  if (deniedBy(draft.lock.denies).people.has(person)) return refuse("denied")
  const because = barsOrder(draft, order.act, order.value, acts)
  if (because !== null) return refuse(because)
  const { version } = active.name
  draft.record("order taken", "done", { person, version, note: `${order.act} ${order.value} ${id}` })
  obey(draft, order.act, order.value)
}

function saidOf(fault: OrderFault): Result {
  if (fault === "wrong signature" || fault === "act not allowed") return fault
  return fault === "too large" || fault === "malformed" ? "unreadable" : "unknown signer"
}

/** What stands against an act that its signer may say, or null. */
function barsOrder(draft: Draft, act: Act, value: number, acts: readonly Act[]): Result | null {
  const { lease, clock, ruled, modes, partner, ordering } = draft.lock
  if (act === "threat level" && value < modes.level) return acts.includes("normal") ? null : "act not allowed"
  if (NARROWING_ACTS.includes(act) || isLeaving(act)) return null
  if (lease === null || hasEnded(lease, clock, draft.now)) return "lease ended" // With it all rights end, this one too.
  const { interlock } = configOf(draft.lock)
  // What was found elsewhere would unlock the door by itself when it is over.
  if (act === "office" && (interlock || modes.ordered.has("narrowed"))) return "act not allowed"
  if (act !== "unlock" && act !== "office") return null
  // Office hours would begin by themselves when a lockdown is over that something else stands above now.
  if (ruled === "lockdown" || (act === "office" && modes.ordered.has("lockdown"))) return "in lockdown"
  if (interlock && partner !== "secure") return "partner open"
  const openings = [...ordering.openings.filter((at) => draft.now < at + MINUTE_MS), draft.now]
  if (openings.length > OPENINGS_A_MINUTE_MAX) return "too often"
  draft.set({ ordering: { ...ordering, openings } })
  return null
}

function obey(draft: Draft, act: Act, value: number): void {
  switch (act) {
    case "unlock":
      draft.set({ passing: null })
      if (drawFor(draft, "by order")) draft.show("granted")
      return
    case "normal":
      return setModes(draft, { ...officeClosed(draft), ordered: new Map() })
    case "lockdown":
      draft.set({ modes: { ...draft.lock.modes, ...officeClosed(draft) } })
      return begin(draft, act, value)
    case "evacuation":
    case "service":
    case "office":
      return begin(draft, act, value)
    case "threat level":
      draft.record("threat level", value > 0 ? "alarm" : "done", { count: value })
      return setModes(draft, { level: value })
    case "reset":
    case "hand over":
    case "replace":
      return arm(draft, act)
    case "locate":
      return draft.show("here")
    default:
      return unreachable(act)
  }
}

function begin(draft: Draft, mode: Ordered, value: number): void {
  setModes(draft, withOrdered(draft.lock.modes, mode, value === 0 ? null : draft.later(value * 1000)))
}

/** A door that stood unlocked does not stand unlocked by itself when this is over: office waits for an entry. */
export function officeClosed({ lock }: Draft): Pick<Modes, "ordered" | "office"> {
  const { ordered } = withoutOrdered(lock.modes, "office")
  return { ordered, office: lock.modes.office === "open" ? "waiting" : lock.modes.office }
}
