/** The virtual sensors: what somebody does to them, and what a lock is told of it and when. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { SAMPLE_MS } from "@holdfast/sense"
import { ATTACKS, NUISANCES } from "@holdfast/sense/synthetic"
import { WINDOW_MS } from "@holdfast/sense/window"
import { newCells, withShare } from "../src/cells.ts"
import { type SensorAct, VirtualSensors } from "../src/sensors.ts"

const DOOR = "d0".repeat(16)

function told(acts: readonly SensorAct[], until_ms: number): string[] {
  const sensors = new VirtualSensors(DOOR)
  for (const act of acts) sensors.act(0, act)
  const said: string[] = []
  for (;;) {
    const at_ms = sensors.wake_ms()
    if (at_ms === null || at_ms > until_ms) return said
    said.push(...sensors.due(at_ms).map(({ kind }) => `${at_ms} ${kind}`))
  }
}

test("a switch, dips and a cut wire are told at once, the wire twice", () => {
  deepEqual(told([{ kind: "case", open: true }, { kind: "dips" }, { kind: "line", is: "cut" }], 0), [
    "0 case",
    "0 supply",
    "0 line",
    "0 line",
  ])
})

test("a jammed radio is sampled every five seconds until it is let go, and then eight times more", () => {
  equal(told([{ kind: "jam radio", on: true }], 20 * SAMPLE_MS).length, 20)
  const both: SensorAct[] = [
    { kind: "jam radio", on: true },
    { kind: "jam radio", on: false },
  ]
  equal(told(both, 20 * SAMPLE_MS).length, 8)
})

test("each way of shaking the door is told as windows, one after the other", () => {
  for (const happening of [...ATTACKS, ...NUISANCES]) {
    const windows = told([{ kind: "shake", happening }], 60_000)
    deepEqual(
      windows,
      windows.map((_, at) => `${(at + 1) * WINDOW_MS} window`),
    )
  }
  ok(told([{ kind: "shake", happening: "hammer" }], 60_000).length >= 10)
})

test("the first start on the bench is announced, the next ones say their cause; weak cells say so", () => {
  const sensors = new VirtualSensors(DOOR)
  const cause = (): string =>
    sensors.first("power on", null).flatMap((each) => (each.kind === "reset" ? [each.cause] : []))[0] ?? ""
  equal(cause(), "requested")
  sensors.act(0, { kind: "shake", happening: "hammer" })
  sensors.cut()
  equal(cause(), "power on")
  equal(sensors.wake_ms(), null)
  const low = sensors.first("brown-out", withShare(newCells("alkaline", 4, 2_500), 0.05))
  deepEqual(low[0], { kind: "reset", cause: "brown-out", weak: true, loaded: true })
})

test("what stands at the case, the chip and the line is read at each start", () => {
  const sensors = new VirtualSensors(DOOR)
  sensors.act(0, { kind: "case", open: true })
  sensors.act(0, { kind: "line", is: "shorted" })
  sensors.act(0, { kind: "debug port", open: true })
  sensors.cut()
  deepEqual(
    sensors.first("power on", null).map(({ kind }) => kind),
    ["reset", "debug port", "case", "line", "line"],
  )
})
