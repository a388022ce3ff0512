/**
 * Somebody shows something at the door: from the keys and the card to the verdict.
 *
 * One place decides (`judge`) and one place refuses (`refuse`), and the refusal looks the same whatever its reason. The
 * reason goes to the journal. A code is counted as a failure, and the count stored, before it is looked at.
 */
import { decide, type Factors, type Presented, requiredFactors } from "@holdfast/access/door"
import type { CredentialId, PersonId } from "@holdfast/base"
import type { Direction } from "./antipassback.ts"
import { beginExchange, continueExchange, dummyKey } from "./card/reader.ts"
import { wallSeconds } from "./clock.ts"
import { isKeypadClosed } from "./defence.ts"
import { deniedBy } from "./denies.ts"
import type { Draft } from "./draft.ts"
import { type CardShown, CODE_DIGITS_MAX, forgetting, type Key, NOTHING_SHOWN, typed, waiting } from "./factors.ts"
import { hasEnded } from "./lease.ts"
import type { Result } from "./result.ts"
import { barredBy, letIn, policyNow } from "./ruling.ts"
import { cardOfUid, credentialOfCode } from "./secrets.ts"
import { countTry, encodeThrottle, isAlarm, KEYPAD, succeeded, type Throttle, waitOf } from "./throttle.ts"

/** How long a card may take for one answer. */
export const CARD_MS_MAX = 2_000

const UID_SIZE_MAX = 10

function factorsNow(draft: Draft): Factors | null {
  const policy = policyNow(draft.lock, draft.now)
  return policy === null ? null : requiredFactors(policy, wallSeconds(draft.lock.clock, draft.now))
}

/** Whether there is a second factor to wait for after the first. */
function wantsBoth(draft: Draft): boolean {
  return factorsNow(draft) === "card and pin"
}

export function keyPressed(draft: Draft, key: Key): void {
  draft.show("busy") // Every key alike: R7, I-12.
  const { collecting } = draft.lock
  if (collecting.card === null) draft.set({ reader: "in" }) // The keypad is outside.
  draft.set({ collecting: typed(collecting, draft.now, key) })
  if (key.press === "clear" && collecting.until !== null) return refuseAbandoned(draft, collecting.card)
  if (key.press !== "enter" || collecting.digits === "") return
  const code = collecting.digits
  if (!wantsBoth(draft)) return judge(draft, null, code)
  if (collecting.card !== null) return judge(draft, collecting.card, code)
  draft.set({ collecting: waiting(draft.lock.collecting, draft.now, { card: null, code }) })
}

export function cardPresented(draft: Draft, uid: Uint8Array, reader: Direction = "in"): void {
  draft.set({ reader })
  const { active, pairing, seed } = draft.lock
  const known =
    active === null || uid.length > UID_SIZE_MAX
      ? null
      : cardOfUid(draft.crypto, pairing.codeKey, active.policy, active.secrets, uid)
  if (factorsNow(draft) === "identifier") {
    return decideOn(draft, known === null ? [] : [{ kind: "identifier", credential: known.credential }], null)
  }
  // A card that nobody enrolled is asked like any other, with a key that it cannot know.
  const key = known?.key ?? dummyKey(draft.crypto, seed, uid)
  const zone = active?.policy.config.zoneApplication ?? 0
  const credential = known === null || known.key === null ? null : known.credential
  const epoch_max = active?.name.version.epoch ?? 0
  const begun = beginExchange({ zone, key, uid, credential, epoch_max }, draft.chance(32))
  draft.set({ exchange: { state: begun.exchange, credential, until: draft.later(CARD_MS_MAX) } })
  draft.effect({ kind: "card send", bytes: begun.send })
}

export function cardAnswered(draft: Draft, bytes: Uint8Array): void {
  const { exchange } = draft.lock
  if (exchange === null) return
  const step = continueExchange(exchange.state, bytes, draft.crypto)
  switch (step.is) {
    case "asking":
      draft.set({ exchange: { ...exchange, state: step.exchange, until: draft.later(CARD_MS_MAX) } })
      return draft.effect({ kind: "card send", bytes: step.send })
    case "authentic":
      return cardShown(draft, { credential: exchange.credential, because: "done" })
    case "failed":
      return cardFailed(draft, "card not authentic")
  }
}

/** The card left, or did not answer in time, in the middle of its exchange. */
export function cardGone(draft: Draft): void {
  cardFailed(draft, "card gone too soon")
}

