/**
 * Taking a lock out of service for good or for a new beginning: factory reset, hand-over to a new owner, replacement of the
 * board (C159, C160; attack 59).
 *
 *   none --order of a person who may--> armed, 2 minutes --button on the board--> leaving --log is safe--> done
 *
 * Neither an order nor a button does anything alone. The record that says who and what comes first; from then on nobody is let
 * in, and the policy does not come back by any courier until it is over. Nothing is forgotten before the log that holds the
 * record was taken over by the keeper; a reset without a line waits ten minutes and then keeps its journal sealed on the board.
 *
 *   reset       forgets policy, secrets and lease. It stays this site's lock, with its keys, denials and throttle; the keeper gives it a policy again
 *   hand over   the same, and then the board gives up its pairing and destroys its keys: another site may claim it
 *   replace     the same for a board that is broken: the board that comes in its place is paired anew
 *
 * A lock of grade 4 whose case is opened while nobody was sent gives up at once what opens (policy, secrets, lease, known phones)
 * and has its storage sealed under another key; what testifies stays: journal, denials, its own name. It takes a policy again
 * when the case is closed.
 *
 * Until a hand-over or replacement is complete the board answers to its site alone, whoever holds it (no re-claim without
 * release). The way out is steel throughout.
 */
import type { Act } from "@holdfast/access/rules"
import { EMPTY, type Uptime } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readUint } from "@holdfast/base/cbor"
import type { Draft } from "./draft.ts"
import type { Journal } from "./journal.ts"
import type { Lock, Message } from "./lock.ts"
import { FLAG_URGENT } from "./record.ts"

export const LEAVINGS = ["reset", "hand over", "replace"] as const
export type Leaving = (typeof LEAVINGS)[number]

/** Whether an act ends what a lock is. It lets nobody in, so it needs no lease: a site whose keeper is gone can still give up its locks. */
export function isLeaving(act: Act): act is Leaving {
  return act === "reset" || act === "hand over" || act === "replace"
}

/** How long an order waits for the button. */
export const ARMED_MS = 120_000
/** How long a reset waits for its log to be taken over. */
export const SEAL_MS = 600_000

export type Service =
  | { readonly is: "none" }
  | { readonly is: "armed"; readonly what: Leaving; readonly until: Uptime }
  /** `sequence` is the record's; `sealAt` is when a reset goes on without its receipt. */
  | { readonly is: "leaving"; readonly what: Leaving; readonly sequence: number; readonly sealAt: Uptime }
  /** The pairing is over; the board destroys the keys. */
  | { readonly is: "left" }
  /** Somebody is in the case: nothing that opens is here, and none is taken. */
  | { readonly is: "erased" }

/** What outlives a boot, by its number. */
const STORED = [...LEAVINGS, "erased"] as const
type Kept = (typeof STORED)[number]

export function encodeService(what: Kept, sequence: number): Uint8Array {
  return encodeCbor([STORED.indexOf(what), sequence])
}

export function decodeService(bytes: Uint8Array): { readonly what: Kept; readonly sequence: number } | null {
  const decoded = decodeCbor(bytes)
  const [index, sequence] = decoded.ok && Array.isArray(decoded.value) ? (decoded.value as readonly Cbor[]) : []
  const what = STORED[readUint(index) ?? -1]
  const number = readUint(sequence)
  return what === undefined || number === null ? null : { what, sequence: number }
}

/** An order was obeyed: now it is for the button. */
export function arm(draft: Draft, what: Leaving): void {
  const { is } = draft.lock.service
  if (is !== "none" && is !== "armed") return
  draft.set({ service: { is: "armed", what, until: draft.later(ARMED_MS) } })
}

/** The button inside the case was pressed. Without an order it says that somebody was there. */
export function servicePressed(draft: Draft): void {
  const { service } = draft.lock
  if (service.is === "leaving" || service.is === "left") return
  if (service.is !== "armed" || draft.now >= service.until) return draft.record("service refused", "not commanded")
  const { what } = service
  draft.record("service begun", what)
  const { next, lost } = draft.lock.journal
  if (lost > 0) return // A full journal took no record, and without it nothing happens.
  draft.store("service", encodeService(what, next - 1))
  leave(draft, what, next - 1)
}

/** The lowest grade that gives up its secrets to an opened case. */
const ERASES_FROM_GRADE = 4

/** The case was opened; the record of it stands. Whoever was sent, by an order or the service mode, may open it. */
export function eraseSecrets(draft: Draft): void {
  const { active, service, ruled, journal } = draft.lock
  if (active === null || active.policy.config.grade < ERASES_FROM_GRADE) return
  if (service.is !== "none" || ruled === "service") return
  draft.record("secrets erased", "case opened", {}, FLAG_URGENT)
  draft.store("service", encodeService("erased", journal.next - 1))
  leave(draft, "erased", journal.next - 1)
}

/** The case is closed: the keeper may give this lock a policy again. */
export function caseClosed(draft: Draft): void {
  draft.set({ service: { is: "none" } })
  draft.store("service", EMPTY)
}

/** From here on nobody is let in. A boot comes here again, since the power may have gone between. */
export function leave(draft: Draft, what: Kept, sequence: number): void {
  const service: Service =
    what === "erased" ? { is: what } : { is: "leaving", what, sequence, sealAt: draft.later(SEAL_MS) }
  draft.set({ service })
  draft.set({ lease: null, leaseAhead: null, incoming: null })
  draft.store("lease", EMPTY)
  if (what !== "erased") return
  draft.set({ phones: [] })
  draft.store("phones", EMPTY)
  forget(draft)
  draft.effect({ kind: "erase" })
}

/** What a courier may not bring while a lock leaves: it would give back what is being given up. */
export function isBarred({ is }: Service, { kind }: Message): boolean {
  if (is === "none" || is === "armed") return false
  return kind === "policy" || kind === "chunk" || kind === "secret" || kind === "lease"
}

/** Whether the keeper took over the log up to this record. */
function isExported({ head }: Journal, sequence: number): boolean {
  return head.next > sequence
}

/** Lets time pass: an order that found no button is over, and a log that is safe ends what was begun. */
export function serviceGoesOn(draft: Draft): void {
  const { service, journal } = draft.lock
  if (service.is === "armed" && draft.now >= service.until) {
    draft.set({ service: { is: "none" } })
    return draft.record("service refused", "ended", { note: service.what })
  }
  if (service.is !== "leaving") return
  if (!isExported(journal, service.sequence)) {
    if (service.what !== "reset" || draft.now < service.sealAt) return
    draft.record("log sealed")
  }
  forget(draft)
  if (service.what === "reset") {
    draft.set({ service: { is: "none" } })
    draft.record("service done", service.what)
    return draft.store("service", EMPTY)
  }
  draft.set({ service: { is: "left" } })
  draft.effect({ kind: "leave", what: service.what })
}

/** The policy and all secrets go; the authority log that was followed stays, so that no other history takes its place. */
function forget(draft: Draft): void {
  draft.set({ active: null })
  draft.store("slot a", EMPTY)
  draft.store("slot b", EMPTY)
}

/** When the button has waited long enough, or what was begun can be ended: at once when its log is safe. */
export function serviceWakes({ service, journal }: Pick<Lock, "service" | "journal">, now: Uptime): Uptime | null {
  if (service.is === "armed") return service.until
  if (service.is !== "leaving") return null
  if (isExported(journal, service.sequence)) return now
  return service.what === "reset" ? service.sealAt : null
}
