/**
 * What the lock does about what it finds: recorded before anything moves, told once, answered for a bounded time, undone by
 * rule; never a bolt drawn, never a card kept waiting.
 */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { EMPTY } from "@holdfast/base"
import { fromHex } from "@holdfast/base/text"
import type { Sensed } from "@holdfast/sense"
import {
  ALARM_MS,
  decodeKept,
  encodeKept,
  KEYPAD_CLOSED_MS,
  LEVEL_MS,
  STANDS_MS,
  URGENT_AN_HOUR_MAX,
} from "../src/defence.ts"
import { defenceFields, readDefence } from "../src/defence-state.ts"
import { type Effect, stateOf } from "../src/index.ts"
import { decodeRecord, FLAG_URGENT, RECORD_SIZE } from "../src/record.ts"
import { Board, type Cardholder, house, MONDAY_8 } from "./building.ts"

const DAY_MS = 86_400_000
const caseIs = (open: boolean): Sensed => ({ kind: "case", open })
const cut: Sensed = { kind: "reset", cause: "power on", weak: false, loaded: false }
const constantJammer: Sensed = {
  kind: "radio",
  sample: { busy_permille: 990, sent: 4, acknowledged: 0, broken: 0 },
}

const sense = (board: Board, sensed: Sensed): readonly Effect[] => board.input({ kind: "sensed", sensed })
const shown = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) => (effect.kind === "show" ? [effect.signal] : []))
const drives = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) => (effect.kind === "drive" ? [effect.drive] : []))

/** `finding: drill !` for an urgent record, in the order in which they were appended. */
function recorded(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== "append") return []
    const decoded = decodeRecord(effect.bytes.slice(0, RECORD_SIZE))
    if (!decoded.ok) return [decoded.fault]
    const { kind, result, flags } = decoded.record
    return [`${kind}: ${result}${(flags & FLAG_URGENT) === 0 ? "" : " !"}`]
  })
}

/** One who may pass; a house has two of them. */
function first(people: readonly Cardholder[]): Cardholder {
  const [who] = people
  ok(who !== undefined)
  return who
}

const later = (board: Board, ms: number): Board =>
  new Board(board.keeper, board.flash, board.pairing, MONDAY_8 * 1000 + board.now + ms)

test("R39: an opened case sounds the alarm in the same turn, and wants somebody's attention", () => {
  const { board } = house()
  const effects = sense(board, caseIs(true))
  deepEqual(shown(effects), ["alarm"])
  deepEqual(recorded(effects), ["finding: case opened !", "bolt reinforced: done"])
  equal(board.lock.defence.level, 2)
})

test("I-20: what was found is recorded before anything moves, shows or is sent", () => {
  const { board } = house()
  const kinds = sense(board, caseIs(true)).map(({ kind }) => kind)
  const acts = kinds.flatMap((kind, at) => (["drive", "show", "send", "card send"].includes(kind) ? [at] : []))
  ok(acts.length >= 2, "the case is answered by acts")
  ok(acts.every((at) => kinds.indexOf("append") < at && kinds.indexOf("append") !== -1))
  deepEqual(drives(board.effects.slice(-kinds.length)), ["reinforce"])
})

test("I-20: a finding in the very turn in which the bolt is due to be thrown is recorded first", () => {
  const { board, people } = house()
  board.present(first(people))
  const { bolt } = board.lock
  ok(bolt.is === "drawn")
  board.now = bolt.throwAt
  const kinds = sense(board, caseIs(true)).map((effect) => (effect.kind === "drive" ? effect.drive : effect.kind))
  ok(kinds.includes("throw") && kinds.indexOf("append") < kinds.indexOf("throw"), kinds.join(", "))
})

test("the alarm ends after a minute, the level after a quarter of an hour, the finding when the case is closed", () => {
  const { board } = house()
  sense(board, caseIs(true))
  deepEqual(shown(board.pass(ALARM_MS)), ["alarm over"])
  ok(recorded(board.pass(LEVEL_MS)).includes("defence lowered: done"))
  equal(board.lock.defence.level, 0)
  equal(board.lock.defence.standing.has("case opened"), true)
  sense(board, caseIs(false))
  deepEqual(recorded(board.pass(STANDS_MS)), ["finding ended: case opened"])
})

test("a switch that flaps all day is one finding, counted", () => {
  const { board } = house()
  const from = board.effects.length
  for (let each = 0; each < 500; each++) {
    sense(board, caseIs(each % 2 === 0))
    board.pass(60_000)
  }
  const found = recorded(board.effects.slice(from)).filter((each) => each.startsWith("finding:"))
  equal(found.length, 1)
  equal(board.lock.defence.standing.get("case opened")?.repeats, 249)
  const sounded = shown(board.effects.slice(from)).filter((each) => each === "alarm").length
  ok(sounded <= 1 + 5 * 9, `${sounded} alarms in 500 minutes`)
})

