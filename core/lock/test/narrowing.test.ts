/**
 * Narrowings at the lock: a door asks for more because of another one, for a bounded time, because the keeper said so. Each test
 * of what is refused takes an unread lock beside it: nothing but the journal may differ.
 */
import { requiredFactors } from "@holdfast/access/door"
import { type Narrowing, narrowingToSign } from "@holdfast/access/rules"
import { type DoorId, idOf, unixSeconds } from "@holdfast/base"
import { type Es256Signer, newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import fc from "fast-check"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { type Lock, type Message, openState, stateOf, stateToSign } from "../src/index.ts"
import { FRESH_S_MAX } from "../src/narrowing.ts"
import { resultNumber } from "../src/result.ts"
import { policyNow } from "../src/ruling.ts"
import { Board, door, MONDAY_8, policyFor, ALWAYS_TERMS } from "./building.ts"
import { type Commanded, commanded, first, modeOf, order, said } from "./orders.ts"

const other: DoorId = idOf(new Uint8Array(16).fill(0xd1))
const third: DoorId = idOf(new Uint8Array(16).fill(0xd2))
const NARROWED_S = 900
const HEEDING = { heeds: { narrowed_s: NARROWED_S, doors: [other] }, threatFactors: ["card and pin"] } as const

type Terms = Partial<Pick<Narrowing, "door" | "result" | "site">> & {
  readonly cause?: DoorId
  readonly sequence?: number
  readonly from_s?: number
  readonly for_s?: number
  readonly key?: Es256Signer
}

/** A narrowing as the keeper signs it now, but for the terms. */
function narrowing({ keeper, board }: Pick<Commanded, "keeper" | "board">, terms: Terms = {}): Message {
  const { cause = other, sequence = 41, from_s = Math.floor(board.wall_ms / 1000), for_s = NARROWED_S } = terms
  const key = terms.key ?? keeper.key
  const told: Narrowing = {
    site: terms.site ?? keeper.site,
    door: terms.door ?? door,
    cause: { door: cause, sequence },
    result: terms.result ?? resultNumber("drill"),
    notBefore: unixSeconds(from_s),
    notAfter: unixSeconds(from_s + for_s),
  }
  const signable = narrowingToSign(told, keeper.key.publicKey, crypto)
  return { kind: "narrowing", ticket: signable.finish(key.sign(signable.bytes)) }
}

const heeding = (changed: Parameters<typeof commanded>[0] = {}): Commanded => commanded({ ...HEEDING, ...changed })
const factorsAt = ({ board }: Pick<Commanded, "board">): unknown => {
  const policy = policyNow(board.lock, board.now)
  return policy === null ? null : requiredFactors(policy, unixSeconds(Math.floor(board.wall_ms / 1000)))
}

test("C82: what the keeper tells of another door asks for more here until its end, and the record names the finding", () => {
  const here = heeding()
  const { board, people } = here
  equal(factorsAt(here), "card")
  board.hear(narrowing(here))
  equal(board.published().at(-2), "narrowing taken: drill")
  equal(board.published().at(-1), "mode changed: done")
  equal(modeOf(board), "threat level")
  equal(factorsAt(here), "card and pin")
  board.present(first(people))
  equal(board.bolt, "thrown", "a card alone is not enough now")
  const { narrowed } = stateOf(board.lock, board.now).defence
  deepEqual(narrowed, { door: other, sequence: 41, from_s: MONDAY_8, end_s: MONDAY_8 + NARROWED_S })
  board.pass(NARROWED_S * 1000 - 1)
  equal(modeOf(board), "threat level")
  board.pass(1)
  equal(modeOf(board), "normal")
  equal(factorsAt(here), "card")
  equal(stateOf(board.lock, board.now).defence.narrowed, null)
  ok(board.published().includes("mode ended: expired"))
  board.present(first(people))
  equal(board.bolt, "drawn")
})

test("C82: the lock signs by which record it is narrowed, since when and until when, and it reads back", () => {
  const here = heeding()
  const { board, keeper } = here
  const journalKey = newEs256()
  board.hear(narrowing(here))
  const state = stateOf(board.lock, board.now)
  const signable = stateToSign(crypto, keeper.site, journalKey.publicKey, state)
  const signed = signable.finish(journalKey.sign(signable.bytes))
  deepEqual(openState(crypto, keeper.site, journalKey.publicKey, signed)?.defence, state.defence)
  equal(state.modeEnds_ms, board.now + NARROWED_S * 1000)
})

/** All of a lock's state that a message could be after: everything but its journal, its storms and its own chance. */
function essence(lock: Lock): unknown {
  const { journal: _j, flood: _f, drawn: _d, outstanding: _o, wakeAt: _w, ...rest } = lock
  return rest
}

const thief = newEs256()
// what is wrong with it | its terms | what the journal says
const REFUSED: readonly (readonly [string, Terms, string])[] = [
  ["of somebody else's key", { key: thief }, "wrong signature"],
  ["of another site", { site: idOf(new Uint8Array(16).fill(1)) }, "unreadable"],
  ["for another door", { door: third }, "wrong door"],
  ["because of this very door", { cause: door }, "unreadable"],
  ["because of a door that is not heeded", { cause: third }, "act not allowed"],
  ["for a finding that nobody knows", { result: 255 }, "unreadable"],
  ["that is over", { from_s: MONDAY_8 - 60, for_s: 60 }, "too early or too late"],
  ["that came too late", { from_s: MONDAY_8 - FRESH_S_MAX - 1 }, "too early or too late"],
  ["that is not yet", { from_s: MONDAY_8 + FRESH_S_MAX + 1 }, "too early or too late"],
  ["for longer than the door allows", { for_s: NARROWED_S + 1 }, "step too large"],
]
for (const [name, terms, because] of REFUSED)
  test(`attack 96: a narrowing ${name} is refused: ${because}`, () => {
    const here = heeding()
    const before = essence(here.board.lock)
    here.board.hear(narrowing(here, terms))
    deepEqual(essence(here.board.lock), before)
    equal(here.board.published().at(-1), `narrowing refused: ${because}`)
  })

test("attack 22: no flipped byte of a narrowing is taken", () => {
  const here = heeding()
  const before = essence(here.board.lock)
  const good = narrowing(here)
  ok(good.kind === "narrowing")
  for (let at = 0; at < good.ticket.length; at++)
    here.board.hear({ kind: "narrowing", ticket: good.ticket.map((each, i) => (i === at ? each ^ 0x10 : each)) })
  for (const size of [0, 1, good.ticket.length - 1, 100_000])
    here.board.hear({ kind: "narrowing", ticket: new Uint8Array(size) })
  deepEqual(essence(here.board.lock), before)
})

test("C82: a door heeds nobody unless its configuration says so, and with no names everybody but itself", () => {
  for (const [heeds, taken] of [
    [null, false],
    [{ narrowed_s: NARROWED_S, doors: [third] }, false],
    [{ narrowed_s: NARROWED_S, doors: [other, third] }, true],
    [{ narrowed_s: NARROWED_S, doors: [] }, true],
  ] as const) {
    const here = heeding({ heeds })
    here.board.hear(narrowing(here))
    equal(modeOf(here.board), taken ? "threat level" : "normal")
  }
})

test("attack 84: a narrowing counts once, whether it is repeated, was ended by an order, or is signed anew", () => {
  const here = heeding()
  const { board } = here
  const once = narrowing(here)
  board.hear(once)
  const count = board.published().length
  board.hear(once)
  equal(board.published().length, count, "to hear it twice is nothing to write down")
  equal(order(here, "normal"), "order taken: done")
  equal(modeOf(board), "normal")
  board.hear(once)
  board.pass(30_000)
  board.hear(once)
  board.hear(narrowing(here, { for_s: NARROWED_S - 30 })) // The courier asked for it again: its end is the same.
  equal(modeOf(board), "normal", "what a person ended does not come back")
  board.hear(narrowing(here, { for_s: NARROWED_S - 60 }))
  equal(board.published().at(-1), "narrowing refused: not expected")
  board.hear(narrowing(here, { sequence: 44 }))
  equal(modeOf(board), "threat level", "what was found afterwards does")
})

test("attack 84: after its end, and after a boot, the same narrowing is refused", () => {
  const here = heeding()
  const { board, keeper } = here
  const once = narrowing(here)
  board.hear(once)
  board.pass(NARROWED_S * 1000)
  board.hear(once)
  equal(board.published().at(-1), "narrowing refused: too early or too late")
  const again = new Board(keeper, board.flash.copy(), board.pairing, MONDAY_8 * 1000) // It was told the old time.
  again.input({ kind: "linked" })
  again.hear(once)
  equal(modeOf(again), "normal")
})

test("C82: who may only narrow does not end it, by no order that he may give", () => {
  const here = commanded(HEEDING, { acts: ["threat level", "lockdown", "locate"] })
  here.board.hear(narrowing(here))
  order(here, "threat level", 0)
  order(here, "normal")
  equal(modeOf(here.board), "threat level")
  equal(stateOf(here.board.lock, here.board.now).defence.narrowed?.door, other)
})

test("C82: a configuration that heeds the other door no more ends it, and one that goes on heeding does not", () => {
  const here = heeding()
  const { board, keeper, people } = here
  board.hear(narrowing(here))
  const terms = people.map((who) => [who, ALWAYS_TERMS] as const)
  board.take(policyFor(keeper, terms, { ...HEEDING, heeds: { narrowed_s: 60, doors: [] } }), people)
  equal(modeOf(board), "threat level")
  board.take(policyFor(keeper, terms, { ...HEEDING, heeds: null }), people)
  equal(modeOf(board), "normal")
  ok(board.published().includes("mode ended: act not allowed"))
})

test("C82: pulling the plug ends nothing, and makes nothing last longer", () => {
  const here = heeding()
  const { board, keeper } = here
  board.hear(narrowing(here))
  board.pass(600_000)
  const early = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  equal(modeOf(early), "threat level", "a boot that knows no time counts on with its own")
  early.pass(NARROWED_S * 1000)
  equal(modeOf(early), "normal")
  const told = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  told.input({ kind: "linked" })
  told.pass(299_999)
  equal(modeOf(told), "threat level", "one that hears the time ends it then")
  told.pass(1)
  equal(modeOf(told), "normal")
  const late = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms + NARROWED_S * 1000)
  late.input({ kind: "linked" })
  equal(modeOf(late), "normal")
  ok(late.published().includes("mode ended: expired"))
})

