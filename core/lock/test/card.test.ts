/** Cards, against vectors/cards.json (RFC 4493, AN10922, AN12196), and whole exchanges that somebody spoils. */
import { byteAt, concat, fromHex, idOf, toHex, utf8 } from "@holdfast/base"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { encodeAnswer, sessionOf, STATUS_MORE, STATUS_OK, unwrap, wrap } from "../src/card/challenge.ts"
import { cmac } from "../src/card/cmac.ts"
import { cardKey, diversify } from "../src/card/diversify.ts"
import { beginExchange, continueExchange, dummyKey, type ExchangeStep } from "../src/card/reader.ts"
import { cardAnswers, type VirtualCard, virtualCard } from "../src/card/virtual-card.ts"

type Vectors = {
  rfc4493: { key: string; message: string; cmac: string }
  an10922_aes128: { key: string; input: string; diversified_key: string }
  an12196_sun: Record<
    | "key"
    | "encrypted_picc_data"
    | "decrypted_starts_with"
    | "session_vector_prefix"
    | "mac_input"
    | "sdm_mac_odd_bytes",
    string
  >
  an12196_ev2_first: Record<
    | "key"
    | "encrypted_rnd_b"
    | "rnd_a"
    | "card_answer"
    | "transaction_identifier"
    | "session_key_enc"
    | "session_key_mac",
    string
  >
}
const vectors: Vectors = JSON.parse(readFileSync(new URL("../../../vectors/cards.json", import.meta.url), "utf8"))

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex)
  ok(read !== null)
  return read
}

const ZERO = new Uint8Array(16)

test("RFC 4493: the code of the empty message", () => {
  const { key, message, cmac: code } = vectors.rfc4493
  equal(toHex(cmac(crypto, bytes(key), bytes(message))), code)
})

// RFC 4493, section 4, the examples of one block, two and a half, and four.
const RFC_4493 = [
  ["6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c"],
  [
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
    "dfa66747de9ae63030ca32611497c827",
  ],
  [
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    "51f0bebf7e3b9d92fc49741779363cfe",
  ],
] as const
for (const [message, code] of RFC_4493)
  test(`RFC 4493: ${message.length / 2} bytes`, () =>
    equal(toHex(cmac(crypto, bytes(vectors.rfc4493.key), bytes(message))), code))

test("AN10922: the key diversified from a card's input", () => {
  const { key, input, diversified_key } = vectors.an10922_aes128
  equal(toHex(diversify(crypto, bytes(key), bytes(input))), diversified_key)
})

test("a short input is still two blocks, so it is not the plain code of one", () => {
  const key = bytes(vectors.an10922_aes128.key)
  const input = Uint8Array.of(1, 2, 3)
  ok(toHex(diversify(crypto, key, input)) !== toHex(cmac(crypto, key, Uint8Array.of(1), input)))
})

test("AN12196: the secure dynamic message of an empty input", () => {
  const sun = vectors.an12196_sun
  const plain = crypto.aesCbcDecrypt(bytes(sun.key), ZERO, bytes(sun.encrypted_picc_data))
  ok(toHex(plain).startsWith(sun.decrypted_starts_with))
  const session = cmac(crypto, bytes(sun.key), bytes(sun.session_vector_prefix), plain.slice(1, 11))
  const odd = cmac(crypto, session, utf8(sun.mac_input)).filter((_, at) => at % 2 === 1)
  equal(toHex(odd), sun.sdm_mac_odd_bytes)
})

test("AN12196: EV2First, step by step", () => {
  const ev2 = vectors.an12196_ev2_first
  const key = bytes(ev2.key)
  const begun = beginExchange(1, key, bytes(ev2.rnd_a))
  equal(toHex(begun.send), "905a00000348460100")
  const asked = continueExchange(begun.exchange, encodeAnswer(new Uint8Array(0), STATUS_OK), crypto)
  ok(asked.is === "asking")
  equal(toHex(asked.send), "9071000002000000")
  const proving = continueExchange(asked.exchange, encodeAnswer(bytes(ev2.encrypted_rnd_b), STATUS_MORE), crypto)
  ok(proving.is === "asking")
  const authentic = continueExchange(proving.exchange, encodeAnswer(bytes(ev2.card_answer), STATUS_OK), crypto)
  ok(authentic.is === "authentic")
  deepEqual([authentic.session.transaction, authentic.session.encryptionKey, authentic.session.macKey].map(toHex), [
    ev2.transaction_identifier,
    ev2.session_key_enc,
    ev2.session_key_mac,
  ])
})

