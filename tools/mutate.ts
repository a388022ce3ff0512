/**
 * `npm run mutate [-- FILE ...]`: how many small mistakes in the files that decide about a door would the tests see?
 *
 * Picture a forger who changes one word in a file and waits whether anybody notices. The mutants (mutants.ts) of a file are
 * tried one after the other in a process beside this one (planting.ts), so no file is touched. The first failing test, or
 * silence for too long, kills a mutant. Those that open a door, by the file's sweep of all cases, must all die; of the rest,
 * nine in ten. A line for each survivor, then one line of JSON per file; `--all` tells of the killed ones too.
 *
 * Not part of `npm test`: it takes minutes, and a survivor may be equivalent, which only a person can tell.
 */
import { type ChildProcess, fork } from "node:child_process"
import { readFileSync } from "node:fs"
import { setPriority } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Mutant, mutantsOf } from "./mutants.ts"
import type { Job, Said } from "./planting.ts"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const PLANTING = new URL("planting.ts", import.meta.url)
const SCORE_LEAST = 0.9
const SOUND_MS_MAX = 600_000
/** Others on this machine go first. */
const NICE = 10

type Concern = Pick<Job, "tests" | "sweep">
const DOOR = "core/lock/test"
const BOOTING: Concern = {
  tests: ["boot", "boot-journal", "disbelief", "narrowing"].map((name) => `${DOOR}/${name}.test.ts`),
  sweep: `${DOOR}/sweeps/boot.ts`,
}
/** Which tests concern a file, and which sweep tells whether a mutant opens a door. */
const CONCERNS: Readonly<Record<string, Concern>> = {
  "core/access/src/decide.ts": {
    tests: ["core/access/test/decide.test.ts", "core/access/test/two-grants.test.ts"],
    sweep: "core/access/test/sweeps/decide.ts",
  },
  "core/lock/src/throttle.ts": { tests: [`${DOOR}/throttle.test.ts`], sweep: `${DOOR}/sweeps/throttle.ts` },
  "core/lock/src/lease.ts": {
    tests: [`${DOOR}/lease.test.ts`, `${DOOR}/clock.test.ts`],
    sweep: `${DOOR}/sweeps/lease.ts`,
  },
  "core/lock/src/clock.ts": {
    tests: [`${DOOR}/clock.test.ts`, `${DOOR}/clock-attacks.test.ts`],
    sweep: `${DOOR}/sweeps/clock.ts`,
  },
  "core/lock/src/boot.ts": BOOTING,
  "core/lock/src/restore-parts.ts": BOOTING,
  "core/lock/src/restore-journal.ts": BOOTING,
  "core/lock/src/image/boot.ts": {
    tests: [`${DOOR}/image-boot.test.ts`],
    sweep: `${DOOR}/sweeps/image-boot.ts`,
  },
  "core/lock/src/image/verify.ts": {
    tests: [`${DOOR}/image-look.test.ts`, `${DOOR}/image.test.ts`],
    sweep: `${DOOR}/sweeps/image-verify.ts`,
  },
  "core/lock/src/bolt.ts": { tests: [`${DOOR}/bolt.test.ts`], sweep: `${DOOR}/sweeps/bolt.ts` },
  "core/lock/src/denies.ts": { tests: [`${DOOR}/denies.test.ts`], sweep: `${DOOR}/sweeps/denies.ts` },
  "core/lock/src/offline.ts": {
    tests: [`${DOOR}/offline.test.ts`, `${DOOR}/offline-pin.test.ts`],
    sweep: `${DOOR}/sweeps/offline.ts`,
  },
  "core/lock/src/ordering.ts": {
    tests: [
      `${DOOR}/ordering.test.ts`,
      `${DOOR}/order-limits.test.ts`,
      `${DOOR}/ruling.test.ts`,
      `${DOOR}/ruling-limits.test.ts`,
    ],
    sweep: null,
  },
  "core/lock/src/ruling.ts": {
    tests: [`${DOOR}/ruling.test.ts`, `${DOOR}/ruling-limits.test.ts`, `${DOOR}/fire.test.ts`, `${DOOR}/mode.test.ts`],
    sweep: null,
  },
  "core/lock/src/slot.ts": {
    tests: ["slot", "index-in-chunks", "message"].map((name) => `${DOOR}/${name}.test.ts`),
    sweep: null,
  },
  "core/lock/src/open-batch.ts": { tests: [`${DOOR}/batch.test.ts`], sweep: null },
  "core/lock/src/openings.ts": { tests: [`${DOOR}/openings.test.ts`, `${DOOR}/batch.test.ts`], sweep: null },
}

