/**
 * Phones whose app somebody rewrote, and locks that somebody took apart: what a client holds, or one lock keeps, opens nothing
 * that the policy at the door does not open (attacks 3, 27, 139; I-09).
 */
import { concat, type DoorId, idBytes, idOf } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { encodeAnswer } from "../src/card/challenge.ts"
import { cardKey, encodeCardFile, virtualCard } from "../src/devices.ts"
import { type Effect, type Input, type Lock, turn } from "../src/index.ts"
import { AUTH1 } from "../src/phone/apdu.ts"
import { phoneAnswers } from "../src/phone/virtual-phone.ts"
import { CARD_ROW } from "../src/secrets.ts"
import { ALWAYS_TERMS, Board, cardholder, Flash, MONDAY_8, pairingWith, policyFor, type Terms } from "./building.ts"
import { answerOf, furnish, hold, lastOf, PHONE, phoneDoor, withPhoneOf } from "./held-phone.ts"
import { Keeper } from "./keeper.ts"
import { ephemeral, type Held, newPhone, reader, type Spoil } from "./phones.ts"

const HOUR_S = 3_600
const elsewhere: DoorId = idOf(new Uint8Array(16).fill(0xd1))

// what ana's right is | what her phone is told, whatever its app makes of itself
const GRANTS: readonly (readonly [string, Terms, string])[] = [
  ["over since a second", { ...ALWAYS_TERMS, until_s: MONDAY_8 - 1 }, "refused: expired"],
  ["from in an hour on", { ...ALWAYS_TERMS, from_s: MONDAY_8 + HOUR_S }, "refused: not yet valid"],
  [
    "for other hours",
    { ...ALWAYS_TERMS, hours: [MONDAY_8 + HOUR_S, MONDAY_8 + 2 * HOUR_S] },
    "refused: outside schedule",
  ],
  ["revoked", { ...ALWAYS_TERMS, revoked: true }, "refused: no grant"],
]

/** What a rewritten app may do to its own answers: nothing of it is a right. */
const APPS: readonly (readonly [string, Spoil])[] = [
  ["as it was", (answer) => answer],
  [
    "that adds a grant of its own",
    (answer) => concat(answer.slice(0, -2), new Uint8Array(40).fill(0x5a), answer.slice(-2)),
  ],
  ["that answers everything with success", (answer) => encodeAnswer(answer.slice(0, -2), 0x9000)],
]

for (const [right, terms, said] of GRANTS)
  for (const [app, spoil] of APPS)
    test(`attack 3: a right that is ${right}, an app ${app}: stays as it is`, () => {
      const { board, phone } = furnish(PHONE, terms)
      const first = hold(board, phone, Number.POSITIVE_INFINITY, spoil)
      const second = hold(board, first.phone, Number.POSITIVE_INFINITY, spoil)
      equal(board.bolt, "thrown")
      ok(![...first.words, ...second.words].includes("granted"))
      equal(second.phone.phone.told === "opened", false)
      if (app === "as it was") equal(lastOf(board), said)
    })

