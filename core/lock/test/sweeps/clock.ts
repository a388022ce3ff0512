/**
 * All small cases of the clock, for the mutants of clock.ts (`npm run mutate`): 1 where a beacon is believed, and the time
 * that follows from it in both directions, for an early time lengthens leases and a late one begins grants.
 */
import { unixMillis, uptime } from "@holdfast/base"
import {
  asking,
  BEACON_MS_MAX,
  type Clock,
  decodeFloor,
  encodeFloor,
  passedBy,
  STEP_MS_MAX,
  takeBeacon,
  unknownClock,
  wallAt,
} from "../../src/clock.ts"

const T = 1_795_420_800_000
/** Beyond any time: what is not known admits least. */
const UNKNOWN = -1e15
const around = (edge: number): readonly number[] => [edge - 1, edge, edge + 1]
const nonce = (number: number): Uint8Array => new Uint8Array(16).fill(number)

/** What the lock believes at some later time, and what it would have stored. */
function* believes(clock: Clock, from_ms: number): Iterable<() => number> {
  for (const ran of [0, 1, 9_999, 10_000, 10_001, 1_000_000_000]) {
    const now = uptime(from_ms + ran)
    yield () => -Number(passedBy(clock, now))
    yield () => wallAt(clock, now) ?? UNKNOWN
    yield () => -(wallAt(clock, now) ?? -UNKNOWN)
    yield () => -(decodeFloor(encodeFloor(clock, now)) ?? -UNKNOWN)
  }
}

function* beacon(clock: Clock, now_ms: number, told: Uint8Array, time_ms: number): Iterable<() => number> {
  const taken = () => takeBeacon(clock, uptime(now_ms), told, unixMillis(time_ms))
  yield () => (taken().ok ? 1 : 0)
  yield () => {
    const set = taken()
    return set.ok ? -Number(set.clock.floor) : -Infinity
  }
  yield () => {
    const set = taken()
    return set.ok ? (set.clock.start_ms ?? UNKNOWN) : -Infinity
  }
  yield () => {
    const set = taken()
    return set.ok ? -(set.clock.start_ms ?? UNKNOWN) : -Infinity
  }
  yield () => {
    const set = taken()
    return set.ok && set.clock.asked !== null ? 1 : 0
  }
}

export function* admits(): Iterable<() => number> {
  const unknown = unknownClock(unixMillis(T), uptime(1_000))
  const known = [-1_000_000, 0, 1_000_000].map((off_ms) => ({ ...unknown, start_ms: T - 1_000 + off_ms }))
  for (const clock of [unknown, ...known]) {
    yield* believes(clock, 1_000)
    yield* beacon(clock, 1_000, nonce(3), T)
    for (const after of [0, ...around(BEACON_MS_MAX), 50_000]) {
      const now = 1_000 + after
      const believed = wallAt(clock, uptime(now)) ?? passedBy(clock, uptime(now))
      const asked = asking(clock, uptime(1_000), nonce(3))
      for (const step of [0, ...around(STEP_MS_MAX), ...around(-STEP_MS_MAX), 1e9, -1e9])
        for (const told of [nonce(3), nonce(4), nonce(3).slice(0, 15)]) yield* beacon(asked, now, told, believed + step)
    }
  }
  const stored = encodeFloor(unknown, uptime(1_000))
  for (let size = 0; size < stored.length; size++) yield () => (decodeFloor(stored.subarray(0, size)) === null ? 0 : 1)
}
