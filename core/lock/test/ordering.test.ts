/** Orders at the lock: obeyed once, fresh, for this door, by whom the policy names; everything else is a reason in the journal. */
import { idOf } from "@holdfast/base"
import { newEs256 } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { Act } from "@holdfast/access/rules"
import { stateOf } from "../src/index.ts"
import { NONCE_AGAIN_MS, NONCE_MS_MAX, OPENINGS_A_MINUTE_MAX } from "../src/ordering.ts"
import { Board, Flash } from "./building.ts"
import { askNonce, author, commanded, order, orderOf } from "./orders.ts"

test("an order to unlock draws the bolt once, and throws it again", () => {
  const here = commanded()
  equal(order(here, "unlock"), "order taken: done")
  equal(here.board.bolt, "drawn")
  ok(here.board.published().includes("bolt drawn: by order"))
  here.board.pass(5_000)
  equal(here.board.bolt, "thrown")
})

test("attack 84: the same order again, now or after a new nonce or a boot, does nothing", () => {
  const here = commanded()
  const { board, keeper } = here
  const once = orderOf(here, "unlock")
  board.hear(once)
  board.pass(10_000)
  equal(board.bolt, "thrown")
  const effects = board.hear(once)
  equal(
    effects.some(({ kind }) => kind === "drive"),
    false,
  )
  askNonce(board)
  board.hear(once)
  equal(board.bolt, "thrown")
  const kept = orderOf(here, "unlock")
  const after = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  after.input({ kind: "linked" })
  after.hear(kept)
  askNonce(after)
  after.hear(kept)
  equal(after.bolt, "thrown", "a boot obeys nothing that was signed before it")
  const words = [...board.published(), ...after.published()].filter((each) => each.startsWith("order"))
  deepEqual(words, [
    "order taken: done",
    "order refused: old nonce",
    "order refused: old nonce",
    "order refused: old nonce",
    "order refused: old nonce",
  ])
})

test("attack 84: an order that comes late is refused, and the nonce is gone with it", () => {
  const here = commanded()
  const late = orderOf(here, "unlock")
  here.board.pass(NONCE_MS_MAX)
  here.board.hear(late)
  equal(here.board.bolt, "drawn", "at the last instant it is still fresh")
  here.board.pass(10_000)
  const later = orderOf(here, "unlock")
  here.board.pass(NONCE_MS_MAX + 1)
  here.board.hear(later)
  equal(here.board.bolt, "thrown")
  equal(here.board.published().at(-1), "order refused: expired")
})

test("to ask for a nonce spoils nobody's order, and gives a new one in time", () => {
  const { board } = commanded()
  const first = askNonce(board)
  board.pass(NONCE_AGAIN_MS - 1)
  deepEqual(askNonce(board), first)
  board.pass(1)
  const second = askNonce(board)
  equal(Buffer.from(first).equals(second), false)
})

const stranger = newEs256()
// what is wrong with it | what the journal says
const REFUSED: readonly (readonly [string, Parameters<typeof order>[3], string])[] = [
  ["another door", { where: idOf(new Uint8Array(16).fill(1)) }, "wrong door"],
  ["a policy that is not in force", { size: 1 }, "old version"],
  ["a policy that is yet to come", { size: 9_999 }, "old version"],
  ["a nonce that the lock did not make", { nonce: new Uint8Array(16) }, "old nonce"],
  ["a key that the policy does not name", { key: stranger }, "unknown signer"],
]
for (const [name, terms, because] of REFUSED)
  test(`attack 96: an order with ${name} is refused: ${because}`, () => {
    const here = commanded()
    if (terms?.nonce !== undefined) askNonce(here.board)
    equal(order(here, "unlock", 0, terms), `order refused: ${because}`)
    equal(here.board.bolt, "thrown")
  })

test("attack 22: bytes that are no order change nothing but the journal", () => {
  const here = commanded()
  const { board } = here
  const good = orderOf(here, "unlock")
  ok(good.kind === "order")
  board.hear({ kind: "order", envelope: new Uint8Array(0) })
  board.hear({ kind: "order", envelope: good.envelope.slice(0, -1) })
  board.hear({ kind: "order", envelope: good.envelope.map((each, at) => (at === 90 ? each ^ 1 : each)) })
  equal(board.bolt, "thrown")
  board.hear(good)
  equal(board.bolt, "drawn", "what was not his signature did not use the nonce up")
})

