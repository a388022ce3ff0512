/** The motor's profile: what single throws tell, what a drift tells, and a million cycles that leave no trace. */
import { later, uptime } from "@holdfast/base"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { type Bolt, nextBolt } from "../src/bolt.ts"
import {
  type DriveMeasure,
  isInAir,
  isPlausible,
  LEARN_THROWS,
  measured,
  type Motor,
  NEW_MOTOR,
  slopeOf,
  stallLimit,
} from "../src/motor.ts"
import { chanceOf } from "./fleet.ts"

const THROW: DriveMeasure = {
  drive: "throw",
  time_ms: 420,
  energy_mj: 780,
  peak_ma: 1_250,
  running_ma: 220,
  entry_ma: 297,
  late_ma: 231,
  rest_mv: 6_000,
  low_mv: 5_100,
  temperature_c: 20,
}
const scaled = (factor: number): Partial<DriveMeasure> => ({
  running_ma: 220 * factor,
  entry_ma: 297 * factor,
  late_ma: 231 * factor,
})

function after(motor: Motor, throws: number, changed: Partial<DriveMeasure> = {}): Motor {
  let moved = motor
  for (let i = 0; i < throws; i++) moved = measured(moved, { ...THROW, ...changed })
  return moved
}
const LEARNT = after(NEW_MOTOR, LEARN_THROWS)

// what the throws are like | how many | misaligned | the last one met no strike
const TABLE: readonly (readonly [string, Partial<DriveMeasure>, number, boolean, boolean])[] = [
  ["as they were learnt", {}, 500, false, false],
  ["in the cold, with half as much friction again", scaled(1.5), 500, false, false],
  ["with a dry gear, four times as heavy", scaled(4), 500, false, false],
  ["on a weak battery, slow", { time_ms: 900, low_mv: 3_400, rest_mv: 4_800, peak_ma: 800 }, 500, false, false],
  ["rubbing a tenth more at the end", { late_ma: 254 }, 500, false, false],
  ["rubbing at the end once", { late_ma: 600 }, 1, false, false],
  ["rubbing 40 % more at the end", { late_ma: 323 }, 100, true, false],
  ["without a strike", { entry_ma: 220 }, 500, false, true],
  ["without a strike in the cold", { ...scaled(1.5), entry_ma: 330 }, 500, false, true],
  ["with a worn strike", { entry_ma: 270 }, 500, false, false],
]
for (const [name, changed, throws, misaligned, inAir] of TABLE)
  test(`throws ${name}: ${misaligned ? "misaligned" : "fits"}, ${inAir ? "in air" : "strike met"}`, () => {
    equal(after(LEARNT, throws, changed).isMisaligned, misaligned)
    equal(isInAir(LEARNT, { ...THROW, ...changed }), inAir)
  })

test("what no current sensor can have seen is none", () => {
  const wrong: readonly Partial<DriveMeasure>[] = [
    { time_ms: 0 },
    { running_ma: 0 },
    { peak_ma: -1 },
    { energy_mj: -1 },
    { low_mv: 0 },
    { low_mv: 6_001 },
    { time_ms: Number.NaN },
  ]
  for (const each of wrong) ok(!isPlausible({ ...THROW, ...each }), JSON.stringify(each))
  ok(isPlausible(THROW))
})

test("nothing is judged before the profile is learnt, and a draw is no throw", () => {
  const early = after(NEW_MOTOR, LEARN_THROWS - 1, { late_ma: 600 })
  equal(early.isMisaligned, false)
  equal(stallLimit(early, 20), null)
  ok(!isInAir(early, { ...THROW, entry_ma: 220 }))
  equal(after(NEW_MOTOR, 10, { drive: "draw" }).learnt, 0)
  ok(!isInAir(LEARNT, { ...THROW, drive: "draw", entry_ma: 220 }))
})

test("a drive is cut at one and a half times what was learnt, and later in the cold", () => {
  equal(stallLimit(LEARNT, 20), 446)
  equal(stallLimit(LEARNT, 30), 446)
  equal(stallLimit(LEARNT, -20), 713)
})

test("the slope of a steady rise is read off two running means", () => {
  let motor = LEARNT
  for (let i = 0; i < 600; i++) motor = measured(motor, { ...THROW, late_ma: 231 + 0.11 * i })
  ok(Math.abs(slopeOf(motor) - 0.0005) < 0.00003, `${slopeOf(motor)} a throw`)
})

