/** The launcher for real: processes out of image slots. A good image, one touched, one that crashes, one that hangs, the board itself. */
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { nodeCrypto } from "@holdfast/port-node"
import { FileImageSlots } from "../src/image/slots.ts"
import { trustText } from "../src/image/vendor.ts"
import { Launcher, type LauncherEnd, type LauncherOptions } from "../src/launcher.ts"
import { forgedImage, imageOf, MODEL, VENDOR } from "./vendor.ts"

const MAIN = fileURLToPath(new URL("../src/launcher-main.ts", import.meta.url))

/** Says who it is, takes an update if one is passed to it, and ends when it is told. */
const PROGRAM = `
const wait = setInterval(() => undefined, 1_000)
process.on("message", (message) => {
  if (message.kind === "end") process.exit(0)
  if (message.kind === "take") {
    process.send({ kind: "image write", offset: 0, bytes: message.bytes })
    process.send({ kind: "image check", image: message.image, size: message.bytes.length })
  }
  if (message.kind !== "image checked") return
  process.send({ kind: "said", what: "checked: " + message.fault })
  if (message.fault === null) process.send({ kind: "image try", image: message.image })
})
`
/** The same, and it is alive until it is told to hang. */
const LIVELY = `${PROGRAM}
setInterval(() => process.send({ kind: "alive" }), 50)
process.on("message", (message) => { if (message.kind === "hang") for (;;); })
`
const says = (what: string): string => `process.send({ kind: "said", what: ${JSON.stringify(what)} })\n`
const CONFIRM = `process.send({ kind: "image confirm" })\n`

type Running = {
  readonly slots: FileImageSlots
  readonly launcher: Launcher
  readonly heard: string[]
  readonly end: Promise<LauncherEnd>
  /** Resolves once the program said this, counted from the beginning. */
  said(what: string): Promise<void>
}

type Watching = Pick<LauncherOptions, "look_ms" | "crashes_max" | "healthy_ms">

function launch(context: TestContext, image: Uint8Array, trial_ms: number = 60_000, watching: Watching = {}): Running {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-launcher-"))
  const slots = new FileImageSlots(directory)
  slots.write("a", 0, image)
  const heard: string[] = []
  const waiting = new Map<string, () => void>()
  const launcher = new Launcher({
    loader: { slots, vendor: VENDOR, model: MODEL, revision: 1 },
    trial_ms,
    ...watching,
    args: [],
    say: (line) => heard.push(line),
    tell: (message) => {
      const what = (message as { what: string }).what
      heard.push(what)
      waiting.get(what)?.()
    },
  })
  context.after(() => {
    launcher.stop()
    rmSync(directory, { recursive: true })
  })
  const said = (what: string): Promise<void> =>
    heard.includes(what) ? Promise.resolve() : new Promise((resolve) => waiting.set(what, resolve))
  return { slots, launcher, heard, said, end: launcher.run() }
}

const take = (bytes: Uint8Array) => ({ kind: "take", bytes, image: nodeCrypto.sha256(bytes) })

test("attack 61: an image with one byte changed does not run", async (context) => {
  const image = imageOf(1, 1, says("I run"))
  const at = image.indexOf("I".charCodeAt(0), 40)
  image[at] = 0x4a
  const { end, heard } = launch(context, image)
  equal(await end, "nothing may run")
  deepEqual(heard, [])
})

test("attack 61: an image that a stranger signed does not run, and is not taken", async (context) => {
  equal(await launch(context, forgedImage(1, 1, says("I run"))).end, "nothing may run")
  const running = launch(context, imageOf(1, 1, PROGRAM + CONFIRM + says("old")))
  await running.said("old")
  running.launcher.pass(take(forgedImage(2, 2, says("forged"))))
  await running.said("checked: wrong signature")
  running.launcher.pass({ kind: "end" })
  equal(await running.end, "ended")
  ok(!running.heard.includes("forged"))
})

test("a good image is tried, confirms itself, raises the floor, and is what boots from then on", async (context) => {
  const running = launch(context, imageOf(1, 1, PROGRAM + CONFIRM + says("old")))
  await running.said("old")
  running.launcher.pass(take(imageOf(2, 2, PROGRAM + CONFIRM + says("new"))))
  await running.said("new")
  running.launcher.pass({ kind: "end" })
  equal(await running.end, "ended")
  deepEqual(running.heard, ["1.1.0+0", "old", "checked: null", "1.2.0+0, on trial", "new"])
  equal(running.slots.floor(), 2)
})

for (const [how, payload] of [
  ["crashes at once", "process.exit(7)"],
  ["does not even parse", "}{"],
  ["throws later", `setTimeout(() => { throw new TypeError("late") }, 20)`],
  ["ends quietly", "process.exit(0)"],
] as const)
  test(`L-06: an image that ${how} is tried once and taken back`, async (context) => {
    const running = launch(context, imageOf(1, 1, PROGRAM + CONFIRM + says("old")))
    await running.said("old")
    running.heard.length = 0
    running.launcher.pass(take(imageOf(2, 2, payload)))
    await running.said("old")
    running.launcher.pass({ kind: "end" })
    equal(await running.end, "ended")
    deepEqual(running.heard, ["checked: null", "1.2.0+0, on trial", "1.1.0+0", "old"])
    equal(running.slots.floor(), 1)
  })

