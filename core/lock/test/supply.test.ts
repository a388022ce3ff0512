/** The supply as a table, and a whole lock on a weak one: what it still does, what it refuses, and who gets in. */
import type { BatteryPack } from "@holdfast/access/door"
import { uptime } from "@holdfast/base"
import { newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { contentOf, FRESH_CELLS, leftIn } from "../src/battery.ts"
import { decodeBoot, encodeBoot } from "../src/boots.ts"
import { boot, type Effect, openState, stateOf, stateToSign, turn } from "../src/index.ts"
import { type DriveMeasure, NEW_MOTOR } from "../src/motor.ts"
import { isBreakdown, restOf, withheld } from "../src/power.ts"
import { type BatteryLevel, contactOf, levelOf, newSupply, read, type Supply } from "../src/supply.ts"
import { decodeWear, encodeWear, STORE_THROWS } from "../src/wear.ts"
import { Board, type Cardholder, house } from "./building.ts"

const PACK: BatteryPack = { chemistry: "alkaline", cells: 4, capacity_mah: 2_600 }
const CONTENT_MJ = contentOf(PACK)
const HOUR_MS = 3_600_000
const reading = (voltage_mv: number, temperature_c = 20) => ({ voltage_mv, load_ma: 8, temperature_c, spent: {} })

/** A supply that has given so much of its promise, at this voltage and resistance, with a drive of so many joules. */
function levelAt(
  used: number,
  drive_j: number,
  day_j: number,
  rest_mv: number,
  ohm: number,
  before: BatteryLevel,
): BatteryLevel {
  const gauge = { ...FRESH_CELLS, used_mj: used * CONTENT_MJ }
  const measured = { gauge, rest_mv, resistance_mohm: ohm * 1_000, day_mj: day_j * 1_000, level: before }
  return levelOf({ ...newSupply(uptime(0)), ...measured }, PACK, {
    ...NEW_MOTOR,
    drive_mj: drive_j * 1_000,
    peak_ma: 1_000,
  })
}

// what | used | joules a drive | joules a day | rest, mV | ohm | level before | level
const TABLE = `
  fresh cells                                  0.02   0.8    60   6000   0.7   good       good
  half used                                    0.5    0.8    60   5200   0.9   good       good
  30 days left, by what is as good as sure     0.7    0.8   220   4900   0.9   good       low
  500 heavy operations left                    0.5   12      60   5200   0.9   good       low
  50 heavy operations left                     0.5  120      60   5200   0.9   good       critical
  the motor pulls it near its minimum          0.5    0.8    60   4600   1.2   good       critical
  the motor would pull it under                0.5    0.8    60   4300   1.2   good       empty
  half used, and it was low before             0.5    0.8    60   5200   0.9   low        good
  a little better than low                     0.5   10      60   5200   0.9   low        low
  much better than low                         0.2    5      60   5500   0.9   low        good
  other cells after empty                      0      0.8    60   6200   0     empty      good
  nothing was measured yet                     0      0       0      0   0     good       good
`
for (const row of TABLE.trim().split("\n")) {
  const [what = "", used, drive_j, day_j, rest_mv, ohm, before, level] = row.trim().split(/\s{2,}/)
  test(`battery: ${what}: ${level}`, () => {
    const from = before as BatteryLevel
    equal(levelAt(Number(used), Number(drive_j), Number(day_j), Number(rest_mv), Number(ohm), from), level)
  })
}

test("a level does not flutter: a voltage that sways around a threshold changes it once", () => {
  let level: BatteryLevel = "good"
  const seen: BatteryLevel[] = []
  for (let i = 0; i < 100; i++) {
    const next = levelAt(0.5, 0.8, 60, 4_410 + 12 * (i % 2), 1, level)
    if (next !== level) seen.push(next)
    level = next
  }
  ok(seen.length <= 1, seen.join(", "))
})

// what is measured | share of fresh resistance | how far it strays | rest, mV | what it says
const CONTACTS: readonly (readonly [string, number, number, number, string])[] = [
  ["fresh cells", 1, 0, 6_000, "good"],
  ["worn cells", 3, 0.2, 4_700, "good"],
  ["used up cells", 6, 0.3, 4_500, "good"],
  ["much resistance before full cells", 5, 0.2, 5_900, "corroded"],
  ["resistance that comes and goes", 2, 1.5, 5_600, "intermittent"],
  ["a little unrest at fresh cells", 0.8, 0.45, 6_000, "good"],
]
for (const [name, share, stray, rest_mv, contact] of CONTACTS)
  test(`contact (C94): ${name}: ${contact}`, () => {
    const fresh_mohm = 4 * 180
    const measured = { resistance_mohm: share * fresh_mohm, unrest_mohm: stray * fresh_mohm, rest_mv }
    equal(contactOf({ ...newSupply(uptime(0)), ...measured }, PACK), contact)
  })

test("other cells are recognised by their voltage; warmth, and a rest, are none", () => {
  const used: Supply = { ...newSupply(uptime(0)), gauge: { ...FRESH_CELLS, used_mj: 0.8 * CONTENT_MJ }, rest_mv: 4_700 }
  equal(read(used, PACK, uptime(1), reading(4_850)).gauge.used_mj, 0.8 * CONTENT_MJ)
  const other = read(used, PACK, uptime(1), reading(6_200))
  equal(other.gauge.used_mj, 0)
  equal(other.resistance_mohm, 0)
})

test("a day's consumption is a mean over days, whatever the readings' rhythm", () => {
  let supply = newSupply(uptime(0))
  for (let hour = 1; hour <= 24 * 60; hour++)
    supply = read(supply, PACK, uptime(hour * HOUR_MS), { ...reading(6_000), spent: { radio: 500, standby: 500 } })
  ok(Math.abs(supply.day_mj - 24_000) < 1_100, String(supply.day_mj))
  equal(supply.spent.radio, 24 * 60 * 500)
})

test("a supply rests after three breakdowns in a row, long after six; a plug, a pin, an order are none", () => {
  deepEqual([0, 2, 3, 5, 6, 200].map(restOf), [0, 0, 60_000, 60_000, 600_000, 600_000])
  const counted = ["power on", "brown-out", "watchdog", "pin", "clock failure", "lockup", "requested"] as const
  deepEqual(counted.filter(isBreakdown), ["brown-out", "watchdog", "lockup"])
})

test("every supply: what drives, and why not", () => {
  for (const level of ["good", "low", "critical", "empty"] as const)
    for (const isExternal of [false, true])
      for (const restsUntil of [null, uptime(1)]) {
        const because = withheld({ ...newSupply(uptime(0)), level, isExternal, restsUntil })
        const expected = isExternal
          ? null
          : restsUntil !== null
            ? "supply unsteady"
            : level === "empty"
              ? "battery empty"
              : null
        equal(because, expected, `${level}, ${isExternal ? "external" : "own"}, ${restsUntil}`)
      }
})

const drives = (effects: readonly Effect[]): string[] =>
  effects.flatMap((each) => (each.kind === "drive" ? [each.drive] : []))
const shown = (effects: readonly Effect[]): string[] =>
  effects.flatMap((each) => (each.kind === "show" ? [each.signal] : []))

const DRIVE: DriveMeasure = {
  drive: "throw",
  time_ms: 420,
  energy_mj: 780,
  peak_ma: 1_000,
  running_ma: 220,
  entry_ma: 297,
  late_ma: 231,
  rest_mv: 5_000,
  low_mv: 4_000,
  temperature_c: 20,
}

/** A lock on four alkaline cells that rest at `rest_mv` and sag by a volt under its motor. */
function onCells(rest_mv: number, changed: Parameters<typeof house>[0] = {}): { board: Board; ana: Cardholder } {
  const { board, people } = house({ battery: PACK, ...changed })
  const [ana] = people
  ok(ana !== undefined)
  board.input({ kind: "battery", reading: reading(5_000) })
  board.input({ kind: "drive measured", measure: DRIVE })
  board.input({ kind: "battery", reading: reading(rest_mv) })
  return { board, ana }
}

// rest, mV | level | a valid card opens
const LEVELS: readonly (readonly [number, BatteryLevel, boolean])[] = [
  [5_000, "good", true],
  [4_430, "low", true],
  [4_360, "critical", true],
  [4_300, "empty", false],
]
for (const [rest_mv, level, opens] of LEVELS)
  test(`attack 130: cells that rest at ${rest_mv} mV are ${level}, and a valid card ${opens ? "opens" : "does not drive the motor"}`, () => {
    const { board, ana } = onCells(rest_mv)
    equal(board.lock.supply.level, level)
    equal(stateOf(board.lock, board.now).health.battery?.level, level)
    const effects = board.present(ana)
    deepEqual(drives(effects), opens ? ["draw", "stop"] : [])
    deepEqual(shown(effects), [opens ? "granted" : "battery low"])
    const said = board.published().filter((each) => each.startsWith("battery level"))
    equal(said.length, level === "good" ? 0 : 1)
    if (!opens) ok(board.published().includes("drive withheld: battery empty"))
  })

test("C90: a supply at the front contact opens for whoever may come in, and for nobody else", () => {
  const { board, ana } = onCells(4_300)
  const stranger = { ...ana, tag: { ...ana.tag, keys: new Map([[0, new Uint8Array(16).fill(1)]]) } }
  board.input({ kind: "external supply", on: true })
  deepEqual(drives(board.present(stranger)), [])
  deepEqual(drives(board.present(ana)), ["draw", "stop"])
  board.pushThrough()
  equal(board.bolt, "thrown")
  board.input({ kind: "external supply", on: false })
  deepEqual(drives(board.present(ana)), [])
  ok(board.published().includes("external supply: ended"))
})

test("connecting and disconnecting a supply at the front moves no bolt that nobody asked for", () => {
  const { board } = onCells(4_300)
  for (let i = 0; i < 20; i++) {
    const effects = [...board.input({ kind: "external supply", on: i % 2 === 0 }), ...board.pass(1_000)]
    deepEqual(drives(effects), [])
  }
})

test("R44: with the last operations no new policy is taken, but denials and the way in are", () => {
  const { board, ana } = onCells(4_360)
  const before = board.lock.active?.name.version.size
  const policy = board.lock.active?.policy
  ok(policy !== undefined)
  board.take(policy, [ana])
  equal(board.lock.active?.name.version.size, before)
  ok(board.published().includes("policy refused: battery critical"))
  board.input({ kind: "external supply", on: true })
  board.take(policy, [ana])
  ok((board.lock.active?.name.version.size ?? 0) > (before ?? 0))
})

test("a bolt that was drawn when the battery ran out is thrown as soon as the battery allows", () => {
  const { board, ana } = onCells(5_000)
  board.present(ana)
  board.input({ kind: "battery", reading: reading(4_300) })
  deepEqual(drives(board.pass(60_000)), [])
  equal(board.bolt, "drawn", "no throw that could stop half way")
  board.input({ kind: "battery", reading: reading(6_300) })
  board.pass(1)
  equal(board.bolt, "thrown")
})

test("I-33: a fail-safe door opens while its battery still can, a fail-secure one stays", () => {
  for (const failMode of ["safe", "secure"] as const) {
    const { board } = onCells(5_000, { failMode })
    const effects = board.input({ kind: "battery", reading: reading(4_300) })
    deepEqual(drives(effects), failMode === "safe" ? ["draw", "stop"] : [])
    deepEqual(drives(board.pass(HOUR_MS)), [])
    board.input({ kind: "battery", reading: reading(6_300) })
    board.pass(6_000)
    equal(board.bolt, "thrown")
  }
})

// fail mode | hold-up, s | seconds without mains | where the bolt is then
const HOLD_UP: readonly (readonly ["safe" | "secure", number, number, "thrown" | "drawn"])[] = [
  ["safe", 0, 0, "drawn"],
  ["safe", 900, 899, "thrown"],
  ["safe", 900, 900, "drawn"],
  ["secure", 0, 86_400, "thrown"],
  ["secure", 900, 86_400, "thrown"],
]
for (const [failMode, holdUp_s, seconds, bolt] of HOLD_UP)
  test(`I-33: fail-${failMode} with ${holdUp_s} s of hold-up, ${seconds} s after mains were lost: ${bolt}`, () => {
    const { board } = house({ failMode, ...(holdUp_s === 0 ? {} : { holdUp_s }) })
    board.input({ kind: "power", mains: "lost" })
    board.pass(seconds * 1_000)
    equal(board.bolt, bolt)
    board.input({ kind: "power", mains: "returned" })
    equal(board.bolt, "thrown")
    board.pass(2_000_000)
    equal(board.bolt, "thrown", "a hold-up that ended with the outage is forgotten")
  })

/** The board starts again on what its storage kept, because its supply broke down. */
function breakDown(board: Board): Board {
  return new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms + 500, "brown-out")
}

