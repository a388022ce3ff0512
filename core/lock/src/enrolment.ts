/**
 * Enrolling at the door: only inside a session that somebody opened whom the policy names, and that ends by itself (C47).
 *
 *   (none) --asked--> asked, 15 s --an enroller shows his factors--> open, 5 min --> (none)
 *
 * Showing the factors then opens the session instead of the door. What was enrolled becomes a record that the journal key signs:
 * a fresh credential id and the hash of what was captured, and nothing of the capture itself. Whose credential that is, a
 * statement says later; until it does the credential opens nothing.
 */
import { assert, type CredentialId, idOf, later, type PersonId, type Uptime } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import type { Draft } from "./draft.ts"
import { FINGER, forgiven, LIVE_FINGER } from "./throttle.ts"
import { setThrottle } from "./throttling.ts"

export const ASK_MS = 15_000
export const ENROLMENT_MS = 300_000
export const HASH_SIZE = 32

export type Enrolment =
  | { readonly is: "asked"; readonly until: Uptime }
  | { readonly is: "open"; readonly by: PersonId; readonly until: Uptime }

/** What the reader or the matcher captured: its hash, never itself. */
export type Enrolled = { readonly what: "card" | "phone" | "biometric"; readonly hash: Uint8Array }

/** The service button: asks for a session, or ends the one that is open. */
export function enrolmentAsked(draft: Draft): void {
  if (draft.lock.enrolment?.is === "open") return closeEnrolment(draft)
  draft.set({ enrolment: { is: "asked", until: later(draft.now, ASK_MS) } })
  draft.show("busy")
}

export function isAsked(draft: Draft): boolean {
  return draft.lock.enrolment?.is === "asked"
}

/** Whether the policy in force names this person as one who enrols here. */
export function mayEnrol(draft: Draft, person: PersonId): boolean {
  return draft.lock.active?.policy.config.enrollers.includes(person) === true
}

/** Somebody whom the policy admits and names showed his factors. He also takes back what blocks the matcher. */
export function openEnrolment(draft: Draft, person: PersonId, credential: CredentialId): void {
  assert(mayEnrol(draft, person), "only an enroller opens a session")
  draft.record("enrolment opened", "done", { person, credential })
  draft.set({ enrolment: { is: "open", by: person, until: later(draft.now, ENROLMENT_MS) } })
  setThrottle(draft, forgiven(forgiven(draft.lock.throttle, FINGER), LIVE_FINGER))
  draft.show("idle")
}

export function enrol(draft: Draft, { what, hash }: Enrolled): void {
  const { enrolment } = draft.lock
  const isMeant = enrolment?.is === "open" && mayEnrol(draft, enrolment.by) && hash.length === HASH_SIZE
  if (!isMeant) {
    draft.record("enrolment refused", "no enrolment open")
    return draft.show("denied")
  }
  const credential = idOf<"CredentialId">(draft.chance(16))
  draft.record("enrolled", "done", { person: enrolment.by, credential, note: `${what} ${toHex(hash)}` })
  draft.effect({ kind: "enrolled", credential })
  draft.show("idle")
}

function closeEnrolment(draft: Draft): void {
  if (draft.lock.enrolment?.is === "open") draft.record("enrolment closed")
  draft.set({ enrolment: null })
  draft.show("idle")
}

/** Lets time pass for a session, and ends one whose opener is no enroller any more. */
export function enrolmentGoesOn(draft: Draft): void {
  const { enrolment } = draft.lock
  if (enrolment === null) return
  if (draft.now >= enrolment.until || (enrolment.is === "open" && !mayEnrol(draft, enrolment.by))) closeEnrolment(draft)
}
