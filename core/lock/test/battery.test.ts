/** The gauge of a battery: bad readings first, what single readings tell, and how well a fleet of simulated locks is foretold. */
import type { BatteryPack } from "@holdfast/access/door"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { CELLS, contentOf, counted, FRESH_CELLS, type Gauge, leftIn, restAt, shareAt } from "../src/battery.ts"
import { type Life, liveOf } from "./fleet.ts"

const ALKALINE: BatteryPack = { chemistry: "alkaline", cells: 4, capacity_mah: 2_600 }
const CONTENT_MJ = contentOf(ALKALINE)

test("four alkaline cells of 2.6 Ah promise 45.7 kJ", () => equal(Math.round(CONTENT_MJ / 1_000), 45_677))

test("the resting voltage falls with what is left, at every chemistry, and tells the share back", () => {
  for (const chemistry of [
    "alkaline",
    "lithium iron disulfide",
    "lithium manganese dioxide",
    "lithium thionyl chloride",
  ] as const) {
    for (let share = -0.1; share < 1; share += 0.01) ok(restAt(chemistry, share) < restAt(chemistry, share + 0.01))
    for (const share of [0.05, 0.3, 0.5, 0.8])
      ok(Math.abs(shareAt(chemistry, restAt(chemistry, share)) - share) < 0.011)
    equal(shareAt(chemistry, 9_999) >= 1, true)
    equal(shareAt(chemistry, 0), 0)
    ok(restAt(chemistry, 0.5) > CELLS[chemistry].end_mv)
  }
})

/** A pack that truly holds `truth` times what it promises, used down to `left` of that, its voltage read on the way. */
function usedDown(truth: number, left: number, shift_mv: number): Gauge {
  let gauge = FRESH_CELLS
  for (let taken = 0; taken < truth * (1 - left); taken += 0.01) {
    const rest_mv = 4 * (restAt("alkaline", 1 - (taken + 0.01) / truth) + shift_mv)
    gauge = counted(gauge, ALKALINE, 0.01 * CONTENT_MJ, rest_mv, 20)
  }
  return gauge
}
const shareOf = (gauge: Gauge, truth: number): number => leftIn(gauge, ALKALINE).mean_mj / CONTENT_MJ / truth

// what the pack truly holds | what is left of that | how its brand differs | what the gauge says at least and at most
const GAUGED: readonly (readonly [number, number, number, number, number])[] = [
  [1, 0.5, 0, 0.45, 0.55],
  [1, 0.2, 0, 0.16, 0.25],
  [0.8, 0.3, 0, 0.25, 0.45],
  [1.2, 0.3, 0, 0.2, 0.35],
  [1, 0.3, 25, 0.25, 0.4],
  [1, 0.3, -25, 0.2, 0.35],
  [0.7, 0.1, 0, 0.05, 0.2],
]
for (const [truth, left, shift_mv, min, max] of GAUGED)
  test(`a pack of ${truth} times its promise with ${left} left, ${shift_mv} mV off: between ${min} and ${max}`, () => {
    const share = shareOf(usedDown(truth, left, shift_mv), truth)
    ok(share >= min && share <= max, share.toFixed(3))
  })

test("what is as good as sure is never more than what is likely, and neither is below nothing", () => {
  for (const [truth, left] of [
    [1, 0.9],
    [1, 0.1],
    [0.6, 0.02],
    [1.4, 0.01],
  ] as const) {
    const { mean_mj, sure_mj } = leftIn(usedDown(truth, left, 0), ALKALINE)
    ok(sure_mj <= mean_mj && sure_mj >= 0)
  }
  const beyond = counted(FRESH_CELLS, ALKALINE, 3 * CONTENT_MJ, 4_000, 20)
  deepEqual(leftIn(beyond, ALKALINE), { mean_mj: 0, sure_mj: 0 })
})

test("harvest is taken off again, and never makes more of a pack than it was", () => {
  const used = counted(FRESH_CELLS, ALKALINE, 1_000, null, 20)
  equal(counted(used, ALKALINE, -400, null, 20).used_mj, 600)
  equal(counted(used, ALKALINE, -4_000, null, 20).used_mj, 0)
})

test("readings that come without anything being used are looked at once", () => {
  let gauge = counted(FRESH_CELLS, ALKALINE, 0.02 * CONTENT_MJ, 5_800, 20)
  for (let i = 0; i < 1_000; i++) gauge = counted(gauge, ALKALINE, 0, 5_000, 20)
  equal(gauge.readings, 1)
})

const FLEET = 240
const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? Number.NaN

/** How far the forecast misses, as a part of the days truly left, when `share` of the usable content is left. */
function missOf({ days, end, endShare }: Life, share: number): number | null {
  const at = days.find((day) => day.share <= endShare + (1 - endShare) * share)
  if (at === undefined || end - at.day < 3 || at.likely.days === null) return null
  return Math.abs(at.likely.days - (end - at.day)) / (end - at.day)
}

function firstWarning({ days, end }: Life): number {
  const at = days.find(({ level }) => level !== "good")
  return at === undefined ? 0 : end - at.day
}

test(`attack 130: of ${FLEET} simulated locks none breaks down under its motor, and all are warned of in time`, (t) => {
  const lives = Array.from({ length: FLEET }, (_, seed) => liveOf(seed))
  for (const isOutdoors of [false, true])
    for (const chemistry of ["alkaline", "lithium iron disulfide", "lithium manganese dioxide"] as const) {
      const some = lives.filter((life) => life.chemistry === chemistry && life.isOutdoors === isOutdoors)
      const misses = some.map((life) => missOf(life, 0.3)).filter((miss) => miss !== null)
      const mean = misses.reduce((sum, miss) => sum + miss, 0) / misses.length
      const warned = some.map(firstWarning)
      t.diagnostic(
        `${chemistry}, ${isOutdoors ? "outdoors" : "indoors"} (${some.length}): at 30 % left the days are missed by ` +
          `${Math.round(100 * mean)} %, P90 ${Math.round(100 * quantile(misses, 0.9))} %; warned ` +
          `${[0.05, 0.5, 0.95].map((part) => quantile(warned, part)).join(" / ")} days ahead (5 / 50 / 95 %)`,
      )
      // The voltage table alone misses by 32 %, measured; indoors the gauge must do better.
      if (!isOutdoors) ok(mean < 0.25, `${chemistry}: ${mean}`)
    }
  const warned = lives.map(firstWarning)
  const late = warned.filter((days) => days < 14).length
  t.diagnostic(
    `${late} of ${FLEET} with less than 14 days' notice, ${warned.filter((days) => days < 30).length} under 30`,
  )
  equal(lives.filter(({ brokeDown }) => brokeDown).length, 0)
  ok(late <= 0.005 * FLEET)
  ok(warned.filter((days) => days >= 30).length >= 0.9 * FLEET)
})
