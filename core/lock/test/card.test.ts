/** Whole conversations with a card that somebody spoils: only the card that holds the key, and says who it is, is authentic. */
import { concat, type CredentialId, idBytes, idOf } from "@holdfast/base"
import { fromHex, toHex } from "@holdfast/base/text"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import fc from "fast-check"
import { encodeAnswer, sessionOf, STATUS_MORE, STATUS_OK, unwrap, wrap } from "../src/card/challenge.ts"
import { cardKey } from "../src/card/diversify.ts"
import { decodeCardFile, encodeCardFile } from "../src/card/identity.ts"
import { beginExchange, continueExchange, dummyKey, type ExchangeStep, type Sought } from "../src/card/reader.ts"
import { cardAnswers, type Chip, type VirtualCard, virtualCard } from "../src/card/virtual-card.ts"

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex)
  ok(read !== null)
  return read
}

const ZERO = new Uint8Array(16)
const site = idOf<"SiteId">(new Uint8Array(16).fill(5))
const master = new Uint8Array(16).fill(0x77)
const uid = bytes("04a1b2c3d4e5f6")
const credential: CredentialId = idOf(new Uint8Array(16).fill(0xc4))
const key = cardKey(crypto, master, uid, 1, site)
const file = encodeCardFile({ credential, epoch: 3 })
const keys = new Map([[1, key]])
const CARDS: Readonly<Record<Chip, VirtualCard>> = {
  desfire: virtualCard(uid, keys, file),
  ntag: virtualCard(uid, keys, null, "ntag"),
}
const card = CARDS.desfire
const sought: Sought = { zone: 1, key, uid, credential, epoch_max: 3 }

let chances = 0
const chance = (size: number): Uint8Array => {
  chances++
  return crypto.hmacSha256(new Uint8Array(32), Uint8Array.of(chances >> 16, chances >> 8, chances)).slice(0, size)
}

type Spoil = (answer: Uint8Array, round: number) => Uint8Array
const honest: Spoil = (answer) => answer

type Conversation = {
  readonly step: ExchangeStep
  readonly sent: readonly string[]
  readonly answers: readonly Uint8Array[]
}

/** A whole exchange; `spoil` stands between card and reader. */
function converse(of: VirtualCard, spoil: Spoil = honest, about: Sought = sought): Conversation {
  let { exchange: state, send } = beginExchange(about, chance(32))
  let held = of
  const sent: string[] = []
  const answers: Uint8Array[] = []
  for (let round = 0; ; round++) {
    ok(round < 12, "a conversation ends")
    sent.push(toHex(send))
    const turn = cardAnswers(held, send, concat(chance(16), chance(4)), crypto)
    held = turn.card
    const answer = spoil(turn.answer, round)
    answers.push(answer)
    const step = continueExchange(state, answer, crypto)
    if (step.is !== "asking") return { step, sent, answers }
    ;({ exchange: state, send } = step)
  }
}

const outcome = ({ step }: Conversation): string => (step.is === "failed" ? step.fault : step.is)

for (const chip of ["desfire", "ntag"] as const)
  test(`a ${chip} that holds the key and says who it is is authentic`, () =>
    equal(outcome(converse(CARDS[chip])), "authentic"))

test("the commands, in their order", () => {
  const begins = (conversation: Conversation): string[] => conversation.sent.map((hex) => hex.slice(0, 4))
  deepEqual(begins(converse(CARDS.desfire)), ["905a", "9071", "90af", "90ad"])
  deepEqual(begins(converse(CARDS.ntag)), ["905a", "00a4", "9071", "90af", "9051"])
})

