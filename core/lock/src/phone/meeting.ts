/**
 * A phone at the door: the machine of `reader.ts` joined to the lock, from the first command to what it counts as.
 *
 * A phone that fails is refused like anything else that fails, and told so in words that are always the same; why stands in
 * the journal. A phone of the standard phase is kept among the known ones before its outcome, so that the next meeting is fast.
 */
import { phoneOf } from "@holdfast/access/door"
import { assert, concat, idBytes, type Uptime, unreachable } from "@holdfast/base"
import type { Direction } from "../antipassback.ts"
import type { Draft } from "../draft.ts"
import { shownNow } from "../presenting.ts"
import type { Result } from "../result.ts"
import { encodeKnown, withPhone } from "./known.ts"
import {
  beginPhone,
  continuePhone,
  failPhone,
  type PhoneExchange,
  type PhoneFault,
  type PhoneInput,
  type PhoneStep,
  tellPhone,
} from "./reader.ts"

/** How long a phone, or the lock's own keys, may take for one answer. */
export const PHONE_MS_MAX = 2_000

export type PhoneMeeting = { readonly exchange: PhoneExchange; readonly until: Uptime }

/** What happens at the reader: a phone that speaks our application came near, left, or there is an answer for its meeting. */
export type PhoneEvent =
  | { readonly kind: "presented"; readonly reader?: Direction }
  | { readonly kind: "gone" }
  | PhoneInput

export function phoneHeard(draft: Draft, event: PhoneEvent): void {
  switch (event.kind) {
    case "presented":
      return phonePresented(draft, event.reader ?? "in")
    case "gone":
      return phoneFailed(draft, "phone gone too soon")
    default:
      return phoneGoesOn(draft, event)
  }
}

function phonePresented(draft: Draft, reader: Direction): void {
  const { pairing, phones } = draft.lock
  if (pairing.readerKey === undefined) return // A board without keys for it has no such reader.
  draft.set({ reader })
  const id = concat(idBytes(pairing.site), idBytes(pairing.door))
  take(draft, beginPhone({ key: pairing.readerKey, id, certificate: null }, phones, draft.chance(16)))
}

function phoneGoesOn(draft: Draft, input: PhoneInput): void {
  const { meeting, active } = draft.lock
  if (meeting === null) return // The answer to how it ended, or one that came too late.
  const whose = (x: Uint8Array) => (active === null ? null : phoneOf(active.policy, x))
  take(draft, continuePhone(meeting.exchange, input, whose, draft.crypto))
}

function take(draft: Draft, step: PhoneStep): void {
  switch (step.is) {
    case "sending":
      draft.set({ meeting: { exchange: step.exchange, until: draft.later(PHONE_MS_MAX) } })
      return draft.effect({ kind: "phone send", bytes: step.send })
    case "asking":
      draft.set({ meeting: { exchange: step.exchange, until: draft.later(PHONE_MS_MAX) } })
      return draft.effect({ kind: "phone ask", ask: step.ask })
    case "authentic":
      return phoneProved(draft, step)
    case "failed":
      return phoneFailed(draft, saidOf(step.fault))
    default:
      return unreachable(step)
  }
}

/** What the journal says. */
function saidOf(fault: PhoneFault): Result {
  return fault === "holder did not act" ? fault : "phone not authentic"
}

function phoneProved(draft: Draft, { credential, channel, lasts }: Extract<PhoneStep, { is: "authentic" }>): void {
  assert(draft.lock.meeting !== null, "a phone proves itself in a meeting")
  draft.set({ meeting: null })
  if (lasts !== null) {
    if (credential !== null) draft.set({ phones: withPhone(draft.lock.phones, lasts) })
    draft.store("phones", encodeKnown(draft.lock.phones)) // For nobody's phone as well: it costs the same (attack 37).
  }
  const from = draft.effects.length
  shownNow(draft, { kind: "phone", credential, because: "unknown credential" })
  const isOpened = draft.effects.slice(from).some((effect) => effect.kind === "show" && effect.signal === "granted")
  draft.effect({ kind: "phone send", bytes: tellPhone(channel, isOpened, draft.crypto) })
}

function phoneFailed(draft: Draft, because: Result): void {
  if (draft.lock.meeting === null) return
  draft.set({ meeting: null })
  draft.effect({ kind: "phone send", bytes: failPhone() })
  shownNow(draft, { kind: "phone", credential: null, because })
}

/** Lets time pass for a meeting. */
export function meetingGoesOn(draft: Draft): void {
  const { meeting } = draft.lock
  if (meeting !== null && draft.now >= meeting.until) phoneFailed(draft, "phone gone too soon")
}
