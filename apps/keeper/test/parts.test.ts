/** The keeper's small parts: PINs, the clock, encrypted segments, zone tables that grow old. */
import type { State, ZoneTable } from "@holdfast/access"
import { byteAt, equalBytes, unixMillis, unixSeconds, utf8 } from "@holdfast/base"
import { nodeZoneTable } from "@holdfast/keeper"
import { MemoryDisk } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { Clock } from "../src/clock.ts"
import { isTrivial, newPin, PINS_MAX } from "../src/pin.ts"
import { Segment, type SegmentPorts } from "../src/sealed/segment.ts"
import { zonesToRenew } from "../src/zones.ts"
import { random, TestClock } from "./site.ts"

test("PINs that people guess first", () => {
  const trivial = ["000000", "777777", "121212", "123123", "112233", "123456", "890123", "654321", "321098"]
  const fair = ["123457", "112234", "121213", "190877", "004711", "987653"]
  deepEqual(
    trivial.filter((pin) => !isTrivial(pin)),
    [],
  )
  deepEqual(fair.filter(isTrivial), [])
  let count = 0
  for (let value = 0; value < 1_000_000; value++) if (isTrivial(String(value).padStart(6, "0"))) count++
  ok(count < 2_500, `${count} of a million are left out`)
})

test("attack 31: what people try first is never issued: repeats, runs, pairs, lines of the keypad", () => {
  for (const pin of [
    "000000",
    "123456",
    "987654",
    "121212",
    "123123",
    "112233",
    "147258",
    "159357",
    "741963",
    "258456",
  ])
    ok(isTrivial(pin), pin)
})

test("PINs are unique, never trivial, and drawn without favour", () => {
  const taken = new Set<string>()
  for (let i = 0; i < 20_000; i++) {
    const pin = newPin(taken, random)
    ok(pin !== null && /^\d{6}$/.test(pin) && !isTrivial(pin) && !taken.has(pin))
    taken.add(pin)
  }
  const low = [...taken].filter((pin) => pin < "500000").length
  ok(Math.abs(low - 10_000) < 500, `${low} of 20000 lie in the lower half`)
})

test("a draw beyond the fair range, a trivial one and a taken one are drawn again", () => {
  const draws = [0xffff_ffff, 111_111, 271_828, 314_159]
  const drawn = (): Uint8Array => {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, draws.shift() ?? 0)
    return bytes
  }
  equal(newPin(new Set(["271828"]), drawn), "314159")
  equal(draws.length, 0)
})

test("when too many PINs are out, none is issued", () => {
  const taken = new Set(Array.from({ length: PINS_MAX }, (_, at) => String(at).padStart(6, "0")))
  equal(newPin(taken, random), null)
})

function clockOf(time: TestClock): Clock {
  return new Clock({ now: () => unixMillis(time.wall_ms), uptime: () => time.uptime_ms })
}

test("admission times never go back, whatever the wall clock does", () => {
  const time = new TestClock()
  const clock = clockOf(time)
  const first = clock.admission()
  time.wall_ms -= 5_000
  equal(clock.admission(), first)
  time.pass(10_000)
  equal(clock.admission(), first + 5_000)
})

test("a start with a clock far behind the last entry signs no time", () => {
  const time = new TestClock()
  const clock = clockOf(time)
  clock.raise(unixMillis(time.wall_ms + 60_001))
  equal(clock.believed(), null)
  time.pass(120_000)
  equal(clock.believed(), null, "until somebody looked")
})

const KEY = random(32)

function openSegment(
  disk: MemoryDisk,
  size_at_rest: number | null = null,
): { segment: Segment; records: Uint8Array[] } | string {
  const records: Uint8Array[] = []
  const ports: SegmentPorts = { disk, random, key: KEY }
  const opened = Segment.open(ports, "sealed/test", size_at_rest, (record) => records.push(record))
  return opened.ok ? { segment: opened.segment, records } : opened.fault
}

function opened(disk: MemoryDisk): { segment: Segment; records: Uint8Array[] } {
  const answer = openSegment(disk)
  ok(typeof answer !== "string", typeof answer === "string" ? answer : "")
  return answer
}