test("AN12196: EV2First in our conversation, step by step", () => {
  const read: { an12196_ev2_first: Record<string, string> } = JSON.parse(
    readFileSync(new URL("../../../vectors/cards.json", import.meta.url), "utf8"),
  )
  const ev2 = read.an12196_ev2_first
  const published = bytes(ev2["key"] ?? "")
  const begun = beginExchange({ ...sought, key: published }, concat(bytes(ev2["rnd_a"] ?? ""), ZERO))
  equal(toHex(begun.send), "905a00000348460100")
  const asked = continueExchange(begun.exchange, encodeAnswer(new Uint8Array(0), STATUS_OK), crypto)
  ok(asked.is === "asking")
  equal(toHex(asked.send), "9071000002000000")
  const proving = continueExchange(
    asked.exchange,
    encodeAnswer(bytes(ev2["encrypted_rnd_b"] ?? ""), STATUS_MORE),
    crypto,
  )
  ok(proving.is === "asking")
  const reading = continueExchange(proving.exchange, encodeAnswer(bytes(ev2["card_answer"] ?? ""), STATUS_OK), crypto)
  ok(reading.is === "asking" && reading.exchange.is === "reading")
  const { transaction, encryptionKey, macKey, commands } = reading.exchange.session
  deepEqual([transaction, encryptionKey, macKey].map(toHex), [
    ev2["transaction_identifier"],
    ev2["session_key_enc"],
    ev2["session_key_mac"],
  ])
  equal(commands, 1)
  equal(toHex(reading.send).slice(0, 24), "90ad00000f01000000150000")
})

test("attack 69: a key of another site, zone or card opens nothing, nor does the dummy of an unknown card", () => {
  const others = [
    cardKey(crypto, master, uid, 2, site),
    cardKey(crypto, master, uid, 1, idOf(new Uint8Array(16))),
    cardKey(crypto, master, bytes("04a1b2c3d4e5f7"), 1, site),
    dummyKey(crypto, new Uint8Array(32), uid),
  ]
  for (const chip of ["desfire", "ntag"] as const)
    for (const other of others) {
      equal(outcome(converse(CARDS[chip], honest, { ...sought, key: other })), "card refused")
      equal(outcome(converse({ ...CARDS[chip], keys: new Map([[1, other]]) })), "card refused")
    }
  equal(outcome(converse(card, honest, { ...sought, zone: 2 })), "card refused")
})

test("attack 16, R12: what a card says of itself counts only for the credential whose key it holds", () => {
  const says = (content: Uint8Array): string => outcome(converse({ ...card, file: content }))
  const another = "card says it is another"
  equal(says(encodeCardFile({ credential: idOf(new Uint8Array(16)), epoch: 3 })), another)
  equal(says(encodeCardFile({ credential, epoch: 4 })), another, "of a keeper that the policy does not know yet")
  equal(says(encodeCardFile({ credential, epoch: 0 })), "authentic", "of an earlier keeper")
  equal(says(concat(Uint8Array.of(2), file.subarray(1))), another, "of an unknown version")
  for (let bit = 0; bit < 17 * 8; bit++)
    equal(says(file.map((each, at) => (at === bit >> 3 ? each ^ (1 << (bit & 7)) : each))), another, `bit ${bit}`)
  for (let size = 0; size < file.length; size++) equal(says(file.slice(0, size)), "card refused", `${size} bytes`)
  equal(outcome(converse({ ...card, file: null })), "card refused", "never personalised")
  equal(outcome(converse({ ...CARDS.ntag, uid: bytes("04a1b2c3d4e5f7") })), another, "another UID inside than outside")
  equal(outcome(converse(card, honest, { ...sought, credential: null })), another)
})