/** An exchange that ended badly. Of a card that nobody enrolled it was only the look of one. */
function cardFailed(draft: Draft, because: Result): void {
  const { exchange } = draft.lock
  if (exchange === null) return
  cardShown(draft, { credential: null, because: exchange.credential === null ? "unknown credential" : because })
}

/** The exchange is over, well or badly. Where a code belongs to it, both wait for the code alike. */
function cardShown(draft: Draft, card: CardShown): void {
  draft.set({ exchange: null })
  const { collecting } = draft.lock
  if (!wantsBoth(draft)) return judge(draft, card, null)
  if (collecting.code !== null) return judge(draft, card, collecting.code)
  draft.show("busy")
  draft.set({ collecting: waiting(collecting, draft.now, { card, code: null }) })
}

/** All that is wanted has been shown. */
function judge(draft: Draft, shown: CardShown | null, code: string | null): void {
  draft.set({ collecting: NOTHING_SHOWN })
  if (shown !== null && shown.credential === null) return refuse(draft, shown.because, null)
  const card = shown?.credential ?? null
  const cards: Presented = card === null ? [] : [{ kind: "card", credential: card }]
  if (code === null) return decideOn(draft, cards, null)
  const subject = card ?? KEYPAD
  const isClosed = card === null && isKeypadClosed(draft.lock.defence, draft.now)
  if (isClosed || waitOf(draft.lock.throttle, subject, draft.now) > 0) {
    draft.record("throttled", "code throttled", { credential: card })
    return draft.show("denied")
  }
  setThrottle(draft, countTry(draft.lock.throttle, subject, draft.now))
  const { active, pairing } = draft.lock
  const pin =
    active === null || code.length > CODE_DIGITS_MAX
      ? null
      : credentialOfCode(draft.crypto, pairing.codeKey, active.policy, active.secrets, code)
  if (pin === null) return refuse(draft, active === null ? "no policy" : "unknown credential", subject, null, card)
  decideOn(draft, [...cards, { kind: "pin", credential: pin }], subject)
}

function setThrottle(draft: Draft, throttle: Throttle): void {
  draft.set({ throttle })
  draft.store("throttle", encodeThrottle(throttle, draft.now))
}

/** Asks the policy, behind the lease. `counted` names the throttle that this try was counted on. */
function decideOn(draft: Draft, presented: Presented, counted: string | null): void {
  const { active, lease, clock, denies, throttle } = draft.lock
  if (active === null) return refuse(draft, "no policy", counted)
  if (lease === null || hasEnded(lease, clock, draft.now)) return refuse(draft, "lease ended", counted)
  if (presented.length === 0) return refuse(draft, "unknown credential", counted)
  const policy = policyNow(draft.lock, draft.now) ?? active.policy
  const verdict = decide(policy, presented, wallSeconds(clock, draft.now), deniedBy(denies))
  if (!verdict.open) return refuse(draft, verdict.because, counted, verdict.person, verdict.credential)
  const { person, credential, grant } = verdict
  const bar = barredBy(draft, person, credential)
  if (bar !== null) return refuse(draft, bar, counted, person, credential)
  draft.record("admitted", "done", { person, credential, grant, version: active.name.version })
  if (counted !== null) setThrottle(draft, succeeded(throttle, counted))
  if (letIn(draft, person, credential)) draft.show("granted")
}

/** The one refusal: its reason for the journal, and for the person at the door always the same. */
function refuse(
  draft: Draft,
  because: Result,
  counted: string | null,
  person: PersonId | null = null,
  credential: CredentialId | null = null,
): void {
  const { active, throttle } = draft.lock
  draft.record("refused", because, { person, credential, version: active?.name.version ?? null })
  if (counted !== null && isAlarm(throttle, counted)) draft.record("throttled", "alarm")
  draft.show("denied")
}

function refuseAbandoned(draft: Draft, card: CardShown | null): void {
  if (card !== null && card.credential === null) return refuse(draft, card.because, null)
  refuse(draft, "second factor not given", null, null, card?.credential ?? null)
}

/** Lets time pass for what is being shown. */
export function presentingGoesOn(draft: Draft): void {
  const { exchange } = draft.lock
  if (exchange !== null && draft.now >= exchange.until) cardGone(draft)
  const { collecting } = draft.lock
  const left = forgetting(collecting, draft.now)
  if (left.collecting === collecting) return
  draft.set({ collecting: left.collecting })
  if (left.abandoned) refuseAbandoned(draft, collecting.card)
  else draft.show("idle")
}
