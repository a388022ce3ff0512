/**
 * The journal as a boot finds it: the head of the chain, the batch that was signed last, and the records behind it.
 *
 * Each of the three may be torn by itself, and each says something of where the other two stood. Whatever does not join on
 * is lost and said to be; a sequence number is never given twice.
 */
import { assert, type Crypto, type Uptime } from "@holdfast/base"
import { decodeSigned } from "@holdfast/base/cose"
import { type Batch, type ChainHead, decodeBatch, genesis, headAfter } from "./batch.ts"
import { append, decodeHead, emptyJournal, type Journal, lose, withSegment } from "./journal.ts"
import type { Outstanding, Pairing } from "./lock.ts"
import { decodeRecord, RECORD_SIZE } from "./record.ts"
import { decodeSentBatch } from "./reporting.ts"
import type { Reader } from "./restore-parts.ts"
import type { Line } from "./stored.ts"

/** Where the counter is lost, the newest record still says which boot made it: one in storage, or in the last signed batch. */
export function lastBoot(lines: readonly Line[], sent: Outstanding | null): number {
  const newest = [lines.at(-1)?.record, sent?.batch.records.slice(-RECORD_SIZE)]
  const boots = newest.map((bytes) => {
    const decoded = bytes === undefined ? null : decodeRecord(bytes)
    return decoded?.ok ? decoded.record.boot : 0
  })
  return Math.max(...boots)
}

export function restoreJournal(
  reader: Reader,
  pairing: Pairing,
  lines: readonly Line[],
  sent: Outstanding | null,
  crypto: Crypto,
): { readonly journal: Journal; readonly outstanding: Outstanding | null } {
  const kept = reader.read("journal", decodeHead)
  const isLost = sent !== null && reader.isDamaged("journal")
  const bySent = isLost ? headBySent(sent.batch, lines.at(-1), pairing) : null
  const head = kept?.head ?? bySent ?? genesis(crypto, pairing.site, pairing.door, pairing.journalKey)
  const empty = emptyJournal(head, pairing.journal_records_max, pairing.journal_bytes_max)
  const outstanding = sent?.batch.first === head.next ? sent : null
  // What was signed may be in the log already: those records stand as they were signed, whatever storage says of them.
  const resumed = outstanding === null ? empty : withSegment(empty, outstanding.batch.records)
  const journal = withLines(reader, resumed, lines)
  return { journal: kept === null ? journal : lose(journal, kept.lost), outstanding }
}

export function restoreBatch(reader: Reader, pairing: Pairing, now: Uptime): Outstanding | null {
  const sent = reader.read("batch", decodeSentBatch)
  const signed = sent === null ? null : decodeSigned("batch", pairing.site, sent.entry)
  const batch = signed === null ? null : decodeBatch(signed.payload)
  return sent === null || batch === null ? null : { batch, sent: { ...sent, again: now } }
}

/**
 * Where the head is lost, the last signed batch says where the chain stood; to send it again does no harm. But where more
 * records are kept than would fit beside it, its receipt had come, and its room was used again.
 */
function headBySent(batch: Batch, last: Line | undefined, { journal_records_max }: Pairing): ChainHead {
  const fits = last === undefined || sequenceOf(last) < batch.first + journal_records_max
  return fits ? { next: batch.first, chain: batch.before } : headAfter(batch)
}

function sequenceOf({ record }: Line): number {
  const decoded = decodeRecord(record)
  assert(decoded.ok, "a record that does not read ends what is kept")
  return decoded.record.sequence
}

/** The records that go on where the journal stands. One that does not, and all behind it, are lost. */
function withLines(reader: Reader, resumed: Journal, lines: readonly Line[]): Journal {
  let journal = resumed
  for (const line of lines) {
    const sequence = sequenceOf(line)
    if (sequence < journal.next) continue // Signed already, or safe elsewhere and its room not used again yet.
    if (sequence > journal.next) {
      reader.hasBadRecords = true
      reader.damaged.push("records")
      break
    }
    journal = append(journal, line, false)
  }
  return journal
}
