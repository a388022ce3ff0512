/**
 * All small cases of the throttle, for the mutants of throttle.ts (`npm run mutate`): less waiting admits more.
 *
 * Each scene is a story of tries, successes, pauses and losses of power, told to the throttle as a lock tells it; after each
 * step every subject's wait is looked at. What was stored is damaged in every byte: to read less of it as a throttle is
 * better than more.
 */
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import {
  countTry,
  DAY_MS,
  decodeThrottle,
  encodeThrottle,
  FAILURES_A_DAY_MAX,
  FINGER,
  forgiven,
  KEYPAD,
  LIVE_FINGER,
  mistrusted,
  NO_TRIES,
  SUBJECTS_MAX,
  succeeded,
  type Throttle,
  waitAfter,
  waitOf,
} from "../../src/throttle.ts"

const SUBJECTS = [KEYPAD, FINGER, LIVE_FINGER, "card of ana"]

/** Tries whenever it may, `count` times, `guesses` at once; every wait on the way, and how far the throttle let it come. */
function story(subject: string, count: number, guesses: number, power: boolean, success: number): readonly number[] {
  const waits: number[] = []
  let throttle: Throttle = NO_TRIES
  let now = 0
  for (let tries = 1; tries <= count; tries++) {
    const wait = waitOf(throttle, subject, now, guesses)
    waits.push(-wait)
    if (wait > DAY_MS) break
    // A mutant that says it may be tried is believed.
    throttle = countTry(throttle, subject, now + wait, guesses)
    now += wait
    if (success > 0 && tries % success === 0) throttle = succeeded(throttle, subject, guesses)
    if (power) {
      throttle = decodeThrottle(encodeThrottle(throttle, now)) ?? NO_TRIES
      now = 0
    }
    for (const other of SUBJECTS) waits.push(-waitOf(throttle, other, now))
    now += 7
  }
  return waits
}

/** The waits of a story, each as a case of its own; what is missing at the end waits for ever. */
function* waitsOf(length_max: number, tell: () => readonly number[]): Iterable<() => number> {
  let waits: readonly number[] | null = null
  for (let at = 0; at < length_max; at++)
    yield () => {
      waits ??= tell()
      return waits[at] ?? -Infinity
    }
}

function* stories(): Iterable<() => number> {
  for (const subject of SUBJECTS)
    for (const guesses of [1, 2, 5, FAILURES_A_DAY_MAX])
      for (const power of [false, true])
        for (const success of [0, 1, 3]) yield* waitsOf(600, () => story(subject, 110, guesses, power, success))
}

/** More cards than have a count of their own, each tried three times. */
function* crowd(): Iterable<() => number> {
  yield* waitsOf(200, () => {
    const waits: number[] = []
    let throttle: Throttle = NO_TRIES
    for (let card = 0; card < SUBJECTS_MAX + 4; card++)
      for (let tries = 0; tries < 4; tries++) {
        const wait = waitOf(throttle, `card ${card}`, card)
        waits.push(-wait)
        if (wait === 0) throttle = countTry(throttle, `card ${card}`, card)
      }
    const again = decodeThrottle(encodeThrottle(throttle, 100)) ?? NO_TRIES
    for (let card = 0; card < SUBJECTS_MAX + 4; card++)
      waits.push(-waitOf(again, `card ${card}`, 0), -waitOf(forgiven(again, "card 0"), `card ${card}`, 0))
    return waits
  })
}

/** A value of each shape in the place of each field of what is stored. */
function* damage(): Iterable<() => number> {
  let throttle = NO_TRIES
  for (let tries = 0; tries < 4; tries++) throttle = countTry(throttle, KEYPAD, tries * 100_000)
  const bytes = encodeThrottle(throttle, 400_000)
  for (let size = 0; size < bytes.length; size++) yield () => (decodeThrottle(bytes.subarray(0, size)) === null ? 0 : 1)
  const shapes: readonly Cbor[] = [0, 1, -1, "keypad", "x".repeat(33), [], [[]], null, true, new Uint8Array(3)]
  const count: readonly Cbor[] = ["keypad", 3, [1, 2]]
  const counts = [...shapes, ...shapes.map((shape) => [shape])]
  for (const [at] of count.entries()) for (const shape of shapes) counts.push([count.with(at, shape)])
  counts.push(
    [[...count, 0]],
    [count.slice(0, 2)],
    Array.from({ length: SUBJECTS_MAX + 1 }, () => count),
  )
  counts.push([["keypad", 3, Array.from({ length: FAILURES_A_DAY_MAX + 1 }, () => 1)]])
  const wholes: Cbor[] = [...shapes, [9], [9, [count], 0]]
  for (const base of [9, 0, ...shapes]) for (const each of counts) wholes.push([base, each])
  for (const whole of wholes)
    yield () => {
      const read = decodeThrottle(encodeCbor(whole))
      return read === null ? 0 : 1 - waitOf(read, KEYPAD, 0)
    }
}

export function* admits(): Iterable<() => number> {
  for (const subject of [...SUBJECTS, undefined])
    for (let failures = 0; failures <= 101; failures++) yield () => -waitAfter(failures, subject)
  yield () => -waitOf(mistrusted(), KEYPAD, 0)
  yield* stories()
  yield* crowd()
  yield* damage()
}
