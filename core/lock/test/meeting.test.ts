/** A phone at a whole lock: what opens, what is refused and in which words, what is kept over a loss of power. */
import { type Factors } from "@holdfast/access/door"
import { concat, type CredentialId, idBytes, idOf, toHex } from "@holdfast/base"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { Effect, Input } from "../src/index.ts"
import { command, CONTROL_FLOW } from "../src/phone/apdu.ts"
import { PHONE_MS_MAX } from "../src/phone/meeting.ts"
import { phoneAnswers } from "../src/phone/virtual-phone.ts"
import { ALWAYS_TERMS, Board, cardholder, door, Flash, MONDAY_8, pairingWith, policyFor } from "./building.ts"
import { Keeper } from "./keeper.ts"
import { ephemeral, type Held, newPhone, reader, signReader } from "./phones.ts"

const PHONE: Factors = [{ kinds: ["phone"], ordered: false }]
const PHONE_AND_PIN: Factors = [{ kinds: ["pin", "phone"], ordered: false }]
const anasPhone: CredentialId = idOf(new Uint8Array(16).fill(0xff))

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

type House = ReturnType<typeof furnish>

/** A door that Ana's phone opens, alone or with her PIN. */
function furnish(factors: Factors = PHONE) {
  const keeper = new Keeper()
  keeper.grow()
  const ana = cardholder(keeper, "ana", 1)
  const pairing = { ...pairingWith(keeper), readerKey: reader.key }
  const board = new Board(keeper, new Flash(), pairing, MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  const id = concat(idBytes(keeper.site), idBytes(door))
  const phone = newPhone(new Map([[toHex(id), reader.key]]))
  const modes = [{ schedule: null, factors }]
  const policy = policyFor(keeper, [[ana, ALWAYS_TERMS]], { modes })
  const credentials = concat(policy.credentials, idBytes(anasPhone), u32(0), Uint8Array.of(3, 0, 0, 0))
  const row = concat(phone.phone.key.subarray(0, 32), u32(policy.credentials.length / 24))
  board.take({ ...policy, credentials, phones: row }, [ana])
  return { board, ana, phone }
}

type Meeting = { readonly phone: Held; readonly words: readonly string[]; readonly sent: readonly string[] }

/** Holds a phone to the reader until nothing is asked any more; `until` takes it away before that many answers. */
function hold(board: Board, held: Held, until: number = Number.POSITIVE_INFINITY): Meeting {
  let { phone } = held
  let own = ephemeral()
  let answers = 0
  const sent: string[] = []
  const words: string[] = []
  const queue: Input[] = [{ kind: "phone", phone: { kind: "presented" } }]
  for (let input = queue.shift(); input !== undefined; input = queue.shift()) {
    const from = board.effects.length
    board.input(input)
    for (const effect of board.effects.slice(from)) {
      if (effect.kind === "show") words.push(effect.signal)
      if (effect.kind === "phone ask") {
        if (effect.ask.kind === "make ephemeral") own = ephemeral()
        queue.push({ kind: "phone", phone: answerOf(effect.ask, own) })
      }
      if (effect.kind !== "phone send") continue
      sent.push(toHex(effect.bytes).slice(2, 4))
      if (++answers > until) continue
      const turn = phoneAnswers(phone, effect.bytes, held.hands, crypto)
      phone = turn.phone
      queue.push({ kind: "phone", phone: { kind: "answered", bytes: turn.answer } })
    }
  }
  return { phone: { ...held, phone }, words, sent }
}

function answerOf(ask: Extract<Effect, { kind: "phone ask" }>["ask"], own: ReturnType<typeof ephemeral>) {
  if (ask.kind === "make ephemeral") return { kind: "made", key: own.key } as const
  if (ask.kind === "agree") return { kind: "agreed", secret: own.agree(ask.key) } as const
  return { kind: "signed", signature: signReader(ask.bytes) } as const
}

function last({ board }: Pick<House, "board">): string {
  return board.published().findLast((each) => each.startsWith("refused") || each.startsWith("admitted")) ?? "nothing"
}

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
  equal(last(house), "admitted: done")
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
    equal(last(house), said)
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
  equal(last(house), "refused: unknown credential")
})

test("a phone at a door that wants a card opens nothing", () => {
  const house = furnish("card")
  hold(house.board, house.phone)
  equal(house.board.bolt, "thrown")
  equal(last(house), "refused: another factor needed")
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
