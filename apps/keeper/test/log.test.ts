/** The log writer: groups, receipts, and the power cut after every write. */
import { equalBytes } from "@holdfast/base"
import { fromUtf8, utf8 } from "@holdfast/base/text"
import { parseReceipt, verifierOf, verifyConsistency, verifyReceipt } from "@holdfast/ledger"
import { type Disk, type Fate, MemoryDisk, newEd25519, nodeCrypto, PowerCut } from "@holdfast/port-node"
import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict"
import { test } from "node:test"
import type { Log, LogPlace, LogPorts } from "../src/log/log.ts"
import { openLog } from "../src/log/open-log.ts"

const key = newEd25519()
const ORIGIN = "00112233445566778899aabbccddeeff/events/2026Q4"
const verifier = verifierOf(ORIGIN, key.publicKey, nodeCrypto)
const place: LogPlace = { directory: "ledger/events/2026Q4", writeAhead: "keeper/events.log", verifier }

function portsOf(disk: Disk, unsynced_bytes_max = 4_000): LogPorts {
  return { disk, crypto: nodeCrypto, sign: key.sign, unsynced_bytes_max }
}

function entryOf(index: number): Uint8Array {
  return utf8(`entry ${index} ${"x".repeat(index % 7)}`)
}

async function opened(disk: Disk, entries: Uint8Array[] = [], unsynced_bytes_max?: number): Promise<Log> {
  const answer = await openLog(portsOf(disk, unsynced_bytes_max), place, (entry) => {
    entries.push(entry)
    return null
  })
  ok(answer.ok, answer.ok ? "" : answer.fault)
  return answer.log
}

async function refusal(disk: Disk): Promise<string> {
  const answer = await openLog(portsOf(disk), place, () => null)
  ok(!answer.ok, "the log must not open")
  return answer.fault
}

async function grow(log: Log, count: number): Promise<void> {
  for (let i = 0; i < count; i++) log.append(entryOf(log.next))
  await log.settled()
}

/** An empty log that rests after large publications: the sizes that readers saw, and what ends each rest. */
async function resting(disk: Disk): Promise<{ log: Log; seen: number[]; waking: (() => void)[] }> {
  const waking: (() => void)[] = []
  const ports = portsOf(disk, Number.POSITIVE_INFINITY)
  const answer = await openLog({ ...ports, later: (_ms, act) => void waking.push(act) }, place, () => null)
  ok(answer.ok, "an empty directory holds an empty log")
  const { log } = answer
  const seen: number[] = []
  log.onPublished = (size) => seen.push(size)
  return { log, seen, waking }
}

test("what arrives while a group is on its way is the next group: one sync for all of it", async () => {
  const disk = new MemoryDisk()
  const log = await opened(disk, [], Number.POSITIVE_INFINITY)
  const before = disk.writes
  const first = log.append(entryOf(0))
  await Promise.resolve() // The first group is on its way with what was there.
  for (let i = 1; i < 100; i++) log.append(entryOf(i))
  await first.durable
  equal(log.head.size, 1)
  await log.settled()
  equal(log.head.size, 100)
  const files = 3 // Bundle, tile and checkpoint, for the group that nobody waited behind.
  equal(disk.writes - before, 2 * 2 + files)
})

test("a lone entry is visible to readers before it is acknowledged", async () => {
  const disk = new MemoryDisk()
  const log = await opened(disk)
  await log.append(entryOf(0)).durable
  const seen = disk.read(`${place.directory}/checkpoint`)
  ok(seen !== null && equalBytes(seen, log.head.note))
  ok(disk.read(`${place.directory}/tile/entries/000.p/1`) !== null)
})

