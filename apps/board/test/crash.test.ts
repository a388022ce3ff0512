/** A board that dies while its bolt is drawn: whatever breaks, and wherever, the bolt is thrown again in time (attack 135). */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { boltSensor } from "../src/hardware.ts"
import { run } from "./bare-board.ts"
import { commanded, UNLOCK_MS } from "./commanded.ts"

/** What a start, a drive and its tries may add to the time that the bolt was to be drawn. */
const GRACE_MS = 5_000
const STEP_MS = 100

/** How long the bolt was not thrown in the minute after an order to unlock, with the plug pulled from one time to another. */
function drawnFor(actuator: "motor" | "solenoid", calls_left: number, plug: readonly [number, number] | null) {
  const { board, faults, order } = commanded({}, { actuator })
  run(board, 1_000)
  const unlock = order(1_000, "unlock")
  faults.calls_left = calls_left
  board.deliver(1_000, unlock)
  let drawn_ms = 0
  for (let now_ms = 1_000; now_ms < 61_000; now_ms += STEP_MS) {
    run(board, now_ms)
    if (plug !== null && now_ms === plug[0]) board.switchOff(now_ms)
    if (plug !== null && now_ms === plug[1]) board.switchOn(now_ms)
    if (boltSensor(board.hardware) !== "thrown") drawn_ms += STEP_MS
  }
  const isWhole = faults.calls_left !== Number.POSITIVE_INFINITY
  return { drawn_ms, isWhole, end: boltSensor(board.hardware), boots: board.lock?.boot ?? 0 }
}

for (const actuator of ["motor", "solenoid"] as const) {
  test(`attack 135: a ${actuator}, the lock breaks at any one call of an opening: thrown again in time`, () => {
    let opened = 0
    let broken = 0
    for (let calls = 0, isWhole = false; !isWhole; calls++) {
      const done = drawnFor(actuator, calls, null)
      ok(done.drawn_ms <= UNLOCK_MS + GRACE_MS, `drawn for ${done.drawn_ms} ms, broken at call ${calls}`)
      equal(done.end, "thrown")
      if (done.drawn_ms > 0) opened++
      ;({ isWhole } = done)
      if (isWhole) ok(done.drawn_ms >= UNLOCK_MS, `left alone it is drawn for ${done.drawn_ms} ms`)
      if (!isWhole) broken++
      ok(calls < 500, "an opening ends")
    }
    ok(opened > 2 && broken > 10, `${broken} crashes, ${opened} of them in an opening`)
  })

  test(`attack 135: a ${actuator}, the plug pulled at any time of an opening and put back: thrown when the power is back`, () => {
    for (let off_ms = 1_000; off_ms < 10_000; off_ms += 5 * STEP_MS) {
      const done = drawnFor(actuator, Number.POSITIVE_INFINITY, [off_ms, off_ms + 3_000])
      ok(done.drawn_ms <= UNLOCK_MS + 3_000 + GRACE_MS, `drawn for ${done.drawn_ms} ms, off at ${off_ms}`)
      deepEqual([done.end, done.boots], ["thrown", 2])
    }
  })
}
