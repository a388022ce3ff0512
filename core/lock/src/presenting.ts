/**
 * Somebody shows something at the door: from the keys, the card and the finger to all that the door wants to see.
 *
 * Here it is only gathered. While one of the door's ways in goes on from what was shown, the rest is waited for; else
 * `judging.ts` decides on it. Nothing here knows a right code from a wrong one.
 */
import { type Factors, requiredFactors } from "@holdfast/access/door"
import { mayContinue, satisfies } from "@holdfast/access/factors"
import type { Direction } from "./antipassback.ts"
import { beginExchange, continueExchange, dummyKey } from "./card/reader.ts"
import { wallSeconds } from "./clock.ts"
import type { Draft } from "./draft.ts"
import { forgetting, type Key, type Showing, typed, waiting, withShowing } from "./factors.ts"
import { abandon, judge, replaced } from "./judging.ts"
import type { Result } from "./result.ts"
import { policyNow } from "./ruling.ts"
import { cardOfUid } from "./secrets.ts"

/** How long a card may take for one answer. */
export const CARD_MS_MAX = 2_000

const UID_SIZE_MAX = 10

function factorsNow(draft: Draft): Factors | null {
  const policy = policyNow(draft.lock, draft.now)
  return policy === null ? null : requiredFactors(policy, wallSeconds(draft.lock.clock, draft.now))
}

/** Whether the door goes by a card's bare UID, and has no use for its proof. */
function wantsUid(factors: Factors | null): boolean {
  if (factors === null || typeof factors === "string") return factors === "identifier"
  const kinds = factors.flatMap((way) => way.kinds)
  return kinds.includes("identifier") && !kinds.includes("card")
}

export function keyPressed(draft: Draft, key: Key): void {
  draft.show("busy") // Every key alike: R7, I-12.
  const { collecting } = draft.lock
  if (collecting.shown.length === 0) draft.set({ reader: "in" }) // The keypad is outside.
  draft.set({ collecting: typed(collecting, draft.now, key) })
  if (key.press === "clear" && collecting.until !== null) return abandon(draft, collecting.shown)
  if (key.press !== "enter" || collecting.digits === "") return
  shownNow(draft, { kind: "pin", code: collecting.digits })
}

/** One thing more was shown, well or badly: bad ones wait for the rest like good ones. */
export function shownNow(draft: Draft, showing: Showing): void {
  const [earlier] = draft.lock.collecting.shown.filter((each) => each.kind === "pin")
  if (earlier !== undefined && showing.kind === "pin") replaced(draft, earlier.code)
  const shown = withShowing(draft.lock.collecting, showing)
  const wanted = factorsNow(draft)
  if (wanted === null || satisfies(shown, wanted) || !mayContinue(shown, wanted)) return judge(draft, shown)
  draft.set({ collecting: waiting(shown, draft.now) })
  if (showing.kind !== "pin") draft.show("busy")
}

export function cardPresented(draft: Draft, uid: Uint8Array, reader: Direction = "in"): void {
  draft.set({ reader })
  const { active, pairing, seed } = draft.lock
  const known =
    active === null || uid.length > UID_SIZE_MAX
      ? null
      : cardOfUid(draft.crypto, pairing.codeKey, active.policy, active.secrets, uid)
  if (wantsUid(factorsNow(draft)))
    return shownNow(draft, { kind: "identifier", credential: known?.credential ?? null, because: "unknown credential" })
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
      draft.set({ exchange: null })
      return shownNow(draft, { kind: "card", credential: exchange.credential, because: "unknown credential" })
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
  draft.set({ exchange: null })
  const said = exchange.credential === null ? "unknown credential" : because
  shownNow(draft, { kind: "card", credential: null, because: said })
}

/** Lets time pass for what is being shown. */
export function presentingGoesOn(draft: Draft): void {
  const { exchange } = draft.lock
  if (exchange !== null && draft.now >= exchange.until) cardGone(draft)
  const { collecting } = draft.lock
  const left = forgetting(collecting, draft.now)
  if (left.collecting === collecting) return
  draft.set({ collecting: left.collecting })
  if (left.abandoned) abandon(draft, collecting.shown)
  else draft.show("idle")
}