test("attack 134: a supply that breaks down at every start is left alone: at most three drives before it rests", () => {
  const { board } = house({ battery: PACK })
  const { flash, pairing } = board
  let tried = 0
  let lock = board.lock
  for (let starts = 1; starts <= 20; starts++) {
    const stored = { parts: flash.parts, records: flash.records.map(({ bytes }) => bytes) }
    const begun = boot(pairing, stored, crypto.sha256(Uint8Array.of(starts, 134)), uptime(0), crypto, "brown-out")
    // Found half way, the bolt would be thrown at once; and the supply breaks down over it.
    const half = turn(begun.state, uptime(10), { kind: "bolt sensed", bolt: "between" }, crypto)
    for (const effect of [...begun.effects, ...half.effects]) flash.take(effect)
    tried += drives(half.effects).length
    lock = half.state
  }
  equal(tried, 2)
  equal(lock.supply.breakdowns, 20)
  ok(stateOf(lock, uptime(10)).health.rests)
  deepEqual(drives(turn(lock, uptime(599_000), { kind: "tick" }, crypto).effects), [])
  deepEqual(drives(turn(lock, uptime(600_001), { kind: "tick" }, crypto).effects), ["throw"])
})

test("attack 134: the rest ends, a drive that arrives ends the count, and a plug is no breakdown", () => {
  let { board } = house()
  for (let starts = 0; starts < 4; starts++) board = breakDown(board)
  equal(board.lock.supply.breakdowns, 4)
  board.pass(60_001)
  equal(board.lock.supply.restsUntil, null)
  board.input({ kind: "bolt sensed", bolt: "drawn" })
  board.pass(10_000)
  equal(board.bolt, "thrown")
  equal(board.lock.supply.breakdowns, 0)
  const again = new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms)
  equal(again.lock.supply.breakdowns, 0)
  const broken = breakDown(breakDown(again))
  equal(broken.lock.supply.breakdowns, 2)
  broken.pass(600_001)
  equal(breakDown(broken).lock.supply.breakdowns, 1, "ten quiet minutes end the count")
})

