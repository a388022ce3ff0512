/** What rules the door, at a whole lock: modes by schedule and by order, interlock, antipassback, who needs longer. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { DoorConfig } from "@holdfast/access/door"
import { stateOf } from "../src/index.ts"
import { ALWAYS_TERMS, Board, type Cardholder, house, MONDAY_8, policyFor } from "./building.ts"
import { commanded, first, modeOf, order, said } from "./orders.ts"

const HOUR = 3_600

/** A door with office hours from nine to ten; it is eight. */
function office(how: "by schedule" | "after first entry"): { board: Board; ana: Cardholder; bo: Cardholder } {
  const { keeper, board, people } = house()
  const [ana, bo] = people
  ok(ana !== undefined && bo !== undefined)
  const hours = [MONDAY_8 + HOUR, MONDAY_8 + 2 * HOUR] as const
  const modes: DoorConfig<number>["modes"] = [
    { schedule: 0, factors: "card", office: how },
    { schedule: null, factors: "card" },
  ]
  const rows = [[ana, ALWAYS_TERMS] as const, [bo, { ...ALWAYS_TERMS, hours }] as const]
  board.take(policyFor(keeper, rows, { modes }), people)
  return { board, ana, bo }
}

test("office hours by schedule unlock the door at their beginning and lock it at their end, by the lock's own wake", () => {
  const { board } = office("by schedule")
  board.pass(HOUR * 1_000 - 1)
  equal(board.bolt, "thrown")
  board.pass(1)
  equal([board.bolt, modeOf(board)].join(), "drawn,office")
  board.pushThrough()
  board.pass(1_800_000)
  equal(board.bolt, "drawn", "closing the leaf locks nothing in office hours")
  board.pass(1_800_000)
  equal([board.bolt, modeOf(board)].join(), "thrown,normal")
  deepEqual(said(board, "mode", "bolt"), [
    "mode changed: done",
    "bolt drawn: by schedule",
    "mode changed: done",
    "bolt thrown: done",
  ])
})

test("office after the first entry waits for somebody whom the policy lets in", () => {
  const { board, ana } = office("after first entry")
  board.pass(HOUR * 1_000 + 60_000)
  equal(board.bolt, "thrown")
  board.type("999999")
  equal(modeOf(board), "normal", "a refusal is no entry")
  board.present(ana)
  equal(modeOf(board), "office")
  board.pass(600_000)
  equal(board.bolt, "drawn")
})

test("I-05: a boot in office hours, or a clock that comes back, releases nothing until somebody comes in", () => {
  const { board, ana } = office("by schedule")
  board.pass(HOUR * 1_000 + 60_000)
  equal(board.bolt, "drawn")
  const after = new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms)
  equal(after.bolt, "thrown")
  after.input({ kind: "linked" })
  after.pass(60_000)
  equal([after.bolt, modeOf(after)].join(), "thrown,normal")
  after.present(ana)
  equal([after.bolt, modeOf(after)].join(), "drawn,office")
})

test("office hours end with the lease", () => {
  const { board } = office("by schedule")
  board.pass(HOUR * 1_000)
  equal(board.bolt, "drawn")
  board.lock = { ...board.lock, lease: null }
  board.pass(1)
  equal(board.bolt, "thrown")
})

// the mode | what ana's card does | what bo's does (ana is a responder)
const WHO: readonly (readonly [Parameters<typeof order>[1] | null, number, string, string])[] = [
  [null, 0, "drawn", "drawn"],
  ["lockdown", 0, "drawn", "thrown"],
  ["service", 600, "drawn", "drawn"],
  ["threat level", 1, "thrown", "thrown"], // A card is not enough any more.
]
for (const [act, value, responder, other] of WHO)
  test(`${act ?? "normal"}: a responder's card leaves the bolt ${responder}, anybody else's ${other}`, () => {
    const here = commanded({}, { traits: 2 })
    const { board, people } = here
    if (act !== null) equal(order(here, act, value), "order taken: done")
    board.present(first(people))
    board.pass(16_000)
    const firstDrew = said(board, "bolt drawn").length > 0
    board.pass(10_000)
    const before = said(board, "bolt drawn").length
    const bo = people[1]
    ok(bo !== undefined)
    board.present(bo)
    board.pass(16_000)
    equal(firstDrew ? "drawn" : "thrown", responder)
    equal(said(board, "bolt drawn").length > before ? "drawn" : "thrown", other)
  })

