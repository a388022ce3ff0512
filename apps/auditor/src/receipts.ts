/**
 * Receipts that somebody holds, against the log that gave them: the entry that a receipt names is kept while the log is read, and
 * then the proof is checked with the log's own key.
 *
 * A receipt of another log is passed over here and held against that one. What an entry means is the judges' of core/audit.
 */
import type { Judge } from "@holdfast/audit"
import { assert } from "@holdfast/base"
import { parseReceipt, verifierOf, verifyReceipt } from "@holdfast/ledger"
import { nodeCrypto } from "@holdfast/port-node"
import { originIn } from "./keys.ts"

/** A receipt as it was handed over, and how messages call it. */
export type GivenReceipt = { readonly name: string; readonly bytes: Uint8Array }

/** Keeps the entries that receipts ask for while another judge reads on. */
export class Keeping implements Judge {
  readonly kept = new Map<number, Uint8Array>()
  readonly #judge: Judge
  readonly #wanted: ReadonlySet<number>
  #index = 0

  constructor(judge: Judge, wanted: ReadonlySet<number>) {
    this.#judge = judge
    this.#wanted = wanted
  }

  take(entry: Uint8Array): string | null {
    if (this.#wanted.has(this.#index)) this.kept.set(this.#index, entry)
    this.#index += 1
    return this.#judge.take(entry)
  }

  finish(): string | null {
    return this.#judge.finish()
  }
}

/** The entries of the log with this checkpoint that receipts name. */
export function wantedOf(note: Uint8Array | null, receipts: readonly GivenReceipt[]): ReadonlySet<number> {
  const origin = originIn(note)
  const wanted = new Set<number>()
  for (const { bytes } of receipts) {
    const parsed = parseReceipt(bytes)
    if (parsed.ok && originIn(parsed.receipt.checkpoint) === origin) wanted.add(parsed.receipt.index)
  }
  return wanted
}

export type Held = {
  /** A line for each receipt of this log that is proven. */
  readonly proven: readonly string[]
  /** The first that is not, or null. */
  readonly wrong: string | null
}

/** Holds receipts against the log called `name`, which `key` signed and whose entries were kept. */
export function holdReceipts(
  name: string,
  origin: string,
  key: Uint8Array | null,
  receipts: readonly GivenReceipt[],
  kept: ReadonlyMap<number, Uint8Array>,
): Held {
  assert(key !== null, "a log that was opened has a key that reads")
  const verifier = verifierOf(origin, key, nodeCrypto)
  const proven: string[] = []
  for (const { name: called, bytes } of receipts) {
    const parsed = parseReceipt(bytes)
    if (!parsed.ok) return { proven, wrong: `${called}: ${parsed.fault}` }
    const { receipt } = parsed
    if (originIn(receipt.checkpoint) !== origin) continue
    const entry = kept.get(receipt.index)
    if (entry === undefined) return { proven, wrong: `${called}: its entry ${receipt.index} is not in ${name}` }
    const verified = verifyReceipt(receipt, entry, origin, verifier, nodeCrypto)
    if (!verified.ok) return { proven, wrong: `${called}: ${verified.fault}` }
    proven.push(`${called}: entry ${receipt.index} of ${name} is proven`)
  }
  return { proven, wrong: null }
}
