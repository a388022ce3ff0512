/** How often a code may be guessed: the waits, the day's bound in every window, power cuts, and cards beside a storm. */
import { GUESSES_A_DAY_MAX, ISSUED_DIGITS, pinsAlone_max } from "@holdfast/access/factors"
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import fc from "fast-check"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { PIN_DIGITS } from "../src/codes.ts"
import {
  countTry,
  DAY_MS,
  decodeThrottle,
  encodeThrottle,
  FAILURES_A_DAY_MAX,
  FINGER,
  forgiven,
  isAlarm,
  KEYPAD,
  LIVE_FINGER,
  mistrusted,
  NO_TRIES,
  SUBJECTS_MAX,
  succeeded,
  type Throttle,
  waitAfter,
  waitOf,
} from "../src/throttle.ts"

// failures in a row -> seconds until the next try
const WAITS = `
  0    0
  1    0
  2    0
  3    30
  4    60
  5    120
  6    240
  7    480
  8    960
  9    1920
  10   3600
  11   3600
  40   3600
  1000 3600
`
for (const row of WAITS.trim().split("\n")) {
  const [failures, seconds] = row.trim().split(/\s+/).map(Number)
  test(`R24: after ${failures} failures in a row: ${seconds} s`, () =>
    equal(waitAfter(failures ?? -1), (seconds ?? 0) * 1000))
}

/** Guesses as fast as it is let, and answers with the uptimes at which it guessed. */
function storm(start: Throttle, from_ms: number, until_ms: number): { throttle: Throttle; tries: number[] } {
  let throttle = start
  const tries: number[] = []
  for (let now = from_ms; now < until_ms; ) {
    const wait = waitOf(throttle, KEYPAD, now)
    if (wait > 0) {
      now += wait
      continue
    }
    throttle = countTry(throttle, KEYPAD, now)
    tries.push(now)
    now += 1
  }
  return { throttle, tries }
}

test("attack 24, R24, L-07: no day has more than forty failures, in whatever window it is looked at, and every wait ends", () => {
  const { tries } = storm(NO_TRIES, 0, 4 * DAY_MS)
  for (const [at, first] of tries.entries()) {
    const inWindow = tries.slice(at).filter((each) => each < first + DAY_MS).length
    ok(inWindow <= FAILURES_A_DAY_MAX)
  }
  ok(tries.length > 60, "and it always ends")
})

test("R20: the bound on PINs at a door counts as many guesses a day, of as many digits, as a lock looks at", () => {
  equal(GUESSES_A_DAY_MAX, FAILURES_A_DAY_MAX)
  equal(ISSUED_DIGITS, PIN_DIGITS)
  const { tries } = storm(NO_TRIES, 0, 30 * DAY_MS)
  ok(tries.length <= 30 * GUESSES_A_DAY_MAX)
  ok((pinsAlone_max() * tries.length) / 10 ** ISSUED_DIGITS <= 0.01, `${tries.length} guesses in a month`)
})

test("successes in between do not give more failures a day", () => {
  let throttle = NO_TRIES
  let failures = 0
  for (let now = 0; now < DAY_MS - 1_000; now += 1_000) {
    if (waitOf(throttle, KEYPAD, now) > 0) continue
    throttle = countTry(throttle, KEYPAD, now)
    if (failures % 3 === 2 && waitOf(throttle, KEYPAD, now + 30_000) === 0) throttle = succeeded(throttle, KEYPAD)
    else failures++
  }
  ok(failures <= FAILURES_A_DAY_MAX)
})

test("pulling the power wins nothing: the wait begins anew and the counts stay", () => {
  let throttle = NO_TRIES
  for (let i = 0; i < 4; i++) throttle = countTry(throttle, KEYPAD, 1_000 + i * 100_000)
  const stored = encodeThrottle(throttle, 301_000)
  const again = decodeThrottle(stored)
  ok(again !== null)
  equal(waitOf(again, KEYPAD, 0), 60_000)
  deepEqual(encodeThrottle(again, 0), stored)
})

test("attack 28, I-15: a storm with the power pulled after every try stays within forty a day of running time", () => {
  let throttle: Throttle = NO_TRIES
  let tries = 0
  for (let boots = 0; boots < 200; boots++) {
    const wait = waitOf(throttle, KEYPAD, 0)
    if (throttle.base + wait > DAY_MS) break
    throttle = countTry(throttle, KEYPAD, wait)
    tries++
    throttle = decodeThrottle(encodeThrottle(throttle, wait)) ?? NO_TRIES
  }
  ok(tries <= FAILURES_A_DAY_MAX)
})