test("attack 134: while the supply rests, the way out stays open and a supply at the front lets the right person in", () => {
  const founded = house()
  const [ana] = founded.people
  ok(ana !== undefined)
  let { board } = founded
  for (let starts = 0; starts < 7; starts++) board = breakDown(board)
  board.input({ kind: "linked" })
  deepEqual(drives(board.present(ana)), [])
  board.input({ kind: "request to exit" })
  board.input({ kind: "bolt sensed", bolt: "drawn" })
  deepEqual(drives(board.pass(30_000)), [], "what steel drew is not thrown against it")
  board.input({ kind: "external supply", on: true })
  board.pushThrough()
  equal(board.lock.bolt.is, "thrown")
  deepEqual(drives(board.present(ana)), ["draw", "stop"])
})

test("the boot counter says its breakdowns, and only while there are any", () => {
  deepEqual(decodeBoot(encodeBoot(7, 0)), { boot: 7, breakdowns: 0 })
  deepEqual(decodeBoot(encodeBoot(7, 3)), { boot: 7, breakdowns: 3 })
  deepEqual(decodeBoot(encodeBoot(7, 300)), { boot: 7, breakdowns: 255 })
  equal(decodeBoot(Uint8Array.of(0x83, 1, 2, 3)), null)
  equal(decodeBoot(Uint8Array.of(0xff)), null)
})

