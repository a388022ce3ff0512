/**
 * How often a code may be guessed: three free tries, then a wait that doubles from 30 s up to an hour, and at most 40 failures
 * in any 24 hours (R24). Fingers have five free tries, ten where the matcher knows a live one (R27).
 *
 * A try is counted *before* the code is looked at, and the count is stored before the outcome is known, so pulling the power
 * wins nothing. Time is the lock's own running time, added up over boots: it never runs faster than the world's, whatever
 * happens to the wall clock, and a wait begins anew at each boot. Each subject has its own count: the keypad alone, and each
 * card whose PIN is being tried, so that a storm at the keypad never stands in the way of a card. An entry with decoys around
 * the code is as many guesses as there are places where a code could stand in it. A credential with 50 failures in a row is
 * blocked (R25); the keypad, which is nobody's, only ever waits.
 */
import { assert } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readText, readUint } from "@holdfast/base/cbor"

export const FREE_TRIES = 3
export const WAIT_MS_FIRST = 30_000
export const WAIT_MS_MAX = 3_600_000
export const FAILURES_A_DAY_MAX = 40
export const ALARM_AT = 5
export const DAY_MS = 86_400_000
/** Subjects with a count of their own; cards beyond them share one. */
export const SUBJECTS_MAX = 16
export const KEYPAD = "keypad"
/** The matcher, which knows nobody before it has found him; with and without a sign of life. */
export const FINGER = "finger"
export const LIVE_FINGER = "live finger"
const OTHERS = "others"
/** A card's id; every subject is written as long, so that the length does not tell whether a card proved itself (attack 36). */
const SUBJECT_SIZE = 32
/** A blocked subject waits so long. */
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER
/** R19: what a credential's PIN waits from the fifth failure in a row on, doubling. */
const WAIT_MS_OF_CREDENTIAL = 900_000

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

function freeTries(subject: string): number {
  if (subject === FINGER) return 5
  return subject === LIVE_FINGER ? 10 : FREE_TRIES
}

/** R25, R27: how many failures in a row end all tries, until the credential is another or the count is taken back. */
function failuresMax(subject: string): number {
  if (subject === KEYPAD || subject === OTHERS) return Number.POSITIVE_INFINITY
  return subject === LIVE_FINGER ? 100 : 50
}

/** How long after the `failures`-th failure in a row the next try by this subject has to wait. */
export function waitAfter(failures: number, subject: string = KEYPAD): number {
  const past = failures - freeTries(subject)
  if (past < 0) return 0
  const isCredential = failuresMax(subject) === 50 && subject !== FINGER
  const isLong = isCredential && failures >= 5
  return Math.min(isLong ? WAIT_MS_OF_CREDENTIAL * 2 ** (failures - 5) : WAIT_MS_FIRST * 2 ** past, WAIT_MS_MAX)
}

/** Milliseconds from `uptime_ms` until a try by this subject is looked at; 0 when it may try now. */
export function waitOf(throttle: Throttle, wanted: string, uptime_ms: number, guesses: number = 1): number {
  assert(guesses >= 1 && guesses <= FAILURES_A_DAY_MAX, "a try is at least one guess and at most a day's")
  const now = throttle.base + uptime_ms
  const subject = subjectOf(throttle, wanted)
  const count = throttle.counts.get(subject) ?? FRESH
  if (count.failures >= failuresMax(subject)) return FOR_EVER_MS
  // The failure that must be a day old before these guesses fit.
  const oldest = count.recent[count.recent.length + guesses - FAILURES_A_DAY_MAX - 1]
  const dayEnd = oldest === undefined ? now : oldest + DAY_MS
  return Math.max(now, count.waitUntil, dayEnd) - now
}

/** Counts a try as a failure before it is looked at. One that comes too soon costs the same, and the throttle stays the same. */
export function countTry(throttle: Throttle, wanted: string, uptime_ms: number, guesses: number = 1): Throttle {
  const isTooSoon = waitOf(throttle, wanted, uptime_ms, guesses) > 0
  const now = throttle.base + uptime_ms
  const subject = subjectOf(throttle, wanted)
  const count = throttle.counts.get(subject) ?? FRESH
  const failures = count.failures + 1
  const recent = [...count.recent.filter((at) => at > now - DAY_MS), ...Array.from({ length: guesses }, () => now)]
  assert(isTooSoon || recent.length <= FAILURES_A_DAY_MAX, "no day has more failures than its bound")
  const counts = new Map(throttle.counts)
  counts.set(subject, { failures, waitUntil: now + waitAfter(failures, subject), recent })
  return isTooSoon ? throttle : { ...throttle, counts }
}

/** The try just counted was a success: it was no failure, and the row of failures ends. The day's other failures stay. */
export function succeeded(throttle: Throttle, wanted: string, guesses: number = 1): Throttle {
  const subject = subjectOf(throttle, wanted)
  const count = throttle.counts.get(subject)
  if (count === undefined) return throttle
  const counts = new Map(throttle.counts)
  const recent = count.recent.slice(0, -guesses)
  if (recent.length === 0) counts.delete(subject)
  else counts.set(subject, { ...FRESH, recent })
  return { ...throttle, counts }
}

/** Whether the failure just counted is one at which somebody should look. */
export function isAlarm(throttle: Throttle, wanted: string): boolean {
  return throttle.counts.get(subjectOf(throttle, wanted))?.failures === ALARM_AT
}

export function encodeThrottle(throttle: Throttle, uptime_ms: number): Uint8Array {
  const counts = [...throttle.counts].map(([subject, { failures, recent }]) => {
    return [subject.padEnd(SUBJECT_SIZE), failures, recent]
  })
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
  const subject = readText(subjectField, SUBJECT_SIZE)?.trimEnd() ?? null
  const failures = readUint(failuresField)
  const recent = readArray(recentField, FAILURES_A_DAY_MAX, (at) => readUint(at, base))
  if (subject === null || failures === null || recent === null) return null
  return [subject, { failures, waitUntil: base + waitAfter(failures, subject), recent }]
}

/** Whoever answers for the door takes a subject's count back: it begins anew. */
export function forgiven(throttle: Throttle, wanted: string): Throttle {
  const counts = new Map(throttle.counts)
  counts.delete(wanted)
  return { ...throttle, counts }
}

/** What damaged storage is read as: the counts are lost, so the lock waits as if the row had been long. */
export function mistrusted(): Throttle {
  const count = { failures: FAILURES_A_DAY_MAX, waitUntil: WAIT_MS_MAX, recent: [] }
  return { base: 0, counts: new Map([[KEYPAD, count]]) }
}
