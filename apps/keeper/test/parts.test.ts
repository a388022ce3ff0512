/** The keeper's small parts: PINs, the clock, encrypted segments, zone tables that grow old. */
import type { State, ZoneTable } from "@holdfast/access"
import { byteAt, equalBytes, unixMillis, unixSeconds } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { nodeZoneTable } from "@holdfast/keeper"
import { MemoryDisk, nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { Clock } from "../src/clock.ts"
import { CODES_MAX, isTrivial, newCodes } from "../src/pin.ts"
import { Segment, type SegmentPorts } from "../src/sealed/segment.ts"
import { Vault } from "../src/sealed/vault.ts"
import { zonesToRenew } from "../src/zones.ts"
import { idFor, random, TestClock } from "./site.ts"

const KEY = random(32)

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

/** Nothing issued yet. */
function noCodes(): { pins: Set<string>; duress: Set<string> } {
  return { pins: new Set(), duress: new Set() }
}

/** How many digits of two codes differ. */
function distance(one: string, other: string): number {
  return Array.from(one).filter((digit, at) => digit !== other.charAt(at)).length
}

test("R43: codes are unique, never trivial, and drawn without favour, until the site is full", () => {
  const { pins, duress } = noCodes()
  for (let codes = newCodes({ pins, duress }, random); codes !== null; codes = newCodes({ pins, duress }, random)) {
    for (const code of [codes.pin, codes.duress])
      ok(/^\d{6}$/.test(code) && !isTrivial(code) && !pins.has(code) && !duress.has(code))
    pins.add(codes.pin)
    duress.add(codes.duress)
  }
  equal(pins.size + duress.size, CODES_MAX)
  for (const codes of [pins, duress]) {
    const low = [...codes].filter((code) => code < "500000").length
    ok(Math.abs(low - CODES_MAX / 4) < 500, `${low} of ${codes.size} lie in the lower half`)
  }
})

test("attack 45: one wrong digit makes no PIN a code for duress, and no code for duress another's", () => {
  const taken = noCodes()
  for (let i = 0; i < 400; i++) {
    const codes = newCodes(taken, random)
    ok(codes !== null)
    taken.pins.add(codes.pin)
    taken.duress.add(codes.duress)
  }
  const all = [...taken.pins, ...taken.duress]
  for (const forced of taken.duress)
    for (const code of all) ok(code === forced || distance(code, forced) > 1, `${forced} beside ${code}`)
})

test("a draw beyond the fair range, a trivial one, a taken one and a neighbour are drawn again", () => {
  const draws = [
    ...[0xffff_ffff, 111_111, 271_828, 602_214, 602_215, 314_159],
    ...[314_159, 314_158, 271_829, 602_204, 141_421],
  ]
  const drawn = (): Uint8Array => {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, draws.shift() ?? 0)
    return bytes
  }
  const taken = { pins: new Set(["271828"]), duress: new Set(["602214"]) }
  deepEqual(newCodes(taken, drawn), { pin: "314159", duress: "141421" })
  equal(draws.length, 0)
})

test("when too many codes are out, none is issued", () => {
  const pins = new Set(Array.from({ length: CODES_MAX - 1 }, (_, at) => String(at).padStart(6, "0")))
  equal(newCodes({ pins, duress: new Set() }, random), null)
})

test("a PIN of before there were codes for duress is still there, and still without one", async () => {
  const disk = new MemoryDisk()
  const open = (): Vault => {
    const opened = Vault.open({ disk, random, key: KEY, crypto: nodeCrypto }, null)
    ok(opened.ok)
    return opened.vault
  }
  const vault = open()
  const [old, now] = [idFor<"CredentialId">("old"), idFor<"CredentialId">("now")]
  vault.putSecret(old, { what: "pin", codes: { pin: "271828" } })
  vault.putSecret(now, { what: "pin", codes: { pin: "314159", duress: "141421" } })
  await vault.settle()
  const again = open()
  deepEqual(again.secret(old), { what: "pin", codes: { pin: "271828" } })
  deepEqual(again.secret(now), { what: "pin", codes: { pin: "314159", duress: "141421" } })
  deepEqual(again.codes, { pins: new Set(["271828", "314159"]), duress: new Set(["141421"]) })
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