test("the counters never fall but by success: any interleaving of tries, time and boots (I-14)", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("try" as const), subject: fc.constantFrom(KEYPAD, "a", "b") }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(4_000_000) }),
    fc.record({ kind: fc.constant("boot" as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const truth = new Map<string, number>()
      let throttle: Throttle = NO_TRIES
      let now = 0
      for (const each of steps) {
        if (each.kind === "wait") now += each.ms
        else if (each.kind === "boot") {
          throttle = decodeThrottle(encodeThrottle(throttle, now)) ?? NO_TRIES
          now = 0
        } else if (waitOf(throttle, each.subject, now) === 0) {
          throttle = countTry(throttle, each.subject, now)
          truth.set(each.subject, (truth.get(each.subject) ?? 0) + 1)
        }
        for (const [subject, failures] of truth) equal(throttle.counts.get(subject)?.failures, failures)
      }
    }),
  )
})

test("attack 29, I-16: a storm at the keypad never makes a card wait", () => {
  const { throttle } = storm(NO_TRIES, 0, DAY_MS)
  ok(waitOf(throttle, KEYPAD, DAY_MS) > 0)
  equal(waitOf(throttle, "card of ana", DAY_MS), 0)
})

test("many cards share one count in the end, and it is bounded", () => {
  let throttle: Throttle = NO_TRIES
  for (let card = 0; card < 100; card++)
    for (let i = 0; i < 3 && waitOf(throttle, `card ${card}`, card) === 0; i++)
      throttle = countTry(throttle, `card ${card}`, card)
  ok(throttle.counts.size <= SUBJECTS_MAX)
  ok(waitOf(throttle, "card 99", 100) > 0)
  ok(waitOf(throttle, KEYPAD, 100) === 0)
  deepEqual(decodeThrottle(encodeThrottle(throttle, 100))?.counts.size, throttle.counts.size)
})

test("R24: the fifth failure is the one somebody should look at", () => {
  let throttle: Throttle = NO_TRIES
  const alarms: boolean[] = []
  for (let i = 0; i < 7; i++) {
    throttle = countTry(throttle, KEYPAD, i * 4_000_000)
    alarms.push(isAlarm(throttle, KEYPAD))
  }
  deepEqual(alarms, [false, false, false, false, true, false, false])
})

test("success ends the row and forgets nothing else", () => {
  let throttle = countTry(countTry(NO_TRIES, KEYPAD, 1), KEYPAD, 2)
  throttle = succeeded(throttle, KEYPAD)
  equal(throttle.counts.get(KEYPAD)?.failures, 0)
  equal(throttle.counts.get(KEYPAD)?.recent.length, 1)
  equal(succeeded(countTry(NO_TRIES, "a", 5), "a").counts.size, 0)
})

test("damaged storage waits as after a long row", () => equal(waitOf(mistrusted(), KEYPAD, 0), 3_600_000))

test("no truncation of a stored throttle reads", () => {
  const bytes = encodeThrottle(countTry(NO_TRIES, KEYPAD, 7), 9)
  for (let size = 0; size < bytes.length; size++) equal(decodeThrottle(bytes.subarray(0, size)), null)
})

/** Fails as often as it is let for a month; how often that was. */
function persist(subject: string): { readonly throttle: Throttle; readonly failures: number } {
  let throttle = NO_TRIES
  let failures = 0
  for (let now = 0; now < 30 * DAY_MS; now += 3_600_000) {
    if (waitOf(throttle, subject, now) > 0) continue
    throttle = countTry(throttle, subject, now)
    failures++
  }
  return { throttle, failures }
}

test("R25, R27: a credential ends after 50 failures in a row, a matcher after 50 or 100, the keypad only waits", () => {
  equal(persist("card of ana").failures, 50)
  equal(persist(FINGER).failures, 50)
  equal(persist(LIVE_FINGER).failures, 100)
  ok(persist(KEYPAD).failures > 700, "nobody can close the keypad for ever")
})

test("R25: what is blocked stays blocked over a loss of power, until its count is taken back", () => {
  const { throttle } = persist(FINGER)
  const again = decodeThrottle(encodeThrottle(throttle, 30 * DAY_MS))
  ok(again !== null && waitOf(again, FINGER, 30 * DAY_MS) > DAY_MS)
  equal(waitOf(forgiven(again, FINGER), FINGER, 0), 0)
})

