/**
 * A journal record as it lies in a lock's storage, read by somebody who only knows the format: record 64 | salt 16 | length |
 * detail | sum 8.
 */
import { byteAt } from "@holdfast/base"
import { type Detail, decodeDetail, decodeRecord, type JournalRecord } from "@holdfast/lock"

export type Line = {
  readonly record: JournalRecord
  /** The 64 bytes that go into the event log. */
  readonly bytes: Uint8Array
  readonly detail: Detail
}

const RECORD_SIZE = 64
const DETAIL_AT = 82

/** Null for bytes that are no whole line. */
export function readLine(bytes: Uint8Array): Line | null {
  if (bytes.length < DETAIL_AT) return null
  const decoded = decodeRecord(bytes.slice(0, RECORD_SIZE))
  const length = byteAt(bytes, DETAIL_AT - 2) * 256 + byteAt(bytes, DETAIL_AT - 1)
  const detail = decodeDetail(bytes.slice(DETAIL_AT, DETAIL_AT + length))
  if (!decoded.ok || detail === null) return null
  return { record: decoded.record, bytes: bytes.slice(0, RECORD_SIZE), detail }
}
