/**
 * A receipt: one entry's inclusion proof together with the checkpoint it leads to, as text that anyone can check
 * offline. C2SP tlog-proof, version 1.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra base64                 optional; opaque and not authenticated
 *   index 73894
 *   base64 of each hash          the leaf's sibling first
 *                                a blank line
 *   the checkpoint, verbatim
 *
 * Nobody signs a receipt: the checkpoint's signature is all it rests on. It does not hold the entry; the holder does.
 */
import { assert, concat, type Crypto } from "@holdfast/base"
import { fromBase64, fromUtf8, toBase64, utf8 } from "@holdfast/base/text"
import { type Checkpoint, type CheckpointFault, openCheckpoint, parseCheckpoint, parseDecimal } from "./checkpoint.ts"
import { HASH_SIZE, leafHash } from "./hash.ts"
import { NOTE_SIZE_MAX, parseNote } from "./note.ts"
import { type InclusionFault, verifyInclusion } from "./proof.ts"
import type { Verifier } from "./vkey.ts"

const HEADER = "c2sp.org/tlog-proof@v1"
const EXTRA = "extra "
const INDEX = "index "
/** Hashes in the longest proof: a tree of 2^53-1 leaves is 53 levels high. */
const PROOF_HASHES_MAX = 53

export type Receipt = {
  /** Never trusted: the checkpoint does not cover it. Null when absent, never empty. */
  readonly extra: Uint8Array | null
  readonly index: number
  readonly proof: readonly Uint8Array[]
  /** The checkpoint's signed note, verbatim. */
  readonly checkpoint: Uint8Array
}

export type ReceiptShapeFault =
  | "too large"
  | "not UTF-8"
  | "not a tlog-proof"
  | "bad extra"
  | "bad index"
  | "bad hash"
  | "bad checkpoint"
export type ReceiptParsed =
  | { readonly ok: true; readonly receipt: Receipt }
  | { readonly ok: false; readonly fault: ReceiptShapeFault }
export type ReceiptVerified =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly fault: CheckpointFault | InclusionFault }

export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { extra, index, proof, checkpoint } = receipt
  assert(Number.isSafeInteger(index) && index >= 0, "a leaf is numbered from 0")
  assert(extra === null || extra.length > 0, "extra data that is there is not empty")
  assert(proof.length <= PROOF_HASHES_MAX, "a proof is no longer than the highest tree")
  assert(
    proof.every((hash) => hash.length === HASH_SIZE),
    "a hash has 32 bytes",
  )
  assert(isCheckpoint(checkpoint), "the checkpoint is a signed note that states a tree")
  const lines = [HEADER, ...(extra === null ? [] : [EXTRA + toBase64(extra)]), INDEX + index, ...proof.map(toBase64)]
  return concat(utf8(`${lines.join("\n")}\n\n`), checkpoint)
}

/** The parts of a receipt, none of them verified. */
export function parseReceipt(bytes: Uint8Array): ReceiptParsed {
  if (bytes.length > NOTE_SIZE_MAX) return { ok: false, fault: "too large" }
  const text = fromUtf8(bytes)
  if (text === null) return { ok: false, fault: "not UTF-8" }
  const blank = text.indexOf("\n\n")
  if (blank < 0) return { ok: false, fault: "not a tlog-proof" }
  const lines = text.slice(0, blank).split("\n")
  if (lines.shift() !== HEADER) return { ok: false, fault: "not a tlog-proof" }
  const extra = lines[0]?.startsWith(EXTRA) ? fromBase64((lines.shift() ?? "").slice(EXTRA.length)) : undefined
  if (extra === null || extra?.length === 0) return { ok: false, fault: "bad extra" }
  const indexLine = lines.shift() ?? ""
  const index = indexLine.startsWith(INDEX) ? parseDecimal(indexLine.slice(INDEX.length)) : null
  if (index === null) return { ok: false, fault: "bad index" }
  const proof = parseHashes(lines)
  if (proof === null) return { ok: false, fault: "bad hash" }
  const checkpoint = utf8(text.slice(blank + 2))
  if (!isCheckpoint(checkpoint)) return { ok: false, fault: "bad checkpoint" }
  return { ok: true, receipt: { extra: extra ?? null, index, proof, checkpoint } }
}

function parseHashes(lines: readonly string[]): Uint8Array[] | null {
  if (lines.length > PROOF_HASHES_MAX) return null
  const hashes: Uint8Array[] = []
  for (const line of lines) {
    const hash = fromBase64(line)
    if (hash === null || hash.length !== HASH_SIZE) return null
    hashes.push(hash)
  }
  return hashes
}

function isCheckpoint(note: Uint8Array): boolean {
  const parsed = parseNote(note)
  return parsed.ok && parseCheckpoint(parsed.note.text).ok
}

/** Whether `entry` is in the log: tlog-proof, "Verifying a tlog proof". Step 3, the witnesses, is the reader's policy. */
export function verifyReceipt(
  receipt: Receipt,
  entry: Uint8Array,
  origin: string,
  log: Verifier,
  crypto: Crypto,
): ReceiptVerified {
  const leaf = leafHash(crypto, entry) // Step 1.
  const opened = openCheckpoint(receipt.checkpoint, origin, log, crypto) // Step 2.
  if (!opened.ok) return opened
  const proved = verifyInclusion(crypto, opened.checkpoint, receipt.index, leaf, receipt.proof) // Step 4.
  return proved.ok ? { ok: true, checkpoint: opened.checkpoint } : proved
}
