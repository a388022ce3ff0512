/**
 * Who and what stands behind journal records: details that the keeper opens after writing the look down. A detail is shown
 * only if it opens the commitment in the record itself.
 */
import { type DoorId, equalBytes, parseId } from "@holdfast/base"
import { fromHex } from "@holdfast/base/text"
import type { JournalRecord } from "@holdfast/contract"
import { commitment, type Detail, decodeDetail } from "@holdfast/lock"
import { webCrypto } from "@holdfast/port-web"
import type { OpeningFound, RecordRange } from "./look.ts"
import { Store } from "./store.ts"

export type Opened =
  | { readonly is: "open"; readonly detail: Detail }
  | { readonly is: "sealed" }
  | { readonly is: "false" }
export type AskRecords = (ranges: readonly RecordRange[]) => Promise<readonly OpeningFound[] | null>

const RANGES_MAX = 64
const GAP_MAX = 4

export function recordName(record: { readonly door: string; readonly sequence: number }): string {
  return `${record.door}:${record.sequence}`
}

/** The fewest ranges that cover these records without asking for much else. */
export function rangesOf(records: readonly { readonly door: string; readonly sequence: number }[]): RecordRange[] {
  const ranges: { door: DoorId; first: number; last: number }[] = []
  const sorted = [...records].sort((a, b) => (a.door === b.door ? a.sequence - b.sequence : a.door < b.door ? -1 : 1))
  for (const { door, sequence } of sorted) {
    const id = parseId<"DoorId">(door)
    const last = ranges.at(-1)
    if (id === null) continue
    if (last?.door === id && sequence - last.last <= GAP_MAX) last.last = Math.max(last.last, sequence)
    else ranges.push({ door: id, first: sequence, last: sequence })
  }
  return ranges
}

export class Openings {
  readonly store = new Store<ReadonlyMap<string, Opened>>(new Map())
  readonly #ask: AskRecords
  readonly #waiting = new Map<string, JournalRecord>()
  #asking = false

  constructor(ask: AskRecords) {
    this.#ask = ask
  }

  need(records: Iterable<JournalRecord>): void {
    for (const record of records) {
      const name = recordName(record)
      if (!this.store.value.has(name)) this.#waiting.set(name, record)
    }
    if (this.#waiting.size > 0 && !this.#asking) void this.#work()
  }

  async #work(): Promise<void> {
    this.#asking = true
    await new Promise((resolve) => setTimeout(resolve, 0))
    while (this.#waiting.size > 0) {
      const records = [...this.#waiting.values()]
      this.#waiting.clear()
      const ranges = rangesOf(records)
      for (let at = 0; at < ranges.length; at += RANGES_MAX) {
        const found = await this.#ask(ranges.slice(at, at + RANGES_MAX))
        if (found !== null) this.#take(records, found)
      }
    }
    this.#asking = false
  }

  #take(records: readonly JournalRecord[], found: readonly OpeningFound[]): void {
    const byName = new Map(found.map((each) => [recordName(each), each]))
    this.store.change((known) => {
      const next = new Map(known)
      for (const record of records) {
        const opening = byName.get(recordName(record))
        if (opening !== undefined) next.set(recordName(record), opened(record, opening))
      }
      return next
    })
  }
}

function opened(record: JournalRecord, { salt, detail }: OpeningFound): Opened {
  const committed = fromHex(record.commitment)
  if (committed === null || !equalBytes(committed, commitment(webCrypto, salt, detail))) return { is: "false" }
  const decoded = decodeDetail(detail)
  return decoded === null ? { is: "sealed" } : { is: "open", detail: decoded }
}
