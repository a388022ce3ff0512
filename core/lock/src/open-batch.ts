/**
 * Taking a batch from a lock: everything that it claims about itself is checked here, by whoever keeps or audits journals.
 *
 * A lock makes batches with `batch.ts` and never opens one; so nothing of this is on its board.
 */
import { type Crypto, type DoorId, EMPTY, equalBytes, idOf, type SiteId } from "@holdfast/base"
import { decodeSigned, type PublicKey, verifySigned } from "@holdfast/base/cose"
import { rootOfBlocks } from "@holdfast/ledger/blocks"
import { BATCH_BYTES_MAX, type Batch, type ChainHead, decodeBatch, extendChain } from "./batch.ts"
import { decodeRecord, type JournalRecord, RECORD_SIZE, readU64, recordFault } from "./record.ts"

export type BatchFault =
  | "too large"
  | "not a signed batch"
  | "wrong signature"
  | "fields missing or wrong"
  | "bad record"
  | "sequence with a gap"
  | "root differs"
  | "chain differs"
export type BatchOpened =
  | { readonly ok: true; readonly batch: Batch }
  | { readonly ok: false; readonly fault: BatchFault }

type RecordsFault = "bad record" | "sequence with a gap"

/** The records of a batch, or the fault of the first that is wrong. */
export function recordsOf(batch: Batch): JournalRecord[] | RecordsFault {
  const records: JournalRecord[] = []
  for (let at = 0; at < batch.records.length; at += RECORD_SIZE) {
    const decoded = decodeRecord(batch.records.subarray(at, at + RECORD_SIZE))
    if (!decoded.ok) return "bad record"
    if (decoded.record.sequence !== batch.first + records.length) return "sequence with a gap"
    records.push(decoded.record)
  }
  return records
}

/** The same judgement as {@link recordsOf}, without making any record: 512 of them are looked at for every batch. */
function recordsFault({ first, records }: Batch): RecordsFault | null {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  for (let at = 0; at < records.length; at += RECORD_SIZE) {
    if (recordFault(view, at) !== null) return "bad record"
    if (readU64(view, at) !== first + at / RECORD_SIZE) return "sequence with a gap"
  }
  return null
}

/** Checks everything that one batch claims about itself: signature, records, sequence, root, chain. */
export function openBatch(crypto: Crypto, site: SiteId, journalKey: PublicKey, bytes: Uint8Array): BatchOpened {
  if (bytes.length > BATCH_BYTES_MAX) return { ok: false, fault: "too large" }
  const signed = decodeSigned("batch", site, bytes)
  if (signed === null) return { ok: false, fault: "not a signed batch" }
  if (!verifySigned(signed, journalKey, crypto)) return { ok: false, fault: "wrong signature" }
  const batch = decodeBatch(signed.payload)
  if (batch === null) return { ok: false, fault: "fields missing or wrong" }
  const fault = recordsFault(batch)
  if (fault !== null) return { ok: false, fault }
  if (!equalBytes(batch.root, rootOfBlocks(crypto, batch.records))) return { ok: false, fault: "root differs" }
  if (!equalBytes(batch.after, extendChain(crypto, batch.before, batch.records)))
    return { ok: false, fault: "chain differs" }
  return { ok: true, batch }
}

/** What every batch begins with: a map of nine fields, of which the first is the door's 16 bytes. */
const DOOR_HEAD = Uint8Array.of(0xa9, 0x00, 0x50)
const DOOR_END = DOOR_HEAD.length + 16

/** The door that a signed batch names, unchecked: to find out whose key {@link openBatch} needs. */
export function doorOfBatch(site: SiteId, bytes: Uint8Array): DoorId | null {
  if (bytes.length > BATCH_BYTES_MAX) return null
  const payload = decodeSigned("batch", site, bytes)?.payload ?? EMPTY
  const isBatch = payload.length > DOOR_END && equalBytes(payload.subarray(0, DOOR_HEAD.length), DOOR_HEAD)
  return isBatch ? idOf<"DoorId">(payload.subarray(DOOR_HEAD.length, DOOR_END)) : null
}

/** Whether the batch goes on exactly where the chain stands. */
export function follows(batch: Batch, head: ChainHead): boolean {
  return batch.first === head.next && equalBytes(batch.before, head.chain)
}