test("an hour has a bounded number of urgent records, and the rest are still recorded", () => {
  const { board } = house()
  const from = board.effects.length
  for (let each = 0; each < 40; each++) {
    sense(board, { kind: "supply", dips: 0, over: true, loaded: false, jolted: false })
    board.pass(STANDS_MS + 1_000)
  }
  const found = recorded(board.effects.slice(from)).filter((each) => each.startsWith("finding: overvoltage"))
  equal(found.length, 40)
  const hours = (40 * (STANDS_MS + 1_000)) / 3_600_000
  ok(found.filter((each) => each.endsWith("!")).length <= URGENT_AN_HOUR_MAX * Math.ceil(hours))
})

test("attack 68: repeated brief interruptions are found within five cuts, over the resets they cause", () => {
  let { board } = house()
  const found: string[] = []
  for (let each = 1; each <= 5; each++) {
    board = later(board, 2_000)
    found.push(...recorded(sense(board, cut)).map((record) => `${each} ${record}`))
    board.pass(1_000)
  }
  deepEqual(
    found.filter((each) => each.includes("interruptions")),
    ["3 finding: brief interruptions", "4 finding: brief interruptions !", "5 finding: brief interruptions !"],
  )
})

test("attack 68: cuts far apart, and a cell that is weak, are no attack", () => {
  let { board } = house()
  for (let each = 0; each < 10; each++) {
    board = later(board, DAY_MS)
    deepEqual(recorded(sense(board, each % 2 === 0 ? cut : { ...cut, weak: true })), [])
    board.pass(1_200_000)
  }
})

test("a level that was up is up again after a reset", () => {
  const { board } = house()
  sense(board, caseIs(true))
  const again = later(board, 1_000)
  equal(again.lock.defence.level, 2)
  again.pass(LEVEL_MS)
  equal(again.lock.defence.level, 0)
  equal(later(again, 1_000).lock.defence.level, 0)
})

test("attack 74: a bolt that moves without command is an alarm in the same turn", () => {
  const { board } = house()
  const effects = board.input({ kind: "bolt sensed", bolt: "drawn" })
  deepEqual(shown(effects), ["alarm"])
  deepEqual(recorded(effects).slice(0, 2), ["finding: bolt moved by itself !", "bolt drawn: not commanded"])
})

test("attack 74: a bolt that moves for somebody, or on the way out, is none", () => {
  const { board, people } = house()
  board.present(first(people))
  board.pushThrough()
  board.pass(10_000)
  board.input({ kind: "request to exit" })
  board.input({ kind: "bolt sensed", bolt: "drawn" })
  board.pushThrough()
  board.pass(10_000)
  equal(board.lock.defence.standing.size, 0)
})

test("attack 74: in a body with a key cylinder a key may move the bolt", () => {
  const { board } = house({
    body: { actuator: "motor", deviceClass: "full replacement", hardened: [], mechanicalKey: true, bodyGrade: 0 },
  })
  board.input({ kind: "bolt sensed", bolt: "drawn" })
  equal(board.lock.defence.standing.size, 0)
})

test("attack 89: jamming is told, opens nothing, and with somebody at the case it is an attack", () => {
  const { board } = house()
  const from = board.effects.length
  board.input({ kind: "unlinked" })
  sense(board, constantJammer)
  deepEqual(recorded(sense(board, constantJammer)), ["finding: jamming"])
  equal(board.lock.defence.level, 1)
  sense(board, caseIs(true))
  deepEqual(recorded(sense(board, constantJammer)), [])
  for (let each = 0; each < 8; each++)
    sense(board, { kind: "radio", sample: { busy_permille: 30, sent: 4, acknowledged: 4, broken: 0 } })
  board.input({ kind: "linked" })
  board.pass(LEVEL_MS)
  deepEqual(drives(board.effects.slice(from)), ["reinforce", "stop"])
})

test("attack 89: a case that is opened under a jammed radio, or a radio that falls silent with a case open, are alarms", () => {
  const { board } = house()
  sense(board, caseIs(true))
  sense(board, constantJammer)
  deepEqual(recorded(sense(board, constantJammer)), ["finding: jamming !"])
})

test("attack 124: the alarm needs no policy, no lease, no time and no link", () => {
  const { board } = house()
  board.flash.parts.clear()
  const bare = later(board, 1_000)
  equal(bare.lock.active, null)
  const effects = sense(bare, caseIs(true))
  deepEqual(shown(effects), ["alarm"])
  deepEqual(recorded(effects), ["finding: case opened !", "bolt reinforced: done"])
})

test("C81: wrong tries of every kind together close the keypad, then call for somebody", () => {
  const { board } = house()
  const from = board.effects.length
  const stranger = { ...first(house({}, ["cy"]).people), name: "stranger" }
  for (let each = 0; each < 24; each++) {
    board.present({ ...stranger, tag: { ...stranger.tag, uid: Uint8Array.of(4, 9, 9, 9, 9, 9, each) } })
    board.pass(1_000)
  }
  const records = recorded(board.effects.slice(from)).filter((each) => !each.startsWith("refused"))
  deepEqual(records, [
    "finding: many attempts",
    "finding: many attempts",
    "keypad closed: many attempts",
    "finding: many attempts !",
  ])
})

