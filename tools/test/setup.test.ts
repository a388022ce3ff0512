/**
 * The way in: installs what is missing and nothing else, repairs what was cut short, and passes a program's ending on.
 *
 * Each test has a checkout of its own in a folder with a space and an umlaut. Its npm is a small program on the PATH
 * that notes how it was called; everything else is the real thing.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type TestContext, test } from "node:test"
import { ROOT } from "../sources.ts"

/** Notes its arguments, says that it began, and ends when its input does (or at once) with the code in NPM_CODE. */
const NPM = `#!/usr/bin/env node
const fs = require("node:fs")
fs.appendFileSync("npm.log", process.argv.slice(2).filter((word) => /^(ci|--omit|--include=dev)/.test(word)).join(" ") + "\\n")
fs.mkdirSync("node_modules", { recursive: true })
process.stderr.write("npm warn deprecated everything\\nnpm began\\n")
const end = () => process.exit(Number(process.env.NPM_CODE ?? 0))
if (process.env.NPM_WAITS === undefined) end()
fs.watch(".", (_, name) => name === "go" && end())
if (fs.existsSync("go")) end()
`
const PROGRAM = `
process.on("SIGTERM", () => process.exit(7))
process.stdout.write(JSON.stringify(process.argv.slice(2)))
if (process.argv.includes("stay")) setInterval(() => {}, 1000)
else process.exitCode = 5
`
const LOCK = JSON.stringify({ packages: { "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } } })

type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

class Checkout {
  readonly root = join(mkdtempSync(join(tmpdir(), "setup-")), "Haus Süd")

  constructor(context: TestContext) {
    context.after(() => rmSync(dirname(this.root), { recursive: true, force: true }))
    for (const entry of ["apps/holdfast/src/main.ts", "apps/auditor/src/main.ts", "tools/test.ts"])
      this.write(entry, PROGRAM)
    mkdirSync(join(this.root, "core"))
    this.write("bin/npm", NPM)
    chmodSync(join(this.root, "bin/npm"), 0o755)
    this.write("package-lock.json", LOCK)
    copyFileSync(join(ROOT, "tools/setup.mjs"), join(this.root, "tools/setup.mjs"))
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  begin(words: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const { npm_execpath: _, ...rest } = process.env
    const PATH = `${join(this.root, "bin")}:${process.env["PATH"] ?? ""}`
    return spawn(process.execPath, ["tools/setup.mjs", ...words], { cwd: this.root, env: { ...rest, ...env, PATH } })
  }

  async run(words: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    return ended(this.begin(words, env))
  }

  /** How npm was called so far. */
  calls(): readonly string[] {
    const log = join(this.root, "npm.log")
    return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []
  }
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [out, err] = ["", ""]
  child.stdout?.on("data", (text: Buffer) => (out += text.toString()))
  child.stderr?.on("data", (text: Buffer) => (err += text.toString()))
  const [code]: (number | null)[] = await once(child, "close")
  return { code: code ?? null, out, err }
}

/** Until the child says `words` on standard error, or standard output. */
async function heard(child: ChildProcess, words: string): Promise<void> {
  let said = ""
  const { promise, resolve } = Promise.withResolvers<void>()
  const hear = (text: Buffer): void => {
    said += text.toString()
    if (said.includes(words)) resolve()
  }
  child.stderr?.on("data", hear)
  child.stdout?.on("data", hear)
  await promise
}

test("installs once, passes arguments and the exit code on, and keeps standard output clean", async (context) => {
  const checkout = new Checkout(context)
  const first = await checkout.run(["audit", "a b", "--key", "ü"])
  deepEqual([first.code, first.out], [5, `["a b","--key","ü"]`])
  match(first.err, /Installing packages \.\.\./)
  deepEqual(checkout.calls(), ["ci --omit=dev"])
  const second = await checkout.run(["audit"])
  deepEqual([second.code, second.err], [5, ""])
  equal(checkout.calls().length, 1)
})

test("an installation for starting does not serve the tests; one for the tests serves a start", async (context) => {
  const checkout = new Checkout(context)
  await checkout.run(["start"])
  await checkout.run(["test"])
  await checkout.run(["start"])
  deepEqual(checkout.calls(), ["ci --omit=dev", "ci --include=dev"])
})

test("a changed lock is installed; a folder alone proves nothing", async (context) => {
  const checkout = new Checkout(context)
  mkdirSync(join(checkout.root, "node_modules"))
  await checkout.run(["audit"])
  checkout.write("package-lock.json", LOCK.replace("1.0.0", "1.0.1"))
  await checkout.run(["audit"])
  equal(checkout.calls().length, 2)
})

test("what somebody installed by hand is taken as it is when it agrees with the lock", async (context) => {
  const checkout = new Checkout(context)
  checkout.write("node_modules/.package-lock.json", LOCK)
  equal((await checkout.run(["audit"])).code, 5)
  deepEqual(checkout.calls(), [])
  checkout.write("package-lock.json", LOCK.replace("1.0.0", "1.0.1"))
  await checkout.run(["audit"])
  equal(checkout.calls().length, 1)
})

test("when npm fails nothing runs, one line says so, and the next run tries again", async (context) => {
  const checkout = new Checkout(context)
  const failed = await checkout.run(["audit"], { NPM_CODE: "3" })
  deepEqual([failed.code, failed.out], [3, ""])
  match(failed.err, /npm could not install the packages/)
  equal((await checkout.run(["audit"])).code, 5)
  equal(checkout.calls().length, 2)
})

test("an installation that was killed in the middle is made again", async (context) => {
  const checkout = new Checkout(context)
  const killed = checkout.begin(["audit"], { NPM_WAITS: "1" })
  await heard(killed, "npm began")
  const death = once(killed, "exit")
  killed.kill("SIGKILL")
  await death
  ok(existsSync(join(checkout.root, ".holdfast-setup.lock")))
  equal((await checkout.run(["audit"])).code, 5)
  equal(checkout.calls().length, 2)
  checkout.write("go", "") // Lets the orphaned npm end.
})

test("an installation that was stopped leaves no lock behind", async (context) => {
  const checkout = new Checkout(context)
  const stopped = checkout.begin(["audit"], { NPM_WAITS: "1" })
  await heard(stopped, "npm began")
  const end = ended(stopped)
  stopped.kill("SIGTERM")
  equal((await end).code, 143)
  ok(!existsSync(join(checkout.root, ".holdfast-setup.lock")))
  equal((await checkout.run(["audit"])).code, 5)
})

test("of two at once one installs and the other waits for it", async (context) => {
  const checkout = new Checkout(context)
  const first = checkout.begin(["audit"], { NPM_WAITS: "1" })
  await heard(first, "npm began")
  const second = checkout.begin(["audit"])
  const ends = [ended(first), ended(second)]
  await heard(second, "waiting for it to end")
  checkout.write("go", "")
  deepEqual(
    (await Promise.all(ends)).map(({ code }) => code),
    [5, 5],
  )
  equal(checkout.calls().length, 1)
})

test("a wish to stop reaches the program, and its exit code comes back", async (context) => {
  const checkout = new Checkout(context)
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const child = checkout.begin(["audit", "stay"])
    await heard(child, `["stay"]`)
    const end = ended(child)
    child.kill(signal)
    equal((await end).code, 7)
  }
})

test("a word that is none, and a room that is not here, are one line each", async (context) => {
  const checkout = new Checkout(context)
  const unknown = await checkout.run(["dance"])
  equal(unknown.code, 2)
  match(unknown.err, /^Use: node tools\/setup\.mjs start\|[^\n]*\n$/)
  await checkout.run(["audit"])
  const absent = await checkout.run(["replay"])
  deepEqual([absent.code, absent.err], [1, "This checkout has no sim/src/replay-main.ts.\n"])
})