test("after a large publication readers wait for the end of a rest, and what is promised does not", async () => {
  const disk = new MemoryDisk()
  const { log, seen, waking } = await resting(disk)
  const large = new Uint8Array(60_000)
  for (let i = 0; i < 3; i++) await log.append(large).durable
  deepEqual(seen, [1, 2, 3])
  equal(waking.length, 0, "small files are shown at once")
  for (let i = 0; i < 5; i++) await log.append(large).durable
  deepEqual(seen, [1, 2, 3, 4, 5], "five entries are more than 256 KiB, and the next ones wait")
  equal(log.head.size, 8)
  equal(waking.length, 1)
  waking.shift()?.()
  await log.append(large).durable
  deepEqual(seen, [1, 2, 3, 4, 5, 9], "the first publication after the rest shows everything")
  await log.append(large).durable
  deepEqual(seen, [1, 2, 3, 4, 5, 9], "which was large again")
  waking.shift()?.()
  await log.settled()
  deepEqual(seen, [1, 2, 3, 4, 5, 9, 10], "the end of a rest shows what came meanwhile")
  await log.append(large).durable
  await log.settled()
  deepEqual(seen, [1, 2, 3, 4, 5, 9, 10, 11], "and who asks for everything waits for no rest")
  await log.append(large).durable
  await log.close()
  equal(seen.at(-1), 12)
  for (const act of waking) act() // A rest that outlives its log finds nothing to do.
  const entries: Uint8Array[] = []
  await opened(disk, entries)
  equal(entries.length, 12)
})

test("a log that rests shows 256 entries all the same", async () => {
  const { log, seen } = await resting(new MemoryDisk())
  await log.append(new Uint8Array(60_000)).durable
  for (let i = 1; i < 300; i++) await log.append(new Uint8Array(5_000)).durable
  const before = seen.at(-2) ?? 0
  equal(seen.at(-1), before + 256)
})

test("receipts of every entry verify, and so does the way from every earlier tree", async () => {
  const log = await opened(new MemoryDisk())
  const heads = [log.head]
  for (const count of [1, 2, 100, 200, 1, 210]) {
    await grow(log, count)
    heads.push(log.head)
  }
  for (let index = 0; index < log.head.size; index++) {
    const parsed = parseReceipt(log.receipt(index, null))
    ok(parsed.ok)
    ok(verifyReceipt(parsed.receipt, entryOf(index), ORIGIN, verifier, nodeCrypto).ok, `entry ${index}`)
  }
  for (const old of heads) ok(verifyConsistency(nodeCrypto, old, log.head, log.consistency(old.size, log.head.size)).ok)
})

test("a log that was closed opens with the same entries and without a write", async () => {
  const disk = new MemoryDisk()
  const log = await opened(disk)
  await grow(log, 700)
  await log.close()
  const entries: Uint8Array[] = []
  const before = disk.writes
  const again = await opened(disk, entries)
  deepEqual(again.head, log.head)
  equal(entries.length, 700)
  ok(entries.every((entry, index) => equalBytes(entry, entryOf(index))))
  equal(disk.writes - before, 1, "only the write-ahead file is opened")
  await grow(again, 1)
  equal(again.head.size, 701)
})

test("no partial files of trees in between stay behind", async () => {
  const disk = new MemoryDisk()
  const log = await opened(disk, [], Number.POSITIVE_INFINITY)
  for (let i = 0; i < 300; i++) await grow(log, 1)
  await log.close()
  const partials = [...disk.contents().keys()].filter((path) => path.includes(".p/"))
  deepEqual(partials.sort(), [
    `${place.directory}/tile/0/001.p/44`,
    `${place.directory}/tile/1/000.p/1`,
    `${place.directory}/tile/entries/001.p/44`,
  ])
})

/** Opens, grows in groups of several sizes and closes; answers how much was promised before the power went. */
async function work(disk: Disk, groups: readonly number[]): Promise<number> {
  let promised = 0
  const answer = await openLog(portsOf(disk), place, () => null)
  ok(answer.ok)
  for (const count of groups) {
    const size = answer.log.next + count
    await grow(answer.log, count)
    promised = size
  }
  await answer.log.close()
  return promised
}

async function promisedUntilCut(disk: MemoryDisk, groups: readonly number[]): Promise<{ size: number; cut: boolean }> {
  let size = 0
  try {
    const answer = await openLog(portsOf(disk), place, () => null)
    ok(answer.ok, "an untorn log opens")
    size = answer.log.head.size
    for (const count of groups) {
      await grow(answer.log, count)
      size = answer.log.head.size
    }
    await answer.log.close()
    return { size, cut: false }
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
    return { size, cut: true }
  }
}

const FATES: readonly Fate[] = ["kept", "lost", "torn"]
const GROUPS = [1, 3, 250, 1, 1, 40, 2, 230, 1]

