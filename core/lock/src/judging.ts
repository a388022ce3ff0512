/**
 * The decision on all that was shown: one place that asks the policy, one that lets in, one that refuses.
 *
 * Every refusal looks the same, whatever its reason; the reason goes to the journal. A code is counted as a failure, and the
 * count stored, before it is looked at, and it is looked at and the policy is asked whatever else is wrong: a wrong code, an
 * unknown one, one for duress and one that came too soon cost the same work and the same writes (I-11, I-17, attacks 27, 37).
 * Hence no question here may be skipped because an earlier one has answered: ask, then leave the answer aside.
 */
import { credentialAt } from "@holdfast/access/places"
import { decide, type Presented } from "@holdfast/access/door"
import type { CredentialId, GrantId, PersonId } from "@holdfast/base"
import { raised } from "./alarms.ts"
import { wallSeconds } from "./clock.ts"
import { guessesIn, type Match, matchCode, NOBODYS } from "./codes.ts"
import { isKeypadClosed } from "./defence.ts"
import { deniedBy } from "./denies.ts"
import type { Draft } from "./draft.ts"
import { isAsked, mayEnrol, openEnrolment } from "./enrolment.ts"
import { NOTHING_SHOWN, type Showing } from "./factors.ts"
import { hasEnded } from "./lease.ts"
import { matchOffline, noteUse } from "./offline-entry.ts"
import { type GivenDetail, NOBODY, type RecordKind } from "./record.ts"
import type { Result } from "./result.ts"
import { barredBy, letIn, policyNow } from "./ruling.ts"
import { makesTwo } from "./second-person.ts"
import { countTry, isAlarm, KEYPAD, succeeded } from "./throttle.ts"
import { setThrottle } from "./throttling.ts"

/** A code that was looked at: whose it is, on whose count, and whether it came too soon. */
type Looked = Match & {
  readonly subject: string
  readonly guesses: number
  readonly tooSoon: boolean
}

type Admitted = { readonly person: PersonId; readonly credential: CredentialId; readonly grant: GrantId }
type Outcome =
  | ({ readonly open: true } & Admitted)
  | {
      readonly open: false
      readonly because: Result
      readonly person: PersonId | null
      readonly credential: CredentialId | null
    }

const refusedFor = (because: Result, credential: CredentialId | null = null): Outcome => {
  return { open: false, because, person: null, credential }
}

/** All that is wanted has been shown, or nothing more would help. */
export function judge(draft: Draft, shown: readonly Showing[]): void {
  draft.set({ collecting: NOTHING_SHOWN })
  const entry = shown.find((each) => each.kind === "pin")
  const proofs = shown.filter((each) => each.kind !== "pin")
  const card = proofs.find((each) => each.credential !== null)?.credential ?? null
  const looked = entry === undefined ? null : lookAtCode(draft, card, entry.code)
  const asked = askPolicy(draft, presentedBy(draft, shown, looked))
  const outcome = whyNotAsked(draft, proofs, looked, card) ?? asked
  if (outcome.open) admit(draft, outcome, looked)
  else refuse(draft, outcome, looked)
}

/** Counts the try, then looks whose code it is. One that comes too soon is looked at too, and nothing said of it. */
function lookAtCode(draft: Draft, card: CredentialId | null, code: string): Looked {
  const { throttle, active } = draft.lock
  const subject = card ?? KEYPAD
  const guesses = guessesIn(code, active?.policy.config.decoyDigits_max ?? 0)
  const isClosed = isKeypadClosed(draft.lock.defence, draft.now) && card === null
  const counted = countTry(throttle, subject, draft.now, guesses)
  const tooSoon = isClosed || counted === throttle
  setThrottle(draft, tooSoon ? throttle : counted)
  draft.set({ codesTried: draft.lock.codesTried + 1 })
  return { ...matched(draft, code), subject, guesses, tooSoon }
}

/** Whose code it is. At an unknown time no offline PIN is anybody's. */
function matched(draft: Draft, code: string): Match {
  const { active, pairing, clock } = draft.lock
  if (active === null) return NOBODYS
  const { policy, secrets } = active
  const at = wallSeconds(clock, draft.now)
  const pin = matchCode(draft.crypto, pairing.codeKey, policy, secrets, code)
  if (secrets.halves.length === 0 || at === null) return pin
  const offline = matchOffline(draft, active, code, at)
  return pin.credential !== null || pin.forced !== null ? pin : offline
}

/** What the policy is asked about. For what is nobody's it is asked about somebody, and the answer left aside. */
function presentedBy(draft: Draft, shown: readonly Showing[], looked: Looked | null): Presented {
  const { active } = draft.lock
  if (active === null || active.policy.credentials.length === 0) return []
  const anybody = credentialAt(active.policy, looked?.near ?? 0)
  return shown.map((each) => {
    const credential = each.kind === "pin" ? looked?.credential : each.credential
    return { kind: each.kind, credential: credential ?? anybody }
  })
}

/** Asks the policy as the hour and the threat leave it, behind the lease; then what else rules the door. */
function askPolicy(draft: Draft, presented: Presented): Outcome {
  const { active, lease, clock, denies } = draft.lock
  if (active === null) return refusedFor("no policy")
  if (lease === null || hasEnded(lease, clock, draft.now)) return refusedFor("lease ended")
  const policy = policyNow(draft.lock, draft.now) ?? active.policy
  const verdict = decide(policy, presented, wallSeconds(clock, draft.now), deniedBy(denies))
  const bar = barredBy(draft, verdict.person ?? NOBODY, verdict.credential ?? NOBODY)
  if (bar === null || !verdict.open) return verdict
  return { open: false, because: bar, person: verdict.person, credential: verdict.credential }
}

