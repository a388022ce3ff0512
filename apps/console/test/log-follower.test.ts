/** Following a log: what an honest one shows, and each way in which a false one is caught. */
import { concat, unixMillis } from "@holdfast/base"
import { encodeEntry } from "@holdfast/ledger"
import { newEd25519, nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { MemoryLog } from "../dev/building.ts"
import { headMemory } from "../src/data/head-memory.ts"
import { LogFollower } from "../src/data/log-follower.ts"

const ORIGIN = "example/authority/2026Q4"
const entry = (at: number): Uint8Array =>
  encodeEntry({ type: 2, admittedAt: unixMillis(at), bytes: Uint8Array.of(at & 255, at >> 8) })
const entries = (from: number, until: number): Uint8Array[] =>
  Array.from({ length: until - from }, (_, at) => entry(from + at))

function logOf(count: number, key = newEd25519()): MemoryLog {
  const log = new MemoryLog(ORIGIN, key)
  log.append(entries(0, count))
  return log
}

function follower(log: MemoryLog, files: () => ReadonlyMap<string, Uint8Array> = () => log.files): LogFollower {
  return new LogFollower(nodeCrypto, ORIGIN, log.verifier, (path) => Promise.resolve(files().get(path) ?? null))
}

test("a log that cannot be reached waits and accuses nobody", async () => {
  const followed = await follower(logOf(3), () => new Map()).advance()
  deepEqual(followed, { ok: false, fault: "not reachable" })
})

test("a missing bundle is not reachable", async () => {
  const log = logOf(3)
  const followed = await follower(
    log,
    () => new Map([...log.files].filter(([path]) => path === "checkpoint")),
  ).advance()
  deepEqual(followed, { ok: false, fault: "not reachable" })
})

test("a checkpoint of another key does not verify", async () => {
  const log = logOf(3)
  const other = logOf(3)
  const followed = await follower(log, () => other.files).advance()
  deepEqual(followed, { ok: false, fault: "checkpoint does not verify" })
})

test("every flipped byte of every entry is caught", async () => {
  const log = logOf(5)
  const [path, bundle] = [...log.files].find(([name]) => name.includes("entries")) ?? ["", new Uint8Array()]
  for (let at = 0; at < bundle.length; at++) {
    const changed = bundle.slice()
    changed[at] = (changed[at] ?? 0) ^ 4
    const followed = await follower(log, () => new Map([...log.files, [path, changed]])).advance()
    ok(!followed.ok, `byte ${at}`)
  }
})

test("entries that nobody signed are forgotten, and the honest ones are taken afterwards", async () => {
  const log = logOf(4)
  const [path, bundle] = [...log.files].find(([name]) => name.includes("entries")) ?? ["", new Uint8Array()]
  let files: ReadonlyMap<string, Uint8Array> = new Map([
    ...log.files,
    [path, concat(bundle.slice(0, -1), Uint8Array.of(9))],
  ])
  const following = follower(log, () => files)
  deepEqual(await following.advance(), { ok: false, fault: "entries are not what was signed" })
  files = log.files
  const followed = await following.advance()
  equal(followed.ok && followed.entries.length, 4)
})

test("a log that became shorter is caught", async () => {
  const key = newEd25519()
  const long = logOf(9, key)
  const short = logOf(6, key)
  let files = long.files
  const following = follower(long, () => files)
  ok((await following.advance()).ok)
  files = short.files
  deepEqual(await following.advance(), { ok: false, fault: "log became shorter" })
})

test("what an earlier visit proved holds at the next: no shorter log, no other past, and a longer one through it", async () => {
  const key = newEd25519()
  const kept = new Map<string, string>()
  const memory = headMemory({
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => kept.set(name, text),
  })
  const visit = (log: MemoryLog) => {
    const read = (path: string) => Promise.resolve(log.files.get(path) ?? null)
    return new LogFollower(nodeCrypto, ORIGIN, log.verifier, read, memory.recall(ORIGIN)).advance()
  }
  equal(memory.recall(ORIGIN), null)
  const first = await visit(logOf(300, key))
  ok(first.ok)
  memory.remember(ORIGIN, first.checkpoint)
  deepEqual(await visit(logOf(299, key)), { ok: false, fault: "log became shorter" })
  const rewritten = new MemoryLog(ORIGIN, key)
  rewritten.append([entry(77), ...entries(1, 310)])
  deepEqual(await visit(rewritten), { ok: false, fault: "another past than before" })
  ok((await visit(logOf(300, key))).ok)
  ok((await visit(logOf(310, key))).ok)
  memory.remember(ORIGIN, logOf(299, key).head)
  equal(memory.recall(ORIGIN)?.size, 300)
})

test("a past that was rewritten under the log's own key is caught", async () => {
  const key = newEd25519()
  const log = logOf(5, key)
  let files = log.files
  const following = follower(log, () => files)
  ok((await following.advance()).ok)
  const rewritten = new MemoryLog(ORIGIN, key)
  rewritten.append([entry(77), ...entries(1, 8)])
  files = rewritten.files
  deepEqual(await following.advance(), { ok: false, fault: "entries are not what was signed" })
})

test("it reads on from where it stood, across bundles", async () => {
  const log = logOf(0)
  const following = follower(log)
  let count = 0
  for (const next of [1, 2, 255, 256, 257, 300, 511, 512, 513, 700]) {
    log.append(entries(count, next))
    const followed = await following.advance()
    ok(followed.ok)
    deepEqual(
      followed.entries.map((each) => each.admittedAt),
      Array.from({ length: next - count }, (_, at) => count + at),
    )
    equal(following.checkpoint?.size, next)
    count = next
  }
  const again = await following.advance()
  equal(again.ok && again.entries.length, 0)
})
