/**
 * What can be said of a batch from its bytes alone: whether the paired lock signed it, whether it is what it claims about
 * itself, and whether the sealed openings beside it are one for each of its records.
 *
 * This is most of the work that a batch costs, and it needs nothing of the keeper's state: so any thread may do it, and
 * several at once. Where the batch belongs, journals.ts decides.
 */
import { type Crypto, equalBytes, type SiteId } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import {
  type Batch,
  type BatchFault,
  type ChainHead,
  commitment,
  type Grave,
  graveIn,
  headAfter,
  type Opening,
  openBatch,
  openingBetween,
  skimOpenings,
} from "@holdfast/lock/journals"
import { type HpkeKeyPair, hpkeInfo, openSealed } from "@holdfast/port-node/hpke"
import { markedBetween } from "./marks.ts"

export type BatchToCheck = {
  readonly site: SiteId
  /** Of the lock that is paired with the door. */
  readonly journalKey: PublicKey
  readonly entry: Uint8Array
  /** The openings, sealed to the keeper. */
  readonly sealed: Uint8Array
}

export type OpeningsFault = "openings do not open" | "openings are not those of the batch"

export type OpenedOpenings = {
  /** In plain bytes, as the lock encoded them. */
  readonly plain: Uint8Array
  /** Those among them that bear the duress mark. */
  readonly marked: readonly Opening[]
}

export type BatchChecked =
  | {
      readonly ok: true
      readonly before: ChainHead
      readonly after: ChainHead
      readonly openings: OpenedOpenings | OpeningsFault
      /** Records that other doors may be narrowed for. */
      readonly grave: readonly Grave[]
    }
  | { readonly ok: false; readonly fault: BatchFault }

/** Whoever checks batches; the answers come in any order. */
export interface BatchChecks {
  check(batch: BatchToCheck): Promise<BatchChecked>
  close(): Promise<void>
}

export function checkBatch(crypto: Crypto, hpke: HpkeKeyPair, batch: BatchToCheck): BatchChecked {
  const { site, journalKey, entry, sealed } = batch
  const opened = openBatch(crypto, site, journalKey, entry)
  if (!opened.ok) return opened
  const before = { next: opened.batch.first, chain: opened.batch.before }
  const after = headAfter(opened.batch)
  const openings = openOpenings(crypto, hpke, site, opened.batch, sealed)
  return { ok: true, before, after, openings, grave: graveIn(opened.batch.records) }
}

const COMMITMENT_SIZE = 32

/**
 * The openings: one for each record of the batch, so that no courier can leave any out. Nor can he bring others
 * that call for nobody: he knows the salt of no record, so that trying the last of them is enough.
 */
export function openOpenings(
  crypto: Crypto,
  hpke: HpkeKeyPair,
  site: SiteId,
  batch: Batch,
  sealed: Uint8Array,
): OpenedOpenings | OpeningsFault {
  const plain = openSealed(hpke, hpkeInfo("openings", site), sealed)
  if (plain === null) return "openings do not open"
  const { first, records } = batch
  const marked: Opening[] = []
  let next = first
  let last_from = 0
  const count = skimOpenings(plain, (sequence, from, to) => {
    if (sequence === next) next++
    const opening = markedBetween(plain, from, to)
    if (opening !== null) marked.push(opening)
    last_from = from
  })
  if (count === null) return "openings do not open"
  const isEach = next === headAfter(batch).next && count === next - first
  if (!isEach) return "openings are not those of the batch"
  const last = openingBetween(plain, last_from, plain.length)
  const committed = records.subarray(records.length - COMMITMENT_SIZE)
  const opens = equalBytes(committed, commitment(crypto, last.salt, last.detail))
  return opens ? { plain, marked } : "openings are not those of the batch"
}