test("lockdown throws a bolt that stands drawn, ends office, and refuses with its reason; an order ends it", () => {
  const here = commanded()
  const { board, people } = here
  order(here, "office", 3_600)
  equal(board.bolt, "drawn")
  order(here, "lockdown")
  equal([board.bolt, modeOf(board)].join(), "thrown,lockdown")
  board.present(first(people))
  equal(board.published().at(-1), "refused: in lockdown")
  equal(order(here, "unlock"), "order refused: in lockdown")
  order(here, "normal")
  equal([board.bolt, modeOf(board)].join(), "thrown,normal")
  board.present(first(people))
  equal(board.bolt, "drawn")
})

test("I-34: a lockdown throws no bolt into the empty air, and waits for the leaf", () => {
  const here = commanded()
  const { board, people } = here
  board.present(first(people))
  board.input({ kind: "door sensed", door: "open" })
  order(here, "lockdown")
  equal(board.bolt, "drawn")
  board.input({ kind: "door sensed", door: "closed" })
  equal(board.bolt, "thrown")
})

test("a lockdown and a threat level outlive a boot; service and office do not (attack 126)", () => {
  const here = commanded()
  for (const [act, value] of [
    ["office", 3_600],
    ["service", 3_600],
    ["threat level", 2],
    ["lockdown", 0],
  ] as const)
    order(here, act, value)
  const after = new Board(here.keeper, here.board.flash.copy(), here.board.pairing, here.board.wall_ms)
  equal([modeOf(after), after.lock.modes.level].join(), "lockdown,2")
  deepEqual([...after.lock.modes.ordered.keys()], ["lockdown"])
})

test("where the modes were damaged, a door that somebody can free is locked down", () => {
  const here = commanded()
  order(here, "threat level", 1)
  const flash = here.board.flash.copy()
  flash.parts.set("mode", Uint8Array.of(1, 2, 3))
  const after = new Board(here.keeper, flash, here.board.pairing, here.board.wall_ms)
  equal(modeOf(after), "lockdown")
})

test("attack 126: service ends by itself, says so, and shows its end; alarms in it are notes", () => {
  const here = commanded()
  const { board } = here
  order(here, "service", 600)
  const shown = stateOf(board.lock, board.now)
  equal([shown.mode, shown.modeEnds_ms].join(), `service,${board.now + 600_000}`)
  board.input({ kind: "door sensed", door: "open" })
  board.pass(20_000)
  board.input({ kind: "door sensed", door: "closed" })
  board.pass(600_000)
  equal(modeOf(board), "normal")
  deepEqual(said(board, "door forced", "mode ended"), ["door forced: in service", "mode ended: expired"])
  board.input({ kind: "door sensed", door: "open" })
  deepEqual(said(board, "door forced").at(-1), "door forced: alarm")
})

test("a threat level asks for more than the hour does, never for less", () => {
  const { board, people } = commanded({ threatFactors: ["card"], modes: [{ schedule: null, factors: "card and pin" }] })
  const here = { ...commanded({ threatFactors: ["card"], modes: [{ schedule: null, factors: "card and pin" }] }) }
  order(here, "threat level", 1)
  here.board.present(first(here.people))
  equal(here.board.bolt, "thrown")
  here.board.type(first(here.people).code)
  equal(here.board.bolt, "drawn")
  board.present(first(people))
  equal(board.bolt, "thrown")
})

test("interlock: while the partner is open, or unknown, nobody is let in; leaving is not asked about", () => {
  const here = commanded({ interlock: true })
  const { board, people } = here
  const ana = first(people)
  board.present(ana)
  equal(board.bolt, "thrown", "a partner that never said it is secure counts as open")
  board.input({ kind: "partner", secure: true })
  board.present(ana)
  equal(board.bolt, "drawn")
  board.pushThrough()
  board.input({ kind: "partner", secure: false })
  board.present(ana)
  equal(board.bolt, "thrown")
  equal(order(here, "unlock"), "order refused: partner open")
  equal(order(here, "office", 600), "order refused: act not allowed")
  board.input({ kind: "request to exit" })
  board.input({ kind: "bolt sensed", bolt: "drawn" })
  board.input({ kind: "door sensed", door: "open" })
  equal(board.lock.door.is, "open")
  equal(said(board, "refused").at(-1), "refused: partner open")
})

