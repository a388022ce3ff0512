/** The limits of what rules a door: office hours beside orders, levels of threat, what is forgiven when, and what wakes the lock. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { officeWakes } from "../src/ruling.ts"
import { stateOf } from "../src/index.ts"
import { Board, type Cardholder, MONDAY_8 } from "./building.ts"
import { type Commanded, commanded, first, modeOf, order, said } from "./orders.ts"

const MINUTE_MS = 60_000
const NINE_MS = 60 * MINUTE_MS

/** A door that takes orders, with office hours by schedule from nine to ten; it is eight. */
function withHours(): Commanded {
  const here = commanded()
  const hours = new Uint8Array(8)
  for (const [at, hour] of [1, 2].entries()) new DataView(hours.buffer).setUint32(4 * at, MONDAY_8 + hour * 3_600)
  const modes = [
    { schedule: 0, factors: "card", office: "by schedule" },
    { schedule: null, factors: "card" },
  ] as const
  here.board.take({ ...here.policy, config: { ...here.policy.config, modes }, schedules: [hours] }, here.people)
  return here
}

// office hours by schedule begin at 9:00 | what is ordered, for how many seconds, and when | at 9:30 | once somebody came in
const BESIDE_ORDERS = `
  nothing     0      -      drawn     drawn
  lockdown    60     8:10   drawn     drawn
  lockdown    4800   8:10   thrown    drawn
  lockdown    3600   8:10   thrown    drawn
  lockdown    60     9:10   thrown    drawn
  lockdown    0      9:10   thrown    thrown
  normal      0      8:10   drawn     drawn
  normal      0      9:10   thrown    drawn
  service     60     9:10   drawn     drawn
  evacuation  60     9:10   drawn     drawn
`
for (const row of BESIDE_ORDERS.trim().split("\n")) {
  const [act = "", seconds = "", at = "", then = "", entered = ""] = row.trim().split(/ {2,}/)
  test(`attack 126: office hours by schedule, ${act} for ${seconds} s at ${at}: ${then} at 9:30, ${entered} after an entry`, () => {
    const here = withHours()
    const { board } = here
    const [hour = 0, minute = 0] = at.split(":").map(Number)
    const ms = at === "-" ? 0 : (hour - 8) * NINE_MS + minute * MINUTE_MS
    board.pass(ms)
    if (act === "lockdown" || act === "normal" || act === "service" || act === "evacuation")
      equal(order(here, act, Number(seconds)), "order taken: done")
    board.pass(NINE_MS + 30 * MINUTE_MS - ms)
    equal(board.bolt, then)
    board.present(bo(here))
    board.pass(MINUTE_MS)
    equal(board.bolt, entered)
    board.pass(40 * MINUTE_MS)
    equal(board.bolt, "thrown", "ten o'clock is the end in any case")
  })
}

function bo({ people }: Commanded): Cardholder {
  const [, second] = people
  ok(second !== undefined)
  return second
}

test("a responder who comes in under a lockdown begins no office hours", () => {
  const here = withHours()
  const { board, people, policy } = here
  const credentials = policy.credentials.map((byte, at) => (at === 23 ? 2 : byte))
  const { config, schedules } = board.lock.active?.policy ?? policy
  board.take({ ...policy, credentials, config, schedules }, people)
  board.pass(NINE_MS - MINUTE_MS)
  equal(order(here, "lockdown", 300), "order taken: done")
  board.pass(2 * MINUTE_MS)
  board.present(first(people))
  equal(board.bolt, "drawn")
  board.pass(10 * MINUTE_MS)
  equal([board.bolt, modeOf(board)].join(), "thrown,normal")
})

test("attack 126: an evacuation over a lockdown lets nobody order what would unlock the door when both are over", () => {
  const here = commanded()
  const { board } = here
  equal(order(here, "lockdown", 600), "order taken: done")
  equal(order(here, "evacuation", 60), "order taken: done")
  equal(order(here, "office", 3_600), "order refused: in lockdown")
  equal(order(here, "unlock"), "order taken: done")
  board.pass(11 * MINUTE_MS)
  equal([board.bolt, modeOf(board)].join(), "thrown,normal")
})

// ms after eight | ms from there until the lock looks again
const WAKES = `
  0         3600000
  3599999   1
  3600000   3600000
  3600001   3599999
  7199000   1000
  7200000   -
`
for (const row of WAKES.trim().split("\n")) {
  const [at = "", until = ""] = row.trim().split(/ {2,}/)
  test(`office hours from nine to ten, ${at} ms after eight: looks again in ${until} ms`, () => {
    const { board } = withHours()
    board.pass(Number(at))
    const wakes = officeWakes(board.lock, board.now)
    equal(wakes === null ? "-" : String(wakes - board.now), until)
  })
}

test("without a policy, or the time, no office hours wake a lock", () => {
  const { board } = withHours()
  equal(officeWakes({ ...board.lock, active: null }, board.now), null)
  equal(officeWakes({ ...board.lock, clock: { ...board.lock.clock, start_ms: null } }, board.now), null)
})

