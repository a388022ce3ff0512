/** The keeper as a process: founded, asked by many, killed without warning, started again. */
import { assert, equalBytes } from "@holdfast/base"
import { Keeper, nodePorts, type PublicKeys } from "@holdfast/keeper"
import { decodeEntry, decodeBundle, parseReceipt, verifierOf, verifyReceipt, encodeEntry } from "@holdfast/ledger"
import { KeeperClient, KeeperLineError, nodeCrypto } from "@holdfast/port-node"
import {
  type Answer,
  encodeFrame,
  FrameReader,
  type Notice,
  readAnswer,
  readNotice,
  type Request,
  requestFrame,
} from "@holdfast/wire"
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict"
import { type ChildProcess, fork } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import { ANA, LOBBY, Owner, TestClock, TestLock } from "./site.ts"

const BATCHES = 120
const UNDER_WAY = 25
const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url))

type Said = {
  readonly kind: string
  readonly socket: string
  readonly site: string | null
  readonly keys: PublicKeys
  readonly message: string
}

class Process {
  readonly child: ChildProcess
  readonly #said: Said[] = []
  #heard: (() => void) | null = null

  constructor(data: string, socket?: string) {
    this.child = fork(MAIN, [], {
      execArgv: [],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "advanced",
    })
    this.child.on("message", (message) => {
      this.#said.push(message as Said)
      this.#heard?.()
    })
    this.child.send({ kind: "settings", settings: socket === undefined ? { data } : { data, socket } })
  }

  /** The next thing that the process says. */
  async next(): Promise<Said> {
    if (this.#said.length === 0) await new Promise<void>((resolve) => (this.#heard = resolve))
    const said = this.#said.shift()
    assert(said !== undefined, "something was said")
    return said
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
    const gone = new Promise<number | null>((resolve) => this.child.once("exit", (code) => resolve(code)))
    this.child.kill(signal)
    return gone
  }
}

class Line {
  readonly client: KeeperClient
  readonly notices: Notice[] = []

  constructor(path: string) {
    this.client = new KeeperClient({
      path,
      framing: { encode: encodeFrame, reader: () => new FrameReader() },
      onNotice: (frame) => {
        const notice = readNotice(frame)
        if (notice !== null) this.notices.push(notice)
      },
    })
  }