/** Another door of the same site, at which ana has her card, and a phone only where one is given. */
function otherDoor(keeper: Keeper, phone: Held | null = null): Board {
  const ana = cardholder(keeper, "ana", 1)
  const pairing = { ...pairingWith(keeper), door: elsewhere, readerKey: reader.key }
  const board = new Board(keeper, new Flash(), pairing, MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  keeper.grow()
  const carded = { ...policyFor(keeper, [[ana, ALWAYS_TERMS]], phoneDoor(PHONE)), door: elsewhere }
  const policy = phone === null ? carded : withPhoneOf(carded, phone)
  const issued = keeper.issue(policy, [], board.lock.held.size)
  board.issued = issued
  board.hear(issued.offer)
  board.hear(keeper.lease(elsewhere, issued, MONDAY_8, MONDAY_8 + 24 * HOUR_S))
  deepEqual(board.lock.active?.name.version, issued.version)
  return board
}

test("attack 3, attack 6: a phone with a right at one door, and all that it ever said there, opens no other", () => {
  const { board, phone } = furnish()
  const said: Uint8Array[] = []
  const known = hold(board, phone, Number.POSITIVE_INFINITY, (answer) => {
    said.push(answer)
    return answer
  }).phone
  equal(board.bolt, "drawn")
  const other = otherDoor(board.keeper)
  const names = new Map([
    ...known.phone.locks,
    [toHex(concat(idBytes(board.keeper.site), idBytes(elsewhere))), reader.key],
  ])
  const carried = { ...known, phone: { ...known.phone, locks: names } }
  equal(hold(other, carried).phone.phone.told, "stays as it is")
  equal(lastOf(other), "refused: unknown credential")
  for (let from = 1; from < said.length; from++)
    hold(other, carried, Number.POSITIVE_INFINITY, (answer, round) =>
      round >= from ? (said[round] ?? answer) : answer,
    )
  equal(other.bolt, "thrown")
})

/** Each call of cryptography in one turn, and each effect: what is done, in its order. */
function workOf(lock: Lock, now: Board["now"], input: Input): readonly string[] {
  const steps: string[] = []
  const counted = Object.entries(crypto).map(([name, work]: readonly [string, (...values: never[]) => unknown]) => [
    name,
    (...values: never[]) => {
      steps.push(name)
      return work(...values)
    },
  ])
  const counting: typeof crypto = Object.fromEntries(counted)
  const { effects } = turn(lock, now, input, counting)
  return [...steps, ...effects.map(wordOf)]
}

function wordOf(effect: Effect): string {
  return effect.kind === "store"
    ? `store ${effect.part}`
    : effect.kind === "show"
      ? `show ${effect.signal}`
      : effect.kind
}

/** The lock with everything said but the phone's proof, and that proof. */
function proving(board: Board, held: Held): Input {
  let { phone } = held
  let own = ephemeral()
  const queue: Input[] = [{ kind: "phone", phone: { kind: "presented" } }]
  for (let input = queue.shift(); input !== undefined; input = queue.shift()) {
    const from = board.effects.length
    board.input(input)
    for (const effect of board.effects.slice(from)) {
      if (effect.kind === "phone ask") {
        if (effect.ask.kind === "make ephemeral") own = ephemeral()
        queue.push({ kind: "phone", phone: answerOf(effect.ask, own) })
      }
      if (effect.kind !== "phone send") continue
      const answered = phoneAnswers(phone, effect.bytes, held.hands, crypto)
      phone = answered.phone
      const answer: Input = { kind: "phone", phone: { kind: "answered", bytes: answered.answer } }
      if (effect.bytes[1] === AUTH1) return answer
      queue.push(answer)
    }
  }
  throw new RangeError("the phone was never asked for its proof")
}

test("attack 27, attack 37: a phone that is nobody's costs the lock what one does whose right has ended, or is revoked", () => {
  const work = (terms: Terms, isStranger: boolean): readonly string[] => {
    const { board, phone } = furnish(PHONE, terms)
    board.input({ kind: "unlinked" })
    const answer = proving(board, isStranger ? newPhone(phone.phone.locks) : phone)
    return workOf(board.lock, board.now, answer)
  }
  const nobodys = work(ALWAYS_TERMS, true)
  ok(nobodys.includes("verifyEs256") && nobodys.includes("show denied"))
  for (const terms of [
    { ...ALWAYS_TERMS, until_s: MONDAY_8 - 1 },
    { ...ALWAYS_TERMS, revoked: true },
  ])
    deepEqual(work(terms, false), nobodys)
})

test("attack 139, I-09: who takes everything out of one lock makes no card and no phone that the lock of another zone lets in", () => {
  const keeper = new Keeper()
  const master = new Uint8Array(16).fill(0x61)
  const plain = cardholder(keeper, "ana", 1)
  const { uid } = plain.tag
  const keyOf = (zone: number): Uint8Array => cardKey(crypto, master, uid, zone, keeper.site)
  const file = encodeCardFile({ credential: plain.card, epoch: 1 })
  const ana = { ...plain, tag: virtualCard(uid, new Map([0, 1].map((zone) => [zone, keyOf(zone)])), file) }
  const inZone = (zone: number): Board => {
    const board = new Board(keeper, new Flash(), pairingWith(keeper), MONDAY_8 * 1000)
    board.input({ kind: "linked" })
    keeper.grow()
    const secret = { kind: "card", credential: ana.card, uid, key: keyOf(zone) } as const
    const policy = policyFor(keeper, [[ana, ALWAYS_TERMS]], { zoneApplication: zone })
    const issued = keeper.issue(policy, [secret], board.lock.held.size)
    board.issued = issued
    board.hear(issued.offer)
    board.hear(keeper.lease(board.pairing.door, issued, MONDAY_8, MONDAY_8 + 24 * HOUR_S))
    board.present(ana)
    equal(board.bolt, "drawn", `ana's own card opens in zone ${zone}`)
    board.pushThrough()
    board.pass(30_000)
    return board
  }
  const [taken, other] = [inZone(0), inZone(1)]
  const { cards } = taken.lock.active?.secrets ?? { cards: new Uint8Array(0) }
  const stolen = [taken.pairing.codeKey.slice(0, 16), taken.pairing.codeKey.slice(16)]
  for (let at = 0; at < cards.length; at += CARD_ROW) stolen.push(cards.slice(at + 12, at + 28))
  ok(
    stolen.some((key) => toHex(key) === toHex(keyOf(0))),
    "he has the card's key in the lock's own zone",
  )
  for (const key of stolen) {
    const zones = new Map([0, 1, 2, 3].map((zone) => [zone, key]))
    other.present({ ...ana, tag: virtualCard(uid, zones, file) })
    equal(other.bolt, "thrown")
    equal(lastOf(other), "refused: card not authentic")
    other.pass(30_000)
  }
})

test("attack 139, I-09: the keys that last from meetings at one lock are good at no other", () => {
  const { board, phone } = furnish()
  const name = toHex(concat(idBytes(board.keeper.site), idBytes(elsewhere)))
  const names = new Map([...phone.phone.locks, [name, reader.key]])
  const everywhere = { ...phone, phone: { ...phone.phone, locks: names } }
  hold(board, everywhere)
  const [stolen] = board.lock.phones
  ok(stolen !== undefined, "the lock keeps one, and whoever takes it apart has it")
  const other = otherDoor(board.keeper, phone)
  const own = hold(other, everywhere).phone
  equal(other.bolt, "drawn", "ana's phone is known at both doors")
  other.pushThrough()
  const thiefs = (lasting: Uint8Array) => {
    const thief = newPhone(names)
    return { ...thief, phone: { ...thief.phone, key: phone.phone.key, lasting: new Map([[name, lasting]]) } }
  }
  ok(!hold(other, thiefs(stolen.lasting)).words.includes("granted"))
  equal(other.bolt, "thrown")
  hold(other, thiefs(own.phone.lasting.get(name) ?? new Uint8Array(32)))
  equal(other.bolt, "drawn", "the other lock's own would have opened it")
})
