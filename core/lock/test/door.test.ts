/** The leaf as a table: opened, held, forced, closed; and what power does to a door. */
import { uptime } from "@holdfast/base"
import { equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { type Door, doorWakes, mayLock, nextDoor } from "../src/door.ts"
import { isReleased } from "../src/power.ts"

const DOORS: Readonly<Record<string, Door>> = {
  unknown: { is: "unknown" },
  closed: { is: "closed" },
  open: { is: "open", warnAt: uptime(10_000), holdAt: uptime(15_000) },
  "open long": { is: "open long", holdAt: uptime(15_000) },
  held: { is: "held" },
  forced: { is: "forced" },
}

// state | sensor, and whether the opening was to be expected | next
const SENSED = `
  unknown     closed             closed
  unknown     open, expected     open
  unknown     open, unexpected   open
  closed      closed             closed
  closed      open, expected     open
  closed      open, unexpected   forced
  open        open, unexpected   open
  open        closed             closed
  open long   closed             closed
  held        open, unexpected   held
  held        closed             closed
  forced      open, expected     forced
  forced      closed             closed
`
for (const row of SENSED.trim().split("\n")) {
  const [from = "", what = "", to = ""] = row.trim().split(/\s{2,}/)
  test(`${from}, sensor says ${what}: ${to}`, () => {
    const before = DOORS[from]
    ok(before !== undefined)
    const door = what.startsWith("open") ? "open" : "closed"
    const expected = !what.endsWith("unexpected")
    equal(nextDoor(before, uptime(0), { kind: "sensed", door, expected, heldOpen_ms: 15_000 }).is, to)
  })
}

// state | milliseconds | next
const TIMES = `
  open        9999    open
  open        10000   open long
  open        15000   held
  open long   14999   open long
  open long   15000   held
  held        99999   held
  closed      99999   closed
  forced      99999   forced
  unknown     99999   unknown
`
for (const row of TIMES.trim().split("\n")) {
  const [from = "", at = "", to = ""] = row.trim().split(/\s{2,}/)
  test(`${from} at ${at} ms: ${to}`, () => {
    const before = DOORS[from]
    ok(before !== undefined)
    equal(nextDoor(before, uptime(Number(at)), { kind: "tick" }).is, to)
  })
}

test("an opening of fifteen seconds warns after ten", () => {
  const open = nextDoor({ is: "closed" }, uptime(100), {
    kind: "sensed",
    door: "open",
    expected: true,
    heldOpen_ms: 15_000,
  })
  equal(doorWakes(open), 10_100)
  equal(doorWakes(nextDoor(open, uptime(10_100), { kind: "tick" })), 15_100)
})

test("a bolt may be thrown at a closed door, and where no sensor is", () => {
  const may = Object.entries(DOORS).filter(([, door]) => mayLock(door))
  equal(may.map(([name]) => name).join(", "), "unknown, closed")
})

test("only the fail-safe door is released: without mains once its hold-up is over, or with an empty battery (I-33)", () => {
  for (const power of ["mains", "reserve"] as const)
    for (const heldUpUntil of [null, uptime(1)])
      for (const level of ["good", "low", "critical", "empty"] as const) {
        const released = level === "empty" || (power === "reserve" && heldUpUntil === null)
        equal(isReleased(power, "safe", { heldUpUntil, level }), released)
        equal(isReleased(power, "secure", { heldUpUntil, level }), false)
      }
})