test("interlock: both open at once is an alarm, once; an evacuation opens both", () => {
  const here = commanded({ interlock: true })
  const { board, people } = here
  board.input({ kind: "partner", secure: true })
  board.present(first(people))
  board.input({ kind: "door sensed", door: "open" })
  board.input({ kind: "partner", secure: false })
  board.input({ kind: "partner", secure: false })
  deepEqual(said(board, "interlock"), ["interlock broken: alarm"])
  board.input({ kind: "door sensed", door: "closed" })
  order(here, "evacuation")
  equal(board.bolt, "drawn")
})

function show(board: Board, who: Cardholder, reader: "in" | "out"): void {
  board.held = who.tag
  board.input({ kind: "card presented", uid: who.tag.uid, reader })
}

for (const antipassback of ["soft", "hard"] as const)
  test(`attack 57: ${antipassback} antipassback at the two readers of this controller`, () => {
    const { board, people } = commanded({ antipassback })
    const ana = first(people)
    show(board, ana, "in")
    board.pass(10_000)
    show(board, ana, "in") // The leaf never opened: she is where she was.
    equal(board.bolt, "drawn")
    board.pushThrough()
    show(board, ana, "in")
    equal(board.bolt, antipassback === "hard" ? "thrown" : "drawn")
    board.pushThrough()
    const says = antipassback === "hard" ? "refused: passed back" : "antipassback: alarm"
    equal(said(board, "refused", "antipassback").at(-1), says)
    show(board, ana, "out")
    equal(board.bolt, "drawn")
    board.pushThrough()
    show(board, ana, "in")
    equal(board.bolt, "drawn")
    deepEqual(said(board, "refused", "antipassback"), [says])
  })

test("attack 57: timed antipassback forgives, and a boot forgets: nobody stays locked out", () => {
  const { board, people, keeper } = commanded({ antipassback: "hard", antipassback_s: 600 })
  const ana = first(people)
  show(board, ana, "in")
  board.pushThrough()
  board.pass(599_000)
  show(board, ana, "in")
  equal(board.bolt, "thrown")
  board.pass(1_000)
  show(board, ana, "in")
  equal(board.bolt, "drawn")
  board.pushThrough()
  const after = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  after.input({ kind: "linked" })
  show(after, ana, "in")
  equal(after.bolt, "drawn")
})

test("a door without antipassback remembers nobody", () => {
  const { board, people } = commanded()
  show(board, first(people), "in")
  board.pushThrough()
  equal(board.lock.passes.size, 0)
})

test("somebody who needs longer has longer: the bolt, the warning and the alarm", () => {
  const longer = { unlock_ms: 5_000, extendedUnlock_ms: 30_000, heldOpen_ms: 15_000, extendedHeldOpen_ms: 60_000 }
  const { board, people } = commanded(longer, { traits: 1 })
  const [ana, bo] = people
  ok(ana !== undefined && bo !== undefined)
  board.present(ana)
  board.pass(29_999)
  equal(board.bolt, "drawn")
  board.input({ kind: "door sensed", door: "open" })
  board.pass(39_999)
  equal(board.lock.door.is, "open")
  board.pass(1)
  equal(stateOf(board.lock, board.now).alarmAt_ms, board.now + 20_000)
  board.input({ kind: "door sensed", door: "closed" })
  equal(stateOf(board.lock, board.now).alarmAt_ms, null)
  board.present(bo)
  board.pass(5_000)
  equal(board.bolt, "thrown", "what was hers is not his")
})

test("R15: the warning is recorded, then the alarm, and both end when the leaf closes", () => {
  const { board, people } = commanded()
  board.present(first(people))
  board.input({ kind: "door sensed", door: "open" })
  board.pass(60_000)
  board.input({ kind: "door sensed", door: "closed" })
  deepEqual(said(board, "door"), [
    "door opened: done",
    "door open long: done",
    "door held: alarm",
    "door closed: done",
    "door held ended: done",
  ])
})

test("somebody asks to leave and does not: that is said, once; whoever leaves says nothing", () => {
  const { board } = commanded()
  board.input({ kind: "request to exit" })
  board.pass(9_999)
  deepEqual(said(board, "exit not taken"), [])
  board.pass(1)
  board.pass(60_000)
  deepEqual(said(board, "exit not taken"), ["exit not taken: done"])
  board.input({ kind: "request to exit" })
  board.input({ kind: "bolt sensed", bolt: "drawn" })
  board.pushThrough()
  board.pass(60_000)
  deepEqual(said(board, "exit not taken"), ["exit not taken: done"])
})