test("every truncation and every flipped bit of every answer fails, but one torn read, which is asked for once more", () => {
  for (const chip of ["desfire", "ntag"] as const) {
    const whole = converse(CARDS[chip]).answers
    for (const [round, { length }] of whole.entries()) {
      const isRead = round === whole.length - 1
      for (let cut = 1; cut <= length; cut++) {
        const torn = converse(CARDS[chip], (answer, at) => (at === round ? answer.slice(0, -cut) : answer))
        const isTorn = isRead && (cut === length || cut === length - 1 || cut < length - 2)
        equal(torn.step.is, isTorn ? "authentic" : "failed", `${chip}, round ${round}, ${cut} cut`)
        if (isTorn) equal(torn.sent.filter((hex) => hex.startsWith("9077")).length, 1)
      }
      for (let bit = 0; bit < length * 8; bit++) {
        const flip: Spoil = (answer, at) =>
          at === round ? answer.map((each, i) => (i === bit >> 3 ? each ^ (1 << (bit & 7)) : each)) : answer
        // A first selection that is refused, in whatever words, is one of another chip: it is tried once as such.
        equal(
          converse(CARDS[chip], flip).step.is,
          round === 0 && chip === "ntag" ? "authentic" : "failed",
          `bit ${bit}`,
        )
      }
    }
  }
})

test("a read torn twice is over: the card is asked anew once in a transaction", () => {
  const tear: Spoil = (answer) => (answer.length === 42 ? answer.slice(0, 20) : answer)
  const torn = converse(card, tear)
  equal(outcome(torn), "answer cut short")
  deepEqual(
    torn.sent.map((hex) => hex.slice(2, 4)),
    ["5a", "71", "af", "ad", "77", "af", "ad"],
  )
})

test("EV2NonFirst: the transaction and its count go on, the keys do not", () => {
  const sessions: string[][] = []
  const begun = beginExchange(sought, chance(32))
  let { exchange: state, send } = begun
  let held = card
  for (let round = 0; round < 7; round++) {
    const turn = cardAnswers(held, send, concat(chance(16), chance(4)), crypto)
    held = turn.card
    const step = continueExchange(state, round === 3 ? turn.answer.slice(0, 9) : turn.answer, crypto)
    if (step.is === "authentic") {
      const { transaction, macKey, encryptionKey, commands } = step.session
      sessions.push([toHex(transaction), String(commands), toHex(macKey), toHex(encryptionKey)])
      break
    }
    ok(step.is === "asking", "it goes on")
    if (step.exchange.is === "reading") {
      const { transaction, macKey, encryptionKey, commands } = step.exchange.session
      sessions.push([toHex(transaction), String(commands), toHex(macKey), toHex(encryptionKey)])
    }
    ;({ exchange: state, send } = step)
  }
  const [first, second, end] = sessions
  ok(first !== undefined && second !== undefined)
  equal(second[0], first[0])
  deepEqual([first[1], second[1]], ["1", "2"])
  ok(first[2] !== second[2] && first[3] !== second[3])
  deepEqual(end, second)
})

test("attack 6: answers recorded earlier are refused, whole or from any point on", () => {
  for (const chip of ["desfire", "ntag"] as const) {
    const { answers } = converse(CARDS[chip])
    for (let from = 0; from < answers.length; from++) {
      const replayed = converse(CARDS[chip], (answer, at) => (at >= from ? (answers[at] ?? answer) : answer))
      equal(replayed.step.is, "failed", `${chip}, from ${from}`)
    }
  }
})

test("a read with a wrong count, a wrong code or a wrong status is refused", () => {
  const late: Spoil = (answer, at) => (at === 3 ? encodeAnswer(answer.slice(0, -2), 0x9000) : answer)
  equal(outcome(converse(card, late)), "card refused")
  const spoilt: Spoil = (answer, at) => (at === 3 ? answer.map((each, i) => (i === 33 ? each ^ 1 : each)) : answer)
  equal(outcome(converse(card, spoilt)), "answer is not the card's")
  // A card that counted a command which the reader never sent.
  let { exchange: state, send } = beginExchange(sought, chance(32))
  let held = card
  for (let round = 0; round < 4; round++) {
    if (round === 3 && held.session !== null) held = { ...held, session: { ...held.session, commands: 1 } }
    const turn = cardAnswers(held, send, concat(chance(16), chance(4)), crypto)
    held = turn.card
    const step = continueExchange(state, turn.answer, crypto)
    if (step.is !== "asking") equal(step.is === "failed" ? step.fault : "", "card refused")
    else ({ exchange: state, send } = step)
  }
  equal(held.session, null, "the card found the code wrong and forgot the session")
})

