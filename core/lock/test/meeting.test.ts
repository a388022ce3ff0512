/** A phone at a whole lock: what opens, what is refused and in which words, what is kept over a loss of power. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { command, CONTROL_FLOW } from "../src/phone/apdu.ts"
import { PHONE_MS_MAX } from "../src/phone/meeting.ts"
import { ALWAYS_TERMS, Board, Flash, MONDAY_8, pairingWith, policyFor } from "./building.ts"
import { furnish, hold, type House, lastOf, type Meeting, PHONE, PHONE_AND_PIN } from "./held-phone.ts"
import { Keeper } from "./keeper.ts"
import { type Held, newPhone, reader } from "./phones.ts"

test("a phone that the policy names opens, is told so, and next time is fast", () => {
  const house = furnish()
  const first = hold(house.board, house.phone)
  equal(house.board.bolt, "drawn")
  ok(first.words.includes("granted"))
  deepEqual(first.sent, ["a4", "80", "81", "c9"])
  equal(first.phone.phone.told, "opened")
  house.board.pushThrough()
  equal(house.board.bolt, "thrown")
  const second = hold(house.board, first.phone)
  equal(house.board.bolt, "drawn")
  deepEqual(second.sent, ["a4", "80", "c9"])
  equal(lastOf(house.board), "admitted: done")
})

test("the fast phase outlives a loss of power, and the lock's store of it is no part of the policy", () => {
  const house = furnish()
  const first = hold(house.board, house.phone)
  house.board.pushThrough()
  const { keeper, flash, pairing } = house.board
  const again = new Board(keeper, flash.copy(), pairing, MONDAY_8 * 1000 + 60_000)
  again.input({ kind: "linked" })
  deepEqual(hold(again, first.phone).sent, ["a4", "80", "c9"])
  const worn = flash.copy()
  worn.parts.set("phones", new Uint8Array(40))
  const forgetful = new Board(keeper, worn, pairing, MONDAY_8 * 1000 + 60_000)
  forgetful.input({ kind: "linked" })
  deepEqual(hold(forgetful, first.phone).sent, ["a4", "80", "81", "c9"], "what is torn costs a standard phase")
  equal(forgetful.bolt, "drawn")
})

test("every refusal looks the same at the door, and the phone is told the same; the reason stands in the journal", () => {
  const stranger = (house: House): Held => newPhone(house.phone.phone.locks)
  const cases: readonly (readonly [string, (house: House) => Meeting])[] = [
    ["refused: unknown credential", (house) => hold(house.board, stranger(house))],
    [
      "refused: phone not authentic",
      (house) => hold(house.board, { ...house.phone, phone: { ...house.phone.phone, isArmed: false } }),
    ],
    [
      "refused: phone not authentic",
      (house) =>
        hold(house.board, { ...stranger(house), phone: { ...stranger(house).phone, key: house.phone.phone.key } }),
    ],
    [
      "refused: phone gone too soon",
      (house) => {
        const meeting = hold(house.board, house.phone, 1)
        const effects = house.board.input({ kind: "phone", phone: { kind: "gone" } })
        return { ...meeting, words: effects.flatMap((each) => (each.kind === "show" ? [each.signal] : [])) }
      },
    ],
    [
      "refused: phone gone too soon",
      (house) => {
        const meeting = hold(house.board, house.phone, 1)
        const effects = house.board.pass(PHONE_MS_MAX)
        return { ...meeting, words: effects.flatMap((each) => (each.kind === "show" ? [each.signal] : [])) }
      },
    ],
  ]
  for (const [said, happens] of cases) {
    const house = furnish()
    const { words } = happens(house)
    equal(words.filter((word) => word === "denied").length, 1, said)
    ok(!words.includes("granted"))
    equal(house.board.bolt, "thrown")
    equal(lastOf(house.board), said)
    equal(house.board.lock.meeting, null)
  }
})

test("a revoked phone is refused in the fast phase as in the standard one", () => {
  const house = furnish()
  const first = hold(house.board, house.phone)
  house.board.pushThrough()
  const { keeper } = house.board
  house.board.take(policyFor(keeper, [[house.ana, ALWAYS_TERMS]], { modes: [{ schedule: null, factors: PHONE }] }), [
    house.ana,
  ])
  const second = hold(house.board, first.phone)
  deepEqual(second.sent, ["a4", "80", "c9"])
  equal(house.board.bolt, "thrown")
  equal(second.phone.phone.told, "stays as it is")
  equal(lastOf(house.board), "refused: unknown credential")
})

test("a phone at a door that wants a card opens nothing", () => {
  const house = furnish("card")
  hold(house.board, house.phone)
  equal(house.board.bolt, "thrown")
  equal(lastOf(house.board), "refused: another factor needed")
})

test("phone and PIN in either order, and neither alone", () => {
  for (const pinFirst of [true, false]) {
    const house = furnish(PHONE_AND_PIN)
    if (pinFirst) house.board.type(house.ana.code)
    equal(house.board.bolt, "thrown")
    hold(house.board, house.phone)
    equal(house.board.bolt, pinFirst ? "drawn" : "thrown")
    if (!pinFirst) house.board.type(house.ana.code)
    equal(house.board.bolt, "drawn")
  }
  const house = furnish(PHONE_AND_PIN)
  hold(house.board, newPhone(house.phone.phone.locks))
  house.board.type(house.ana.code)
  equal(house.board.bolt, "thrown", "a stranger's phone before a right PIN")
})

test("answers without a meeting, and a phone at a board without a reader for phones, change nothing", () => {
  const house = furnish()
  const { lock } = house.board
  for (const phone of [
    { kind: "answered", bytes: command(CONTROL_FLOW, Uint8Array.of(1)) },
    { kind: "made", key: reader.key },
    { kind: "signed", signature: new Uint8Array(64) },
    { kind: "agreed", secret: null },
    { kind: "gone" },
  ] as const) {
    const effects = house.board.input({ kind: "phone", phone })
    deepEqual(
      effects.filter((each) => each.kind !== "wake"),
      [],
      phone.kind,
    )
  }
  equal(house.board.lock.journal.next, lock.journal.next)
  const keeper = new Keeper()
  const bare = new Board(keeper, new Flash(), pairingWith(keeper), MONDAY_8 * 1000)
  const effects = bare.input({ kind: "phone", phone: { kind: "presented" } })
  deepEqual(
    effects.filter((each) => each.kind !== "wake"),
    [],
  )
})

test("a second phone at the reader begins anew, and the first one's answers fit no more", () => {
  const house = furnish()
  hold(house.board, house.phone, 1)
  const first = house.board.lock.meeting
  const done = hold(house.board, house.phone)
  ok(first !== null && house.board.lock.meeting === null)
  equal(house.board.bolt, "drawn")
  equal(done.phone.phone.told, "opened")
})
