/**
 * `npm run bench -- NAME ...`: measures and prints one JSON line a figure. Without a name it lists them.
 *
 * A benchmark is never a timed test: nothing here passes or fails.
 */
import type { Figure } from "./figure.ts"

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  decision: async () => (await import("./decision.ts")).decision(),
  heap: async () => (await import("./heap.ts")).heap(),
  ledger: async () => (await import("./ledger.ts")).ledger(),
  replay: async () => (await import("./replay.ts")).replay(),
  live: async () => (await import("./live.ts")).live(),
  tap: async () => (await import("./tap.ts")).tap(),
  timing: async () => (await import("./timing.ts")).timing(),
  start: async () => (await import("./start.ts")).start(),
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name))
if (names.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no bench "${unknown.join('", "')}".`)
  console.error(`npm run bench -- NAME ..., where NAME is one of: ${Object.keys(BENCHES).join(", ")}`)
  process.exitCode = 1
} else {
  for (const name of names) for (const figure of (await BENCHES[name]?.()) ?? []) console.log(JSON.stringify(figure))
}
