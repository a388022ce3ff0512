/**
 * What rules the door: joins the mode, office hours, fire, interlock, antipassback and the delayed way out to the bolt.
 *
 * One question is asked before anybody is let in ({@link barredBy}), one thing is done when he is ({@link letIn}), and in every
 * turn it is looked which mode rules now ({@link ruleAgain}). What each rule means stands in its own file.
 */
import { type Policy, requiredFactors } from "@holdfast/access/door"
import { hasTrait, officeAt, officeChanges } from "@holdfast/access/rules"
import { type CredentialId, later, type PersonId, type Uptime } from "@holdfast/base"
import { isPassback, passed } from "./antipassback.ts"
import { wallAt, wallSeconds } from "./clock.ts"
import type { Draft } from "./draft.ts"
import { type EgressInput, nextEgress } from "./egress.ts"
import { hasEnded } from "./lease.ts"
import type { Lock } from "./lock.ts"
import { encodeModes, expire, isHeldDrawn, type Modes, modeOf } from "./mode.ts"
import { configOf, drawFor, exitRequested, lockAgain } from "./moving.ts"
import { nextOffice } from "./office.ts"
import type { Result } from "./result.ts"

/** The policy as the threat level leaves it: the level's factors and those of the hour, whichever wants more. */
export function policyNow(lock: Lock, now: Uptime): Policy | null {
  const policy = lock.active?.policy ?? null
  if (policy === null) return policy
  const { config } = policy
  // What the lock suspects, or hears of another door, asks for more only where the configuration says what; an order always does.
  const { level: said, ordered } = lock.modes
  const heard = ordered.has("narrowed") ? 1 : 0
  const level = config.threatFactors.length === 0 ? said : Math.max(said, lock.defence.level, heard)
  if (level === 0) return policy
  const threat = config.threatFactors[Math.min(level, config.threatFactors.length) - 1] ?? "card and pin"
  const wanting = (...wanted: (typeof threat)[]): Policy => {
    return { ...policy, config: { ...config, modes: wanted.map((factors) => ({ schedule: null, factors })) } }
  }
  const ofHour = requiredFactors(policy, wallSeconds(lock.clock, now))
  return wanting(requiredFactors(wanting(ofHour, threat), null))
}

function storeModes(draft: Draft): void {
  draft.store("mode", encodeModes(draft.lock.modes, draft.now))
}

/** Puts other modes in force, durable before the bolt follows. */
export function setModes(draft: Draft, changed: Partial<Modes>): void {
  draft.set({ modes: { ...draft.lock.modes, ...changed } })
  storeModes(draft)
  ruleAgain(draft)
}

function officeHours(draft: Draft, entered: boolean): Modes["office"] {
  const { active, lease, clock, modes } = draft.lock
  const at = wallSeconds(clock, draft.now)
  const told = active !== null && lease !== null && at !== null && !hasEnded(lease, clock, draft.now)
  const next = nextOffice(modes.office, told ? officeAt(active.policy, at) : "unknown", entered)
  const { ordered } = modes
  // Nothing unlocks by itself when it is over.
  return next === "open" && (ordered.has("lockdown") || ordered.has("narrowed")) ? "waiting" : next
}

/** Looks which mode rules now; where it is another than before, says so and moves the bolt as it wants. */
export function ruleAgain(draft: Draft, entered: boolean = false): void {
  const { modes, ended } = expire(draft.lock.modes, draft.now)
  const office = officeHours(draft, entered)
  if (ended.length > 0 || office !== modes.office) draft.set({ modes: { ...modes, office } })
  for (const mode of ended) draft.record("mode ended", "expired", { note: mode })
  if (ended.length > 0) storeModes(draft)
  const before = draft.lock.ruled
  const ruled = modeOf(draft.lock.modes, configOf(draft.lock).fireReleases)
  if (ruled !== before) {
    draft.set({ ruled })
    draft.record("mode changed", "done", { note: ruled })
    if (isHeldDrawn(ruled)) drawFor(draft, whyHeld(draft.lock))
    else if (isHeldDrawn(before) || ruled === "lockdown") lockAgain(draft)
  }
  // The input is a level: a bolt that was thrown against it, by a key or before this boot, is drawn again.
  if (ruled === "fire" && draft.lock.modes.fire === "alarm" && draft.lock.bolt.is === "thrown")
    drawFor(draft, "by fire")
}

function whyHeld({ ruled, modes }: Lock): Result {
  if (ruled === "fire") return "by fire"
  return ruled === "office" && !modes.ordered.has("office") ? "by schedule" : "by order"
}

