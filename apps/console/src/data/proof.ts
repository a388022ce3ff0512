/**
 * The proof of one journal record, put together and checked in this browser, step by step, so that a person can see what
 * was checked and take it with them.
 *
 * Six steps: the batch is in the log under that index; the lock's own key signed the batch; the record stands in it; the
 * path leads from the batch to the log's root; the log's key signed that root; and the key belongs to this site's deed. The
 * server is only asked for bytes.
 */
import type { DoorId } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toBase64, toHex, utf8 } from "@holdfast/base/text"
import {
  decodeBundle,
  decodeEntry,
  encodeReceipt,
  formatVkey,
  leafHash,
  makeProof,
  openCheckpoint,
  pathOf,
  planInclusion,
  verifierOf,
  verifyInclusion,
} from "@holdfast/ledger"
import { type JournalRecord, openBatch, recordsOf } from "@holdfast/lock"
import { webCrypto } from "@holdfast/port-web"
import type { ReadFile } from "./log-follower.ts"
import type { Site } from "./site.ts"

export type RecordPlace = {
  readonly door: DoorId
  readonly period: string
  readonly entry: number
  readonly position: number
  /** The record's own number, as the server tells it: another record at that place proves nothing of this one. */
  readonly sequence: number
}
export type ProofStep = { readonly says: string; readonly ok: boolean; readonly detail: string }
export type Proof = {
  readonly steps: readonly ProofStep[]
  readonly record: JournalRecord | null
  readonly path: readonly Uint8Array[]
  readonly tree: { readonly size: number; readonly root: Uint8Array } | null
  /** What a stranger needs to check it again without us, as one JSON text; null until every step holds. */
  readonly bundle: string | null
}

const BATCH = 16
const BUNDLE_WIDTH = 256

class Steps {
  readonly list: ProofStep[] = []

  /** Notes a step and answers whether it held, so that the next one may be tried. */
  note(says: string, ok: boolean, detail: string): boolean {
    this.list.push({ says, ok, detail })
    return ok
  }

  stop(): Proof {
    return { steps: this.list, record: null, path: [], tree: null, bundle: null }
  }
}

async function readEntry(read: ReadFile, size: number, index: number): Promise<Uint8Array | null> {
  const bundle = Math.floor(index / BUNDLE_WIDTH)
  const width = Math.min(BUNDLE_WIDTH, size - bundle * BUNDLE_WIDTH)
  if (width < 1) return null
  const bytes = await read(pathOf({ kind: "bundle", index: bundle, width }))
  const decoded = bytes === null ? null : decodeBundle(bytes, width)
  return decoded?.ok === true ? (decoded.entries[index % BUNDLE_WIDTH] ?? null) : null
}

/** Reads and checks everything about one record. `journalKey` is the door's, from the verified authority log. */
export async function proveRecord(
  site: Site,
  place: RecordPlace,
  journalKey: PublicKey | null,
  read: ReadFile,
): Promise<Proof> {
  const steps = new Steps()
  const origin = `${site.id}/events/${place.period}`
  const log = verifierOf(origin, site.root.logKey, webCrypto)
  const note = await read("checkpoint")
  const opened = note === null ? null : openCheckpoint(note, origin, log, webCrypto)
  const checkpoint = opened?.ok === true ? opened.checkpoint : null
  const stated = checkpoint === null ? "no checkpoint that opens" : `${checkpoint.size} entries`
  if (!steps.note("The site's log key signed this checkpoint", checkpoint !== null, stated)) return steps.stop()
  if (checkpoint === null || note === null) return steps.stop()
  const entryBytes = await readEntry(read, checkpoint.size, place.entry)
  const found = entryBytes === null ? "the log has no such entry" : `entry ${place.entry}, ${entryBytes.length} bytes`
  if (!steps.note("The batch is in the log", entryBytes !== null, found) || entryBytes === null) return steps.stop()
  const plan = planInclusion(checkpoint.size, place.entry)
  const tiles = await Promise.all(plan.tiles.map((tile) => read(pathOf(tile))))
  const path =
    makeProof(
      webCrypto,
      plan,
      tiles.filter((tile) => tile !== null),
    ) ?? []
  const leaf = leafHash(webCrypto, entryBytes)
  const proved = verifyInclusion(webCrypto, checkpoint, place.entry, leaf, path)
  const led = proved.ok ? `${path.length} hashes up to root ${toHex(checkpoint.root).slice(0, 16)}…` : proved.fault
  if (!steps.note("The path leads from the batch to the checkpoint's root", proved.ok, led)) return steps.stop()
  const record = checkBatch(steps, site, place, journalKey, entryBytes)
  if (record === null) return { ...steps.stop(), path, tree: checkpoint }
  const receipt = encodeReceipt({ extra: null, index: place.entry, proof: path, checkpoint: note })
  const bundle = bundleOf(site, place, formatVkey(log), entryBytes, receipt)
  return { steps: steps.list, record, path, tree: checkpoint, bundle }
}

function checkBatch(
  steps: Steps,
  site: Site,
  place: RecordPlace,
  journalKey: PublicKey | null,
  entryBytes: Uint8Array,
): JournalRecord | null {
  const decoded = decodeEntry(entryBytes)
  const isBatch = decoded.ok && decoded.entry.type === BATCH
  if (!isBatch || journalKey === null) {
    steps.note("The lock's journal key signed the batch", false, "no batch, or no lock is paired with this door")
    return null
  }
  const batch = openBatch(webCrypto, site.id, journalKey, decoded.entry.bytes)
  const signed = batch.ok && batch.batch.door === place.door
  const detail = batch.ok
    ? `key ${toHex(journalKey).slice(0, 16)}…, paired with this door in the authority log`
    : batch.fault
  if (!steps.note("The lock's journal key signed the batch", signed, detail) || !batch.ok) return null
  const records = recordsOf(batch.batch)
  const record = typeof records === "string" ? undefined : records[place.position]
  const which = record === undefined ? "not there" : `number ${record.sequence} of this lock's journal`
  const isThis = record?.sequence === place.sequence
  steps.note("The record stands in the batch", isThis, isThis ? which : `${which}, not number ${place.sequence}`)
  return isThis ? (record ?? null) : null
}

function bundleOf(site: Site, place: RecordPlace, vkey: string, entry: Uint8Array, receipt: Uint8Array): string {
  const facts = {
    what: "A journal record of a lock with its proof. receipt is a C2SP tlog-proof over entry; vkey verifies its checkpoint.",
    site: site.id,
    root: toBase64(site.rootBytes),
    vkey,
    door: place.door,
    index: place.entry,
    position: place.position,
    entry: toBase64(entry),
    receipt: toBase64(receipt),
  }
  return `${JSON.stringify(facts, null, 2)}\n`
}

/** The bundle as a file to keep. */
export function bundleFile(bundle: string): Blob {
  return new Blob([new Uint8Array(utf8(bundle))], { type: "application/json" })
}
