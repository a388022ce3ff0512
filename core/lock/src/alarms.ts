/**
 * The silent alarms that no keeper has confirmed yet: who entered a duress code, and which record says so.
 *
 * Nothing about them may be seen at the door or on the line (I-17, attacks 41, 43, 44). So the part is stored whenever a code
 * was judged, duress or not, always at one size; every beat carries it sealed, always at one size; and what a record says
 * of it stands in the sealed opening, in a field that is there for every code. An alarm has a place of its own, which no
 * flood and no full journal takes: it ends when the record that bears its mark is in a keeper's log. While that record was
 * only counted, the alarm waits for the record of the count.
 */
import { assert, byteAt, concat, type CredentialId, idBytes, idOf } from "@holdfast/base"
import { readU64, writeU64 } from "./record.ts"

export const ALARMS_MAX = 8
const ROW = 24
const HEAD = 8
export const ALARMS_SIZE = HEAD + ALARMS_MAX * ROW
/** What a beat carries, before it is sealed. */
export const ALARM_NOTICE_SIZE = 32

type Alarm = {
  readonly credential: CredentialId
  /** The record whose opening bears the mark; 0 while there is none. */
  readonly sequence: number
}
export type Alarms = {
  /** Oldest first; when all places are taken the newest replaces the last, and is counted. */
  readonly pending: readonly Alarm[]
  /** Duress entries since the keeper last confirmed all of them. */
  readonly count: number
}

const NO_ALARM: Alarm = { credential: idOf<"CredentialId">(new Uint8Array(16)), sequence: 0 }
export const NO_ALARMS: Alarms = { pending: [], count: 0 }

/** The alarms after a code was judged, with one more where somebody was forced to enter it. Both are worked out (I-17). */
export function raised(alarms: Alarms, forced: CredentialId | null, sequence: number): Alarms {
  const credential = forced ?? NO_ALARM.credential
  const pending = [...alarms.pending.slice(0, ALARMS_MAX - 1), { credential, sequence }]
  const more = { pending, count: Math.min(alarms.count + 1, 0xffff) }
  return forced === null ? alarms : more
}

/** Whether an alarm still has no record. */
export function isUnrecorded({ pending }: Alarms): boolean {
  return pending.some(({ sequence }) => sequence === 0)
}

/** A record of what was only counted bears the mark of every alarm that had none. */
export function recorded({ pending, count }: Alarms, sequence: number): Alarms {
  return { count, pending: pending.map((each) => (each.sequence === 0 ? { ...each, sequence } : each)) }
}

/** Records before `next` are in the keeper's log, opened. */
export function confirmed(alarms: Alarms, next: number): Alarms {
  const pending = alarms.pending.filter(({ sequence }) => sequence === 0 || sequence >= next)
  return pending.length === 0 ? NO_ALARMS : { ...alarms, pending }
}

/** Always {@link ALARMS_SIZE} bytes: | count u16 | zero 6 | (credential 16 | sequence u64) x 8 |, all zero where there is none. */
export function encodeAlarms({ pending, count }: Alarms): Uint8Array {
  assert(pending.length <= ALARMS_MAX, "alarms stay within their places")
  const rows = Array.from({ length: ALARMS_MAX }, (_, at) => {
    const { credential, sequence } = pending[at] ?? NO_ALARM // Spelled out like one: the same work.
    return concat(idBytes(credential), u64(sequence))
  })
  const head = Uint8Array.of(count >> 8, count & 0xff, 0, 0, 0, 0, 0, 0)
  const bytes = concat(head, ...rows)
  assert(bytes.length === ALARMS_SIZE, "with and without an alarm the part has one size")
  return bytes
}

export function decodeAlarms(bytes: Uint8Array): Alarms | null {
  if (bytes.length !== ALARMS_SIZE) return null
  const count = byteAt(bytes, 0) * 0x100 + byteAt(bytes, 1)
  const pending: Alarm[] = []
  for (let at = HEAD; at < bytes.length; at += ROW) {
    const row = bytes.subarray(at, at + ROW)
    if (row.every((byte) => byte === 0)) continue
    const sequence = readU64(new DataView(row.buffer, row.byteOffset), 16)
    if (sequence === null) return null
    pending.push({ credential: idOf<"CredentialId">(row.slice(0, 16)), sequence })
  }
  return pending.length <= count ? { pending, count } : null
}

/** What every beat tells the keeper alone: how many, the newest one's credential, and the record of the oldest. */
export function alarmNotice({ pending, count }: Alarms): Uint8Array {
  const [oldest] = pending
  const newest = pending.at(-1)
  const notice = concat(
    Uint8Array.of(count >> 8, count & 0xff, 0, 0, 0, 0, 0, 0),
    newest === undefined ? new Uint8Array(16) : idBytes(newest.credential),
    u64(oldest === undefined ? 0 : oldest.sequence),
  )
  assert(notice.length === ALARM_NOTICE_SIZE, "with and without an alarm the notice has one size")
  return notice
}

/** What a beat told; null for other bytes. `credential` is null and all else 0 where nobody called for help. */
export function decodeAlarmNotice(
  bytes: Uint8Array,
): { readonly count: number; readonly credential: CredentialId | null; readonly oldest: number } | null {
  if (bytes.length !== ALARM_NOTICE_SIZE) return null
  const count = byteAt(bytes, 0) * 0x100 + byteAt(bytes, 1)
  const oldest = readU64(new DataView(bytes.buffer, bytes.byteOffset), 24)
  if (oldest === null) return null
  return { count, credential: count === 0 ? null : idOf<"CredentialId">(bytes.slice(8, 24)), oldest }
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  writeU64(new DataView(bytes.buffer), 0, value)
  return bytes
}
