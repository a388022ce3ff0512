/**
 * Hunts one planted bug: `node main.ts BUG FROM COUNT` lives building after building through with the bug in it, until a rule
 * breaks, and prints what broke as one line of JSON; null when nothing did.
 */
import { assert } from "@holdfast/base"
import { BUGS } from "./bugs.ts"
import { plant } from "./patch.ts"

const [number, from, count] = process.argv.slice(2).map(Number)
const bug = BUGS[number ?? -1]
assert(bug !== undefined && from !== undefined && count !== undefined, "the number of a bug, a first seed and a count")
plant(bug)
const { simulate, SimulationBroken } = await import("../simulate.ts")

async function hunt(first: number, end: number): Promise<unknown> {
  for (let seed = first; seed < end; seed++) {
    try {
      await simulate(seed)
    } catch (error) {
      if (!(error instanceof SimulationBroken)) throw error
      return { seed, broken: error.broken }
    }
  }
  return null
}

console.log(JSON.stringify(await hunt(from, from + count)))
