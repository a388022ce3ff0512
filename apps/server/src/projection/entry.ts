/**
 * From an entry of the event log to what is projected: pure, so that a rebuild gives the same rows.
 *
 * A batch counts only if a journal key signed it that the authority log once paired with its door. The keeper checked that
 * before it let the entry in; checking again means that a changed file is passed over here and never shown as evidence.
 */
import type { Version } from "@holdfast/access/door"
import type { Crypto, DoorId, SiteId } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { decodeEntry } from "@holdfast/ledger"
import { type Batch, doorOfBatch, type JournalRecord, openBatch, recordsOf } from "@holdfast/lock"
import { type DoorFacts, type Place, takeRecord } from "./door-facts.ts"

export const ENTRY_BATCH = 16

/** Where an entry stands. */
export type EntryPlace = { readonly period: string; readonly entry: number }

/** A batch as the log holds it, read and checked. */
export type LoggedBatch = EntryPlace & {
  readonly door: DoorId
  readonly admitted_at_ms: number
  readonly records: readonly JournalRecord[]
  readonly applied: { readonly version: Version; readonly sha256: string } | null
}

export type EntryRead =
  | { readonly is: "batch"; readonly batch: LoggedBatch }
  /** Nothing of ours to show: another type of entry. */
  | { readonly is: "other" }
  | { readonly is: "not valid"; readonly door: DoorId | null; readonly fault: string }

/** All journal keys that the authority log ever paired with a door, newest first. */
export type JournalKeys = (door: DoorId) => readonly PublicKey[]

/** Reads and checks entry `bytes` of the event log. */
export function readEventEntry(
  crypto: Crypto,
  site: SiteId,
  keysOf: JournalKeys,
  place: EntryPlace,
  bytes: Uint8Array,
): EntryRead {
  const decoded = decodeEntry(bytes)
  if (!decoded.ok) return { is: "not valid", door: null, fault: decoded.fault }
  if (decoded.entry.type !== ENTRY_BATCH) return { is: "other" }
  const door = doorOfBatch(site, decoded.entry.bytes)
  if (door === null) return { is: "not valid", door, fault: "not a signed batch" }
  for (const key of keysOf(door)) {
    const opened = openBatch(crypto, site, key, decoded.entry.bytes)
    const records = opened.ok ? recordsOf(opened.batch) : null
    if (!opened.ok || records === null || typeof records === "string") continue
    const applied = appliedOf(opened.batch)
    return { is: "batch", batch: { ...place, door, admitted_at_ms: decoded.entry.admittedAt, records, applied } }
  }
  return { is: "not valid", door, fault: "no key of this door signed it" }
}

function appliedOf({ policy }: Batch): LoggedBatch["applied"] {
  return policy === null ? null : { version: policy.version, sha256: toHex(policy.hash) }
}

function placeIn(batch: LoggedBatch, position: number, sequence: number): Place {
  return { sequence, period: batch.period, entry: batch.entry, position }
}

/** The door's facts after a batch. */
export function takeBatch(facts: DoorFacts, batch: LoggedBatch): DoorFacts {
  let after = facts
  let last: Place | null = null
  for (const [position, record] of batch.records.entries()) {
    last = placeIn(batch, position, record.sequence)
    after = takeRecord(after, record, batch.admitted_at_ms, last)
  }
  if (batch.applied === null || last === null || batch.applied.sha256 === facts.applied?.sha256) return after
  return { ...after, applied: { ...batch.applied, at: last } }
}