test("every status word but the one that is asked for ends the exchange", () => {
  for (let round = 0; round < 4; round++)
    for (let status = 0x9100; status <= 0x91ff; status++) {
      const asked = round === 1 ? STATUS_MORE : STATUS_OK
      if (status === asked) continue
      const spoilt = converse(card, (answer, at) => (at === round ? encodeAnswer(answer.slice(0, -2), status) : answer))
      equal(spoilt.step.is, "failed", `round ${round}, status ${status.toString(16)}`)
    }
})

test("attack 22: whatever bytes a card answers, at whatever point, it is not authentic and nothing breaks", () => {
  const whole = converse(card).answers
  const answer = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc
      .tuple(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(0x9100, 0x91af, 0x9000))
      .map(([data, sw]) => encodeAnswer(data, sw)),
    fc.constantFrom(...whole),
  )
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 10 }), fc.nat(4), (forged, from) => {
      let used = 0
      const { step } = converse(card, (real, round) => (round < from ? real : (forged[used++ % forged.length] ?? real)))
      return step.is === "failed" || (from >= 4 && used === 0)
    }),
    { numRuns: 2_000 },
  )
})

test("attack 15: a card with the right number and no key, or another's key, is never authentic", () => {
  const bare = virtualCard(uid, new Map(), file)
  equal(outcome(converse(bare)), "card refused")
  equal(outcome(converse(virtualCard(uid, new Map(), null, "ntag"))), "card refused")
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (guess) => {
      const guessed = converse(virtualCard(uid, new Map([[1, guess]]), file))
      return guessed.step.is === "failed"
    }),
    { numRuns: 200 },
  )
})

const status = (command: Uint8Array, of: VirtualCard = card): string =>
  toHex(cardAnswers(of, command, new Uint8Array(20), crypto).answer)

test("the card refuses what no reader of ours sends", () => {
  equal(status(new Uint8Array(0)), "917e")
  equal(status(wrap(0x60, Uint8Array.of(0))), "911c")
  equal(status(wrap(0x71, Uint8Array.of(0, 0))), "91ae")
  equal(status(wrap(0x77, Uint8Array.of(0))), "91ae")
  equal(status(wrap(0xad, new Uint8Array(15))), "91ae")
  equal(status(wrap(0xaf, new Uint8Array(32))), "911c")
  equal(status(wrap(0x5a, Uint8Array.of(0x48, 0x46, 1)), CARDS.ntag), "911c")
  equal(unwrap(Uint8Array.of(0x90, 0x71, 0, 0, 3, 1, 0)), null)
})

test("session keys depend on both challenges", () => {
  const ones = ZERO.map(() => 1)
  const made = [
    sessionOf(crypto, key, ZERO, ZERO, ZERO.slice(12)),
    sessionOf(crypto, key, ones, ZERO, ZERO.slice(12)),
    sessionOf(crypto, key, ZERO, ones, ZERO.slice(12)),
  ].flatMap(({ encryptionKey, macKey }) => [toHex(encryptionKey), toHex(macKey)])
  equal(new Set(made).size, 6)
})

test("a card's file: what decodes encodes back, and every truncation is none", () => {
  deepEqual(decodeCardFile(file), { credential, epoch: 3 })
  equal(toHex(file), `01${toHex(idBytes(credential))}00000003`)
  for (let size = 0; size < file.length; size++) equal(decodeCardFile(file.slice(0, size)), null)
  equal(decodeCardFile(concat(file, Uint8Array.of(0))), null)
  equal(decodeCardFile(concat(Uint8Array.of(0), file.subarray(1))), null)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 22 }), (some) => {
      const read = decodeCardFile(some)
      return read === null || toHex(encodeCardFile(read)) === toHex(some)
    }),
  )
})
