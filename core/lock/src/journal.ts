/**
 * The records that are not yet safe in the event log, oldest first, at most `records_max` of them.
 *
 *   released | segment | segment | ... | tail
 *            ^ head              next record ^
 *
 * They are kept as bytes, in segments of at most 512, so that a segment is a batch. One batch at a time is signed, sent and
 * waited for; its receipt moves the head and frees its room. When all room is taken the oldest are kept and what comes is
 * counted; the count becomes a record of its own as soon as there is room, so that a gap is a record and never a silence.
 * The last of the room is for alarms alone: no flood of ordinary events keeps a tampered door or a person in need out.
 */
import { assert, byteAt, concat, EMPTY } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes, readUint } from "@holdfast/base/cbor"
import { BATCH_RECORDS_MAX, type ChainHead } from "./batch.ts"
import type { Opening } from "./openings.ts"
import { RECORD_SIZE, SALT_SIZE } from "./record.ts"
import type { Line } from "./stored.ts"

export type Segment = {
  readonly first: number
  /** 64 bytes a record. */
  readonly records: Uint8Array
  /** For each record: salt 16, length u16, detail. */
  readonly openings: Uint8Array
}

export type Journal = {
  /** The sequence of the next record. */
  readonly next: number
  /** Where the chain stands after the last record whose receipt came. */
  readonly head: ChainHead
  readonly segments: readonly Segment[]
  readonly tail: Segment
  /** Events that found no room since the last gap record. */
  readonly lost: number
  readonly records_max: number
  readonly bytes_max: number
}

/** Room that is kept for the gap record itself. */
const GAP_ROOM = 1
/** One record in so many is kept for alarms; R38 asks for 1,000 where there are 10,000. */
const ALARM_SHARE = 16
const ALARM_ROOM_MAX = 1_000
/** What a record takes in storage beside its salt, its detail and their length, at most. */
const RECORD_BYTES_MAX = 18

function emptySegment(first: number): Segment {
  return { first, records: EMPTY, openings: EMPTY }
}

export function recordCount(segment: Segment): number {
  return segment.records.length / RECORD_SIZE
}

export function emptyJournal(
  head: ChainHead,
  records_max: number,
  bytes_max: number = Number.MAX_SAFE_INTEGER,
): Journal {
  assert(records_max >= 2, "there is room for a record and a gap")
  return { next: head.next, head, segments: [], tail: emptySegment(head.next), lost: 0, records_max, bytes_max }
}

/** A journal that begins with records that were signed before the power went; what opens them was sealed then. */
export function withSegment(journal: Journal, records: Uint8Array): Journal {
  assert(journal.segments.length === 0 && journal.next === journal.head.next, "the journal is still empty")
  const segment = { first: journal.next, records, openings: EMPTY }
  const next = journal.next + recordCount(segment)
  return { ...journal, next, segments: [segment], tail: emptySegment(next) }
}

/** How many records wait for a receipt. */
export function waitingCount(journal: Journal): number {
  return journal.next - journal.head.next
}

/** How much storage the waiting records take at most. What opens a batch that was signed before a boot is not counted. */
export function waitingBytes({ segments, tail }: Journal): number {
  let bytes = 0
  for (const each of [...segments, tail]) bytes += each.openings.length + recordCount(each) * RECORD_BYTES_MAX
  return bytes
}

/** Whether there is room for `records` more and for the gap record, in the part that is for alarms too if this is one. */
function isRoomFor(journal: Journal, records: number, isAlarm: boolean): boolean {
  const { records_max, bytes_max } = journal
  const kept = isAlarm ? 0 : Math.min(ALARM_ROOM_MAX, Math.floor(records_max / ALARM_SHARE))
  const share = (records_max - kept - GAP_ROOM) / records_max
  return waitingCount(journal) + records <= records_max - kept - GAP_ROOM && waitingBytes(journal) <= bytes_max * share
}

/** Whether an event still gets a record. Once something was lost, nothing gets one before the gap record did. */
export function hasRoom(journal: Journal, isAlarm: boolean): boolean {
  return journal.lost === 0 && isRoomFor(journal, 1, isAlarm)
}

/** Whether a gap record is due and fits; before an alarm it has to leave room for that. */
export function gapIsDue(journal: Journal, isAlarm: boolean): boolean {
  return journal.lost > 0 && isRoomFor(journal, isAlarm ? 2 : 1, isAlarm)
}

/** An event that found no room. */
export function lose(journal: Journal, count: number = 1): Journal {
  return { ...journal, lost: journal.lost + count }
}

/** Appends the record that bears the next sequence. A gap record settles what was lost before it. */
export function append(journal: Journal, line: Line, settlesGap: boolean): Journal {
  assert(waitingCount(journal) < journal.records_max, "the journal stays within its bound")
  assert(settlesGap || journal.lost === 0, "nothing is recorded past a gap that is not")
  const full = recordCount(journal.tail) === BATCH_RECORDS_MAX
  const segments = full ? [...journal.segments, journal.tail] : journal.segments
  const { first, records, openings } = full ? emptySegment(journal.next) : journal.tail
  const length = Uint8Array.of(line.detail.length >> 8, line.detail.length & 0xff)
  const tail = {
    first,
    records: concat(records, line.record),
    openings: concat(openings, line.salt, length, line.detail),
  }
  return { ...journal, next: journal.next + 1, segments, tail, lost: settlesGap ? 0 : journal.lost }
}

/** Closes the tail when nothing older waits, so that a batch can be made; the batch is then the oldest segment. */
export function cutSegment(journal: Journal): Journal {
  if (journal.segments.length > 0 || journal.tail.records.length === 0) return journal
  return { ...journal, segments: [journal.tail], tail: emptySegment(journal.next) }
}

/** The oldest segment has its receipt: the head moves past it. */
export function releaseSegment(journal: Journal, head: ChainHead): Journal {
  const [oldest, ...segments] = journal.segments
  assert(oldest !== undefined && oldest.first + recordCount(oldest) === head.next, "the receipt is the oldest batch's")
  return { ...journal, head, segments }
}

/** The openings of a segment, in order. */
export function openingsOf(segment: Segment): Opening[] {
  const openings: Opening[] = []
  for (let at = 0; at < segment.openings.length; ) {
    const length = (byteAt(segment.openings, at + SALT_SIZE) << 8) | byteAt(segment.openings, at + SALT_SIZE + 1)
    const detailAt = at + SALT_SIZE + 2
    openings.push({
      sequence: segment.first + openings.length,
      salt: segment.openings.slice(at, at + SALT_SIZE),
      detail: segment.openings.slice(detailAt, detailAt + length),
    })
    at = detailAt + length
  }
  assert(openings.length === recordCount(segment), "every record has its opening")
  return openings
}

/** What is stored beside the records: the head, and how much was lost since the last gap record. */
export function encodeHead(journal: Journal): Uint8Array {
  return encodeCbor([journal.head.next, journal.head.chain, journal.lost])
}

export function decodeHead(bytes: Uint8Array): { readonly head: ChainHead; readonly lost: number } | null {
  const decoded = decodeCbor(bytes)
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 3) return null
  const [nextField, chainField, lostField] = decoded.value as readonly Cbor[]
  const next = readUint(nextField)
  const chain = readBytes(chainField, 32)
  const lost = readUint(lostField)
  return next === null || next === 0 || chain === null || lost === null ? null : { head: { next, chain }, lost }
}