const site = idOf<"SiteId">(new Uint8Array(16).fill(5))
const master = new Uint8Array(16).fill(0x77)
const uid = bytes("04a1b2c3d4e5f6")
const key = cardKey(crypto, master, uid, 1, site)
const card = virtualCard(uid, new Map([[1, key]]))
let chances = 0
const chance = (size: number): Uint8Array =>
  crypto.hmacSha256(new Uint8Array(32), Uint8Array.of(++chances)).slice(0, size)

type Spoil = (answer: Uint8Array, round: number) => Uint8Array
const honest: Spoil = (answer) => answer

/** A whole exchange; `spoil` stands between card and reader. */
function exchange(of: VirtualCard, readerKey: Uint8Array, zone: number, spoil: Spoil): ExchangeStep {
  let { exchange: state, send } = beginExchange(zone, readerKey, chance(16))
  let held = of
  for (let round = 0; ; round++) {
    const turn = cardAnswers(held, send, concat(chance(16), chance(4)), crypto)
    held = turn.card
    const step = continueExchange(state, spoil(turn.answer, round), crypto)
    if (step.is !== "asking") return step
    ;({ exchange: state, send } = step)
  }
}

const outcome = (step: ExchangeStep): string => (step.is === "failed" ? step.fault : step.is)

test("a card that holds the key is authentic", () => equal(outcome(exchange(card, key, 1, honest)), "authentic"))

test("a card that holds another key, of another site, zone or card, is not", () => {
  const others = [
    cardKey(crypto, master, uid, 2, site),
    cardKey(crypto, master, uid, 1, idOf(new Uint8Array(16))),
    cardKey(crypto, master, bytes("04a1b2c3d4e5f7"), 1, site),
    dummyKey(crypto, new Uint8Array(32), uid),
  ]
  for (const other of others) ok(exchange(card, other, 1, honest).is === "failed")
  equal(outcome(exchange(card, key, 2, honest)), "card refused")
})

test("every truncation and every flipped byte of every answer fails", () => {
  for (let round = 0; round < 3; round++) {
    const sizes = [2, 18, 34]
    for (let cut = 1; cut <= byteAt(Uint8Array.from(sizes), round); cut++) {
      ok(exchange(card, key, 1, (answer, at) => (at === round ? answer.slice(0, -cut) : answer)).is === "failed")
      const flip: Spoil = (answer, at) =>
        at === round ? answer.map((each, i) => (i === answer.length - cut ? each ^ 1 : each)) : answer
      const step = exchange(card, key, 1, flip)
      // Capabilities prove nothing, but they share a cipher block with the end of the challenge.
      equal(step.is, "failed", `round ${round}, byte ${cut} from the end`)
    }
  }
})

test("an answer recorded earlier is refused", () => {
  const recorded: Uint8Array[] = []
  exchange(card, key, 1, (answer) => {
    recorded.push(answer)
    return answer
  })
  equal(recorded.length, 3)
  const replayed = exchange(card, key, 1, (answer, at) => recorded[at] ?? answer)
  equal(outcome(replayed), "card does not know the key")
})

test("an answer of one block for another is refused", () => {
  equal(
    outcome(exchange(card, key, 1, (answer, at) => (at === 1 ? encodeAnswer(ZERO, STATUS_OK) : answer))),
    "card refused",
  )
  equal(outcome(exchange(card, key, 1, () => new Uint8Array(0))), "answer cut short")
  equal(outcome(exchange(card, key, 1, () => new Uint8Array(4096))), "card refused")
})

const status = (command: Uint8Array): string => toHex(cardAnswers(card, command, new Uint8Array(20), crypto).answer)

test("the card refuses what no reader of ours sends", () => {
  equal(status(new Uint8Array(0)), "917e")
  equal(status(wrap(0x60, Uint8Array.of(0))), "911c")
  equal(status(wrap(0x71, Uint8Array.of(0, 0))), "91ae")
  equal(status(wrap(0xaf, new Uint8Array(32))), "911c")
  equal(unwrap(Uint8Array.of(0x90, 0x71, 0, 0, 3, 1, 0)), null)
})

test("session keys depend on both challenges", () => {
  const keys = [
    sessionOf(crypto, key, ZERO, ZERO, ZERO.slice(12)),
    sessionOf(
      crypto,
      key,
      ZERO.map(() => 1),
      ZERO,
      ZERO.slice(12),
    ),
    sessionOf(
      crypto,
      key,
      ZERO,
      ZERO.map(() => 1),
      ZERO.slice(12),
    ),
  ].flatMap(({ encryptionKey, macKey }) => [toHex(encryptionKey), toHex(macKey)])
  equal(new Set(keys).size, 6)
})
