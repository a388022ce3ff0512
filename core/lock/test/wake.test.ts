/**
 * When a lock asks to be woken: nothing that time alone would go on with waits for somebody who happens to come by, and
 * nothing that is due is asked for again and again.
 */
import { type DoorConfig, defaultConfig } from "@holdfast/access/door"
import { uptime } from "@holdfast/base"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { type Input, stateOf, turn } from "../src/index.ts"
import { SEND_AGAIN_MS } from "../src/reporting.ts"
import { hasEnded } from "../src/lease.ts"
import { Board } from "./building.ts"
import { commanded, order } from "./orders.ts"

const HOUR_MS = 3_600_000
const TICK: Input = { kind: "tick" }
const FIRMWARE = "aa".repeat(32)
const RUNNING = { image: "0d".repeat(32), version: "1.0.0+0", onTrial: false, failed: null }

/** Ticks at its own wakes until `ms` are over; how often that was. */
function wakes(board: Board, ms: number): number {
  const until = board.now + ms
  for (let count = 0; ; count++) {
    ok(count < 1_000, "a lock sleeps between its wakes")
    const { wakeAt } = board.lock
    if (wakeAt === null || wakeAt > until) return count
    board.now = uptime(Math.max(wakeAt, board.now))
    board.input(TICK)
  }
}

test("a tick that comes too early is asked for anew, and so is the next after one that came in time", () => {
  const { board } = commanded()
  board.pass(1_000)
  const { wakeAt } = board.lock
  ok(wakeAt !== null && wakeAt > board.now)
  const early = turn(board.lock, uptime(wakeAt - 1), TICK, crypto)
  deepEqual(early.effects, [{ kind: "wake", at: wakeAt }])
  const inTime = turn(early.state, wakeAt, TICK, crypto)
  const asked = inTime.effects.filter((effect) => effect.kind === "wake")
  deepEqual(asked, [{ kind: "wake", at: inTime.state.wakeAt }])
  ok(inTime.state.wakeAt !== null && inTime.state.wakeAt > wakeAt)
})

test("a batch that is put off because somebody waits at the door is made at the wake that stands for it", () => {
  const { board, people } = commanded()
  const [ana] = people
  ok(ana !== undefined)
  board.present(ana)
  board.input({ kind: "door sensed", door: "open" })
  const now = uptime(board.now + 30_000)
  const shown = turn(board.lock, now, TICK, crypto)
  ok(shown.effects.some((effect) => effect.kind === "show"))
  ok(shown.effects.some((effect) => effect.kind === "append") && shown.state.outstanding === null)
  deepEqual(shown.effects.at(-1), { kind: "wake", at: now })
  const reported = turn(shown.state, now, TICK, crypto)
  ok(reported.effects.some((effect) => effect.kind === "sign batch"))
  ok(reported.state.wakeAt !== null && reported.state.wakeAt > now)
})

for (const what of ["reset", "hand over", "replace"] as const)
  test(`attack 59: ${what} is done as soon as its log is safe, and waits for nothing else`, () => {
    const here = commanded()
    const { board } = here
    order(here, what)
    board.carries = false
    board.input({ kind: "service pressed" })
    wakes(board, SEND_AGAIN_MS)
    equal(board.lock.service.is, "leaving")
    board.carries = true
    wakes(board, SEND_AGAIN_MS)
    equal(board.lock.service.is, what === "reset" ? "none" : "left")
    equal(board.lock.active, null)
  })

test("R45: a count of the way out goes on to its end under a policy that knows no delay, and a hand locks it", () => {
  const { board, policy, people } = commanded({ delayedEgress_s: 15, failMode: "safe", fireReleases: true })
  board.input({ kind: "exit bar" })
  board.take({ ...policy, config: { ...policy.config, delayedEgress_s: 0 } }, people)
  equal(stateOf(board.lock, board.now).wayOut, "counting")
  ok(wakes(board, 15_000) < 20)
  equal([board.bolt, stateOf(board.lock, board.now).wayOut].join(), "drawn,free")
  board.input({ kind: "relocked by hand" })
  equal([board.bolt, stateOf(board.lock, board.now).wayOut].join(), "thrown,ready")
})

for (const isKnown of [true, false])
  test(`the end of a lease is noted when it comes, the time being ${isKnown ? "known" : "lost since a boot"}`, () => {
    const { keeper, board: first } = commanded()
    first.carries = false
    const board = isKnown ? first : new Board(keeper, first.flash.copy(), first.pairing, first.wall_ms)
    const { lease } = board.lock
    ok(lease !== null)
    while (!board.lock.leaseEndNoted) {
      const { wakeAt } = board.lock
      ok(wakeAt !== null && wakeAt < 26 * HOUR_MS)
      board.now = uptime(Math.max(wakeAt, board.now))
      board.input(TICK)
    }
    ok(hasEnded(lease, board.lock.clock, board.now))
    ok(!hasEnded(lease, board.lock.clock, uptime(board.now - 1)))
  })

test("without a line a lock does not wake to ask for an image of which it has nothing", () => {
  const { board } = commanded({ firmware: [FIRMWARE] })
  board.input({ kind: "unlinked" })
  board.input({ kind: "started", running: RUNNING })
  wakes(board, 900_000)
  equal(board.lock.update.task.is, "gathering")
  ok(wakes(board, 3_600_000) <= 5, "four times an hour for the floor of its time")
})

const INPUTS: readonly Input[] = [
  TICK,
  { kind: "linked" },
  { kind: "unlinked" },
  { kind: "request to exit" },
  { kind: "exit bar" },
  { kind: "enrolment asked" },
  { kind: "card presented", uid: new Uint8Array(7) },
  { kind: "key", key: { press: "digit", digit: 7 } },
  { kind: "biometric", credential: null, score_db: 0, liveness: null },
  { kind: "mechanical key turned" },
  { kind: "bolt sensed", bolt: "drawn" },
  { kind: "bolt sensed", bolt: "between" },
  { kind: "motor stalled" },
  { kind: "door sensed", door: "open" },
  { kind: "fire", alarm: true },
  { kind: "partner", secure: true },
  { kind: "power", mains: "lost" },
  { kind: "external supply", on: true },
  { kind: "started", running: RUNNING },
  { kind: "started", running: { ...RUNNING, onTrial: true } },
  { kind: "message", message: { kind: "unreadable" } },
  { kind: "sensed", sensed: { kind: "case", open: true } },
  { kind: "sensed", sensed: { kind: "exit contact", pressed: true } },
  { kind: "sensed", sensed: { kind: "supply", dips: 1, over: true, loaded: false, jolted: false } },
]
const POLICIES: readonly Partial<DoorConfig<number>>[] = [
  {},
  { delayedEgress_s: 15, failMode: "safe", fireReleases: true },
  { failMode: "safe", holdUp_s: 30, interlock: true, grade: 4 },
  { firmware: [FIRMWARE], modes: [{ schedule: null, factors: "card and pin" }] },
]

test("whatever happened under one policy, under the next its lock soon sleeps, and no wake stands in the past", () => {
  for (const before of POLICIES) {
    const { board, policy, people } = commanded(before)
    board.motorWorks = false
    const { lock, now } = board
    for (const input of INPUTS)
      for (const after of POLICIES) {
        Object.assign(board, { lock, now })
        board.input(input)
        board.take({ ...policy, config: { ...defaultConfig("UTC"), ...after } }, people)
        const count = wakes(board, 60_000)
        const said = `${JSON.stringify([before, input, after])}: ${count} wakes in a minute`
        ok(count <= 40 && board.lock.wakeAt !== null && board.lock.wakeAt > board.now, said)
      }
  }
})