test("C82: a boot that hears no time takes from a narrowing what its stored clock proves to have passed", () => {
  const here = heeding()
  const { board, keeper } = here
  board.hear(narrowing(here))
  board.pass(600_000)
  const blind = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  const passed_ms = blind.lock.clock.floor - MONDAY_8 * 1000
  ok(passed_ms > 0)
  blind.pass(NARROWED_S * 1000 - passed_ms - 1)
  equal(modeOf(blind), "threat level")
  blind.pass(1)
  equal(modeOf(blind), "normal")
})

test("C82: a lock that does not know the time takes none, since it could not tell the end", () => {
  const here = heeding()
  const { board, keeper } = here
  const blind = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  blind.carries = false
  blind.input({ kind: "linked" })
  blind.hear(narrowing({ keeper, board: blind }))
  equal(modeOf(blind), "normal")
})

test("C82: a door that stood unlocked is locked, and its end draws no bolt", () => {
  const here = heeding()
  const { board, people } = here
  equal(order(here, "office", 3_600), "order taken: done")
  equal(board.bolt, "drawn")
  board.hear(narrowing(here))
  equal(board.bolt, "thrown")
  const from = board.effects.length
  board.pass(NARROWED_S * 1000)
  equal(modeOf(board), "normal")
  ok(board.effects.slice(from).every((each) => each.kind !== "drive" || each.drive !== "draw"))
  board.present(first(people))
  equal(board.bolt, "drawn")
})

