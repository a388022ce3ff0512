/**
 * Hunts one planted bug: `node main.ts BUG FROM COUNT` lives building after building through with the bug in it, until the
 * bug's own rule breaks, and prints the seed and what broke as one line of JSON; null when nothing did.
 *
 * A bug makes a building ill in many ways, so other rules are not listened to, and a building that falls apart altogether is
 * told on standard error and left for the next.
 */
import { ok } from "node:assert/strict"
import { BUGS } from "./bugs.ts"
import { plant } from "./patch.ts"

const [number, from, count] = process.argv.slice(2).map(Number)
const bug = BUGS[number ?? -1]
ok(bug !== undefined && from !== undefined && count !== undefined, "the number of a bug, a first seed and a count")
plant(bug)
const { simulate, SimulationBroken } = await import("../simulate.ts")

async function hunt(first: number, end: number): Promise<unknown> {
  for (let seed = first; seed < end; seed++) {
    try {
      await simulate(seed, bug === undefined ? {} : { only: bug.rule })
    } catch (error) {
      if (error instanceof SimulationBroken) return { seed, broken: error.broken }
      console.error(`seed ${seed}: ${String(error)}`)
    }
  }
  return null
}

console.log(JSON.stringify(await hunt(from, from + count)))