/** What is wrong with the factors themselves, whoever showed them; null where only the policy can say. */
function whyNotAsked(
  draft: Draft,
  proofs: readonly Exclude<Showing, { kind: "pin" }>[],
  looked: Looked | null,
  card: CredentialId | null,
): Outcome | null {
  const bad = proofs.find(({ credential }) => credential === null)
  if (bad !== undefined) return refusedFor(bad.because)
  if (looked === null) return null
  if (looked.tooSoon) return refusedFor("code throttled", card)
  if (looked.credential === null)
    return refusedFor(draft.lock.active === null ? "no policy" : "unknown credential", card)
  return looked.offline?.use === null ? refusedFor("code used", looked.credential) : null
}

/**
 * Journals what came of it, as long for somebody whom the lock does not know as for one whom it knows. Where a code was
 * entered, the alarms are stored as well, whatever it was (I-17).
 */
function note(draft: Draft, match: Match | null, kind: RecordKind, result: Result, given: GivenDetail): void {
  const { person, credential } = given
  const detail = { ...given, person: person ?? NOBODY, credential: credential ?? NOBODY }
  if (match === null) return draft.record(kind, result, detail)
  const { forced } = match
  const sequence = draft.recordNumbered(kind, result, { ...detail, mark: forced === null ? 0 : 1 })
  draft.setAlarms(raised(draft.lock.alarms, forced, sequence))
}

/** The policy says yes. Where the door wants two people, the first of them waits. */
function admit(draft: Draft, admitted: Admitted, looked: Looked | null): void {
  const { person, credential, grant } = admitted
  const { active, firstPerson } = draft.lock
  const detail = { person, credential, grant, version: active?.name.version ?? null }
  const window_ms = active?.policy.config.twoPerson_ms ?? 0
  if (isAsked(draft)) return admitEnroller(draft, admitted, looked)
  if (looked?.offline?.descriptor.type === "erase") return erase(draft, detail, looked)
  if (window_ms > 0 && !makesTwo(firstPerson, person, draft.now)) {
    note(draft, looked, "second person awaited", "done", detail)
    proved(draft, looked)
    draft.set({
      firstPerson: firstPerson?.person === person ? firstPerson : { person, credential, until: draft.later(window_ms) },
    })
    return draft.show("busy")
  }
  draft.set({ firstPerson: null })
  note(draft, looked, "admitted", "done", detail)
  proved(draft, looked)
  if (letIn(draft, person, credential)) draft.show("granted")
}

/** A code that was right ends its row of failures, and one that opens once has been used: both durable before the bolt moves. */
function proved(draft: Draft, looked: Looked | null): void {
  if (looked === null) return
  const { credential, offline, subject, guesses } = looked
  const at = wallSeconds(draft.lock.clock, draft.now)
  setThrottle(draft, succeeded(draft.lock.throttle, subject, guesses))
  if (offline?.use === "first" && credential !== null && at !== null) noteUse(draft, credential, offline, at)
}

/** An erase code opens nothing: it takes back what was issued before it. */
function erase(draft: Draft, detail: GivenDetail, looked: Looked): void {
  note(draft, looked, "offline codes erased", "done", detail)
  proved(draft, looked)
  draft.show("idle")
}

function admitEnroller(draft: Draft, { person, credential }: Admitted, looked: Looked | null): void {
  draft.set({ enrolment: null })
  if (!mayEnrol(draft, person)) return refuse(draft, { because: "not an enroller", person, credential }, looked)
  if (looked !== null) note(draft, looked, "admitted", "done", { person, credential })
  proved(draft, looked)
  openEnrolment(draft, person, credential)
}

/** The one refusal: its reason for the journal, and for the person at the door always the same. */
function refuse(draft: Draft, why: Omit<Extract<Outcome, { open: false }>, "open">, looked: Looked | null): void {
  const { because, person, credential } = why
  const { active, throttle } = draft.lock
  const kind = because === "code throttled" ? "throttled" : "refused"
  note(draft, looked, kind, because, { person, credential, version: active?.name.version ?? null })
  if (looked !== null && isAlarm(throttle, looked.subject) && !looked.tooSoon) draft.record("throttled", "alarm")
  draft.show("denied")
}

/** Somebody did not show the rest. A code among it is looked at all the same: it may be a call for help (attack 46). */
export function abandon(draft: Draft, shown: readonly Showing[]): void {
  const entry = shown.find((each) => each.kind === "pin")
  const match = entry === undefined ? null : matched(draft, entry.code)
  const proof = shown.find((each) => each.kind !== "pin")
  const credential = proof?.credential ?? null
  const because = proof === undefined || credential !== null ? "second factor not given" : proof.because
  const version = draft.lock.active?.name.version ?? null
  note(draft, match, "refused", because, { credential, version })
  draft.show("denied")
}

/** Another code takes the place of one that waits: that one is looked at like one whose rest never came (I-18). */
export function replaced(draft: Draft, code: string): void {
  const version = draft.lock.active?.name.version ?? null
  note(draft, matched(draft, code), "refused", "second factor not given", { version })
}

/** Lets time pass for the first of two people. */
export function judgingGoesOn(draft: Draft): void {
  const { firstPerson, active } = draft.lock
  if (firstPerson === null || draft.now < firstPerson.until) return
  draft.set({ firstPerson: null })
  const { person, credential } = firstPerson
  note(draft, null, "refused", "no second person", { person, credential, version: active?.name.version ?? null })
  draft.show("denied")
}
