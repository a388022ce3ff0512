/**
 * Everything that `npm test` means: the static checks, then the tests from core outwards, one line per stage and the
 * sum in the last line.
 *
 * Picture phases, one after the other. In a phase two stages run side by side, for the machine that this must suit has
 * two cores; rooms with processes and sockets of their own come last, a phase each. A stage tells what it has to say
 * only when it failed. A static check counts as one test.
 *
 * `--only WORD` picks stages by name, or test files by the beginning of their path; it may be given more than once.
 * `--real` runs the tests against other makers' servers instead (real.ts).
 */
import { globSync } from "node:fs"
import { parseArgs } from "node:util"
import { missingFor } from "./real.ts"
import { ROOT } from "./sources.ts"
import { type Check, endAll, inLanes, type Outcome, runStage, type Stage, type Suite } from "./stage.ts"
import { NONE, sum, type Totals } from "./totals.ts"

const LANES = 2
const WHOLE_MS_MAX = 27 * 60_000

const CHECKS: readonly Check[] = [
  { is: "check", name: "console", command: "node tools/setup.mjs build" },
  { is: "check", name: "format", command: "biome format --max-diagnostics 50 --reporter summary" },
  { is: "check", name: "lint", command: "oxlint --type-aware --deny-warnings --format unix" },
  { is: "check", name: "unused", command: "knip --no-progress" },
  { is: "check", name: "types:core", command: "tsc -p tsconfig.core.json" },
  { is: "check", name: "types:node", command: "tsc -p tsconfig.node.json" },
  { is: "check", name: "types:web", command: "tsc -p tsconfig.web.json" },
  { is: "check", name: "types:web-test", command: "tsc -p tsconfig.web-test.json" },
]

/** Files in a folder `apart` have a process each, wherever they lie. */
function suite(name: string, how: Suite["how"], pattern: string, lanes = LANES): Suite {
  const isOurs = (file: string): boolean => how === "apart" || !/[\\/]apart[\\/]/.test(file)
  const found = globSync(pattern, { cwd: ROOT }).filter((file) => !file.endsWith(".real.test.ts") && isOurs(file))
  return { is: "suite", name, how, lanes, files: found.sort() }
}

/** All stages, by phases: every test file of the project stands in one of them. */
export function allPhases(): readonly (readonly Stage[])[] {
  return [
    CHECKS,
    [
      suite("lock", "together", "core/lock/test/**/*.test.ts"),
      suite("core", "together", "core/!(lock)/test/**/*.test.ts"),
      suite("house", "together", "tools/test/*.test.ts"),
      suite("edges", "together", "{contract,ports/*}/test/**/*.test.ts"),
    ],
    [suite("apps", "apart", "{apps/*/test/*.test.ts,core/*/test/apart/*.test.ts}")],
    [suite("sim", "apart", "{sim,bench}/test/**/*.test.ts")],
    [suite("browser", "apart", "apps/*/test/browser/*.test.ts", 1)],
  ]
}

/** The tests against real servers, once every server is there; else the run ends here. */
function realPhases(): readonly (readonly Stage[])[] {
  const files = globSync("{core,ports,apps}/*/test/**/*.real.test.ts", { cwd: ROOT }).sort()
  const missing = missingFor(files)
  if (files.length > 0 && missing.length === 0) return [[{ is: "suite", name: "real", how: "apart", lanes: 1, files }]]
  console.log([...missing, `0 passed, ${missing.length} failed`].join("\n"))
  process.exit(missing.length === 0 ? 0 : 1)
}

/** What `words` leave of a stage: a check by its name, a suite by its name or by the paths of its files. */
function picked(stage: Stage, words: readonly string[]): readonly Stage[] {
  if (stage.is === "check") return words.length === 0 || words.includes(stage.name) ? [stage] : []
  const whole = words.length === 0 || words.includes(stage.name)
  const files = whole ? stage.files : stage.files.filter((file) => words.some((word) => file.startsWith(word)))
  return files.length === 0 ? [] : [{ ...stage, files }]
}

function tell(stage: Stage, { totals, said }: Outcome, ms: number): void {
  const { passed, failed, skipped } = totals
  const skips = skipped > 0 ? `, ${skipped} skipped` : ""
  const counts = stage.is === "check" ? "" : `${passed} passed, ${failed} failed${skips}`
  const seconds = `${(ms / 1000).toFixed(1)} s`
  console.log(`${failed === 0 ? "ok  " : "FAIL"}  ${stage.name.padEnd(15)} ${counts.padEnd(32)} ${seconds.padStart(8)}`)
  if (failed > 0) console.log(`\n${said.trim().replaceAll(/^/gm, "      ")}\n`)
}

async function runPhase(stages: readonly Stage[], deadline: number): Promise<Totals> {
  const totals = await inLanes(LANES, stages, async (stage) => {
    const from = performance.now()
    const outcome = await runStage(stage, deadline)
    tell(stage, outcome, performance.now() - from)
    return outcome.totals
  })
  return totals.reduce(sum, NONE)
}

if (import.meta.main) {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      endAll()
      process.exit(130)
    })
  const { values } = parseArgs({ options: { only: { type: "string", multiple: true }, real: { type: "boolean" } } })
  const deadline = performance.now() + WHOLE_MS_MAX
  let totals = NONE
  for (const phase of values.real === true ? realPhases() : allPhases()) {
    const stages = phase.flatMap((stage) => picked(stage, values.only ?? []))
    totals = sum(totals, await runPhase(stages, deadline))
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed`)
  process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1
}