  async ask(request: Request): Promise<Answer> {
    const { operation, body } = requestFrame(1, request)
    const answer = readAnswer(await this.client.request(operation, body))
    assert(answer !== null, "the keeper's answers are well formed")
    return answer
  }
}

async function inDirectory(run: (data: string) => Promise<void>): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "holdfast-keeper-test-"))
  try {
    await run(data)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

/** An owner whose clock is the real one. */
function ownerOf(keys: PublicKeys): Owner {
  const clock = new TestClock()
  clock.wall_ms = Date.now()
  return new Owner({ keys: () => keys } as Pick<Keeper, "keys"> as Keeper, clock)
}

test("killed without warning under load: nothing acknowledged is lost, nothing is there twice", () =>
  inDirectory(async (data) => {
    const socket = join(data, "socket")
    let process = new Process(data, socket)
    const ready = await process.next()
    equal(ready.kind, "ready")
    equal(ready.site, null)
    const owner = ownerOf(ready.keys)
    process.child.send({ kind: "found", root: owner.root })
    deepEqual(await process.next(), { kind: "founded", site: owner.site })
    const line = new Line(socket)
    const lock = new TestLock(owner, LOBBY)
    const drafts = [owner.door(LOBBY), lock.pairing(), owner.person(ANA), ...owner.access("staff", [ANA], [LOBBY])]
    const submitted = await line.ask({
      operation: "submit",
      statements: drafts.map(({ change }) => owner.sign(change)),
      attachments: drafts.map(({ attachment }) => attachment).filter((each) => each !== undefined),
    })
    ok(submitted.operation === "submit" && submitted.outcomes.every(({ admitted }) => admitted))
    ok(line.notices.some(({ notice }) => notice === "policies issued"))
    const acknowledged: { entry: Uint8Array; receipt: Uint8Array; index: number }[] = []
    const batches = Array.from({ length: BATCHES }, () => lock.batch(8))
    for (const answers_until_kill of [40, 80, null]) {
      // All of them are carried every time: whoever was not answered cannot know.
      const gone = new Promise((resolve) => process.child.once("exit", resolve))
      let answers = 0
      for (let at = 0; at < BATCHES; at += UNDER_WAY) {
        const carried = batches.slice(at, at + UNDER_WAY).map(async ({ entry, openings }) => {
          const answer = await line.ask({ operation: "batch", entry, openings }).catch(() => null)
          if (answer?.operation !== "batch") return
          acknowledged.push({ entry, receipt: answer.receipt, index: answer.index })
          if (++answers === answers_until_kill) process.child.kill("SIGKILL")
        })
        await Promise.all(carried)
        if (answers_until_kill !== null && answers >= answers_until_kill) break
      }
      if (answers_until_kill === null) break
      await gone
      process = new Process(data, socket)
      const again = await process.next()
      equal(again.kind, "ready", again.message)
      equal(again.site, owner.site)
    }
    ok(acknowledged.length >= BATCHES + 40 + 80, "the last keeper acknowledged everything")
    equal(await process.end("SIGTERM"), 0)
    line.client.close()
    const verifier = verifierOf(`${owner.site}/events/${period(data)}`, ready.keys.logKey, nodeCrypto)
    const entries = eventEntries(data, batches.length)
    for (const { entry, receipt, index } of acknowledged) {
      const stored = decodeEntry(entries[index] ?? new Uint8Array(0))
      ok(stored.ok && equalBytes(stored.entry.bytes, entry), `the acknowledged entry ${index} is there`)
      const parsed = parseReceipt(receipt)
      ok(parsed.ok && verifyReceipt(parsed.receipt, encodeEntry(stored.entry), verifier.name, verifier, nodeCrypto).ok)
    }
    const kept = await Keeper.open(nodePorts(data))
    equal(kept.head("events").size, batches.length)
    await kept.close()
  }))

function period(data: string): string {
  const [name] = readdirSync(join(data, "ledger/events"))
  assert(name !== undefined, "the event log has a period")
  return name
}

function eventEntries(data: string, count: number): readonly Uint8Array[] {
  const bytes = readFileSync(join(data, "ledger/events", period(data), `tile/entries/000.p/${count}`))
  const decoded = decodeBundle(bytes, count)
  assert(decoded.ok, "the bundle is whole")
  return decoded.entries
}

test("the data directory's secrets are for their owner only, and the ledger for readers", () =>
  inDirectory(async (data) => {
    const process = new Process(data)
    const ready = await process.next()
    const owner = ownerOf(ready.keys)
    process.child.send({ kind: "found", root: owner.root })
    equal((await process.next()).kind, "founded")
    equal(await process.end("SIGTERM"), 0)
    const mode = (path: string): number => statSync(join(data, path)).mode & 0o777
    deepEqual(["keeper", "sealed"].map(mode), [0o700, 0o700])
    deepEqual(["keeper/keys", "keeper/site", "sealed/labels"].map(mode), [0o600, 0o600, 0o600])
    equal(mode("ledger/authority") & 0o055, 0o055)
    ok(!existsSync(dirname(ready.socket)), "the socket's folder is gone")
  }))

test("a keeper that cannot start says so in one line and ends with 1", () =>
  inDirectory(async (data) => {
    const first = new Process(data)
    await first.next()
    await first.end("SIGTERM")
    writeFileSync(join(data, "keeper/keys"), "no keys")
    const second = new Process(data)
    const gone = new Promise((resolve) => second.child.once("exit", resolve))
    const said = await second.next()
    equal(said.kind, "failed")
    match(said.message, /^keeper\/keys: damaged$/)
    equal(await gone, 1)
  }))

test("a peer that breaks the framing is hung up on, and others are served", () =>
  inDirectory(async (data) => {
    const process = new Process(data)
    const { socket: path } = await process.next()
    const line = new Line(path)
    const hungUp = await new Promise<boolean>((resolve) => {
      const socket = connect(path, () => socket.write(new Uint8Array([255, 255, 255, 255, 0])))
      socket.on("close", () => resolve(true))
      socket.on("error", () => undefined)
    })
    ok(hungUp)
    const refused = await line.client.request(2, 7)
    deepEqual([refused.operation, refused.body], [0, "malformed request"])
    const unknown = await line.client.request(99, null)
    deepEqual([unknown.operation, unknown.body], [0, "malformed request"])
    equal((await line.ask({ operation: "status" })).operation, "status")
    const lost = line.client.request(1, new Map())
    line.client.close()
    await rejects(lost, KeeperLineError)
    await process.end("SIGTERM")
  }))
