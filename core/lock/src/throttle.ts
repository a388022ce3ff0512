/**
 * How often a code may be guessed: three free tries, then a wait that doubles from 30 s up to an hour, and at most 40 failures
 * in any 24 hours (trust.md, section 12).
 *
 * A try is counted *before* the code is looked at, and the count is stored before the outcome is known, so pulling the power
 * wins nothing. Time is the lock's own running time, added up over boots: it never runs faster than the world's, whatever
 * happens to the wall clock, and a wait begins anew at each boot. Each subject has its own count: the keypad alone, and each
 * card whose PIN is being tried, so that a storm at the keypad never stands in the way of a card.
 */
import { assert, type Cbor, decodeCbor, encodeCbor, readArray, readText, readUint } from "@holdfast/base"

export const FREE_TRIES = 3
export const WAIT_MS_FIRST = 30_000
export const WAIT_MS_MAX = 3_600_000
export const FAILURES_A_DAY_MAX = 40
export const ALARM_AT = 5
export const DAY_MS = 86_400_000
/** Subjects with a count of their own; cards beyond them share one. */
export const SUBJECTS_MAX = 16
export const KEYPAD = "keypad"
const OTHERS = "others"

/** Milliseconds that the lock has run since it was made, as far as it stored them: at most what really passed. */
export type RunningMs = number

type Count = {
  /** Failures since the last success. */
  readonly failures: number
  readonly waitUntil: RunningMs
  /** When the failures of the last 24 hours happened, oldest first; at most 40. */
  readonly recent: readonly RunningMs[]
}

export type Throttle = {
  /** Running time at the start of this boot. */
  readonly base: RunningMs
  readonly counts: ReadonlyMap<string, Count>
}

const FRESH: Count = { failures: 0, waitUntil: 0, recent: [] }
export const NO_TRIES: Throttle = { base: 0, counts: new Map() }

function subjectOf(throttle: Throttle, wanted: string): string {
  if (wanted === KEYPAD || throttle.counts.has(wanted)) return wanted
  return throttle.counts.size < SUBJECTS_MAX - 2 ? wanted : OTHERS
}

/** How long after the `failures`-th failure in a row the next try has to wait. */
export function waitAfter(failures: number): number {
  if (failures < FREE_TRIES) return 0
  return Math.min(WAIT_MS_FIRST * 2 ** (failures - FREE_TRIES), WAIT_MS_MAX)
}

/** Milliseconds from `uptime_ms` until a try by this subject is looked at; 0 when it may try now. */
export function waitOf(throttle: Throttle, wanted: string, uptime_ms: number): number {
  const now = throttle.base + uptime_ms
  const count = throttle.counts.get(subjectOf(throttle, wanted)) ?? FRESH
  const oldest = count.recent.length < FAILURES_A_DAY_MAX ? undefined : count.recent[0]
  const dayWait = oldest === undefined ? 0 : Math.max(0, oldest + DAY_MS - now)
  return Math.max(0, count.waitUntil - now, dayWait)
}

/** Counts a try as a failure before it is looked at. The subject may try now. */
export function countTry(throttle: Throttle, wanted: string, uptime_ms: number): Throttle {
  assert(waitOf(throttle, wanted, uptime_ms) === 0, "only a try that may be made is counted")
  const now = throttle.base + uptime_ms
  const subject = subjectOf(throttle, wanted)
  const count = throttle.counts.get(subject) ?? FRESH
  const failures = count.failures + 1
  const recent = [...count.recent.filter((at) => at > now - DAY_MS), now]
  assert(recent.length <= FAILURES_A_DAY_MAX, "no day has more failures than its bound")
  const counts = new Map(throttle.counts)
  counts.set(subject, { failures, waitUntil: now + waitAfter(failures), recent })
  return { ...throttle, counts }
}

/** The try just counted was a success: it was no failure, and the row of failures ends. The day's other failures stay. */
export function succeeded(throttle: Throttle, wanted: string): Throttle {
  const subject = subjectOf(throttle, wanted)
  const count = throttle.counts.get(subject)
  if (count === undefined) return throttle
  const counts = new Map(throttle.counts)
  const recent = count.recent.slice(0, -1)
  if (recent.length === 0) counts.delete(subject)
  else counts.set(subject, { failures: 0, waitUntil: 0, recent })
  return { ...throttle, counts }
}

/** Whether the failure just counted is one at which somebody should look. */
export function isAlarm(throttle: Throttle, wanted: string): boolean {
  return throttle.counts.get(subjectOf(throttle, wanted))?.failures === ALARM_AT
}

export function encodeThrottle(throttle: Throttle, uptime_ms: number): Uint8Array {
  const counts = [...throttle.counts].map(([subject, { failures, recent }]) => [subject, failures, recent])
  return encodeCbor([throttle.base + uptime_ms, counts])
}

/** The counts as they go on after a boot: every wait that was running begins anew. Null for malformed bytes. */
export function decodeThrottle(bytes: Uint8Array): Throttle | null {
  const decoded = decodeCbor(bytes)
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 2) return null
  const [baseField, countsField] = decoded.value as readonly Cbor[]
  const base = readUint(baseField)
  const counts = base === null ? null : readArray(countsField, SUBJECTS_MAX, (item) => readCount(item, base))
  return base === null || counts === null ? null : { base, counts: new Map(counts) }
}

function readCount(item: Cbor, base: RunningMs): readonly [string, Count] | null {
  if (!Array.isArray(item) || item.length !== 3) return null
  const [subjectField, failuresField, recentField] = item as readonly Cbor[]
  const subject = readText(subjectField, 32)
  const failures = readUint(failuresField)
  const recent = readArray(recentField, FAILURES_A_DAY_MAX, (at) => readUint(at, base))
  if (subject === null || failures === null || recent === null) return null
  return [subject, { failures, waitUntil: base + waitAfter(failures), recent }]
}

/** What damaged storage is read as: the counts are lost, so the lock waits as if the row had been long. */
export function mistrusted(): Throttle {
  const failures = 11
  return { base: 0, counts: new Map([[KEYPAD, { failures, waitUntil: waitAfter(failures), recent: [] }]]) }
}
