/**
 * Every state of the bolt with every input, for the mutants of bolt.ts (`npm run mutate`): more is admitted where it is drawn
 * or on its way there, where a motor draws or does not throw, and where it is locked again later.
 */
import { uptime } from "@holdfast/base"
import { type Bolt, type BoltInput, boltWakes, driveOf, heldEnd, nextBolt } from "../../src/bolt.ts"

const NOW = uptime(10_000)
const TIMES = [9_999, 10_000, 10_001, 15_000].map(uptime)
const STATES: readonly Bolt[] = [
  { is: "unknown" },
  { is: "thrown" },
  { is: "not fully thrown" },
  { is: "jammed", wanted: "thrown" },
  { is: "jammed", wanted: "drawn" },
  ...TIMES.map((throwAt): Bolt => ({ is: "drawn", throwAt })),
  ...TIMES.flatMap((until) =>
    [1, 2, 3].flatMap((attempt): Bolt[] => [
      { is: "drawing", attempt, until, unlock_ms: 5_000 },
      { is: "throwing", attempt, until },
    ]),
  ),
]
const INPUTS: readonly BoltInput[] = [
  { kind: "draw", unlock_ms: 5_000 },
  { kind: "throw" },
  { kind: "let go", unlock_ms: 5_000 },
  ...(["thrown", "drawn", "between"] as const).map((bolt): BoltInput => ({ kind: "sensed", bolt, unlock_ms: 5_000 })),
  { kind: "stalled" },
  { kind: "tick" },
]
const YES_AND_NO = [true, false]

/** When time alone locks a bolt that is not thrown; a state in which it never does admits most. */
function lockedAt(bolt: Bolt, mayThrow: boolean): number {
  return bolt.is === "thrown" ? 0 : (boltWakes(bolt, mayThrow) ?? Infinity)
}

export function* admits(): Iterable<() => number> {
  for (const bolt of STATES)
    for (const input of INPUTS)
      for (const mayThrow of YES_AND_NO)
        for (const mayDraw of YES_AND_NO) {
          const after = () => nextBolt(bolt, NOW, input, mayThrow, mayDraw)
          yield () => (after().is === "drawn" || after().is === "drawing" ? 1 : 0)
          yield () => lockedAt(after(), mayThrow)
          for (const held of [null, "thrown", "drawn"] as const)
            yield () => {
              const drive = driveOf(bolt, after(), held)
              return drive === "draw" ? 2 : drive === "hold" && held === "drawn" ? 1 : drive === "throw" ? -1 : 0
            }
        }
  for (const actuator of ["motor", "solenoid"] as const)
    for (const mode of ["safe", "secure"] as const)
      yield () => {
        const held = heldEnd(actuator, mode)
        return held === "drawn" ? 1 : held === "thrown" ? -1 : 0
      }
}
