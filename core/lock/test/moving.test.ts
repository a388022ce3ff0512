/** Bolt, leaf, mains and the way out together: every state that they can reach with every thing that can happen. */
import type { FailMode } from "@holdfast/access/door"
import { later, type Uptime } from "@holdfast/base"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { type Effect, type Input, type Lock, stateOf, turn } from "../src/index.ts"
import { house } from "./building.ts"

const EVENTS: readonly Input[] = [
  { kind: "tick" },
  { kind: "bolt sensed", bolt: "thrown" },
  { kind: "bolt sensed", bolt: "drawn" },
  { kind: "bolt sensed", bolt: "between" },
  { kind: "motor stalled" },
  { kind: "door sensed", door: "open" },
  { kind: "door sensed", door: "closed" },
  { kind: "request to exit" },
  { kind: "power", mains: "lost" },
  { kind: "power", mains: "returned" },
  { kind: "unlinked" },
  { kind: "card gone" },
  { kind: "message", message: { kind: "unreadable" } },
]

/** A lock, and an uptime at which it may take its next turn. */
type Standing = { readonly lock: Lock; readonly now: Uptime }

const signature = ({ bolt, boltSensed, door, power }: Lock): string =>
  [bolt.is, "attempt" in bolt ? bolt.attempt : 0, boltSensed, door.is, power].join(", ")

/** Every combination of bolt, leaf and mains that events lead to once somebody was let in, with a lock that stands there. */
function reachable(failMode: FailMode): Map<string, Standing> {
  const { board, people } = house({ failMode })
  board.motorWorks = false
  const [ana] = people
  ok(ana !== undefined)
  const locked = { lock: board.lock, now: board.now }
  board.present(ana)
  const queue: Standing[] = [locked, { lock: board.lock, now: board.now }]
  const found = new Map(queue.map((each) => [signature(each.lock), each]))
  for (let at = queue.shift(); at !== undefined; at = queue.shift())
    for (const event of EVENTS)
      for (const ms of [0, 3_000, 20_000]) {
        const now = later(at.now, ms)
        const next = { lock: turn(at.lock, now, event, crypto).state, now }
        if (found.has(signature(next.lock))) continue
        found.set(signature(next.lock), next)
        queue.push(next)
      }
  return found
}

const drives = (effects: readonly Effect[]): string[] =>
  effects.flatMap((each) => (each.kind === "drive" ? [each.drive] : []))

for (const failMode of ["secure", "safe"] as const) {
  const states = reachable(failMode)
  test(`${failMode}: many states are reached (${states.size})`, () => ok(states.size >= 100))

  test(`${failMode}: no event but a loss of mains at a fail-safe door ever draws the bolt (I-03, I-05, R4)`, () => {
    for (const [name, { lock, now }] of states)
      for (const event of EVENTS) {
        const retries = lock.bolt.is === "drawing" // A draw that was permitted earlier and has not arrived.
        const lost = event.kind === "power" && event.mains === "lost"
        const taken = turn(lock, now, event, crypto)
        if (!drives(taken.effects).includes("draw")) continue
        ok(retries || (failMode === "safe" && lost), `${name}, ${JSON.stringify(event)}`)
      }
  })

  test(`${failMode}: the bolt is never thrown at an open door, nor while mains are lost at a fail-safe one (I-06, I-33)`, () => {
    for (const [name, { lock, now }] of states)
      for (const event of EVENTS)
        for (const ms of [0, 5_000, 60_000]) {
          const taken = turn(lock, later(now, ms), event, crypto)
          if (drives(taken.effects).at(-1) !== "throw") continue
          const { door, power } = taken.state
          ok(door.is === "closed" || door.is === "unknown", `${name}, ${JSON.stringify(event)}`)
          ok(failMode === "secure" || power === "mains", `${name}, ${JSON.stringify(event)}`)
        }
  })

  test(`${failMode}: nobody who leaves has the motor against him (I-31, I-34)`, () => {
    for (const [name, { lock, now }] of states) {
      const asked = turn(lock, now, { kind: "request to exit" }, crypto)
      const drawn = turn(asked.state, now, { kind: "bolt sensed", bolt: "drawn" }, crypto)
      const opened = turn(drawn.state, now, { kind: "door sensed", door: "open" }, crypto)
      const all = [asked, drawn, opened]
      ok(
        all.every(({ effects }) => !drives(effects).slice(-1).includes("throw")),
        name,
      )
      ok(lock.door.is === "forced" || opened.state.door.is !== "forced", `${name}: leaving is not breaking in`)
    }
  })
}

