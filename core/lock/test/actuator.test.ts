/** Motor and coil, reinforcement and lying sensors: what the actuator is told, in tables that a locksmith can read. */
import type { LockBody } from "@holdfast/access/door"
import { uptime } from "@holdfast/base"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { ATTEMPTS_MAX, type Bolt, driveOf, heldEnd } from "../src/bolt.ts"
import { Draft } from "../src/draft.ts"
import { type Effect, type Input, stateOf } from "../src/index.ts"
import { REINFORCE_MS_MAX, reinforce } from "../src/reinforce.ts"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { type Board, house } from "./building.ts"

const BOLTS: Readonly<Record<string, Bolt>> = {
  unknown: { is: "unknown" },
  thrown: { is: "thrown" },
  drawing: { is: "drawing", attempt: 1, until: uptime(2_000), unlock_ms: 5_000 },
  drawn: { is: "drawn", throwAt: uptime(5_000) },
  throwing: { is: "throwing", attempt: 1, until: uptime(2_000) },
  jammed: { is: "jammed", wanted: "thrown" },
  "not fully thrown": { is: "not fully thrown" },
}

// from | to | motor | fail-secure solenoid (held drawn) | fail-safe solenoid (held thrown)
const TABLE = `
  thrown     drawing            draw    draw    draw
  drawing    drawn              stop    hold    stop
  drawn      throwing           throw   throw   throw
  throwing   thrown             stop    stop    hold
  throwing   jammed             stop    stop    stop
  throwing   not fully thrown   stop    stop    stop
  drawing    jammed             stop    stop    stop
  throwing   drawn              stop    hold    stop
  thrown     drawn              -       hold    stop
  drawn      thrown             -       stop    hold
  unknown    thrown             -       -       hold
  unknown    drawn              -       hold    -
  jammed     thrown             -       -       hold
  jammed     drawn              -       hold    -
`
for (const row of TABLE.trim().split("\n")) {
  const [from = "", to = "", motor, secure, safe] = row.trim().split(/\s{2,}/)
  test(`C3: ${from} to ${to}: motor ${motor}, fail-secure coil ${secure}, fail-safe coil ${safe}`, () => {
    const [before, after] = [BOLTS[from], BOLTS[to]]
    ok(before !== undefined && after !== undefined)
    const told = [heldEnd("motor", "safe"), heldEnd("solenoid", "secure"), heldEnd("solenoid", "safe")]
    deepEqual(
      told.map((held) => driveOf(before, after, held) ?? "-"),
      [motor, secure, safe],
    )
  })
}

test("every way between two states: a coil is held only at its own end, and never holds a jam", () => {
  for (const before of Object.values(BOLTS))
    for (const after of Object.values(BOLTS))
      for (const held of ["thrown", "drawn"] as const) {
        if (before === after || after.is === "unknown") continue
        const drive = driveOf(before, after, held)
        equal(drive === "hold", after.is === held, `${before.is} to ${after.is}`)
        if (before.is === held && after.is !== "drawing" && after.is !== "throwing") equal(drive, "stop")
      }
})

const BODY: LockBody = {
  actuator: "solenoid",
  deviceClass: "full replacement",
  hardened: [],
  mechanicalKey: false,
  bodyGrade: 0,
}
const SOLENOID = { body: BODY }
const drives = (effects: readonly Effect[]): string[] =>
  effects.flatMap((each) => (each.kind === "drive" ? [each.drive] : []))

test("C3: a solenoid door: let in, through, locked again; and the coil rests when somebody leaves by the handle", () => {
  const secure = house(SOLENOID)
  const [ana] = secure.people
  ok(ana !== undefined)
  deepEqual(drives(secure.board.present(ana)), ["draw", "hold"])
  deepEqual(drives(secure.board.pass(10_000)), ["throw", "stop"])
  const safe = house({ ...SOLENOID, failMode: "safe" }).board
  safe.input({ kind: "request to exit" })
  deepEqual(drives(safe.input({ kind: "bolt sensed", bolt: "drawn" })), ["stop"])
})

