/**
 * What the lock says of itself to whoever carries it: hello, the batches of its journal, and what it still wants.
 *
 * One batch is on its way at a time. It is stored with its signature before it is sent, so that after a loss of power the very
 * same bytes go out again: a signature made anew would be another entry. Whatever is not answered is said again.
 */
import { assert, earliest, type Uptime } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes } from "@holdfast/base/cbor"
import { isLowS } from "@holdfast/base/cose"
import { batchToSign, makeBatch, signedBatch } from "./batch.ts"
import { asking } from "./clock.ts"
import type { Draft } from "./draft.ts"
import { cutSegment, openingsOf, waitingCount } from "./journal.ts"
import type { Lock } from "./lock.ts"
import { encodeOpenings } from "./openings.ts"
import { missing } from "./slot.ts"

/** A known clock is checked hourly (R2); an unknown one asks until it is told. */
export const ASK_MS = 3_600_000
export const ASK_UNKNOWN_MS = 30_000
export const SEND_AGAIN_MS = 10_000
export const WANT_AGAIN_MS = 10_000
const WANTED_MAX = 32
const STORED_BATCH_BYTES_MAX = 256 * 1024

export function sendHello(draft: Draft): void {
  const nonce = draft.chance(16)
  const clock = asking(draft.lock.clock, draft.now, nonce)
  draft.set({ clock, askAgain: draft.later(clock.start_ms === null ? ASK_UNKNOWN_MS : ASK_MS) })
  const { active, held, journal, lease } = draft.lock
  draft.effect({
    kind: "send",
    message: {
      kind: "hello",
      nonce,
      version: active?.name.version ?? null,
      policy: active?.name.hash ?? null,
      authority_size: held.size,
      next_sequence: journal.next,
      lease_end_s: lease?.notAfter ?? 0,
    },
  })
}

/** Asks for the next pieces of the policy that is being gathered. */
export function sendWant(draft: Draft): void {
  const { incoming, linked } = draft.lock
  if (incoming === null || !linked) return
  const { chunks, credentials } = missing(incoming, WANTED_MAX)
  if (chunks.length + credentials.length === 0) return
  draft.set({ wantAgain: draft.later(WANT_AGAIN_MS), wanted: chunks.length + credentials.length })
  draft.effect({
    kind: "send",
    message: { kind: "want", policy: incoming.manifest.policyHash, chunks, credentials },
  })
}

export function linked(draft: Draft): void {
  draft.set({ linked: true })
  sendHello(draft)
  sendBatch(draft)
  sendWant(draft)
}

export function unlinked(draft: Draft): void {
  draft.set({ linked: false })
}

/** Whether a batch can be carried, and none is on its way. */
export function isReportDue({ linked: isLinked, outstanding, journal }: Lock): boolean {
  return isLinked && outstanding === null && waitingCount(journal) > 0
}

/** Begins the next batch. */
export function report(draft: Draft): void {
  assert(isReportDue(draft.lock), "one batch at a time is on its way")
  const journal = cutSegment(draft.lock.journal)
  const [segment] = journal.segments
  assert(segment !== undefined, "what waits stands in a segment")
  const { pairing, held, active } = draft.lock
  const batch = makeBatch(draft.crypto, pairing.door, journal.head, segment.records, held, active?.name ?? null)
  draft.set({ journal, outstanding: { batch, sent: null } })
  const bytes = batchToSign(draft.crypto, pairing.site, pairing.journalKey, batch)
  draft.effect({ kind: "sign batch", bytes, openings: encodeOpenings(openingsOf(segment)) })
}

export function batchSigned(draft: Draft, signature: Uint8Array, openings: Uint8Array): void {
  const { outstanding, pairing } = draft.lock
  assert(
    outstanding !== null && outstanding.sent === null,
    "a signature is given once for each batch that asked for one",
  )
  assert(isLowS(signature), "the journal key answers with a low-S signature")
  const entry = signedBatch(draft.crypto, pairing.journalKey, outstanding.batch, signature)
  draft.store("batch", encodeCbor([entry, openings]))
  draft.set({ outstanding: { ...outstanding, sent: { entry, openings, again: draft.now } } })
  sendBatch(draft)
}

function sendBatch(draft: Draft): void {
  const { outstanding, linked: isLinked } = draft.lock
  if (!isLinked || outstanding === null || outstanding.sent === null) return
  const { entry, openings } = outstanding.sent
  draft.set({ outstanding: { ...outstanding, sent: { entry, openings, again: draft.later(SEND_AGAIN_MS) } } })
  draft.effect({ kind: "send", message: { kind: "batch", entry, openings } })
}

/** When something has to be said again, or null. */
export function reportingWakes({ linked: isLinked, askAgain, outstanding, incoming, wantAgain }: Lock): Uptime | null {
  if (!isLinked) return null
  return earliest([askAgain, outstanding?.sent?.again ?? null, incoming === null ? null : wantAgain])
}

/** Says again what was not answered. */
export function reportingGoesOn(draft: Draft): void {
  if (draft.now >= draft.lock.askAgain) sendHello(draft)
  const sent = draft.lock.outstanding?.sent
  if (sent !== null && sent !== undefined && draft.now >= sent.again) sendBatch(draft)
  if (draft.lock.incoming !== null && draft.now >= draft.lock.wantAgain) sendWant(draft)
}

/** The batch that was on its way when the power went, read back from storage. */
export function decodeSentBatch(
  bytes: Uint8Array,
): { readonly entry: Uint8Array; readonly openings: Uint8Array } | null {
  const decoded = decodeCbor(bytes)
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 2) return null
  const [entryField, openingsField] = decoded.value as readonly Cbor[]
  const entry = readBytes(entryField, 1, STORED_BATCH_BYTES_MAX)
  const openings = readBytes(openingsField, 0, STORED_BATCH_BYTES_MAX)
  return entry === null || openings === null ? null : { entry, openings }
}
