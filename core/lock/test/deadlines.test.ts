/** Figures of time that a person at the door notices: a short input is acted upon, and the decision does not keep anybody waiting. */
import { deepEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import { ALWAYS_TERMS, Board, cardholder, Flash, MONDAY_8, pairingWith, policyFor } from "./building.ts"
import { Keeper } from "./keeper.ts"
import { commanded, said } from "./orders.ts"

const SHORT_MS = 400

test("R16: an input that is there for 400 ms and no longer is acted upon, and recorded", () => {
  const { board } = commanded({ failMode: "secure", fireReleases: true })
  const inputs = [
    ["leaf", { kind: "door sensed", door: "open" }, { kind: "door sensed", door: "closed" }],
    [
      "case",
      { kind: "sensed", sensed: { kind: "case", open: true } },
      { kind: "sensed", sensed: { kind: "case", open: false } },
    ],
    ["fire", { kind: "fire", alarm: true }, { kind: "fire", alarm: false }],
  ] as const
  for (const [, begin, end] of inputs) {
    board.input(begin)
    board.pass(SHORT_MS)
    board.input(end)
    board.pass(60_000)
  }
  deepEqual(said(board, "fire alarm"), ["fire alarm: alarm"])
  ok(board.bolt === "drawn", "fire that lasted 400 ms draws the bolt")
  ok(said(board, "finding").includes("finding: case opened"))
  ok(said(board, "door").length >= 2, "the leaf was open")
})

const PEOPLE = 300
const COMPUTING_MS_MAX = 300

test("R52: without a line the lock computes a decision in less than 300 ms of its processor, and drives in the same turn", () => {
  const keeper = new Keeper()
  keeper.grow()
  const people = Array.from({ length: PEOPLE }, (_, at) => cardholder(keeper, `p${at}`, at + 1))
  const board = new Board(keeper, new Flash(), pairingWith(keeper), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  const terms = people.map((who) => [who, ALWAYS_TERMS] as const)
  board.take(policyFor(keeper, terms), people)
  board.input({ kind: "unlinked" })
  board.carries = false
  const took_ms: number[] = []
  for (let visit = 0; visit < 100; visit++) {
    const who = people[(visit * 131) % PEOPLE]
    ok(who !== undefined)
    const before = process.cpuUsage()
    const effects = board.present(who)
    const { user, system } = process.cpuUsage(before)
    took_ms.push((user + system) / 1000)
    ok(
      effects.some((effect) => effect.kind === "drive" && effect.drive === "draw"),
      "no time of the lock's own passes before the drive",
    )
    board.pushThrough()
    board.pass(10_000)
  }
  const p99_ms = took_ms.sort((a, b) => a - b)[98] ?? Number.POSITIVE_INFINITY
  ok(p99_ms < COMPUTING_MS_MAX, `99 of 100 decisions take at most ${p99_ms} ms`)
})
