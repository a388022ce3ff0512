/** When a child that crashes is started again, and when no more: rows of crashes, without a process. */
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { CRASHES_MAX, crashesInRow, pauseAfter_ms } from "../src/kept-child.ts"

const MINUTE_MS = 60_000

/** What stands in the row after runs of these lengths, each of them ended by a crash. */
function rowAfter(...runs_ms: readonly number[]): number {
  return runs_ms.reduce((row, ran_ms) => crashesInRow(row, ran_ms, MINUTE_MS), 0)
}

const ROWS = [
  ["it never runs", [0, 0, 0, 0, 0], CRASHES_MAX],
  ["each run is a little shorter than healthy", Array<number>(5).fill(MINUTE_MS - 1), CRASHES_MAX],
  ["a healthy run begins another row", [0, 0, 0, 0, MINUTE_MS], 1],
  ["and crashes after it count on", [0, 0, 0, 0, MINUTE_MS, 0], 2],
  ["one that crashes once in a while runs for ever", Array<number>(1_000).fill(MINUTE_MS), 1],
] as const
for (const [what, runs_ms, row] of ROWS) test(`${what}: ${row} in a row`, () => equal(rowAfter(...runs_ms), row))

test("each pause is twice the one before, up to five seconds", () => {
  deepEqual([1, 2, 3, 4, 5, 20].map(pauseAfter_ms), [400, 800, 1_600, 3_200, 5_000, 5_000])
})