/** The defence asks for it, outside any turn of its own. */
function press(board: Board, ms: number): { done: boolean; effects: readonly Effect[] } {
  const draft = new Draft(board.lock, board.now, crypto)
  const done = reinforce(draft, ms)
  board.lock = draft.lock
  return { done, effects: draft.effects }
}

test("C5: the thrown bolt is pressed home for a while, at most 30 s, and rests as long before the next time", () => {
  const { board } = house()
  deepEqual(drives(press(board, 3_600_000).effects), ["reinforce"])
  equal(stateOf(board.lock, board.now).health.isReinforced, true)
  equal(press(board, 1_000).done, true, "it is pressed home already")
  deepEqual(drives(board.pass(REINFORCE_MS_MAX - 1)), [])
  deepEqual(drives(board.pass(1)), ["stop"])
  equal(press(board, 1_000).done, false)
  board.pass(30_000)
  equal(press(board, 1_000).done, true)
})

// what happens while the bolt is pressed home | what the motor is told
const GIVES_WAY: readonly (readonly [string, Input, readonly string[]])[] = [
  ["somebody wants out", { kind: "request to exit" }, ["stop"]],
  ["the handle draws the bolt", { kind: "bolt sensed", bolt: "drawn" }, ["stop"]],
  ["the leaf opens", { kind: "door sensed", door: "open" }, ["stop"]],
  ["a cable is pulled", { kind: "unlinked" }, []],
  ["nothing", { kind: "tick" }, []],
]
for (const [name, input, told] of GIVES_WAY)
  test(`C5, I-34: pressed home, ${name}: ${told.join() || "it goes on"}`, () => {
    const { board } = house()
    press(board, 20_000)
    deepEqual(drives(board.input(input)), told)
    equal(board.lock.reinforced.until === null, told.length > 0)
  })

