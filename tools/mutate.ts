/**
 * `npm run mutate [FILE ...]`: how many small mistakes in the files that decide about a door would the tests see?
 *
 * Picture a forger who changes one word in a file and waits whether anybody notices. Each mutant (mutants.ts) is planted in a
 * process of its own while the module is loaded, so no file is touched, and the few tests that concern the file run against
 * it. The first failing test, or silence for too long, kills it. A line for each survivor, then one line of JSON per file.
 * Not part of `npm test`: it takes minutes, and a survivor may be equivalent, which only a person can tell.
 */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Mutant, mutantsOf } from "./mutants.ts"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const PLANT = new URL("../sim/src/planted/mutant.ts", import.meta.url).href
const AT_ONCE = 2
const SCORE_LEAST = 0.9

const DOOR = "core/lock/test/"
/** Which tests concern a file, the quick ones first. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  "core/access/src/decide.ts": ["core/access/test/decide.test.ts", "core/access/test/two-grants.test.ts"],
  "core/lock/src/throttle.ts": [`${DOOR}throttle.test.ts`],
  "core/lock/src/lease.ts": [`${DOOR}lease.test.ts`, `${DOOR}clock.test.ts`, `${DOOR}clock-attacks.test.ts`],
  "core/lock/src/clock.ts": [`${DOOR}clock.test.ts`, `${DOOR}clock-attacks.test.ts`],
  "core/lock/src/boot.ts": [`${DOOR}disbelief.test.ts`, `${DOOR}store.test.ts`, `${DOOR}power-cut.test.ts`],
  "core/lock/src/image/boot.ts": ["apps/board/test/loader.test.ts"],
}

/** Whether the tests of a file all pass with this mutant in it; null runs them as they are. */
function survives(file: string, mutant: Mutant | null, limit_ms: number): Promise<boolean> {
  const planted = mutant === null ? [] : ["--import", PLANT]
  const args = [...planted, "--test", "--test-isolation=none", "--test-reporter=tap", ...(TESTS[file] ?? [])]
  const told = mutant === null ? "" : JSON.stringify([file, mutant.start, mutant.end, mutant.text])
  const env = { ...process.env, HOLDFAST_MUTANT: told }
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "ignore"] })
  const kill = (): boolean => child.kill("SIGKILL")
  const limit = setTimeout(kill, limit_ms)
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (/^\s*not ok /m.test(text)) kill()
  })
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => {
      clearTimeout(limit)
      resolve(code === 0)
    })
  })
}

function told(file: string, source: string, { line, start, end, text }: Mutant): string {
  return `${file}:${line} survived: ${source.slice(start, end).replace(/\s+/g, " ")}  ->  ${text.replace(/\s+/g, " ")}`
}

/** Tries all mutants of a file and prints what came of it. */
async function isSeen(file: string): Promise<boolean> {
  const source = readFileSync(join(ROOT, file), "utf8")
  const begun = performance.now()
  if (!(await survives(file, null, 600_000))) {
    console.log(`${file}: its tests fail as they are`)
    return false
  }
  const limit_ms = 10_000 + 5 * (performance.now() - begun)
  const mutants = mutantsOf(file, source)
  const waiting = mutants.values()
  let survived = 0
  const work = async (): Promise<void> => {
    for (const mutant of waiting) {
      if (!(await survives(file, mutant, limit_ms))) continue
      survived++
      console.log(told(file, source, mutant))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const killed = mutants.length - survived
  const score = Number((killed / mutants.length).toFixed(3))
  console.log(JSON.stringify({ file, mutants: mutants.length, killed, survived, score }))
  return killed >= SCORE_LEAST * mutants.length
}

const named = process.argv.slice(2)
const unknown = named.filter((file) => TESTS[file] === undefined)
if (unknown.length > 0) console.log(`No tests are named for ${unknown.join(", ")}.`)
let ok = unknown.length === 0
for (const file of named.length === 0 ? Object.keys(TESTS) : named) if (TESTS[file] && !(await isSeen(file))) ok = false
process.exitCode = ok ? 0 : 1
