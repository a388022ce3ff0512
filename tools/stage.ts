/**
 * One stage of `npm test` and how it runs: a static check, or a set of test files.
 *
 * Each process leads a process group of its own, so that a stage that is late or stopped ends with all that it started.
 * A process that ends without its totals failed as a whole, whatever it says. Which stages there are stands in test.ts.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { ROOT } from "./sources.ts"
import { NONE, sum, type Totals, totalsIn } from "./totals.ts"

export type Check = { readonly is: "check"; readonly name: string; readonly command: string }
/** `together`: all files in one process, for tests without sockets or children. `apart`: a process per file. */
export type Suite = {
  readonly is: "suite"
  readonly name: string
  readonly how: "together" | "apart"
  readonly lanes: number
  readonly files: readonly string[]
}
export type Stage = Check | Suite
export type Outcome = { readonly totals: Totals; readonly said: string }

const CHECK_MS_MAX = 5 * 60_000
/** Several times what the longest takes on two quiet cores: a shared machine may be as slow as that. */
const SUITE_MS_MAX = 12 * 60_000
const SAID_BYTES_MAX = 1024 * 1024

const PASSED: Totals = { ...NONE, passed: 1 }
const FAILED: Totals = { ...NONE, failed: 1 }

/** Does the work on all items, at most `count` at a time, begun in their order; the answers are in their order too. */
export async function inLanes<Item, Answer>(
  count: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers = new Map<Item, Answer>()
  const waiting = items.values()
  const lane = async (): Promise<void> => {
    for (const item of waiting) answers.set(item, await work(item))
  }
  await Promise.all(Array.from({ length: count }, lane))
  return [...answers].sort(([a], [b]) => items.indexOf(a) - items.indexOf(b)).map(([, answer]) => answer)
}

// --- Processes ------------------------------------------------------------------------------------------------------

const running = new Set<ChildProcess>()

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, "SIGKILL")
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error
  }
}

/** Ends whatever still runs, when the whole run is stopped. */
export function endAll(): void {
  for (const child of running) endGroup(child)
}

type Ended = { readonly code: number | null; readonly said: string }

/**
 * A file without a name, for what a process says. A pipe would be kept open by whatever the process left behind in a group of
 * its own, and keep us waiting.
 */
function openNotes(): number {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-stage-"))
  const notes = openSync(join(folder, "said"), "a+")
  rmSync(folder, { recursive: true })
  return notes
}

/** The end of the notes, which is what tells. */
function takeNotes(notes: number): string {
  const { size } = fstatSync(notes)
  const bytes = Buffer.alloc(Math.min(size, SAID_BYTES_MAX))
  readSync(notes, bytes, 0, bytes.length, size - bytes.length)
  closeSync(notes)
  return bytes.toString()
}

function runProcess(program: string, args: readonly string[], ms_max: number): Promise<Ended> {
  const path = [join(ROOT, "node_modules/.bin"), process.env["PATH"] ?? ""].join(delimiter)
  const env = { ...process.env, PATH: path, NO_COLOR: "1", FORCE_COLOR: "0" }
  const notes = openNotes()
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, env, detached: true, stdio: ["ignore", notes, notes] })
    running.add(child)
    let added = ""
    const late = setTimeout(() => {
      added = `\nStill running after ${Math.round(ms_max / 1000)} s, and ended: ${args.join(" ")}\n`
      endGroup(child)
    }, ms_max)
    const end = (code: number | null): void => {
      clearTimeout(late)
      running.delete(child)
      endGroup(child) // What it started and left behind.
      resolve({ code, said: takeNotes(notes) + added })
    }
    child.on("error", ({ message }) => {
      added = message // It did not start: no exit comes.
      end(null)
    })
    child.on("exit", end)
  })
}

// --- Stages ---------------------------------------------------------------------------------------------------------

async function runCheck({ command }: Check, ms_max: number): Promise<Outcome> {
  const [word = "", ...args] = command.split(" ")
  const program = word === "node" ? process.execPath : join(ROOT, "node_modules/.bin", word)
  const { code, said } = await runProcess(program, args, Math.min(CHECK_MS_MAX, ms_max))
  return { totals: code === 0 ? PASSED : FAILED, said }
}

/** What a process of tests said, without its totals, and the totals. */
export function outcomeOf({ code, said }: Ended): Outcome {
  const told = totalsIn(said)
  if (told === null) return { totals: FAILED, said }
  const { totals, rest } = told
  const empty = totals.passed + totals.skipped === 0 // Nothing ran: its files never came to their tests.
  const broken = totals.failed === 0 && (code !== 0 || empty)
  return { totals: broken ? sum(totals, FAILED) : totals, said: rest }
}

async function runFiles(files: readonly string[], ms_max: number): Promise<Outcome> {
  const args = [join(ROOT, "tools/suite.ts"), ...files]
  const outcome = outcomeOf(await runProcess(process.execPath, args, Math.min(SUITE_MS_MAX, ms_max)))
  return outcome.totals.failed === 0 ? { ...outcome, said: "" } : outcome
}

/** Runs a stage; no process of it outlives `deadline`, in milliseconds of `performance.now()`. */
export async function runStage(stage: Stage, deadline: number): Promise<Outcome> {
  const left = (): number => Math.max(1, deadline - performance.now())
  if (stage.is === "check") return runCheck(stage, left())
  if (stage.how === "together") return runFiles(stage.files, left())
  const outcomes = await inLanes(stage.lanes, stage.files, (file) => runFiles([file], left()))
  return {
    totals: outcomes.map(({ totals }) => totals).reduce(sum, NONE),
    said: outcomes.map(({ said }) => said).join(""),
  }
}