/** When the office hours next begin or end. */
export function officeWakes({ active, clock }: Lock, now: Uptime): Uptime | null {
  const wall = wallAt(clock, now)
  const at = wallSeconds(clock, now)
  const next = active === null || at === null ? null : officeChanges(active.policy, at)
  return next === null || wall === null ? null : later(now, next * 1000 - wall)
}

/** What keeps somebody out whom the policy would let in, or null. */
export function barredBy(draft: Draft, person: PersonId, credential: CredentialId): Result | null {
  const { lock, now } = draft
  const { interlock, antipassback, antipassback_s } = configOf(lock)
  if (lock.ruled === "lockdown" && !(lock.active !== null && hasTrait(lock.active.policy, credential, "responder")))
    return "in lockdown"
  if (interlock && lock.partner !== "secure") return "partner open"
  const isAgain = isPassback(lock.passes, person, lock.reader, now, antipassback_s * 1000)
  return antipassback === "hard" && isAgain ? "passed back" : null
}

/**
 * Draws the bolt for somebody, and remembers for whom until the leaf opens. The record that says so is already journalled.
 * Answers false where the supply does not suffice.
 */
export function letIn(draft: Draft, person: PersonId, credential: CredentialId): boolean {
  const { active, passes, reader, door } = draft.lock
  const { antipassback, antipassback_s, unlock_ms, extendedUnlock_ms } = configOf(draft.lock)
  if (antipassback === "soft" && isPassback(passes, person, reader, draft.now, antipassback_s * 1000))
    draft.record("antipassback", "alarm", { person, credential })
  const extended = active !== null && hasTrait(active.policy, credential, "extended")
  draft.set({ passing: { person, direction: reader, extended } })
  if (door.is === "unknown" && antipassback !== "none") draft.set({ passes: passed(passes, person, reader, draft.now) }) // No leaf will say that he passed.
  const isDrawn = drawFor(draft, "done", extended ? extendedUnlock_ms : unlock_ms)
  if (reader === "in") ruleAgain(draft, true)
  return isDrawn
}

export function fireSensed(draft: Draft, alarm: boolean): void {
  const { fire } = draft.lock.modes
  if (alarm === (fire === "alarm")) return
  const { fireReleases } = configOf(draft.lock)
  if (alarm) draft.record("fire alarm", "alarm")
  else if (fire === "alarm") draft.record("fire over")
  else return // Quiet, and waiting for a hand since an alarm before this boot.
  if (alarm && fireReleases) moveEgress(draft, { kind: "let go" })
  setModes(draft, { fire: alarm ? "alarm" : fireReleases ? "waiting" : "quiet" })
}

/** Somebody turned the key at the door that locks it again after a fire or a delayed way out. */
export function relockedByHand(draft: Draft): void {
  const { fire } = draft.lock.modes
  draft.record("relocked by hand", fire === "alarm" ? "by fire" : "done")
  if (fire === "alarm") return
  moveEgress(draft, { kind: "by hand" })
  if (fire === "waiting") setModes(draft, { fire: "quiet" })
  lockAgain(draft)
}

export function partnerSensed(draft: Draft, secure: boolean): void {
  const before = draft.lock.partner
  draft.set({ partner: secure ? "secure" : "open" })
  const { interlock } = configOf(draft.lock)
  const isShut = draft.lock.door.is === "closed" || draft.lock.door.is === "unknown"
  if (interlock && !secure && before !== "open" && !isShut) draft.record("interlock broken", "alarm")
}

/** Somebody leans on the bar of a way out. Where it is not delayed, that is a request to exit. */
export function exitBarPushed(draft: Draft): void {
  const { delayedEgress_s } = configOf(draft.lock)
  if (delayedEgress_s === 0) return exitRequested(draft)
  moveEgress(draft, { kind: "bar", delay_ms: delayedEgress_s * 1000 })
}

/**
 * Moves the delayed way out on, and frees it when its count is over. At a door without one it never leaves its rest; a count
 * that has begun goes on to its end, and what is free is locked by hand, though another policy knows no delay any more.
 */
export function moveEgress(draft: Draft, input: EgressInput): void {
  const before = draft.lock.egress
  const rests = before.is === "ready" && configOf(draft.lock).delayedEgress_s === 0
  const egress = rests ? before : nextEgress(before, draft.now, input)
  if (egress === before) return
  draft.set({ egress })
  if (egress.is === "counting") {
    draft.record("exit bar")
    draft.show("wait to leave")
  } else if (egress.is === "free") {
    draft.record("exit free")
    drawFor(draft, "by request to exit")
  }
}