test("a misaligned bolt that was set right is told so, once it runs free again", () => {
  const rubbing = after(LEARNT, 200, { late_ma: 330 })
  equal(rubbing.isMisaligned, true)
  equal(after(rubbing, 5).isMisaligned, true)
  equal(after(rubbing, 100).isMisaligned, false)
})

/** A door whose bolt comes to rub over `days`; which day it is flagged on, and which day the motor stalls. */
function drift(seed: number): { flagged: number; jammed: number } {
  const { uniform, normal } = chanceOf(seed)
  const perDay = 8 + Math.floor(32 * uniform())
  const days = 80 + Math.floor(300 * uniform())
  const firstDay = 365 * uniform()
  let motor = NEW_MOTOR
  let flagged = -1
  for (let day = -20; day < 2_000; day++) {
    const cold = Math.max(0, 0.35 - 0.4 * Math.sin(((day + firstDay) * 2 * Math.PI) / 365))
    const rub = Math.max(0, day / days)
    for (let i = 0; i < perDay; i++) {
      const running_ma = 220 * (1 + 0.5 * cold) * (1 + 0.04 * normal())
      const late_ma = running_ma * 1.05 * (1 + 0.03 * normal()) + 180 * rub
      motor = measured(motor, { ...THROW, running_ma, entry_ma: running_ma * 1.35, late_ma })
      const limit = stallLimit(motor, 20 - 40 * cold)
      if (limit !== null && late_ma > limit) return { flagged, jammed: day }
    }
    if (flagged < 0 && motor.isMisaligned) flagged = day
  }
  return { flagged, jammed: -1 }
}

test("a bolt that comes to rub is flagged at least 14 days before its first jam, in 90 % of 60 simulated doors", (t) => {
  const ahead = Array.from({ length: 60 }, (_, seed) => drift(seed + 1)).map((each) =>
    each.flagged < 0 ? 0 : each.jammed - each.flagged,
  )
  const early = ahead.filter((days) => days >= 14).length
  t.diagnostic(`${early} of ${ahead.length} at least 14 days ahead; median ${ahead.toSorted((a, b) => a - b)[30]} days`)
  ok(early >= 0.9 * ahead.length)
})

test("a bolt that fits is never flagged: 40 doors, 10,000 throws each through all seasons", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { normal } = chanceOf(1_000 + seed)
    let motor = NEW_MOTOR
    for (let i = 0; i < 10_000; i++) {
      const cold = Math.max(0, 0.35 - 0.4 * Math.sin((i * 2 * Math.PI) / 7_300))
      const running_ma = 220 * (1 + 0.5 * cold) * (1 + 0.04 * normal())
      const late_ma = running_ma * 1.05 * (1 + 0.03 * normal())
      motor = measured(motor, { ...THROW, running_ma, entry_ma: running_ma * 1.35, late_ma })
      ok(!motor.isMisaligned, `seed ${seed}, throw ${i}`)
    }
  }
})

test("R42: a million cycles leave the bolt, its counts and its profile as they were", () => {
  let bolt: Bolt = { is: "thrown" }
  let now = uptime(0)
  let motor = LEARNT
  const learnt = { ...LEARNT }
  for (let i = 0; i < 1_000_000; i++) {
    bolt = nextBolt(bolt, now, { kind: "draw", unlock_ms: 5_000 }, true)
    bolt = nextBolt(bolt, now, { kind: "sensed", bolt: "drawn", unlock_ms: 5_000 }, true)
    now = later(now, 5_000)
    bolt = nextBolt(bolt, now, { kind: "tick" }, true)
    equal(bolt.is, "throwing")
    bolt = nextBolt(bolt, now, { kind: "sensed", bolt: "thrown", unlock_ms: 5_000 }, true)
    motor = measured(motor, THROW)
  }
  deepEqual(bolt, { is: "thrown" })
  equal(now, 5_000_000_000)
  for (const key of ["entry", "late", "fast", "slow", "running_ma", "drive_mj", "peak_ma"] as const)
    ok(Math.abs(motor[key] - learnt[key]) < 1e-9 * learnt[key], key)
  equal(motor.learnt, LEARN_THROWS)
  equal(motor.isMisaligned, false)
})
