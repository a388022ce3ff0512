/**
 * What couriers bring. Each message is judged from its own signature, hash or nonce; who brought it does not matter.
 *
 * A message that is malformed, foreign, old or repeated changes nothing but the journal, where storms of them collapse into a
 * count. No message moves the bolt but an order, which bears a nonce of this lock and a person's own signature: `ordering.ts`.
 */
import {
  type DenyFault,
  decodeSecret,
  secretNameAt,
  type SignedFault,
  verifyBeacon,
  verifyDeny,
  verifyLease,
} from "@holdfast/access/door"
import { type CredentialId, equalBytes, unreachable } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { confirmed } from "./alarms.ts"
import { headAfter } from "./batch.ts"
import { encodeFloor, takeBeacon } from "./clock.ts"
import { addDeny, encodeDenies, withoutContained } from "./denies.ts"
import type { Draft } from "./draft.ts"
import { encodeHead, releaseSegment } from "./journal.ts"
import { judgeLease, type PolicyName } from "./lease.ts"
import type { Message } from "./lock.ts"
import { narrowedByPolicy, narrowedByTime, narrowingBrought } from "./narrowing.ts"
import { nonceAsked, orderHeard } from "./ordering.ts"
import { proves } from "./receipt.ts"
import { refusesPolicies } from "./power.ts"
import { ASK_MS, sendHello, sendWant } from "./reporting.ts"
import type { Result } from "./result.ts"
import { isBarred } from "./service.ts"
import { keep, keptIn } from "./secrets.ts"
import {
  assemble,
  encodeHeldHead,
  hasSecret,
  judgeOffer,
  nameOf,
  placeOf,
  type Offer,
  withChunk,
  withSecret,
} from "./slot.ts"
import { pieceBrought } from "./updating.ts"

export function messageHeard(draft: Draft, message: Message): void {
  if (isBarred(draft.lock.service, message)) return
  switch (message.kind) {
    case "policy":
      return policyOffered(draft, message)
    case "chunk":
      return chunkBrought(draft, message.policy, message.index, message.bytes)
    case "secret":
      return secretBrought(draft, message.credential, message.sealed, message.opened)
    case "lease":
      return leaseBrought(draft, message.ticket)
    case "beacon":
      return beaconHeard(draft, message.beacon)
    case "receipt":
      return receiptBrought(draft, message.receipt)
    case "deny":
      return denyHeard(draft, message.envelope)
    case "image piece":
      return pieceBrought(draft, message.image, message.size, message.offset, message.bytes)
    case "ask nonce":
      return nonceAsked(draft)
    case "order":
      return orderHeard(draft, message.envelope)
    case "narrowing":
      return narrowingBrought(draft, message.ticket)
    case "unreadable":
      return draft.record("message refused", "unreadable")
    default:
      return unreachable(message)
  }
}

/** What the journal says of something signed that was not taken. */
function saidOf(fault: SignedFault | DenyFault): Result {
  if (fault === "wrong signature") return fault
  return fault === "unknown denier" || fault === "chain broken" ? "unknown denier" : "unreadable"
}

function policyOffered(draft: Draft, offer: Offer): void {
  const { pairing, held, active, incoming, supply } = draft.lock
  if (refusesPolicies(supply)) return draft.record("policy refused", "battery critical")
  const judged = judgeOffer(draft.crypto, pairing, held, active, incoming, offer)
  switch (judged.is) {
    case "gathering":
      draft.set({ incoming: judged.incoming, leaseAhead: null })
      return gatheringGoesOn(draft)
    case "known":
      return incoming === null ? undefined : sendWant(draft)
    case "refused":
      return draft.record("policy refused", judged.fault)
    case "equivocation": {
      const { version, hash } = judged
      return draft.record("equivocation", "other bytes at this version", { version, note: toHex(hash) })
    }
    case "from elsewhere":
      return sendHello(draft) // The courier learns which tree is held, and proves from there.
    case "inconsistent":
      return draft.record("checkpoint refused", "inconsistent checkpoint")
    default:
      return unreachable(judged)
  }
}

/** Puts the policy in force once nothing is missing; else asks for the rest. */
function gatheringGoesOn(draft: Draft): void {
  const { incoming, active, pairing } = draft.lock
  if (incoming === null) return
  if (incoming.left > 0) return sendWant(draft)
  const slot = active?.slot === "a" ? "b" : "a"
  const assembled = assemble(draft.crypto, pairing, incoming, slot)
  draft.set({ incoming: null })
  if (assembled === null) return draft.record("policy refused", "unreadable")
  const { name, policy } = assembled.active
  draft.store(`slot ${slot}`, assembled.stored)
  draft.record("policy applied", "done", { version: name.version, note: toHex(name.hash) })
  draft.store("head", encodeHeldHead(slot, incoming.held)) // From here on the new one is in force, and not before.
  draft.set({ active: assembled.active, held: incoming.held })
  const denies = withoutContained(draft.lock.denies, policy.denials)
  if (denies !== draft.lock.denies) {
    draft.set({ denies })
    draft.store("denies", encodeDenies(denies))
  }
  narrowedByPolicy(draft)
  const { leaseAhead } = draft.lock
  draft.set({ leaseAhead: null })
  if (leaseAhead !== null) leaseBrought(draft, leaseAhead)
}

