/** The virtual supply: cells, the motor's curve, and a board that starts anew when its battery gives way. */
import { uptime } from "@holdfast/base"
import type { VirtualBoard } from "@holdfast/board"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { brownOutOf, newCells, resistanceOf, restOf, shareLeft, take, withShare } from "../src/cells.ts"
import { curveOf, type DriveLoad, runOf } from "../src/drive.ts"
import { bareBoard } from "./bare-board.ts"

const CHEMISTRIES = [
  ["alkaline", 4, 2_600],
  ["lithium iron disulfide", 4, 3_200],
  ["lithium manganese dioxide", 2, 1_500],
  ["lithium thionyl chloride", 2, 2_400],
] as const

for (const [chemistry, count, capacity_mah] of CHEMISTRIES)
  test(`${chemistry}: the voltage falls and the resistance rises with use and cold, and at the end there is nothing`, () => {
    const cells = newCells(chemistry, count, capacity_mah)
    for (let share = 0.98; share > 0; share -= 0.02) {
      const [more, less] = [withShare(cells, share + 0.02), withShare(cells, share)]
      ok(restOf(less, 20) < restOf(more, 20))
      ok(resistanceOf(less, 20, 0) > resistanceOf(more, 20, 0))
      ok(restOf(less, -10) < restOf(less, 20) && resistanceOf(less, -10, 0) > resistanceOf(less, 20, 0))
    }
    equal(restOf(take(cells, 2 * cells.content_mj), 20), 0)
    equal(shareLeft(take(cells, -1)), 1)
    ok(restOf(cells, 20) > brownOutOf(cells))
  })

const LOAD: DriveLoad = {
  drive: "throw",
  rest_mv: 6_000,
  resistance_mohm: 700,
  temperature_c: 20,
  misalignment: 0,
  isInAir: false,
  ripple: 0,
}
// what is changed | running | entry | late, as parts of an ordinary throw's | whether it stalls
const RUNS: readonly (readonly [string, Partial<DriveLoad>, number, number, number, boolean])[] = [
  ["an ordinary throw", {}, 1, 1, 1, false],
  ["20 degrees below zero", { temperature_c: -20 }, 1.5, 1.5, 1.5, false],
  ["the bolt in air", { isInAir: true }, 1, 0.74, 1, false],
  ["a draw", { drive: "draw" }, 1, 0.74, 1, false],
  ["a third misaligned", { misalignment: 0.33 }, 1, 1, 1.9, false],
  ["all misaligned", { misalignment: 1 }, 1, 1, 3.7, true],
  ["a weak battery", { rest_mv: 4_400, resistance_mohm: 2_000 }, 1, 1, 1, false],
]
for (const [name, changed, running, entry, late, isStalled] of RUNS)
  test(`the motor's curve: ${name}`, () => {
    const [usual, run] = [runOf(LOAD).measure, runOf({ ...LOAD, ...changed })]
    const parts = [run.measure.running_ma / usual.running_ma, run.measure.entry_ma / usual.entry_ma]
    parts.push(run.measure.late_ma / usual.late_ma)
    for (const [at, part] of [running, entry, late].entries())
      ok(Math.abs((parts[at] ?? 0) - part) < 0.05, String(parts))
    equal(run.isStalled, isStalled)
    ok(run.measure.low_mv < run.measure.rest_mv)
    const times = curveOf(run).map(([ms]) => ms)
    deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
  })

test("a weak battery turns the motor more slowly", () => {
  const slow = runOf({ ...LOAD, rest_mv: 4_400, resistance_mohm: 2_000 }).measure
  ok(slow.time_ms > 1.3 * runOf(LOAD).measure.time_ms)
})

const isOn = (board: VirtualBoard): boolean => board.lock !== null

test("attack 134: a battery that gives way under the motor restarts the board at most three times in a row", () => {
  const fresh = newCells("alkaline", 4, 2_600)
  const board = bareBoard({ cells: fresh })
  board.switchOn(0)
  equal(board.lock?.boot, 1)
  // Somebody's wedge leaves the bolt half way, and the contacts are bad: every start would throw it.
  board.act(1_000, { kind: "obstacle", obstacle: "short throw" })
  board.act(2_000, { kind: "handle" })
  for (let at = 2_000; at < 30_000; at += 100) board.advance(at)
  equal(board.lock?.boltSensed, "between")
  board.switchOff(30_000)
  board.act(31_000, { kind: "cells", cells: { ...withShare(fresh, 0.1), contact_mohm: 6_000 } })
  board.switchOn(32_000)
  equal(board.lock?.boot, 5)
  equal(board.lock?.supply.breakdowns, 3)
  for (let at = 32_000; at < 91_000; at += 500) board.advance(at)
  equal(board.lock?.boot, 5, "it rests")
  for (let at = 91_000; at < 200_000; at += 500) board.advance(at)
  ok((board.lock?.boot ?? 0) <= 8, String(board.lock?.boot))
})

test("C89: a dead battery switches the board off, a supply at the front contact brings it back, and it goes with it", () => {
  const cells = newCells("alkaline", 4, 2_600)
  const board = bareBoard({ cells })
  board.switchOn(0)
  board.act(1_000, { kind: "cells", cells: withShare(cells, 0) })
  ok(!isOn(board))
  board.act(2_000, { kind: "handle" })
  board.act(2_500, { kind: "open" })
  equal(board.hardware.leaf, "open", "the way out needs no battery")
  board.act(3_000, { kind: "external", on: true })
  equal(board.lock?.supply.isExternal, true)
  equal(board.lock?.boltSensed, "drawn")
  board.act(4_000, { kind: "external", on: false })
  ok(!isOn(board))
})

test("the bill: standby, card and drives are counted apart, and come out of the cells", () => {
  const board = bareBoard({ cells: newCells("alkaline", 4, 2_600) })
  board.switchOn(0)
  board.present(1_000, { uid: new Uint8Array(7), keys: [], credential: null, epoch: 0 })
  board.advance(3_600_000)
  board.act(3_600_001, { kind: "temperature", celsius: 21 })
  const spent = board.lock?.supply.spent
  ok(spent !== undefined && spent.standby > 600 && spent.standby < 700 && spent.reader > 0)
  equal(spent.drive, 0)
  const { cells } = board.hardware
  ok(cells !== null && Math.abs(cells.taken_mj - spent.standby - spent.reader) < 2)
  equal(board.uptime_ms, uptime(3_600_001))
})
