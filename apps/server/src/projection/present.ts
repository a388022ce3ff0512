/** Records of a batch in the contract's words, the same as their rows give. */
import { toHex } from "@holdfast/base"
import { type JournalRecord, slugOf } from "@holdfast/contract"
import { timeOf } from "./door-facts.ts"
import type { LoggedBatch } from "./entry.ts"

/** The records from `first` on. */
export function presentLogged(batch: LoggedBatch, first: number): JournalRecord[] {
  const { door, period, entry, admitted_at_ms } = batch
  return batch.records.slice(first).map((record, at) => ({
    door,
    sequence: record.sequence,
    period,
    entry,
    position: first + at,
    kind: slugOf(record.kind),
    result: slugOf(record.result),
    flags: record.flags,
    boot: record.boot,
    uptime_ms: record.uptime_ms,
    wall_ms: record.wall_ms,
    admitted_at_ms,
    at_ms: timeOf(record, admitted_at_ms),
    commitment: toHex(record.commitment),
  }))
}
