/** The wires past the board: what pulls the bolt though nobody runs, and what the board is told (I-32, R45). */
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { type Act, boltSensor, newHardware, stepHardware } from "../src/hardware.ts"
import { type WireAct, Wires, type Wiring } from "../src/wires.ts"

const PLAIN: Wiring = { fireReleases: false, delayedEgress_s: 0 }
const RELEASED: Wiring = { fireReleases: true, delayedEgress_s: 0 }
const DELAYED: Wiring = { fireReleases: true, delayedEgress_s: 15 }

const FIRE: WireAct = { kind: "fire", on: true }
const QUIET: WireAct = { kind: "fire", on: false }
const BAR: WireAct = { kind: "bar" }
const DUE: WireAct = { kind: "due" }
const RELOCK: WireAct = { kind: "relock" }

// the door | what happens, and when (seconds) | whether a relay pulls after each
const ROWS: readonly (readonly [string, Wiring, readonly (readonly [WireAct, number])[], string])[] = [
  [
    "a door that fire does not release",
    PLAIN,
    [
      [FIRE, 0],
      [QUIET, 1],
    ],
    "no no",
  ],
  [
    "a door that fire releases",
    RELEASED,
    [
      [FIRE, 0],
      [RELOCK, 1],
      [QUIET, 2],
    ],
    "yes yes no",
  ],
  [
    "a bar without a delay",
    RELEASED,
    [
      [BAR, 0],
      [DUE, 99],
    ],
    "no no",
  ],
  [
    "a delayed bar",
    DELAYED,
    [
      [BAR, 0],
      [DUE, 14],
      [DUE, 15],
      [DUE, 99],
      [RELOCK, 100],
    ],
    "no no yes yes no",
  ],
  [
    "a delayed bar pushed again",
    DELAYED,
    [
      [BAR, 0],
      [BAR, 14],
      [DUE, 15],
    ],
    "no no yes",
  ],
  [
    "a delayed bar under fire",
    DELAYED,
    [
      [BAR, 0],
      [FIRE, 1],
      [QUIET, 2],
      [RELOCK, 3],
    ],
    "no yes yes no",
  ],
  [
    "a relock while it burns",
    DELAYED,
    [
      [FIRE, 0],
      [RELOCK, 1],
      [QUIET, 2],
    ],
    "yes yes yes",
  ],
]
for (const [name, wiring, acts, pulls] of ROWS)
  test(`attack 132: ${name}: ${pulls}`, () => {
    const wires = new Wires()
    const seen = acts.map(([act, at_s]) => {
      wires.take(act, at_s * 1_000, wiring)
      return wires.pulls ? "yes" : "no"
    })
    equal(seen.join(" "), pulls)
  })

test("attack 128: what was wired goes on pulling while no board runs", () => {
  const wires = new Wires()
  wires.take(QUIET, 0, DELAYED)
  deepEqual(wires.take(BAR, 0, null), [{ kind: "exit bar" }])
  equal(wires.dueAt_ms, 15_000)
  wires.take(DUE, 15_000, null)
  equal(wires.pulls, true)
})

test("a board is told the levels when it starts, and each change", () => {
  const wires = new Wires()
  deepEqual(wires.levels(), [{ kind: "partner", secure: true }])
  deepEqual(wires.take({ kind: "partner", open: true }, 0, PLAIN), [{ kind: "partner", secure: false }])
  deepEqual(wires.take(FIRE, 0, PLAIN), [{ kind: "fire", alarm: true }])
  deepEqual(wires.levels(), [
    { kind: "partner", secure: false },
    { kind: "fire", alarm: true },
  ])
  deepEqual(wires.take(RELOCK, 0, PLAIN), [{ kind: "relocked by hand" }])
})

test("attack 132: a bolt that a coil held stays drawn by the relay when the current goes", () => {
  for (const failMode of ["secure", "safe"] as const) {
    let hardware = newHardware(failMode, null, "solenoid")
    const acts: readonly Act[] = [
      { kind: "drive", motor: failMode === "secure" ? "draw" : "throw" },
      { kind: "tick" },
      { kind: "drive", motor: "hold" },
      { kind: "pull" },
      { kind: "power", on: false },
    ]
    for (const [at_s, act] of acts.entries()) ({ hardware } = stepHardware(hardware, 1_000 * at_s, act))
    equal(boltSensor(hardware), "drawn", failMode)
  }
})

test("a relay draws the bolt under a motor that throws it", () => {
  const throwing = stepHardware({ ...newHardware("secure"), travel: 0 }, 0, { kind: "drive", motor: "throw" }).hardware
  const pulled = stepHardware(throwing, 100, { kind: "pull" })
  equal(boltSensor(pulled.hardware), "drawn")
  equal(pulled.hardware.motor, "idle")
  const dark = stepHardware(newHardware("secure"), 0, { kind: "power", on: false }).hardware
  equal(boltSensor(stepHardware(dark, 1, { kind: "pull" }).hardware), "drawn")
})
