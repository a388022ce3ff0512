/** The test bench itself, by tables: what people and the motor do to a bolt and a leaf. */
import { equal, deepEqual } from "node:assert/strict"
import { test } from "node:test"
import { type Act, boltSensor, type Hardware, newHardware, nextTick_ms, stepHardware } from "../src/hardware.ts"

const ACTS: Readonly<Record<string, Act>> = {
  draw: { kind: "drive", motor: "draw" },
  throw: { kind: "drive", motor: "throw" },
  open: { kind: "open" },
  close: { kind: "close" },
  force: { kind: "force" },
  handle: { kind: "handle" },
  jam: { kind: "obstacle", obstacle: "jam" },
  short: { kind: "obstacle", obstacle: "short throw" },
  free: { kind: "obstacle", obstacle: "none" },
  cut: { kind: "power", on: false },
  power: { kind: "power", on: true },
  hold: { kind: "drive", motor: "hold" },
  stop: { kind: "drive", motor: "stop" },
  magnet: { kind: "magnet", on: true },
  rub: { kind: "misalign", degree: 0.9 },
}

/** Does the acts in turn, letting the motor finish after each, and says where bolt and leaf are and what was sensed. */
function play(start: Hardware, acts: string): string {
  let hardware = start
  let now_ms = 0
  const told: string[] = []
  for (const word of acts.split(" ").filter((each) => each !== "")) {
    const act = ACTS[word]
    if (act === undefined) throw new RangeError(`no act ${word}`)
    let queue: Act[] = [act]
    while (queue.length > 0) {
      const step = stepHardware(hardware, now_ms, queue[0] ?? act)
      hardware = step.hardware
      for (const each of step.sensed.filter(({ kind }) => kind !== "measured"))
        told.push("is" in each ? `${each.kind} ${each.is}` : each.kind)
      const due = nextTick_ms(hardware)
      queue = due === null ? [] : [{ kind: "tick" }]
      now_ms = due ?? now_ms + 1
    }
  }
  return `${boltSensor(hardware)}, ${hardware.leaf} | ${told.join(", ")}`
}

const ROWS: readonly (readonly ["secure" | "safe", string, string])[] = [
  ["secure", "open", "thrown, closed | "],
  ["secure", "draw open", "drawn, open | bolt drawn, leaf open"],
  ["secure", "draw open close throw", "thrown, closed | bolt drawn, leaf open, leaf closed, bolt thrown"],
  ["secure", "handle open", "drawn, open | handle, bolt drawn, leaf open"],
  ["secure", "force", "thrown, open | leaf open"],
  ["secure", "jam draw", "between, closed | stalled, bolt between"],
  ["secure", "jam draw handle", "drawn, closed | stalled, bolt between, handle, bolt drawn"],
  ["secure", "draw short throw", "between, closed | bolt drawn, bolt between"],
  ["secure", "cut draw", "thrown, closed | "],
  ["secure", "draw cut power", "drawn, closed | bolt drawn"],
  ["safe", "cut open", "drawn, open | "],
  ["safe", "cut power", "drawn, closed | "],
  ["safe", "cut handle open", "drawn, open | "],
  ["secure", "cut handle open", "drawn, open | "],
]

for (const [failMode, acts, expected] of ROWS)
  test(`fail-${failMode}: ${acts} -> ${expected}`, () => equal(play(newHardware(failMode), acts), expected))

const SOLENOID_ROWS: readonly (readonly ["secure" | "safe", string, string])[] = [
  ["secure", "draw hold open", "drawn, open | bolt drawn, leaf open"],
  ["secure", "draw hold stop", "thrown, closed | bolt drawn, bolt thrown"],
  ["secure", "draw hold throw", "thrown, closed | bolt drawn, bolt thrown"],
  ["secure", "draw hold cut", "thrown, closed | bolt drawn"],
  ["safe", "cut power", "drawn, closed | "],
  ["safe", "throw hold cut open", "drawn, open | "],
  ["safe", "throw hold stop", "drawn, closed | bolt drawn"],
  ["safe", "throw hold draw stop", "drawn, closed | bolt drawn"],
]
for (const [failMode, acts, expected] of SOLENOID_ROWS)
  test(`a solenoid, fail-${failMode}: ${acts} -> ${expected}`, () =>
    equal(play(newHardware(failMode, null, "solenoid"), acts), expected))

test("a magnet tells of a closed leaf, a rubbing bolt stalls half way", () => {
  equal(play(newHardware("secure"), "draw magnet open throw"), "thrown, open | bolt drawn, bolt thrown")
  equal(play(newHardware("secure"), "rub draw throw"), "between, closed | bolt drawn, stalled, bolt between")
})

test("a throw is cut where the lock says, a draw is not", () => {
  const rubbing = stepHardware(newHardware("secure"), 0, { kind: "misalign", degree: 0.5 }).hardware
  const throwing = (limit_ma: number): boolean => {
    const act = { kind: "drive", motor: "throw", limit_ma } as const
    return stepHardware({ ...rubbing, travel: 0 }, 0, act).hardware.run?.isStalled === true
  }
  deepEqual([throwing(446), throwing(713)], [true, false])
})

test("attack 128, R46: the inside handle lets a person out in every state the bench can be in", () => {
  const words = Object.keys(ACTS)
  for (const failMode of ["secure", "safe"] as const)
    for (const first of words)
      for (const second of words)
        for (const third of words) {
          const end = play(newHardware(failMode), `${first} ${second} ${third} handle open`)
          deepEqual(end.split(" | ")[0], "drawn, open", `${first} ${second} ${third}`)
        }
})
