/** The limits of orders, to the millisecond and to the last one, and what each order leaves behind it. */
import { encodeCbor } from "@holdfast/base/cbor"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { stateOf } from "../src/index.ts"
import { askNonce, commanded, first, modeOf, order, orderOf, said } from "./orders.ts"

// ms from asking for the nonce to the order | what becomes of it
const FRESHNESS = `
  0      taken: done
  29999  taken: done
  30000  taken: done
  30001  refused: expired
`
for (const row of FRESHNESS.trim().split("\n")) {
  const [ms = "", outcome = ""] = row.trim().split(/ {2,}/)
  test(`attack 84: an order ${ms} ms after its nonce: ${outcome}`, () => {
    const here = commanded()
    const kept = orderOf(here, "unlock")
    here.board.pass(Number(ms))
    here.board.hear(kept)
    equal(here.board.bolt, outcome.startsWith("taken") ? "drawn" : "thrown")
    here.board.pass(30_000)
    equal(said(here.board, "order").at(-1), `order ${outcome}`)
  })
}

test("who asks again within fifteen seconds gets the nonce that is out, and then a new one", () => {
  const { board } = commanded()
  const out = askNonce(board)
  board.pass(14_999)
  deepEqual(askNonce(board), out)
  board.pass(1)
  equal(Buffer.from(out).equals(askNonce(board)), false)
})

test("attack 96: six openings in sixty seconds are taken; the seventh waits until the first is a minute old", () => {
  for (const [after_ms, outcome] of [
    [59_999, "order refused: too often"],
    [60_000, "order taken: done"],
  ] as const) {
    const here = commanded()
    for (let count = 0; count < 6; count++) equal(order(here, "unlock"), "order taken: done")
    equal(order(here, "unlock"), "order refused: too often")
    here.board.pass(after_ms)
    equal(order(here, "unlock"), outcome, `${after_ms} ms after all of them`)
  }
})

test("an order that draws the bolt is shown as granted, once, and nobody in particular passes", () => {
  const here = commanded({ antipassback: "hard", antipassback_s: 600 })
  const { board } = here
  board.present(first(here.people))
  ok(board.lock.passing !== null)
  const shown = board.hear(orderOf(here, "unlock")).filter((each) => each.kind === "show")
  deepEqual(
    shown.map(({ signal }) => signal),
    ["granted"],
  )
  equal(board.lock.passing, null)
})

test("attack 126: a door that stood unlocked by order does not stand unlocked again when a lockdown or a normal is over", () => {
  for (const act of ["lockdown", "normal"] as const) {
    const here = commanded()
    const { board } = here
    equal(order(here, "office", 3_600), "order taken: done")
    equal(board.bolt, "drawn")
    const { office } = board.lock.modes
    equal(order(here, act, act === "lockdown" ? 60 : 0), "order taken: done")
    equal(board.bolt, "thrown")
    equal(board.lock.modes.office, office, "no office hours begin by it")
    board.pass(60_000)
    deepEqual([modeOf(board), board.bolt, board.lock.modes.ordered.size], ["normal", "thrown", 0])
  }
})

test("a threat level that rises is an alarm in the journal, to end it is none", () => {
  const here = commanded()
  for (const level of [2, 1, 0]) equal(order(here, "threat level", level), "order taken: done")
  here.board.pass(30_000)
  deepEqual(said(here.board, "threat level"), ["threat level: alarm", "threat level: alarm", "threat level: done"])
  equal(stateOf(here.board.lock, here.board.now).threatLevel, 0)
})

test("attack 22: what is no order, or too large to be one, is unreadable", () => {
  for (const envelope of [new Uint8Array(0), new Uint8Array(100_000), encodeCbor([1, 2, 3])]) {
    const { board } = commanded()
    askNonce(board)
    board.hear({ kind: "order", envelope })
    board.pass(30_000)
    deepEqual(said(board, "order"), ["order refused: unreadable"], `${envelope.length} bytes`)
  }
})

// an ordered mode | seconds ordered | mode just before they are over | and at their end
const TIMES = `
  lockdown    0     lockdown    lockdown
  lockdown    60    lockdown    normal
  evacuation  60    evacuation  normal
  service     60    service     normal
  office      60    office      normal
`
for (const row of TIMES.trim().split("\n")) {
  const [act = "", seconds = "", before = "", after = ""] = row.trim().split(/ {2,}/)
  test(`${act} for ${seconds} s: ${before} until then, and ${after}`, () => {
    const here = commanded()
    ok(act === "lockdown" || act === "evacuation" || act === "service" || act === "office")
    equal(order(here, act, Number(seconds)), "order taken: done")
    here.board.pass(59_999)
    equal(modeOf(here.board), before)
    here.board.pass(1)
    equal(modeOf(here.board), after)
  })
}