test("C5: whoever is let in is let in at once: the motor stops pressing before it draws", () => {
  const { board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  press(board, 20_000)
  deepEqual(drives(board.present(ana)), ["stop", "draw", "stop"])
})

test("C5: only a thrown bolt is pressed home, and none on a battery's last operations", () => {
  const { board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  board.lock = { ...board.lock, supply: { ...board.lock.supply, level: "critical" } }
  equal(press(board, 1_000).done, false)
  board.lock = { ...board.lock, supply: { ...board.lock.supply, level: "low" } }
  board.present(ana)
  equal(press(board, 1_000).done, false)
  const released = house({ failMode: "safe" }).board
  released.motorWorks = false
  released.input({ kind: "power", mains: "lost" })
  equal(press(released, 1_000).done, false)
})

// what truly happens to a bolt that was commanded | what the lock says of it
type Case = readonly [string, (board: Board) => void, string]
const LIES: readonly Case[] = [
  ["it stays where it was, and stalls", (board) => stall(board, null), "jammed"],
  ["it stops half way, and stalls", (board) => stall(board, "between"), "jammed"],
  ["it stops half way, in silence", (board) => silence(board, "between"), "not fully thrown"],
  ["its sensor says nothing any more", (board) => silence(board, null), "not fully thrown"],
  ["it arrives at the third attempt", (board) => late(board), "thrown"],
]
function stall(board: Board, at: "between" | null): void {
  if (at !== null) board.input({ kind: "bolt sensed", bolt: at })
  for (let tries = 0; tries < ATTEMPTS_MAX; tries++) board.input({ kind: "motor stalled" })
}
function silence(board: Board, at: "between" | null): void {
  if (at !== null) board.input({ kind: "bolt sensed", bolt: at })
  board.pass(60_000)
}
function late(board: Board): void {
  board.input({ kind: "motor stalled" })
  board.input({ kind: "motor stalled" })
  board.input({ kind: "bolt sensed", bolt: "thrown" })
}
for (const [name, act, word] of LIES)
  test(`attack 75: told to throw, ${name}: the lock says ${word}`, () => {
    const { board, people } = house()
    const [ana] = people
    ok(ana !== undefined)
    board.present(ana)
    board.motorWorks = false
    board.pass(5_000)
    equal(board.lock.bolt.is, "throwing")
    equal(stateOf(board.lock, board.now).bolt, "throwing", "commanded is not arrived")
    act(board)
    equal(stateOf(board.lock, board.now).bolt, word)
    const said = board
      .published()
      .filter((each) => each.startsWith("bolt "))
      .at(-1)
    equal(said, word === "thrown" ? "bolt thrown: done" : `bolt ${word}: alarm`)
  })

test("attack 75: a draw that does not arrive is never called drawn, whatever was granted", () => {
  const { board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  board.motorWorks = false
  board.present(ana)
  board.pass(60_000)
  equal(board.lock.bolt.is, "jammed")
  ok(!board.published().includes("bolt drawn: done"))
})

const THROW = {
  drive: "throw",
  time_ms: 420,
  energy_mj: 780,
  peak_ma: 1_250,
  running_ma: 220,
  entry_ma: 297,
  late_ma: 231,
  rest_mv: 6_000,
  low_mv: 5_100,
  temperature_c: 20,
} as const

test("attack 74: a magnet that tells of a closed door does not hide that the bolt met no strike", () => {
  const { board } = house()
  for (let i = 0; i < 40; i++) board.input({ kind: "drive measured", measure: THROW })
  board.input({ kind: "drive measured", measure: { ...THROW, entry_ma: 220 } })
  deepEqual(
    board.published().filter((each) => each.startsWith("bolt in air")),
    ["bolt in air: alarm"],
  )
})

test("C9: a bolt that comes to rub is said once, and once more when it was set right", () => {
  const { board } = house()
  const measure = (count: number, late_ma: number): void => {
    for (let i = 0; i < count; i++) board.input({ kind: "drive measured", measure: { ...THROW, late_ma } })
  }
  measure(40, 231)
  measure(200, 330)
  equal(stateOf(board.lock, board.now).health.motor, "misaligned")
  measure(200, 231)
  equal(stateOf(board.lock, board.now).health.motor, "steady")
  deepEqual(
    board.published().filter((each) => each.startsWith("bolt misaligned")),
    ["bolt misaligned: alarm", "bolt misaligned: done"],
  )
})

test("C9: once its profile is learnt a throw says where it is to be cut, later in the cold; a draw has all the force there is", () => {
  const { board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  const cut = (effects: readonly Effect[]): readonly unknown[] =>
    effects.flatMap((each) => (each.kind === "drive" && each.drive !== "stop" ? [each.drive, each.limit_ma] : []))
  deepEqual(cut([...board.present(ana), ...board.pass(10_000)]), ["draw", undefined, "throw", undefined])
  for (let i = 0; i < 40; i++) board.input({ kind: "drive measured", measure: THROW })
  deepEqual(cut([...board.present(ana), ...board.pass(10_000)]), ["draw", undefined, "throw", 446])
  board.input({ kind: "drive measured", measure: { ...THROW, temperature_c: -20 } })
  deepEqual(cut([...board.present(ana), ...board.pass(10_000)]), ["draw", undefined, "throw", 713])
})

test("attack 133: the bolt is thrown only at a leaf that its sensor calls closed, however long it was drawn", () => {
  const { board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  board.present(ana)
  board.input({ kind: "door sensed", door: "open" })
  deepEqual(drives(board.pass(86_400_000)), [])
  equal(stateOf(board.lock, board.now).leaf, "held", "it is an alarm instead")
  deepEqual(drives(board.input({ kind: "door sensed", door: "closed" })), ["throw", "stop"])
})
