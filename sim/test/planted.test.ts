/** A rule whose bug is not caught is not a rule: each planted bug breaks its own rule, in one of the first buildings. */
import { equal, ok } from "node:assert/strict"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { describe, test } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { BUGS } from "../src/planted/bugs.ts"
import { RULES } from "../src/rules/rules.ts"

const HUNT = fileURLToPath(new URL("../src/planted/main.ts", import.meta.url))
/** Seeds that a hunt may take. Most bugs are caught in its first building. */
const SEEDS_MAX = 12
const LANES = 2
const run = promisify(execFile)

test("every rule has a planted bug", () => {
  for (const { id } of RULES)
    ok(
      BUGS.some(({ rule }) => rule === id),
      `${id} has none`,
    )
})

test("the piece that each planted bug replaces stands in its file exactly once", () => {
  for (const { file, find, rule, about } of BUGS) {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8")
    equal(text.split(find).length - 1, 1, `${rule}, ${about}: the piece to replace in ${file}`)
  }
})

describe("planted bugs", { concurrency: LANES }, () => {
  for (const [number, { rule, about, seed = 0 }] of BUGS.entries())
    test(`${rule} catches: ${about}`, async (t) => {
      const words = [HUNT, String(number), String(seed), String(SEEDS_MAX)]
      const { stdout, stderr } = await run(process.execPath, words)
      const caught = JSON.parse(stdout.trim().split("\n").at(-1) ?? "null") as { readonly seed?: number } | null
      ok(typeof caught?.seed === "number", `none of ${SEEDS_MAX} buildings broke ${rule}; ${stderr}`)
      t.diagnostic(`${rule} caught in the building of seed ${caught.seed}`)
    })
})