test("attack 11: of every act only those are obeyed that the policy gives", () => {
  const acts: readonly Act[] = ["lockdown", "locate"]
  const here = commanded({}, { acts })
  equal(order(here, "unlock"), "order refused: act not allowed")
  equal(order(here, "evacuation"), "order refused: act not allowed")
  equal(order(here, "threat level", 1), "order refused: act not allowed")
  equal(order(here, "locate"), "order taken: done")
  equal(order(here, "lockdown"), "order taken: done")
  equal(order(here, "normal"), "order refused: act not allowed", "who may only narrow ends no lockdown")
})

test("to lower the threat level takes what setting normal takes", () => {
  const here = commanded({}, { acts: ["threat level"] })
  equal(order(here, "threat level", 3), "order taken: done")
  equal(order(here, "threat level", 2), "order refused: act not allowed")
  equal(order(here, "threat level", 3), "order taken: done")
  const other = commanded()
  order(other, "threat level", 3)
  equal(order(other, "threat level", 0), "order taken: done")
  equal(stateOf(other.board.lock, other.board.now).threatLevel, 0)
})

test("attack 96: openings from afar are counted, whoever signs; an evacuation and a lockdown are not", () => {
  const here = commanded()
  for (let count = 0; count < OPENINGS_A_MINUTE_MAX; count++) {
    equal(order(here, "unlock"), "order taken: done")
    here.board.pass(6_000)
  }
  equal(order(here, "unlock"), "order refused: too often")
  equal(order(here, "office", 600), "order refused: too often")
  equal(order(here, "lockdown"), "order taken: done")
  equal(order(here, "evacuation"), "order taken: done")
  equal(order(here, "normal"), "order taken: done")
  here.board.pass(60_000)
  equal(order(here, "unlock"), "order taken: done")
})

test("an order needs a lease, unless it only narrows", () => {
  const here = commanded()
  here.board.pass(25 * 3_600_000)
  equal(order(here, "unlock"), "order refused: lease ended")
  equal(order(here, "evacuation"), "order refused: lease ended")
  equal(order(here, "lockdown"), "order taken: done")
})

test("whom the lock was told to deny orders nothing any more", () => {
  const here = commanded()
  const id = "cd".repeat(32) as never
  here.board.lock = { ...here.board.lock, denies: [{ id, person: author, credential: null }] }
  equal(order(here, "unlock"), "order refused: denied")
})

test("a lock without a policy gives no nonce and obeys nobody", () => {
  const here = commanded()
  const bare = new Board(here.keeper, new Flash(), here.board.pairing, 0)
  deepEqual(
    bare.hear({ kind: "ask nonce" }).filter(({ kind }) => kind === "send"),
    [],
  )
  bare.hear(orderOf(here, "unlock"))
  equal(bare.bolt, "thrown")
})

test("an order names its act, its value and itself in the journal's detail; locate shows the door", () => {
  const here = commanded()
  const shown = here.board.hear(orderOf(here, "locate")).filter(({ kind }) => kind === "show")
  deepEqual(shown, [{ kind: "show", signal: "here" }])
})

test("I-34, I-31: whatever was ordered, whoever leaves has the motor with him and is no burglar", () => {
  const acts: readonly (readonly [Act, number])[] = [
    ["lockdown", 0],
    ["service", 600],
    ["threat level", 4],
    ["evacuation", 0],
    ["office", 600],
    ["normal", 0],
  ]
  for (const [act, value] of acts) {
    const here = commanded()
    order(here, act, value)
    const from = here.board.effects.length
    here.board.input({ kind: "request to exit" })
    here.board.input({ kind: "bolt sensed", bolt: "drawn" })
    here.board.input({ kind: "door sensed", door: "open" })
    const drives = here.board.effects.slice(from).flatMap((each) => (each.kind === "drive" ? [each.drive] : []))
    ok(!drives.includes("throw"), act)
    equal(here.board.lock.door.is, "open", act)
  }
})