test("a segment gives back its records, by offset and in order", async () => {
  const disk = new MemoryDisk()
  const { segment } = opened(disk)
  const written = Array.from({ length: 20 }, (_, at) => random(at * 7))
  const offsets = written.map((record) => segment.append(record))
  await segment.sync()
  for (const [at, record] of written.entries()) {
    const found = segment.read(offsets[at] ?? -1)
    ok(found !== null && equalBytes(found, record))
  }
  deepEqual(opened(disk).records, written)
  ok(!Buffer.from(disk.read("sealed/test") ?? new Uint8Array(0)).includes(Buffer.from(written[19] ?? [])))
})

test("a segment larger than what is read at once opens whole, and a hole in it refuses", async () => {
  const disk = new MemoryDisk()
  const { segment } = opened(disk)
  const written = Array.from({ length: 12 }, (_, at) => random(at % 3 === 0 ? 1_000_000 : 500))
  for (const record of written) segment.append(record)
  await segment.sync()
  const { records } = opened(disk)
  ok(records.length === 12 && records.every((record, at) => equalBytes(record, written[at] ?? KEY)))
  const bytes = disk.read("sealed/test") ?? new Uint8Array(0)
  bytes[2_000_000] = byteAt(bytes, 2_000_000) ^ 1
  disk.replace("sealed/test", bytes)
  equal(typeof openSegment(disk), "string")
})

test("one sync serves all who asked before it began", async () => {
  const disk = new MemoryDisk()
  const { segment } = opened(disk)
  const before = disk.writes
  segment.append(utf8("a"))
  await Promise.all([segment.sync(), segment.sync(), segment.sync()])
  equal(disk.writes - before, 2)
  await segment.sync()
  equal(disk.writes - before, 2, "nothing to sync is no sync")
})

test("a torn end is cut off and written over; a hole in the middle refuses", async () => {
  const disk = new MemoryDisk()
  const { segment } = opened(disk)
  const offsets = ["one", "two", "three"].map((text) => segment.append(utf8(text)))
  await segment.sync()
  const [, second, third] = offsets
  const whole = disk.read("sealed/test") ?? new Uint8Array(0)
  for (let at = 0; at < whole.length; at++) {
    const copy = new MemoryDisk()
    const bytes = whole.slice()
    bytes[at] = byteAt(bytes, at) ^ 0x40
    copy.replace("sealed/test", bytes)
    const answer = openSegment(copy)
    const inLast = at >= (third ?? 0)
    equal(typeof answer === "string", !inLast, `byte ${at}`)
    if (typeof answer !== "string") equal(answer.records.length, 2)
    copy.replace("sealed/test", bytes)
    equal(typeof openSegment(copy, whole.length), "string", `byte ${at}, after a clean stop`)
  }
  ok(second !== undefined && third !== undefined)
  const swapped = new MemoryDisk()
  const parts = [whole.subarray(0, second), whole.subarray(third), whole.subarray(second, third)]
  swapped.replace("sealed/test", Buffer.concat(parts))
  equal(openSegment(swapped) === null, false)
  const moved = openSegment(swapped)
  ok(typeof moved === "string" || moved.records.length === 1, "a record opens only in its place")
})

const NOW = unixSeconds(1_795_305_600)
const withZones = (...tables: ZoneTable[]): State => {
  const zones = new Map(tables.map((table) => [table.zone, table]))
  return { zones } as Partial<State> as State
}

test("a zone table is renewed for a newer edition, and when it no longer reaches far enough", () => {
  const table = nodeZoneTable("Europe/Berlin", NOW)
  const later = unixSeconds(NOW + 3 * 365 * 86_400)
  ok(table !== null)
  const ask = (at: typeof NOW) => (zone: string) => nodeZoneTable(zone, at)
  deepEqual(zonesToRenew(withZones(table), NOW, ask(NOW)), [])
  equal(zonesToRenew(withZones({ ...table, tzdata: "1999a" }), NOW, ask(NOW)).length, 1)
  equal(zonesToRenew(withZones(table), later, ask(later)).length, 1)
  deepEqual(zonesToRenew(withZones({ ...table, zone: "Mars/Olympus" }), NOW, ask(NOW)), [])
})