test("a door held open warns, is recorded, and ends when it closes (I-06)", () => {
  const { board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  board.present(ana)
  board.input({ kind: "door sensed", door: "open" })
  deepEqual(
    board.pass(9_999).filter((each) => each.kind === "show"),
    [],
  )
  deepEqual(
    board.pass(1).filter((each) => each.kind === "show"),
    [{ kind: "show", signal: "close the door" }],
  )
  board.pass(5_000)
  equal(board.lock.door.is, "held")
  equal(board.bolt, "drawn", "it is not thrown into an open door")
  board.input({ kind: "door sensed", door: "closed" })
  equal(board.bolt, "thrown")
  deepEqual(board.published().slice(-7), [
    "bolt drawn: done",
    "door opened: done",
    "door open long: done",
    "door held: alarm",
    "door closed: done",
    "door held ended: done",
    "bolt thrown: done",
  ])
})

test("a door that nobody went through locks again after its time", () => {
  const { board, people } = house({ unlock_ms: 7_000 })
  const [ana] = people
  ok(ana !== undefined)
  board.present(ana)
  board.pass(6_999)
  equal(board.bolt, "drawn")
  board.pass(1)
  equal(board.bolt, "thrown")
})

test("a door opened by force is an alarm; by a key, or on the way out, it is not (I-03)", () => {
  const { board } = house()
  board.input({ kind: "door sensed", door: "open" })
  board.input({ kind: "door sensed", door: "closed" })
  board.input({ kind: "bolt sensed", bolt: "drawn" })
  board.pushThrough()
  board.pass(10_000)
  board.input({ kind: "bolt sensed", bolt: "thrown" })
  board.input({ kind: "request to exit" })
  board.input({ kind: "bolt sensed", bolt: "drawn" })
  board.pushThrough()
  board.pass(1_000)
  const words = board.published().filter((each) => /^(door (forced|opened)|bolt drawn|request)/.test(each))
  deepEqual(words, [
    "door forced: alarm",
    "bolt drawn: not commanded",
    "door opened: done",
    "request to exit: done",
    "bolt drawn: by request to exit",
    "door opened: done",
  ])
})

test("a jammed bolt is tried three times, said, and tried again when the door moves", () => {
  const { board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  board.present(ana)
  board.motorWorks = false
  const tried = (effects: readonly Effect[]): number => drives(effects).filter((each) => each === "throw").length
  equal(tried(board.pass(60_000)), 3)
  equal(board.lock.bolt.is, "not fully thrown")
  deepEqual(stateOf(board.lock, board.now).bolt, "not fully thrown")
  board.input({ kind: "door sensed", door: "open" })
  board.motorWorks = true
  board.input({ kind: "door sensed", door: "closed" })
  equal(board.bolt, "thrown")
  equal(board.lock.bolt.is, "thrown")
})

test("a fail-safe door opens when mains are lost and locks when they return; a fail-secure one does neither (I-33)", () => {
  for (const failMode of ["safe", "secure"] as const) {
    const { board } = house({ failMode })
    board.input({ kind: "power", mains: "lost" })
    board.pass(3_600_000)
    equal(board.bolt, failMode === "safe" ? "drawn" : "thrown")
    board.input({ kind: "power", mains: "returned" })
    equal(board.bolt, "thrown")
  }
})
