/**
 * What the keeper's log says, as a lock checks it: a checkpoint of one of the site's logs, and the receipt of a batch.
 *
 * A lock knows the log's key and the site; the period at the end of an origin it takes as it comes, since periods are opened
 * by an act that the lock does not see. The receipt's extra data is the entry's admission time, eight bytes big-endian: with
 * it and the batch that the lock itself signed, the entry is whole and its place in the tree can be checked.
 */
import { type Crypto, unixMillis } from "@holdfast/base"
import { fromUtf8 } from "@holdfast/base/text"
import {
  type Checkpoint,
  encodeEntry,
  openCheckpoint,
  parseReceipt,
  type Verifier,
  verifierOf,
  verifyReceipt,
} from "@holdfast/ledger"

/** The type of an event entry that is one lock's batch. */
export const BATCH_ENTRY_TYPE = 16
const ORIGIN_LENGTH_MAX = 96
const NEWLINE = 0x0a
const ADMITTED_AT_SIZE = 8

/** The log that a note's first line names, if it is one of ours. */
function verifierFor(crypto: Crypto, prefix: string, logKey: Uint8Array, note: Uint8Array): Verifier | null {
  const end = note.indexOf(NEWLINE)
  const origin = end < 0 || end > ORIGIN_LENGTH_MAX ? null : fromUtf8(note.subarray(0, end))
  if (origin === null || !origin.startsWith(prefix) || !/^[0-9A-Za-z]+$/.test(origin.slice(prefix.length))) return null
  return verifierOf(origin, logKey, crypto)
}

/** The checkpoint in a note, if the log's key signed it and its origin begins with `prefix`. */
export function readCheckpoint(
  crypto: Crypto,
  prefix: string,
  logKey: Uint8Array,
  note: Uint8Array,
): Checkpoint | null {
  const verifier = verifierFor(crypto, prefix, logKey, note)
  if (verifier === null) return null
  const opened = openCheckpoint(note, verifier.name, verifier, crypto)
  return opened.ok ? opened.checkpoint : null
}

/** The extra data of a batch's receipt. */
export function encodeAdmittedAt(at_ms: number): Uint8Array {
  const bytes = new Uint8Array(ADMITTED_AT_SIZE)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Math.floor(at_ms / 0x1_0000_0000))
  view.setUint32(4, at_ms % 0x1_0000_0000)
  return bytes
}

export function decodeAdmittedAt(bytes: Uint8Array): number | null {
  if (bytes.length !== ADMITTED_AT_SIZE) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at_ms = view.getUint32(0) * 0x1_0000_0000 + view.getUint32(4)
  return Number.isSafeInteger(at_ms) ? at_ms : null
}

/** Whether the receipt proves that this signed batch is in the site's event log. */
export function proves(
  crypto: Crypto,
  prefix: string,
  logKey: Uint8Array,
  batch: Uint8Array,
  receiptBytes: Uint8Array,
): boolean {
  const parsed = parseReceipt(receiptBytes)
  if (!parsed.ok || parsed.receipt.extra === null) return false
  const at_ms = decodeAdmittedAt(parsed.receipt.extra)
  const verifier = verifierFor(crypto, prefix, logKey, parsed.receipt.checkpoint)
  if (at_ms === null || verifier === null) return false
  const entry = encodeEntry({ type: BATCH_ENTRY_TYPE, admittedAt: unixMillis(at_ms), bytes: batch })
  return verifyReceipt(parsed.receipt, entry, verifier.name, verifier, crypto).ok
}
