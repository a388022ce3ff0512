/** Records of a batch in the contract's words, the same as their rows give. */
import { toHex } from "@holdfast/base/text"
import { type JournalRecord, slugOf } from "@holdfast/contract"
import { FLAG_URGENT } from "@holdfast/lock"
import { timeOf } from "./door-facts.ts"
import type { LoggedBatch } from "./entry.ts"

/** The newest records, so many, and whatever the lock marked as urgent, in their order. */
export function presentLogged({ records, ...batch }: LoggedBatch, count: number): JournalRecord[] {
  const { door, period, entry, admitted_at_ms } = batch
  const placed = records.map((record, position) => ({ record, position }))
  const first = records.length - count
  const shown = placed.filter(({ record, position }) => position >= first || (record.flags & FLAG_URGENT) !== 0)
  return shown.map(({ record, position }) => ({
    door,
    sequence: record.sequence,
    period,
    entry,
    position,
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