for (const [news, tell] of [
  ["what was found at another door", (here: Commanded) => here.board.hear(narrowing(here))],
  ["a lockdown", (here: Commanded) => equal(order(here, "lockdown"), "order taken: done")],
] as const)
  test(`I-31, I-34: ${news} throws no bolt of an open door against somebody who just asked to leave, and locks after him`, () => {
    const here = heeding()
    const { board, policy } = here
    equal(order(here, "office", 3_600), "order taken: done")
    board.input({ kind: "request to exit" })
    tell(here)
    equal(board.bolt, "drawn", "whoever asked to leave has the time that he was given")
    board.pass(policy.config.unlock_ms)
    equal(board.bolt, "thrown", "he did not go, and it is locked")
  })

test("C82: a keeper whose clock is ahead narrows a door for no longer than it allows", () => {
  const here = heeding()
  here.board.hear(narrowing(here, { from_s: MONDAY_8 + 30 }))
  equal(modeOf(here.board), "threat level")
  here.board.pass(NARROWED_S * 1000)
  equal(modeOf(here.board), "normal")
})

test("C82: office hours that begin meanwhile unlock nothing when it is over, but wait for somebody who comes in", () => {
  const here = heeding()
  const { board, people, policy } = here
  const hours = new Uint8Array(8)
  for (const [at, from_s] of [300, 7_200].entries()) new DataView(hours.buffer).setUint32(4 * at, MONDAY_8 + from_s)
  const modes = [
    { schedule: 0, factors: "card", office: "by schedule" },
    { schedule: null, factors: "card" },
  ] as const
  board.take({ ...policy, config: { ...policy.config, modes }, schedules: [hours] }, people)
  board.hear(narrowing(here))
  board.pass(NARROWED_S * 1000 + 60_000)
  equal([board.bolt, modeOf(board)].join(), "thrown,normal")
  board.present(first(people))
  board.pass(60_000)
  equal([board.bolt, modeOf(board)].join(), "drawn,office")
})

