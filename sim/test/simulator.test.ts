/** The simulator: sound buildings live through their days without breaking a rule, and one seed is one building. */
import { deepEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import { simulate } from "../src/simulate.ts"

const SEEDS = 6
for (let seed = 0; seed < SEEDS; seed++)
  test(`seed ${seed}: no rule breaks, and the audit is clean`, async () => {
    const report = await simulate(seed)
    ok(report.steps > 100 && report.admitted > 0 && report.refused > 0, JSON.stringify(report))
  })

test("seed 439: codes and two boots lose their power in a row, and no boot bears the number of another", async () => {
  ok((await simulate(439)).steps > 100)
})

test("the same seed gives the same building, another seed another", async () => {
  const [first, again, other] = [await simulate(7), await simulate(7), await simulate(8)]
  deepEqual(first, again)
  ok(first.trace !== other.trace)
})