test("the power cut after every write leaves the old tree or the new one, and nothing promised is lost", async () => {
  for (let writes = 0, done = false; !done; writes++) {
    const disk = new MemoryDisk(writes)
    const { size, cut } = await promisedUntilCut(disk, GROUPS)
    done = !cut
    let turn = 0
    const mixed = (): Fate => FATES[(writes + turn++) % 3] ?? "lost"
    for (const fate of [...FATES.map((each) => () => each), mixed]) {
      const entries: Uint8Array[] = []
      const next = disk.afterPowerCut(fate)
      const log = await opened(next, entries)
      ok(log.head.size >= size, `cut after ${writes} writes: ${size} were promised, ${log.head.size} are there`)
      ok(entries.every((entry, index) => equalBytes(entry, entryOf(index))))
      await grow(log, 2)
      await log.close()
      await opened(next)
    }
  }
})

test("the power cut while a start repairs what the first one tore", async () => {
  const torn = new MemoryDisk()
  const log = await opened(torn, [], Number.POSITIVE_INFINITY)
  await grow(log, 300)
  for (let writes = 0, done = false; !done; writes++) {
    const disk = torn.afterPowerCut(() => "torn", writes)
    done = !(await promisedUntilCut(disk, [])).cut
    for (const fate of FATES) {
      const entries: Uint8Array[] = []
      const again = await opened(
        disk.afterPowerCut(() => fate),
        entries,
      )
      equal(again.head.size, 300)
      equal(entries.length, 300)
    }
  }
})

test("after a failed write nothing more is taken", async () => {
  const disk = new MemoryDisk()
  const log = await opened(disk)
  await grow(log, 3)
  disk.cutPower()
  await rejects(log.append(entryOf(3)).durable, PowerCut)
  throws(() => log.append(entryOf(4)), /^LogStoppedError: /)
})

function flipped(disk: MemoryDisk, path: string, at: number): MemoryDisk {
  const copy = disk.afterPowerCut(() => "kept")
  const bytes = copy.read(path)
  ok(bytes !== null && at < bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  copy.replace(path, bytes)
  return copy
}

test("a log that was changed at rest does not open, and the file is named", async () => {
  const disk = new MemoryDisk()
  equal(await work(disk, [300]), 300)
  const directory = place.directory
  const names: [string, RegExp][] = [
    ["checkpoint", /checkpoint: /],
    ["log.vkey", /log\.vkey: differs/],
    ["tile/entries/000", /tile\/entries\/000: /],
    ["tile/entries/001.p/44", /tile\/entries\/001\.p\/44: /],
    ["tile/0/000", /tile\/0\/000: hash/],
    ["tile/1/000.p/1", /tile\/1\/000\.p\/1: hash/],
  ]
  for (const [name, message] of names) {
    const path = `${directory}/${name}`
    const size = disk.read(path)?.length ?? 0
    for (const at of [0, Math.floor(size / 2), size - 1]) {
      const fault = await refusal(flipped(disk, path, at))
      ok(message.test(fault) && fault.startsWith(directory), `${name}, byte ${at}: ${fault}`)
    }
    const without = disk.afterPowerCut(() => "kept")
    without.remove(path)
    ok((await refusal(without)).includes(name), `${name} removed`)
  }
})

test("an older data directory under a newer checkpoint is named", async () => {
  const disk = new MemoryDisk()
  await work(disk, [10])
  const old = disk.afterPowerCut(() => "kept")
  await work(disk, [10])
  old.replace(`${place.directory}/checkpoint`, disk.read(`${place.directory}/checkpoint`) ?? new Uint8Array(0))
  equal(await refusal(old), `${place.directory}/checkpoint: states 20 entries, but only 10 are there`)
  const without = disk.afterPowerCut(() => "kept")
  without.remove(place.writeAhead)
  equal(await refusal(without), `${place.directory}/checkpoint: its write-ahead file keeper/events.log is missing`)
})

test("an entry that the visitor refuses is named by its index", async () => {
  const disk = new MemoryDisk()
  await work(disk, [5])
  const answer = await openLog(portsOf(disk), place, (entry) =>
    fromUtf8(entry)?.startsWith("entry 3") ? "is unlucky" : null,
  )
  deepEqual(answer, { ok: false, fault: `${place.directory}/entry 3: is unlucky` })
})
