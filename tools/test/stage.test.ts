/**
 * The runner tells the truth: what fails is counted and told, what dies or hangs fails, what a stage starts ends with it.
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { needsOf } from "../real.ts"
import { sourcePaths } from "../sources.ts"
import { inLanes, type Outcome, outcomeOf, runStage } from "../stage.ts"
import { allPhases } from "../test.ts"
import { NONE } from "../totals.ts"

/** Runs test files of these texts, a process per file, at most `ms_max` long. */
function suite(context: TestContext, texts: readonly string[], ms_max = 60_000): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "stage-"))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const files = texts.map((text, index) => {
    const file = join(folder, `planted-${index}.test.mjs`)
    writeFileSync(file, `import { describe, test } from "node:test"\n${text.replaceAll("FOLDER", folder)}`)
    return file
  })
  const stage = { is: "suite", name: "planted", how: "apart", lanes: 2, files } as const
  return runStage(stage, performance.now() + ms_max)
}

test("passes, failures and tests in a test are counted; a passing file says nothing", async (context) => {
  const { totals, said } = await suite(context, [
    `test("good", () => {}); describe("group", () => { test("inner", () => {}) }); console.log("chatter")`,
    `test("bad", () => { throw new TypeError("the reason") })`,
  ])
  deepEqual(totals, { passed: 2, failed: 1, skipped: 0 })
  match(said, /planted-1\.test\.mjs:2: bad\nTypeError: the reason/)
  equal(said.includes("chatter"), false)
})

test("a file that cannot be loaded, and one that dies, fail as a whole", async (context) => {
  const { totals } = await suite(context, [`import "./absent.mjs"`, `test("dies", () => process.exit(0))`])
  deepEqual(totals, { passed: 0, failed: 2, skipped: 0 })
})

test("a file that hangs is ended in time, and its children with it", { timeout: 60_000 }, async (context) => {
  const { totals, said } = await suite(
    context,
    [
      `import { spawn } from "node:child_process"
       import { writeFileSync } from "node:fs"
       const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"])
       writeFileSync("FOLDER/pid", String(child.pid))
       console.log("FOLDER/pid")
       test("hangs", () => { for (;;); })`,
    ],
    2_000,
  )
  deepEqual(totals, { passed: 0, failed: 1, skipped: 0 })
  match(said, /Still running after 2 s, and ended/)
  const pid = Number(readFileSync(said.trim().split("\n")[0] ?? "", "utf8"))
  // The signal was sent; when it has arrived is the kernel's business.
  while (state(pid) !== "gone") await new Promise((resolve) => setImmediate(resolve))
})

test("what left the process group is waited for by nobody, though it holds what the file said open", async (context) => {
  const left = `import { spawn } from "node:child_process"
    const options = { detached: true, stdio: ["ignore", "inherit", "inherit"] }
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], options)
    child.unref()
    console.log(child.pid)
    test("leaves somebody behind", () => { throw new TypeError("so that it is told") })`
  const { totals, said } = await suite(context, [left])
  const pid = Number(said.trim().split("\n")[0])
  equal(state(pid), "runs")
  process.kill(pid, "SIGKILL")
  deepEqual(totals, { passed: 0, failed: 1, skipped: 0 })
})

/** Whether a process still runs; one that ended and that nobody has waited for yet is gone too. */
function state(pid: number): "runs" | "gone" {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8")) ? "gone" : "runs"
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "gone"
    throw error
  }
}

test("totals that hide a failing exit are not believed", () => {
  const said = `before\ntotals: {"passed":3,"failed":0,"skipped":0}\nafter\n`
  deepEqual(outcomeOf({ code: 0, said }), { totals: { passed: 3, failed: 0, skipped: 0 }, said: "before\nafter\n" })
  equal(outcomeOf({ code: 1, said }).totals.failed, 1)
  equal(outcomeOf({ code: 0, said: "nothing" }).totals.failed, 1)
  for (let size = said.indexOf("}"); size > 0; size--)
    deepEqual(outcomeOf({ code: 0, said: said.slice(0, size) }).totals, { passed: 0, failed: 1, skipped: 0 })
  equal(outcomeOf({ code: 0, said: said.replace("3", "0") }).totals.failed, 1)
})

test("a check passes by its exit code", async () => {
  const check = (command: string) => runStage({ is: "check", name: "planted", command }, performance.now() + 60_000)
  deepEqual((await check("node --version")).totals, { ...NONE, passed: 1 })
  deepEqual((await check("node --no-such-option")).totals, { ...NONE, failed: 1 })
  deepEqual((await check("no-such-program")).totals, { ...NONE, failed: 1 })
})

test("lanes: at most so many at a time, answers in the order of the items, a failure comes through", async () => {
  let [now, most] = [0, 0]
  const work = async (item: number): Promise<number> => {
    most = Math.max(most, ++now)
    for (let turn = 0; turn < 10 - item; turn++) await Promise.resolve()
    now--
    return item * item
  }
  deepEqual(await inLanes(2, [1, 2, 3, 4, 5], work), [1, 4, 9, 16, 25])
  equal(most, 2)
  deepEqual(await inLanes(2, [], work), [])
  await rejects(
    inLanes(2, [1], () => Promise.reject(new TypeError("no"))),
    TypeError,
  )
})

test("every test file runs in one stage", () => {
  const staged = allPhases().flatMap((stages) => stages.flatMap((stage) => (stage.is === "suite" ? stage.files : [])))
  const written = sourcePaths().filter((path) => /\.test\.\w+$/.test(path) && !path.endsWith(".real.test.ts"))
  ok(written.length > 0)
  deepEqual(staged.toSorted(), written)
})

test("a test against a real server names it in its head", () => {
  deepEqual(needsOf("/**\n * What it is.\n *\n * Needs: mosquitto, initdb\n */"), ["mosquitto", "initdb"])
  deepEqual(needsOf("/** What it is. */"), [])
})