test("C82: a narrowed door is not told to stand unlocked, neither now nor for later", () => {
  const here = heeding()
  const { board } = here
  board.hear(narrowing(here))
  equal(order(here, "office", 3_600), "order refused: act not allowed")
  board.pass(NARROWED_S * 1000)
  equal([board.bolt, modeOf(board)].join(), "thrown,normal")
  equal(order(here, "office", 3_600), "order taken: done")
  equal(board.bolt, "drawn")
})

test("I-34, C82: the way out, a fire and an evacuation go before it", () => {
  const here = heeding({ fireReleases: true })
  const { board } = here
  board.hear(narrowing(here))
  board.input({ kind: "request to exit" })
  board.input({ kind: "bolt sensed", bolt: "drawn" }) // By the handle: steel, and no alarm.
  ok(said(board, "finding").length === 0)
  board.input({ kind: "bolt sensed", bolt: "thrown" })
  board.input({ kind: "fire", alarm: true })
  equal(board.bolt, "drawn")
  board.pass(NARROWED_S * 1000)
  equal(board.bolt, "drawn", "its end does not throw the bolt against a fire")
  board.hear(narrowing(here))
  equal(modeOf(board), "fire")
  equal(board.bolt, "drawn")
})

test("I-05, C82: no narrowing, in whatever order with the rest, opens, outlives its bound or asks for less than without it", () => {
  const words = ["normal", "threat level", "lockdown"] as const
  const step = fc.oneof(
    fc.record({ is: fc.constant("narrowing" as const), for_s: fc.integer({ min: 1, max: NARROWED_S + 5 }) }),
    fc.record({ is: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 400_000 }) }),
    fc.record({ is: fc.constant("order" as const), act: fc.constantFrom(...words) }),
    fc.record({ is: fc.constant("forged" as const), for_s: fc.integer({ min: 1, max: NARROWED_S }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const here = heeding({ threatFactors: ["card and pin"] })
      const { board } = here
      let end_ms = 0
      for (const each of steps) {
        const from = board.effects.length
        const before_ms = end_ms
        if (each.is === "wait") board.pass(each.ms)
        else if (each.is === "order") order(here, each.act, each.act === "threat level" ? 1 : 0)
        else if (each.is === "forged") board.hear(narrowing(here, { ...each, key: thief }))
        else {
          board.hear(narrowing(here, each))
          const from_ms = Math.floor(board.wall_ms / 1000) * 1000
          if (each.for_s <= NARROWED_S) end_ms = Math.max(before_ms, from_ms + each.for_s * 1000)
        }
        ok(board.effects.slice(from).every((effect) => effect.kind !== "drive" || effect.drive !== "draw"))
        const isNarrowed = board.lock.modes.ordered.has("narrowed")
        ok(!isNarrowed || board.wall_ms < end_ms, "it is over at its end")
        if (isNarrowed && modeOf(board) === "threat level") equal(factorsAt(here), "card and pin")
      }
    }),
    { numRuns: 60, seed: 82 },
  )
})