test("L-06: an image that hangs is taken back when its time is over", async (context) => {
  const running = launch(context, imageOf(1, 1, PROGRAM + CONFIRM + says("old")), 200)
  await running.said("old")
  running.heard.length = 0
  running.launcher.pass(take(imageOf(2, 2, `for (;;);`)))
  await running.said("old")
  deepEqual(running.heard, ["checked: null", "1.2.0+0, on trial", "1.1.0+0", "old"])
  running.launcher.pass({ kind: "end" })
  equal(await running.end, "ended")
})

/** Three of them are a busy machine's time to start a program that then says it is alive. */
const SHORT_LOOK_MS = 4_000

test("attack 135: a program that hangs is killed and started again, and not for ever", {
  timeout: 120_000,
}, async (context) => {
  const hangs = imageOf(1, 1, `${LIVELY}${CONFIRM}${says("up")}`)
  const running = launch(context, hangs, 60_000, { look_ms: SHORT_LOOK_MS, crashes_max: 2 })
  await running.said("up")
  const hanging = setInterval(() => running.launcher.pass({ kind: "hang" }), 20)
  context.after(() => clearInterval(hanging))
  equal(await running.end, "keeps crashing")
  const killed = "the program hangs: killed"
  deepEqual(running.heard, ["1.1.0+0", "up", killed, "1.1.0+0", "up", killed])
})

test("attack 135: an image that hangs on trial is taken back long before its time is over", {
  timeout: 120_000,
}, async (context) => {
  const running = launch(context, imageOf(1, 1, LIVELY + CONFIRM + says("old")), 3_600_000, { look_ms: SHORT_LOOK_MS })
  await running.said("old")
  running.heard.length = 0
  running.launcher.pass(take(imageOf(2, 2, `for (;;);`)))
  await running.said("old")
  deepEqual(running.heard, ["checked: null", "1.2.0+0, on trial", "the program hangs: killed", "1.1.0+0", "old"])
  running.launcher.pass({ kind: "end" })
  equal(await running.end, "ended")
})

test("a confirmed image that keeps crashing is not started for ever", async (context) => {
  const { end, heard } = launch(
    context,
    imageOf(1, 1, `${CONFIRM}process.on("disconnect", () => undefined); process.exitCode = 7; process.disconnect()`),
  )
  equal(await end, "keeps crashing")
  equal(heard.length, 5)
})

/** Crashes when it is told to. */
const BREAKABLE = `${PROGRAM}process.on("message", ({ kind }) => { if (kind === "crash") process.exit(7) })\n`

test("a crash after a healthy run is the first of another row: an image may crash once in a season for ever", async (context) => {
  const watching = { crashes_max: 2, healthy_ms: 0 }
  const running = launch(context, imageOf(1, 1, BREAKABLE + CONFIRM + says("up")), 60_000, watching)
  for (let season = 0; season < 4; season++) {
    await running.said("up")
    running.heard.length = 0
    running.launcher.pass({ kind: "crash" })
  }
  await running.said("up")
  running.launcher.pass({ kind: "end" })
  equal(await running.end, "ended")
})

test("npm run launch -- --help shows what it takes, and whoever leaves out what is needed sees it too", () => {
  const call = (...words: string[]) => spawnSync(process.execPath, [MAIN, ...words], { encoding: "utf8" })
  const help = call("--help")
  equal(help.status, 0)
  match(help.stdout, /^Usage: npm run launch[^]*--slots DIR[^]*--trust TRUST[^]*a run of an hour ends the row/)
  const lacking = call("--slots", "here")
  equal(lacking.status, 1)
  equal(lacking.stderr, help.stdout)
})

test("the board itself, bundled, signed, launched as a process of its own: it opens its building and confirms", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-board-"))
  context.after(() => rmSync(directory, { recursive: true }))
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../src/main.ts", import.meta.url))],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    logLevel: "silent",
  })
  const program = outputFiles[0]?.text ?? ""
  const slots = new FileImageSlots(join(directory, "slots"))
  slots.write("a", 0, imageOf(1, 4, program))
  const trust = join(directory, "trust.json")
  writeFileSync(trust, trustText(VENDOR))
  const launcher = spawn(process.execPath, [MAIN, "--slots", join(directory, "slots"), "--trust", trust], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  })
  let wrong = ""
  launcher.stderr?.on("data", (part) => (wrong += String(part)))
  const ready = new Promise<unknown>((resolve) => {
    launcher.on("message", (message) => ((message as { kind: string }).kind === "ready" ? resolve(message) : undefined))
  })
  const site = "5a".repeat(16)
  const settings = {
    directory: join(directory, "boards"),
    trust: { site, keeper: "", logKey: "", keeperHpke: "", epoch: 1 },
    courier: { host: "127.0.0.1", port: 1, authorityPem: "" },
    world: { token: "token", origin: "http://localhost" },
  }
  const ended = once(launcher, "close")
  launcher.send({ kind: "settings", settings })
  const told = await Promise.race([ready, ended])
  ok(typeof told === "object" && told !== null && "port" in told, wrong)
  launcher.kill("SIGTERM")
  await ended
  match(wrong, /launcher: 1\.1\.0\+0/)
  equal(new FileImageSlots(join(directory, "slots")).floor(), 4, "it confirmed itself")
})