// level | what a door asks for that names "pin" for the first level and "card and pin" for the second
const LEVELS: readonly (readonly [number, string])[] = [
  [0, "card"],
  [1, "card and pin"], // The hour's card and the level's PIN.
  [2, "card and pin"],
  [3, "card and pin"],
]
for (const [level, asked] of LEVELS)
  test(`threat level ${level} at a door that asks for a card: ${asked}`, () => {
    const here = commanded({ threatFactors: ["card", "card and pin"] })
    if (level > 0) equal(order(here, "threat level", level), "order taken: done")
    here.board.present(first(here.people))
    equal(here.board.bolt, level < 2 ? "drawn" : "thrown")
  })

test("attack 126: a lockdown whose time is over is over after a boot too, and what does not end is not stored again", () => {
  const here = commanded()
  const { board } = here
  const stores = (effects: readonly { readonly kind: string; readonly part?: string }[]): number =>
    effects.filter(({ kind, part }) => kind === "store" && part === "mode").length
  equal(order(here, "lockdown", 60), "order taken: done")
  equal(stores(board.pass(59_999)), 0)
  equal(stores(board.pass(1)), 1)
  equal(stores(board.pass(59_999)), 0)
  const after = new Board(here.keeper, board.flash.copy(), board.pairing, board.wall_ms)
  equal(modeOf(after), "normal")
})

test("a mode that neither holds nor locks leaves the bolt to whom it was drawn for", () => {
  for (const [act, value] of [
    ["service", 600],
    ["threat level", 1],
  ] as const) {
    const here = commanded()
    here.board.present(first(here.people))
    equal(order(here, act, value), "order taken: done")
    equal(here.board.bolt, "drawn")
    here.board.pass(5_000)
    equal(here.board.bolt, "thrown")
  }
})

test("an evacuation and office by order draw the bolt by order, office hours by schedule", () => {
  for (const act of ["evacuation", "office"] as const) {
    const here = commanded()
    order(here, act, 60)
    here.board.pass(30_000)
    deepEqual(said(here.board, "bolt drawn"), ["bolt drawn: by order"])
  }
  const { board } = withHours()
  board.pass(NINE_MS + 30_000)
  deepEqual(said(board, "bolt drawn"), ["bolt drawn: by schedule"])
})

function shown(board: Board, who: Cardholder): readonly string[] {
  return board.present(who).flatMap((each) => (each.kind === "show" ? [each.signal] : []))
}

test("attack 57: what is forgiven after ten minutes is forgiven to the millisecond, hard and soft", () => {
  for (const antipassback of ["hard", "soft"] as const)
    for (const [ms, forgiven] of [
      [599_999, false],
      [600_000, true],
    ] as const) {
      const { board, people } = commanded({ antipassback, antipassback_s: 600 })
      equal(shown(board, first(people)).includes("granted"), true)
      board.pushThrough()
      board.pass(ms)
      equal(shown(board, first(people)).includes("granted"), forgiven || antipassback === "soft")
      board.pass(60_000)
      const says = antipassback === "hard" ? "refused: passed back" : "antipassback: alarm"
      deepEqual(said(board, "refused", "antipassback"), forgiven ? [] : [says], `${antipassback}, ${ms} ms`)
    }
})

test("attack 57: where no leaf says who passed, whoever is let in has passed; without antipassback nobody is remembered", () => {
  for (const antipassback of ["hard", "none"] as const) {
    const { board, people } = commanded({ antipassback, antipassback_s: 600 })
    board.lock = { ...board.lock, door: { is: "unknown" } }
    equal(shown(board, first(people)).includes("granted"), true)
    equal(board.lock.passes.size, antipassback === "hard" ? 1 : 0)
    board.pass(16_000)
    equal(shown(board, first(people)).includes("granted"), antipassback === "none")
  }
})

test("a hand that relocks throws the bolt at once, whoever it was drawn for", () => {
  const { board, people } = commanded()
  board.present(first(people))
  equal(board.bolt, "drawn")
  board.input({ kind: "relocked by hand" })
  equal(board.bolt, "thrown")
})

test("interlock: a partner that opens beside a leaf that is not closed is an alarm at once, beside a closed one none", () => {
  for (const leaf of ["open", "open long", "held", "forced", "closed"] as const) {
    const { board, people } = commanded({ interlock: true })
    board.input({ kind: "partner", secure: true })
    if (leaf !== "forced" && leaf !== "closed") board.present(first(people))
    if (leaf !== "closed") board.input({ kind: "door sensed", door: "open" })
    for (let seconds = 0; seconds < 60 && board.lock.door.is !== leaf; seconds++) board.pass(1_000)
    equal(board.lock.door.is, leaf)
    board.input({ kind: "partner", secure: false })
    board.pass(30_000)
    deepEqual(said(board, "interlock"), leaf === "closed" ? [] : ["interlock broken: alarm"], leaf)
  }
})

test("R45: fire frees a way out that waits, and there is none to free at a door without", () => {
  const waiting = commanded({ delayedEgress_s: 15, failMode: "safe", fireReleases: true })
  waiting.board.input({ kind: "fire", alarm: true })
  equal(stateOf(waiting.board.lock, waiting.board.now).wayOut, "free")
  const plain = commanded({ failMode: "secure", fireReleases: true })
  plain.board.input({ kind: "fire", alarm: true })
  plain.board.pass(30_000)
  deepEqual([plain.board.lock.egress.is, ...said(plain.board, "exit")], ["ready"])
})