function chunkBrought(draft: Draft, policy: Uint8Array, index: number, bytes: Uint8Array): void {
  const { incoming, active } = draft.lock
  if (incoming === null || !equalBytes(policy, incoming.manifest.policyHash)) {
    if (active !== null && equalBytes(policy, active.name.hash)) return // It came twice; the first time was enough.
    return draft.record("message refused", "not expected")
  }
  if (incoming.chunks[index] instanceof Uint8Array) return
  const more = withChunk(draft.crypto, incoming, active, index, bytes)
  if (more === null) return draft.record("message refused", "hash differs")
  draft.set({ incoming: more })
  finishIfWhole(draft)
}

function secretBrought(draft: Draft, credential: CredentialId, sealed: Uint8Array, opened: Uint8Array | null): void {
  const { incoming, active, pairing } = draft.lock
  const place = incoming === null ? null : placeOf(incoming, credential)
  if (incoming === null || place === null) {
    const known = active !== null && keptIn(active.policy, active.secrets).has(credential)
    return known ? undefined : draft.record("message refused", "not expected", { credential }) // Known: it came twice.
  }
  if (hasSecret(incoming, place)) return
  const { sealedHash } = secretNameAt(incoming.index, place)
  if (!equalBytes(draft.crypto.sha256(sealed), sealedHash))
    return draft.record("message refused", "hash differs", { credential })
  const secret = opened === null ? null : decodeSecret(opened)
  if (secret === null || secret.credential !== credential)
    return draft.record("message refused", "unreadable", { credential })
  const kept = keep(draft.crypto, pairing.codeKey, secret, sealedHash)
  draft.set({ incoming: withSecret(incoming, place, kept) })
  finishIfWhole(draft)
}

/** Asks again only once all that was asked for has come: the courier is on its way with the rest. */
function finishIfWhole(draft: Draft): void {
  const { incoming, wanted } = draft.lock
  if (incoming === null) return
  const left = wanted - 1
  draft.set({ wanted: Math.max(0, left) })
  if (left <= 0 || incoming.left === 0) gatheringGoesOn(draft)
}

function leaseBrought(draft: Draft, ticket: Uint8Array): void {
  const { pairing, lease, active, incoming, clock } = draft.lock
  const verified = verifyLease(pairing.site, ticket, pairing.keeper, draft.crypto)
  if (!verified.ok) return draft.record("lease refused", saidOf(verified.fault))
  const ahead: PolicyName | null = incoming === null ? null : nameOf(incoming.manifest)
  const names = [active?.name ?? null, ahead].filter((name) => name !== null)
  const judged = judgeLease(verified.value, pairing.door, lease, names, clock, draft.now)
  if (!judged.take) return judged.fault === null ? undefined : draft.record("lease refused", judged.fault)
  const { version } = verified.value
  if (ahead !== null && ahead.version.size === version.size && ahead.version.epoch === version.epoch)
    return draft.set({ leaseAhead: ticket })
  draft.record("lease taken", "done", { version })
  draft.store("lease", ticket)
  draft.set({ lease: verified.value, leaseEndNoted: false })
}

function beaconHeard(draft: Draft, bytes: Uint8Array): void {
  const { pairing, clock } = draft.lock
  const verified = verifyBeacon(pairing.site, bytes, pairing.keeper, draft.crypto)
  if (!verified.ok) return draft.record("time refused", saidOf(verified.fault))
  const taken = takeBeacon(clock, draft.now, verified.value.nonce, verified.value.time)
  if (!taken.ok) return draft.record("time refused", taken.fault)
  draft.set({ clock: taken.clock, floorStoredAt: draft.now, askAgain: draft.later(ASK_MS) })
  draft.store("clock", encodeFloor(taken.clock, draft.now))
  draft.record("time set")
  narrowedByTime(draft)
}

function receiptBrought(draft: Draft, receipt: Uint8Array): void {
  const { outstanding, pairing, journal } = draft.lock
  const sent = outstanding?.sent ?? null
  if (outstanding === null || sent === null) return draft.record("message refused", "not expected")
  const prefix = `${pairing.site}/events/`
  if (!proves(draft.crypto, prefix, pairing.logKey, sent.entry, receipt))
    return draft.record("message refused", "hash differs")
  const head = headAfter(outstanding.batch)
  const alarms = confirmed(draft.lock.alarms, head.next)
  draft.set({ journal: releaseSegment(journal, head), outstanding: null, alarms })
  draft.store("journal", encodeHead(draft.lock.journal))
  draft.effect({ kind: "release", through: head.next - 1 })
  draft.settleGap()
}

function denyHeard(draft: Draft, envelope: Uint8Array): void {
  const { active, denies } = draft.lock
  if (active === null) return draft.record("deny refused", "no policy")
  const verified = verifyDeny(active.policy, envelope, draft.crypto)
  if (!verified.ok) return draft.record("deny refused", saidOf(verified.fault))
  const { id, person, credential } = verified
  if (active.policy.denials.includes(id)) return
  const longer = addDeny(denies, { id, person, credential })
  if (longer === denies) return
  if (longer === null) return draft.record("deny refused", "full")
  draft.record("deny taken", "done", { person, credential, note: id })
  draft.set({ denies: longer })
  draft.store("denies", encodeDenies(longer))
}