test("what wear keeps comes back; every truncation and every other shape is a new lock", () => {
  const { board } = onCells(4_800)
  const { motor, supply } = board.lock
  const bytes = encodeWear(motor, supply)
  const wear = decodeWear(bytes)
  ok(wear !== null)
  deepEqual(encodeWear(wear.motor, { ...newSupply(uptime(0)), ...wear.supply }), bytes)
  const left = leftIn(wear.supply.gauge ?? FRESH_CELLS, PACK).mean_mj
  ok(Math.abs(left - leftIn(supply.gauge, PACK).mean_mj) < 10)
  for (let size = 0; size < bytes.length; size++) equal(decodeWear(bytes.slice(0, size)), null)
})

test("wear is stored every 32 throws, and a loss of power forgets fewer than that and adds none", () => {
  const { board, people } = house({ battery: PACK })
  const [ana] = people
  ok(ana !== undefined)
  let stores = 0
  for (let cycle = 1; cycle <= 3 * STORE_THROWS; cycle++) {
    const from = board.effects.length
    board.present(ana)
    board.pushThrough()
    board.input({ kind: "drive measured", measure: { ...DRIVE, rest_mv: 6_000, low_mv: 5_300 } })
    stores += board.effects.slice(from).filter((each) => each.kind === "store" && each.part === "wear").length
    const after = new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms)
    equal(board.lock.motor.cycles, cycle)
    ok(after.lock.motor.cycles <= cycle && after.lock.motor.cycles > cycle - STORE_THROWS)
  }
  equal(stores, 3)
})