type Judged = { readonly killer: string | null; readonly opens: boolean }
/** What became of a mutant that hung or killed the process before a test could tell. */
const SILENCED: Judged = { killer: "silence", opens: false }
/** What came of mutants, in their order, and behind them of the one that ended it; null where the tests fail as they are. */
type Bout = readonly Judged[] | null

function start(job: Job): ChildProcess {
  const execArgv = ["--disable-warning=ExperimentalWarning"]
  const child = fork(PLANTING, [JSON.stringify(job)], {
    cwd: ROOT,
    execArgv,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  })
  if (child.pid !== undefined) setPriority(child.pid, NICE)
  return child
}

/** Lets one process try mutants from a number on, until it is through or one of them silences it. */
function bout(job: Job): Promise<Bout> {
  const begun = performance.now()
  const child = start(job)
  const judged: Judged[] = []
  let limit_ms = 0
  /** Tests are through with it, and the sweep is not: one that never ends is taken to open. */
  let tried: Judged | null = null
  const silence = (): boolean => child.kill("SIGKILL")
  let patience = setTimeout(silence, SOUND_MS_MAX)
  child.on("message", (said: Said) => {
    if (said.kind === "broken") console.log(`${job.file}: its tests fail as they are: ${said.test}: ${said.why}`)
    if (said.kind === "sound") limit_ms = 10_000 + 3 * (performance.now() - begun)
    if (said.kind === "tried") tried = { killer: said.killer, opens: true }
    if (said.kind === "judged") {
      judged.push(said)
      tried = null
    }
    clearTimeout(patience)
    patience = setTimeout(silence, limit_ms)
  })
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", () => {
      clearTimeout(patience)
      resolve(limit_ms === 0 ? null : [...judged, tried ?? SILENCED])
    })
  })
}

function told(
  file: string,
  source: string,
  { line, start: from, end, text }: Mutant,
  { killer, opens }: Judged,
): string {
  const fate = killer === null ? "survived" : `killed by "${killer}"`
  const what = `${source.slice(from, end)}  ->  ${text}`.replace(/\s+/g, " ")
  return `${file}:${line} ${fate}${opens ? ", opens a door" : ""}: ${what}`
}

/** Tries all mutants of a file and prints what came of it. */
async function isSeen(file: string, concern: Concern, tellsAll: boolean): Promise<boolean> {
  const source = readFileSync(join(ROOT, file), "utf8")
  const mutants = mutantsOf(file, source)
  const all: Judged[] = []
  while (all.length < mutants.length) {
    const next = await bout({ file, ...concern, from: all.length })
    if (next === null) return false
    all.push(...next)
  }
  all.length = mutants.length
  for (const [number, mutant] of mutants.entries()) {
    const judged = all[number]
    if (judged !== undefined && (tellsAll || judged.killer === null)) console.log(told(file, source, mutant, judged))
  }
  const alive = (among: readonly Judged[]): number => among.filter(({ killer }) => killer === null).length
  const opening = all.filter(({ opens }) => opens)
  const rest = all.filter(({ opens }) => !opens)
  const score = Number((1 - alive(rest) / Math.max(1, rest.length)).toFixed(3))
  const doors = concern.sweep === null ? null : { opens: opening.length, opens_survived: alive(opening) }
  console.log(JSON.stringify({ file, mutants: all.length, survived: alive(all), ...doors, score }))
  return alive(opening) === 0 && score >= SCORE_LEAST
}

const args = process.argv.slice(2)
const named = args.filter((arg) => arg !== "--all")
let ok = true
for (const file of named.length === 0 ? Object.keys(CONCERNS) : named) {
  const concern = CONCERNS[file]
  if (concern === undefined) console.log(`No tests are named for ${file}.`)
  if (concern === undefined || !(await isSeen(file, concern, args.includes("--all")))) ok = false
}
process.exitCode = ok ? 0 : 1
