/** Fire, and the way out that waits: what draws the bolt for everybody, and who may throw it again. */
import { uptime } from "@holdfast/base"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { boot, stateOf, turn } from "../src/index.ts"
import { Board } from "./building.ts"
import { commanded, modeOf, order, said } from "./orders.ts"

const FIRE = { failMode: "secure", fireReleases: true } as const

test("attack 132: fire draws the bolt and holds it, over every order and every key, until a hand relocks (I-32)", () => {
  const here = commanded(FIRE)
  const { board } = here
  board.input({ kind: "fire", alarm: true })
  equal([board.bolt, modeOf(board)].join(), "drawn,fire")
  for (const [act, value] of [
    ["lockdown", 0],
    ["normal", 0],
    ["service", 600],
    ["threat level", 4],
  ] as const) {
    equal(order(here, act, value), "order taken: done")
    board.pushThrough()
    board.pass(60_000)
    equal([board.bolt, modeOf(board)].join(), "drawn,fire", act)
  }
  board.bolt = "thrown"
  board.input({ kind: "bolt sensed", bolt: "thrown" })
  equal(board.bolt, "drawn", "a key that throws it works against the level of the input")
  board.input({ kind: "relocked by hand" })
  equal(board.bolt, "drawn", "not while the alarm lasts")
  board.input({ kind: "fire", alarm: false })
  board.pass(600_000)
  equal([board.bolt, modeOf(board)].join(), "drawn,fire")
  board.input({ kind: "relocked by hand" })
  equal([board.bolt, modeOf(board)].join(), "thrown,threat level")
  deepEqual(said(board, "fire", "relocked"), [
    "fire alarm: alarm",
    "relocked by hand: by fire",
    "fire over: done",
    "relocked by hand: done",
  ])
})

test("attack 132: after a boot the door goes on waiting for a hand, and the input that is still active rules again", () => {
  const here = commanded(FIRE)
  here.board.input({ kind: "fire", alarm: true })
  const after = new Board(here.keeper, here.board.flash.copy(), here.board.pairing, here.board.wall_ms)
  equal(modeOf(after), "fire")
  equal(after.bolt, "thrown", "a boot draws nothing")
  after.input({ kind: "fire", alarm: true })
  equal(after.bolt, "drawn")
  const quiet = new Board(here.keeper, here.board.flash.copy(), here.board.pairing, here.board.wall_ms)
  quiet.input({ kind: "fire", alarm: false })
  equal(modeOf(quiet), "fire")
  quiet.input({ kind: "relocked by hand" })
  equal(modeOf(quiet), "normal")
})

test("a fire at a door that it does not release is recorded, and moves nothing", () => {
  const here = commanded()
  here.board.input({ kind: "fire", alarm: true })
  here.board.input({ kind: "fire", alarm: true })
  here.board.input({ kind: "fire", alarm: false })
  equal([here.board.bolt, modeOf(here.board)].join(), "thrown,normal")
  deepEqual(said(here.board, "fire"), ["fire alarm: alarm", "fire over: done"])
})

const DELAYED = { delayedEgress_s: 15, failMode: "safe", fireReleases: true } as const

test("R45: the bar counts 15 s, frees the way, and only a hand locks it again; leaving is no forcing", () => {
  const here = commanded(DELAYED)
  const { board } = here
  const shown = board.input({ kind: "exit bar" }).filter(({ kind }) => kind === "show")
  deepEqual(shown, [{ kind: "show", signal: "wait to leave" }])
  board.pass(14_999)
  equal([board.bolt, stateOf(board.lock, board.now).wayOut].join(), "thrown,counting")
  order(here, "lockdown")
  board.pass(1)
  equal([board.bolt, stateOf(board.lock, board.now).wayOut].join(), "drawn,free")
  board.pushThrough()
  board.pass(600_000)
  equal(board.bolt, "drawn")
  order(here, "normal")
  equal(board.bolt, "drawn", "no order locks it")
  board.input({ kind: "relocked by hand" })
  equal(board.bolt, "thrown")
  deepEqual(said(board, "exit", "door"), [
    "exit bar: done",
    "exit free: done",
    "door opened: done",
    "door closed: done",
  ])
})

test("R45: fire frees the way at once, and so does a loss of power, until a hand locks it", () => {
  for (const cause of [{ kind: "fire", alarm: true } as const, { kind: "power", mains: "lost" } as const]) {
    const { board } = commanded(DELAYED)
    board.input({ kind: "exit bar" })
    board.input(cause)
    equal(board.bolt, "drawn")
    board.input(cause.kind === "fire" ? { kind: "fire", alarm: false } : { kind: "power", mains: "returned" })
    board.pass(600_000)
    equal(board.bolt, "drawn", cause.kind)
    board.input({ kind: "relocked by hand" })
    equal(board.bolt, "thrown", cause.kind)
  }
})

test("R45: a delayed way out that is found drawn after a boot stays free until a hand locks it", () => {
  const { board } = commanded(DELAYED)
  const stored = { parts: board.flash.parts, records: board.flash.records.map(({ bytes }) => bytes) }
  const begun = boot(board.pairing, stored, new Uint8Array(32).fill(5), uptime(0), crypto)
  for (const at of ["drawn", "thrown"] as const) {
    const found = turn(begun.state, uptime(0), { kind: "bolt sensed", bolt: at }, crypto).state
    equal(stateOf(found, uptime(0)).wayOut, at === "drawn" ? "free" : "ready")
    const closed = turn(found, uptime(0), { kind: "door sensed", door: "closed" }, crypto)
    const later = turn(closed.state, uptime(600_000), { kind: "tick" }, crypto)
    deepEqual(
      [...closed.effects, ...later.effects].filter(({ kind }) => kind === "drive"),
      [],
    )
  }
})

test("a bar at a door without a delay is a request to exit", () => {
  const { board } = commanded()
  board.input({ kind: "exit bar" })
  deepEqual(said(board, "request"), ["request to exit: done"])
})
