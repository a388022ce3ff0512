/** Time and leases by themselves: the floor that only rises, and when a lease is over. */
import type { Lease } from "@holdfast/access/door"
import { idOf, later, unixMillis, unixSeconds, type Uptime, uptime } from "@holdfast/base"
import fc from "fast-check"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import {
  asking,
  type Clock,
  decodeFloor,
  encodeFloor,
  passedBy,
  STEP_MS_MAX,
  takeBeacon,
  unknownClock,
  wallAt,
} from "../src/clock.ts"
import { hasEnded } from "../src/lease.ts"

const T = 1_795_420_800_000
const nonce = new Uint8Array(16).fill(3)

test("what has certainly passed grows with the running time, a little slower, and is what is stored", () => {
  const clock = unknownClock(unixMillis(T), uptime(1_000))
  equal(wallAt(clock, uptime(5_000)), null)
  equal(passedBy(clock, uptime(1_000)), T)
  equal(passedBy(clock, uptime(101_000)), T + 100_000 - 10)
  equal(decodeFloor(encodeFloor(clock, uptime(101_000))), T + 99_990)
})

test("the floor never falls, whatever beacons come (I-21)", () => {
  const step = fc.record({ ms: fc.nat(20_000), drift: fc.integer({ min: -400_000, max: 400_000 }), boot: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let clock: Clock = unknownClock(unixMillis(T), uptime(0))
      let now: Uptime = uptime(0)
      let floor = T
      for (const { ms, drift, boot } of steps) {
        now = later(now, ms)
        if (boot) {
          const stored = decodeFloor(encodeFloor(clock, now))
          ok(stored !== null)
          clock = unknownClock(stored, uptime(0))
          now = uptime(0)
        }
        const taken = takeBeacon(asking(clock, now, nonce), now, nonce, unixMillis(floor + drift))
        if (taken.ok) clock = taken.clock
        const passed = passedBy(clock, now)
        ok(passed >= floor)
        ok((wallAt(clock, now) ?? passed) >= floor)
        floor = passed
      }
    }),
  )
})

test("a known clock is never moved by more than five minutes, an unknown one never far before its floor", () => {
  const clock = unknownClock(unixMillis(T), uptime(0))
  const set = (from: Clock, at_ms: number): Clock | string => {
    const taken = takeBeacon(asking(from, uptime(9), nonce), uptime(9), nonce, unixMillis(at_ms))
    return taken.ok ? taken.clock : taken.fault
  }
  equal(set(clock, T - STEP_MS_MAX - 1), "step too large")
  const known = set(clock, T + 1_000_000_000)
  ok(typeof known !== "string", "an unknown clock may have slept for long")
  equal(set(known, T + 1_000_000_000 + STEP_MS_MAX + 1), "step too large")
  ok(typeof set(known, T + 1_000_000_000 + STEP_MS_MAX) !== "string")
})

test("no truncation of a stored floor reads", () => {
  const bytes = encodeFloor(unknownClock(unixMillis(T), uptime(0)), uptime(0))
  for (let size = 0; size < bytes.length; size++) equal(decodeFloor(bytes.subarray(0, size)), null)
})

const lease: Lease = {
  site: idOf(new Uint8Array(16)),
  door: idOf(new Uint8Array(16)),
  version: { epoch: 1, size: 1 },
  policyHash: new Uint8Array(32),
  notBefore: unixSeconds(T / 1000),
  notAfter: unixSeconds(T / 1000 + 3_600),
}
const known = (at_ms: number): Clock => ({ ...unknownClock(unixMillis(0), uptime(0)), start_ms: at_ms })

// clock | seconds from the lease's beginning | over?
const LEASES = `
  known     0       runs
  known     3599    runs
  known     3600    over
  known     -300    runs
  known     -301    over
  unknown   -99999  runs
  unknown   3599    runs
  unknown   3600    over
`
for (const row of LEASES.trim().split("\n")) {
  const [which = "", seconds = "", state = ""] = row.trim().split(/\s+/)
  test(`${which} time, ${seconds} s into the lease: it ${state === "runs" ? "runs" : "is over"}`, () => {
    const at_ms = T + 1000 * Number(seconds)
    const clock = which === "known" ? known(at_ms) : unknownClock(unixMillis(at_ms), uptime(0))
    equal(hasEnded(lease, clock, uptime(0)), state === "over")
  })
}

test("a lease runs out under an unknown clock too, by the time that the lock ran", () => {
  const clock = unknownClock(unixMillis(T), uptime(0))
  const states = [3_500, 3_600, 3_601].map((s) => hasEnded(lease, clock, uptime(1000 * s)))
  deepEqual(states, [false, false, true])
})

// what the lock knows | ms from asking to the answer | what the beacon tells, ms from what the lock believes | what becomes of it
const BEACONS = `
  known     10000   0         taken
  known     10001   0         too early or too late
  known     0       300000    taken
  known     0       300001    step too large
  known     0       -300000   taken
  known     0       -300001   step too large
  unknown   10000   0         taken
  unknown   10001   0         too early or too late
  unknown   0       -300000   taken
  unknown   0       -300001   step too large
  unknown   0       300001    taken
`
for (const row of BEACONS.trim().split("\n")) {
  const [which = "", after = "", told = "", outcome = ""] = row.trim().split(/ {2,}/)
  test(`${which} time, a beacon after ${after} ms that differs by ${told} ms: ${outcome}`, () => {
    const clock = { ...unknownClock(unixMillis(T), uptime(0)), start_ms: which === "known" ? T : null }
    const now = uptime(Number(after))
    const believed = wallAt(clock, now) ?? passedBy(clock, now)
    const taken = takeBeacon(asking(clock, uptime(0), nonce), now, nonce, unixMillis(believed + Number(told)))
    equal(taken.ok ? "taken" : taken.fault, outcome)
  })
}

test("the oscillator may be fast by one part in ten thousand, over a day too", () => {
  equal(passedBy(unknownClock(unixMillis(T), uptime(0)), uptime(1_000_000_000)), T + 1_000_000_000 - 100_000)
})
