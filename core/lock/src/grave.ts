/**
 * Which records of a journal say that somebody is attacking a door: what other doors may be narrowed for (C82).
 *
 * Only what everybody can read in a record counts, never what its opening says: whoever enters under duress narrows nothing,
 * or the doors around him would tell (I-17).
 */
import { assert, byteAt, type UnixMillis } from "@holdfast/base"
import { decodeRecord, FLAG_URGENT, RECORD_KINDS, RECORD_SIZE } from "./record.ts"
import { resultNumber } from "./result.ts"

export type Grave = {
  readonly sequence: number
  /** The number of what was found. */
  readonly result: number
  /** Null where the lock did not know the time. */
  readonly wall_ms: UnixMillis | null
}

const FORCED = RECORD_KINDS["door forced"]
const ALARM = resultNumber("alarm")

/** The grave ones among the records of a batch that holds by itself; hardly ever any, so most bytes are only looked at. */
export function graveIn(records: Uint8Array): readonly Grave[] {
  const grave: Grave[] = []
  for (let at = 0; at < records.length; at += RECORD_SIZE) {
    const result = byteAt(records, at + 13)
    const isUrgent = (byteAt(records, at + 15) & FLAG_URGENT) !== 0
    if (!isUrgent && (byteAt(records, at + 12) !== FORCED || result !== ALARM)) continue
    const decoded = decodeRecord(records.subarray(at, at + RECORD_SIZE))
    assert(decoded.ok, "a batch that holds has records that do")
    const { sequence, wall_ms } = decoded.record
    grave.push({ sequence, result, wall_ms })
  }
  return grave
}