test("a torn wear part is said, and the lock begins to learn anew", () => {
  const { board } = onCells(4_430)
  const flash = board.flash.copy()
  flash.parts.set("wear", (flash.parts.get("wear") ?? new Uint8Array(9)).slice(0, -1))
  const after = new Board(board.keeper, flash, board.pairing, board.wall_ms)
  equal(after.lock.supply.level, "good")
  equal(after.lock.motor.cycles, 0)
  after.input({ kind: "linked" })
  after.pass(1_000)
  ok(after.published().some((each) => each === "storage damaged: alarm"))
})

test("a warning level outlives a loss of power: a boot does not drive on a battery that was empty", () => {
  const { board, ana } = onCells(4_300)
  const after = new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms)
  equal(after.lock.supply.level, "empty")
  after.input({ kind: "linked" })
  deepEqual(drives(after.present(ana)), [])
})

test("the signed state carries battery, motor, energy and supply, and a door on mains says none of it", () => {
  const key = newEs256()
  const { board, ana } = onCells(4_430)
  board.present(ana)
  board.pushThrough()
  board.input({ kind: "external supply", on: true })
  for (const lock of [board.lock, house().board.lock]) {
    const state = stateOf(lock, board.now)
    const signable = stateToSign(crypto, lock.pairing.site, key.publicKey, state)
    const opened = openState(crypto, lock.pairing.site, key.publicKey, signable.finish(key.sign(signable.bytes)))
    const joules = (spent: number): number => Math.round(spent / 1_000) * 1_000
    const { spent } = state.health
    const whole = Object.fromEntries(Object.entries(spent).map(([feature, mj]) => [feature, joules(mj)]))
    deepEqual(opened?.health, { ...state.health, spent: whole })
  }
  equal(stateOf(board.lock, board.now).health.isExternal, true)
  equal(stateOf(board.lock, board.now).health.cycles, 1)
  equal(stateOf(house().board.lock, board.now).health.battery, null)
})