test("I-16, L-02, attack 29: while the keypad is closed a card opens at once, and so does a code afterwards", () => {
  const { board, people } = house({ modes: [{ schedule: null, factors: "card or pin" }] })
  const ana = first(people)
  for (let each = 0; each < 12; each++) {
    board.present({ ...ana, tag: { ...ana.tag, uid: Uint8Array.of(4, 9, 9, 9, 9, 9, each) } })
    board.pass(1_000)
  }
  deepEqual(drives(board.type(ana.code)), [])
  equal(drives(board.present(ana))[0], "draw")
  board.pushThrough()
  board.pass(KEYPAD_CLOSED_MS)
  equal(drives(board.type(ana.code))[0], "draw")
})

test("I-31: at every level the way out moves the bolt's state as ever, and no finding drives it but to hold", () => {
  for (const open of [false, true]) {
    const { board } = house()
    if (open) sense(board, caseIs(true))
    board.input({ kind: "request to exit" })
    board.input({ kind: "bolt sensed", bolt: "drawn" })
    equal(board.lock.bolt.is, "drawn")
    board.input({ kind: "door sensed", door: "open" })
    equal(board.lock.door.is, "open")
  }
})

test("a door that says what it wants at a threat level wants it while the lock is on its guard, and no longer", () => {
  const { board, people } = house({ threatFactors: ["card", "card and pin"] })
  const ana = first(people)
  sense(board, caseIs(true))
  deepEqual(drives(board.present(ana)), [])
  equal(drives(board.type(ana.code))[0], "stop", "a reinforced bolt is let go before it is drawn")
  board.pushThrough()
  board.pass(LEVEL_MS)
  equal(drives(board.present(ana))[0], "draw")
})

test("a door that says nothing of threat levels asks for no more than ever", () => {
  const { board, people } = house()
  sense(board, caseIs(true))
  ok(drives(board.present(first(people))).includes("draw"))
})

test("C82: the signed state says the level, what stands, and the debug port, and reads back", () => {
  const { board } = house()
  sense(board, caseIs(true))
  sense(board, { kind: "debug port", open: true })
  const { defence } = stateOf(board.lock, board.now)
  deepEqual(defence, { level: 2, findings: ["case opened", "debug port open"], debugPort: "open", narrowed: null })
  deepEqual(readDefence(new Map(defenceFields(defence))), defence)
  deepEqual(readDefence(new Map()), { level: 0, findings: [], debugPort: null, narrowed: null })
})

test("attack 67: the debug port's state stands in what the lock signs, and an open one is an alarm", () => {
  const { board } = house()
  equal(stateOf(board.lock, board.now).defence.debugPort, null)
  sense(board, { kind: "debug port", open: false })
  equal(stateOf(board.lock, board.now).defence.debugPort, "closed")
  deepEqual(recorded(sense(board, { kind: "debug port", open: true })), ["finding: debug port open !"])
})

test("C10: a key that is turned explains what the bolt does next", () => {
  const { board } = house()
  board.input({ kind: "mechanical key turned" })
  board.input({ kind: "bolt sensed", bolt: "drawn" })
  equal(board.lock.defence.standing.size, 0)
})

test("the motor's own shaking is not judged", () => {
  const { board, people } = house()
  board.motorWorks = false
  board.present(first(people))
  const loud = { octaves_mg: [0, 400, 0, 0, 0, 0], rms_mg: 400, peak_mg: 900, width_ms: 3, steady: 16, blows: 1 }
  const window = { ...loud, tone_hz: 33, tone_percent: 60, sway_mg: 20, shift_mg: 0 }
  for (let each = 0; each < 3; each++) deepEqual(recorded(sense(board, { kind: "window", window })), [])
})

test("C74, C76: a drill at a closed door is told, sounded and held against, each once", () => {
  const { board } = house()
  board.pass(2_000)
  const loud = { octaves_mg: [0, 400, 0, 0, 0, 0], rms_mg: 400, peak_mg: 900, width_ms: 3, steady: 16, blows: 1 }
  const window = { ...loud, tone_hz: 33, tone_percent: 60, sway_mg: 20, shift_mg: 0 }
  const from = board.effects.length
  for (let each = 0; each < 20; each++) {
    sense(board, { kind: "window", window })
    board.pass(640)
  }
  const effects = board.effects.slice(from)
  deepEqual(recorded(effects), ["finding: drill", "finding: drill !", "bolt reinforced: done"])
  deepEqual([shown(effects), drives(effects)], [["alarm"], ["reinforce"]])
})

test("what is stored of the defence reads back; other bytes read as nothing kept", () => {
  for (const kept of [
    { level: 0, interruptions: 0, failed: 0 },
    { level: 2, interruptions: 99, failed: 20 },
  ] as const)
    deepEqual(decodeKept(encodeKept(kept)), kept)
  for (const bad of ["", "80", "83000000ff", "83030000", "8301186400", "820102"])
    equal(decodeKept(fromHex(bad) ?? EMPTY), null)
})
