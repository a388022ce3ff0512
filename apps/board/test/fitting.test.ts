/** What a virtual board is built of, as JSON tells it: what is no board first. */
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { cellsOf, readFitting } from "../src/fitting.ts"

const pack = { chemistry: "alkaline", cells: 4, capacity_mah: 2_500 }
const NONE: readonly Readonly<Record<string, unknown>>[] = [
  { fail_mode: "open" },
  { actuator: "magnet" },
  { battery: "alkaline" },
  { battery: { ...pack, chemistry: "lead" } },
  { battery: { ...pack, cells: 0 } },
  { battery: { ...pack, cells: 1.5 } },
  { battery: { ...pack, capacity_mah: "much" } },
]
for (const body of NONE) test(`no board: ${JSON.stringify(body)}`, () => equal(readFitting(body), null))

test("what is left out is a motor on mains that stays locked without power", () => {
  deepEqual(readFitting({ door: "x" }), { failMode: "secure" })
  deepEqual(cellsOf({ failMode: "secure" }), {})
})

test("a solenoid, fail-safe, on a pack that is fitted full", () => {
  const fitting = readFitting({ fail_mode: "safe", actuator: "solenoid", battery: pack })
  deepEqual(fitting, { failMode: "safe", actuator: "solenoid", battery: pack })
  equal(fitting === null ? null : cellsOf(fitting).cells?.taken_mj, 0)
})
