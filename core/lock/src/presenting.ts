/**
 * Somebody shows something at the door: from the keys and the card to the verdict.
 *
 * One place decides (`judge`) and one place refuses (`refuse`), and the refusal looks the same whatever its reason. The
 * reason goes to the journal. A code is counted as a failure, and the count stored, before it is looked at.
 */
import { decide, type Factors, type Presented, requiredFactors } from "@holdfast/access/door"
import type { CredentialId, PersonId } from "@holdfast/base"
import { beginExchange, continueExchange, dummyKey } from "./card/reader.ts"
import { wallSeconds } from "./clock.ts"
import { deniedBy } from "./denies.ts"
import type { Draft } from "./draft.ts"
import { type CardShown, CODE_DIGITS_MAX, forgetting, type Key, NOTHING_SHOWN, typed, waiting } from "./factors.ts"
import { hasEnded } from "./lease.ts"
import { drawFor } from "./moving.ts"
import type { Result } from "./result.ts"
import { cardOfUid, credentialOfCode } from "./secrets.ts"
import { countTry, encodeThrottle, isAlarm, KEYPAD, succeeded, waitOf } from "./throttle.ts"

/** How long a card may take for one answer. */
export const CARD_MS_MAX = 2_000

const UID_SIZE_MAX = 10

function factorsNow(draft: Draft): Factors | null {
  const { active, clock } = draft.lock
  return active === null ? null : requiredFactors(active.policy, wallSeconds(clock, draft.now))
}

/** Whether there is a second factor to wait for after the first. */
function wantsBoth(draft: Draft): boolean {
  return factorsNow(draft) === "card and pin"
}

export function keyPressed(draft: Draft, key: Key): void {
  draft.show("busy") // Every key alike: R7, I-12.
  const { collecting } = draft.lock
  draft.set({ collecting: typed(collecting, draft.now, key) })
  if (key.press === "clear" && collecting.until !== null) return refuseAbandoned(draft, collecting.card)
  if (key.press !== "enter" || collecting.digits === "") return
  const code = collecting.digits
  if (!wantsBoth(draft)) return judge(draft, null, code)
  if (collecting.card !== null) return judge(draft, collecting.card, code)
  draft.set({ collecting: waiting(draft.lock.collecting, draft.now, { card: null, code }) })
}

export function cardPresented(draft: Draft, uid: Uint8Array): void {
  const { active, pairing, seed } = draft.lock
  const known =
    active === null || uid.length > UID_SIZE_MAX
      ? null
      : cardOfUid(draft.crypto, pairing.codeKey, active.policy, active.secrets, uid)
  if (factorsNow(draft) === "identifier") {
    const credential = known?.credential ?? null
    return decideOn(draft, { card: null, pin: null, identifier: credential }, "unknown credential", null)
  }
  // A card that nobody enrolled is asked like any other, with a key that it cannot know.
  const key = known?.key ?? dummyKey(draft.crypto, seed, uid)
  const zone = active?.policy.config.zoneApplication ?? 0
  const begun = beginExchange(zone, key, draft.chance(16))
  const credential = known === null || known.key === null ? null : known.credential
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
      return cardShown(draft, { credential: null, because: failedBecause(exchange.credential) })
  }
}

function failedBecause(enrolled: CredentialId | null): Result {
  return enrolled === null ? "unknown credential" : "card not authentic"
}

/** The card left, or did not answer in time, in the middle of its exchange. */
export function cardGone(draft: Draft): void {
  const { exchange } = draft.lock
  if (exchange === null) return
  cardShown(draft, {
    credential: null,
    because: exchange.credential === null ? "unknown credential" : "card gone too soon",
  })
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
function judge(draft: Draft, card: CardShown | null, code: string | null): void {
  draft.set({ collecting: NOTHING_SHOWN })
  if (card !== null && card.credential === null) return refuse(draft, card.because, null, null)
  const credential = card?.credential ?? null
  if (code === null)
    return decideOn(draft, { card: credential, pin: null, identifier: null }, "unknown credential", null)
  const subject = credential ?? KEYPAD
  if (waitOf(draft.lock.throttle, subject, draft.now) > 0) {
    draft.record("throttled", "code throttled", credential === null ? {} : { credential })
    return draft.show("denied")
  }
  draft.set({ throttle: countTry(draft.lock.throttle, subject, draft.now) })
  storeThrottle(draft)
  const { active, pairing } = draft.lock
  const pin =
    active === null || code.length > CODE_DIGITS_MAX
      ? null
      : credentialOfCode(draft.crypto, pairing.codeKey, active.policy, active.secrets, code)
  if (pin === null) return refuseCode(draft, subject, credential)
  decideOn(draft, { card: credential, pin, identifier: null }, "unknown credential", subject)
}

function refuseCode(draft: Draft, subject: string, card: CredentialId | null): void {
  refuse(draft, draft.lock.active === null ? "no policy" : "unknown credential", null, card, alarmAt(draft, subject))
}

function alarmAt(draft: Draft, subject: string): boolean {
  return isAlarm(draft.lock.throttle, subject)
}

function storeThrottle(draft: Draft): void {
  draft.store("throttle", encodeThrottle(draft.lock.throttle, draft.now))
}

/** Asks the policy, behind the lease. `counted` names the throttle that this try was counted on. */
function decideOn(draft: Draft, presented: Presented, nobody: Result, counted: string | null): void {
  const { active, lease, clock, denies } = draft.lock
  const alarm = counted !== null && alarmAt(draft, counted)
  if (active === null) return refuse(draft, "no policy", null, null, alarm)
  if (lease === null || hasEnded(lease, clock, draft.now)) return refuse(draft, "lease ended", null, null, alarm)
  if (presented.card === null && presented.pin === null && presented.identifier === null)
    return refuse(draft, nobody, null, null, alarm)
  const verdict = decide(active.policy, presented, wallSeconds(clock, draft.now), deniedBy(denies))
  if (!verdict.open) return refuse(draft, verdict.because, verdict.person, verdict.credential, alarm)
  const { person, credential, grant } = verdict
  draft.record("admitted", "done", { person, credential, grant, version: active.name.version })
  if (counted !== null) {
    draft.set({ throttle: succeeded(draft.lock.throttle, counted) })
    storeThrottle(draft)
  }
  drawFor(draft)
  draft.show("granted")
}

/** The one refusal: its reason for the journal, and for the person at the door always the same. */
function refuse(
  draft: Draft,
  because: Result,
  person: PersonId | null,
  credential: CredentialId | null,
  alarm: boolean = false,
): void {
  const { active } = draft.lock
  const detail = {
    ...(person === null ? {} : { person }),
    ...(credential === null ? {} : { credential }),
    ...(active === null ? {} : { version: active.name.version }),
  }
  draft.record("refused", because, detail)
  if (alarm) draft.record("throttled", "alarm")
  draft.show("denied")
}

function refuseAbandoned(draft: Draft, card: CardShown | null): void {
  if (card !== null && card.credential === null) return refuse(draft, card.because, null, null)
  refuse(draft, "second factor not given", null, card?.credential ?? null)
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