test("R19: the PIN of a card waits a quarter of an hour after the fifth failure, then twice as long, up to an hour", () => {
  const minutes = [3, 4, 5, 6, 7, 8].map((failures) => waitAfter(failures, "card of ana") / 60_000)
  deepEqual(minutes, [0.5, 1, 15, 30, 60, 60])
  deepEqual(
    [4, 5, 9, 10].map((failures) => waitAfter(failures, LIVE_FINGER)),
    [0, 0, 0, 30_000],
  )
})

test("attack 24: an entry of several guesses fits into the day as a whole or not at all", () => {
  let throttle = NO_TRIES
  for (let now = 0; now < DAY_MS; now += 3_600_000)
    if (waitOf(throttle, KEYPAD, now, 9) === 0) throttle = countTry(throttle, KEYPAD, now, 9)
  equal(throttle.counts.get(KEYPAD)?.recent.length, 36)
  ok(waitOf(throttle, KEYPAD, DAY_MS - 1, 5) > 0)
  equal(succeeded(countTry(NO_TRIES, KEYPAD, 0, 9), KEYPAD, 9).counts.size, 0)
})

test("the fortieth guess of a day is let, the next waits until the oldest is a day old to the millisecond", () => {
  const most = countTry(countTry(NO_TRIES, KEYPAD, 0, 31), KEYPAD, 5, 8)
  const waits = [1, 2].map((guesses) => waitOf(most, KEYPAD, 5, guesses))
  deepEqual(waits, [0, 86_400_000 - 5])
  equal(waitOf(most, KEYPAD, 5), 0, "a try is one guess unless it says otherwise")
  const full = countTry(most, KEYPAD, 5)
  equal(waitOf(full, KEYPAD, 86_399_999), 1)
  equal(waitOf(full, KEYPAD, 86_400_000), 0)
  equal(countTry(full, KEYPAD, 86_400_000).counts.get(KEYPAD)?.recent.length, 10, "what is a day old counts no more")
})

test("fourteen cards have counts of their own; all further ones share the fifteenth", () => {
  let throttle = NO_TRIES
  for (let card = 1; card <= 17; card++) throttle = countTry(throttle, `card ${card}`, card)
  throttle = countTry(throttle, KEYPAD, 20)
  equal(throttle.counts.size, 16)
  ok(throttle.counts.has("card 14") && !throttle.counts.has("card 15"))
  equal(waitOf(throttle, "card 15", 20) > 0, true, "three of them failed once each")
  equal(waitOf(throttle, "card 14", 20), 0)
  equal(decodeThrottle(encodeThrottle(throttle, 20))?.counts.size, 16)
})

test("a finger has five free tries, and nothing waits after a success", () => {
  deepEqual(
    [4, 5].map((failures) => waitAfter(failures, FINGER)),
    [0, 30_000],
  )
  equal(waitOf(succeeded(countTry(countTry(NO_TRIES, KEYPAD, 0), KEYPAD, 0), KEYPAD), KEYPAD, 0), 0)
  equal(decodeThrottle(encodeThrottle(NO_TRIES, 5))?.base, 5)
})

test("whole CBOR that is no throttle does not read", () => {
  const name = "k".repeat(32)
  const wrong: readonly Cbor[] = [null, 7, "ab", [1], [1, [], 0], [-1, []], [[], []], [1, 2], [1, ["abc"]], [1, [7]]]
  const counts: readonly Cbor[] = [
    null,
    [name, 1],
    [name, 1, [], 0],
    [7, 1, []],
    [name, -1, []],
    [name, 1, [2]],
    [name, 1, 0],
  ]
  for (const value of [...wrong, ...counts.map((count): Cbor => [1, [count]]), [1, [[`${name}k`, 1, []]]]])
    equal(decodeThrottle(encodeCbor(value)), null, JSON.stringify(value))
  ok(decodeThrottle(encodeCbor([1, [[name, 1, [1]]]])) !== null)
})

test("attack 28: a millisecond before its wait is over a try is not counted, and at its end it is", () => {
  let throttle = NO_TRIES
  for (let tries = 0; tries < 3; tries++) throttle = countTry(throttle, KEYPAD, 0)
  equal(countTry(throttle, KEYPAD, 29_999), throttle)
  equal(waitOf(throttle, KEYPAD, 29_999), 1)
  equal(countTry(throttle, KEYPAD, 30_000).counts.get(KEYPAD)?.failures, 4)
})
