/** Meetings of a lock with a phone: the real phone of a holder who acted is authentic, and nothing else is. */
import { concat } from "@holdfast/base"
import { publicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { encodeAnswer } from "../src/card/challenge.ts"
import {
  APPLICATION,
  AUTH1,
  certificateBytes,
  command,
  encodeCryptogram,
  encodeProof,
  EXCHANGE,
  failedCommand,
  makeCertificate,
  SELECT,
  selectCommand,
} from "../src/phone/apdu.ts"
import { channelOf, openFrom, sealBy, sealOnce } from "../src/phone/channel.ts"
import { fastKeys, standardKeys } from "../src/phone/keys.ts"
import { type KnownPhone, withPhone } from "../src/phone/known.ts"
import { beginPhone, continuePhone, type PhoneInput, tellPhone } from "../src/phone/reader.ts"
import { phoneAnswers } from "../src/phone/virtual-phone.ts"
import { ana, chance, ephemeral, type Held, knows, meet, newPhone, outcome, reader, type Talk } from "./phones.ts"

const instructions = (talk: Talk): string[] => talk.sent.map((hex) => hex.slice(2, 4))

/** A phone after its first meeting, and what the lock keeps of it. */
function acquainted(): { held: Held; known: readonly KnownPhone[] } {
  const held = newPhone()
  const first = meet(held)
  ok(first.step.is === "authentic" && first.step.lasts !== null)
  return { held: { ...held, phone: first.phone }, known: withPhone([], first.step.lasts) }
}

test("the standard phase: SELECT, AUTH0, AUTH1, and whose phone it is", () => {
  const held = newPhone()
  const talk = meet(held)
  equal(outcome(talk), "authentic")
  ok(talk.step.is === "authentic")
  equal(talk.step.credential, ana)
  deepEqual(instructions(talk), ["a4", "80", "81"])
  deepEqual(
    talk.exchanges.map(({ is }) => is),
    ["preparing", "selecting", "greeting", "signing", "agreeing", "proving"],
  )
})

test("the fast phase: one answer after SELECT, and neither a signature nor an agreement of the lock", () => {
  const { held, known } = acquainted()
  const talk = meet(held, { known })
  ok(talk.step.is === "authentic")
  equal(talk.step.credential, ana)
  equal(talk.step.lasts, null)
  deepEqual(instructions(talk), ["a4", "80"])
  deepEqual(
    talk.exchanges.map(({ is }) => is),
    ["preparing", "selecting", "greeting"],
  )
})

test("a phone that forgot, or that the lock forgot, goes through the standard phase again", () => {
  const { held, known } = acquainted()
  const forgetful = { ...held, phone: { ...held.phone, lasting: new Map<string, Uint8Array>() } }
  const talk = meet(forgetful, { known })
  deepEqual([outcome(talk), ...instructions(talk)], ["authentic", "a4", "80", "81"])
  const other = meet(held, { known: acquainted().known })
  deepEqual([outcome(other), ...instructions(other)], ["authentic", "a4", "80", "81"])
  const again = meet(held)
  deepEqual([outcome(again), ...instructions(again)], ["authentic", "a4", "80", "81"])
})

test("a phone that is nobody's proves itself and is nobody's; one that was removed is so in the fast phase too", () => {
  const { held, known } = acquainted()
  equal(outcome(meet(newPhone(), { whose: () => null })), "nobody's")
  equal(outcome(meet(held, { known, whose: () => null })), "nobody's")
  equal(outcome(meet(newPhone(), { whose: knows([held, ana]) })), "nobody's")
})

test("how it ended is told inside the channel, after both phases, and the failure without one", () => {
  const { held, known } = acquainted()
  for (const talk of [meet(newPhone()), meet(held, { known })]) {
    ok(talk.step.is === "authentic")
    for (const isOpened of [true, false]) {
      const told = phoneAnswers(talk.phone, tellPhone(talk.step.channel, isOpened, crypto), held.hands, crypto)
      equal(told.phone.told, isOpened ? "opened" : "stays as it is")
      equal(toHex(told.answer.slice(-2)), "9000")
    }
  }
  equal(phoneAnswers(newPhone().phone, failedCommand, held.hands, crypto).phone.told, "failed")
})

test("attack 12, R54: no proximity opens: a phone whose holder did not act answers nobody, and a proof that does not say so is refused", () => {
  const held = newPhone()
  const lying = { ...held, phone: { ...held.phone, isArmed: false } }
  equal(outcome(meet(lying)), "phone refused")
  deepEqual(instructions(meet(lying)), ["a4"])
  // A phone made by somebody else, which signs well and leaves the bit out: every other bit may be set.
  for (const signals of [0, 0x7f]) {
    const talk = meet(held)
    const proving = talk.exchanges.at(-1)
    ok(proving?.is === "proving")
    const proof = proofOf(held, talk, signals)
    const step = continuePhone(proving, { kind: "answered", bytes: proof }, knows([held, ana]), crypto)
    deepEqual(step, { is: "failed", fault: "holder did not act" })
  }
  const { held: old, known } = acquainted()
  const quiet = meet(old, { known })
  const greeting = quiet.exchanges.at(-1)
  ok(greeting?.is === "greeting" && known[0] !== undefined)
  const own = ephemeral()
  const meeting = {
    readerKey: reader.key,
    readerId: reader.id,
    readerEphemeral: greeting.ephemeral,
    phoneEphemeral: own.key,
    transaction: greeting.transaction,
    phase: 1,
    holder: 3,
  }
  const keys = fastKeys(crypto, known[0].lasting, meeting, known[0].x)
  const says = (signals: number): string => {
    const cryptogram = sealOnce(crypto, keys.cryptogram, encodeCryptogram(signals))
    const data = concat(Uint8Array.of(0x86, 65, 4), own.key, Uint8Array.of(0x9d, 64), cryptogram)
    const answer: PhoneInput = { kind: "answered", bytes: encodeAnswer(data, 0x9000) }
    const step = continuePhone(greeting, answer, knows([old, ana]), crypto)
    return step.is === "failed" ? step.fault : step.is
  }
  deepEqual([says(0x80), says(0), says(0x7f)], ["authentic", "holder did not act", "holder did not act"])
})

/** An answer to AUTH1 in this very meeting, with these signals, as a phone with its real key would seal it. */
function proofOf(held: Held, talk: Talk, signals: number): Uint8Array {
  const proving = talk.exchanges.at(-1)
  ok(proving?.is === "proving")
  let signature: Uint8Array = new Uint8Array(64)
  for (const input of talk.inputs) {
    if (input.kind !== "answered") continue
    const opened = openFrom(crypto, "phone", proving.channel, input.bytes.slice(0, -2))
    if (opened !== null) signature = opened.bytes.slice(69, 133)
  }
  const plain = encodeProof({ key: held.phone.key, signature, signals })
  return encodeAnswer(sealBy(crypto, "phone", proving.channel, plain).bytes, 0x9000)
}

test("the phone verifies the lock first: to one that it does not know, or that signs wrongly, it shows no key", () => {
  const stranger = newPhone(new Map())
  const talk = meet(stranger)
  equal(outcome(talk), "phone refused")
  deepEqual(instructions(talk), ["a4", "80", "81"])
  const shown = talk.inputs.flatMap((input) => (input.kind === "answered" ? [toHex(input.bytes)] : []))
  ok(shown.every((hex) => !hex.includes(toHex(stranger.phone.key.subarray(0, 32)))))
  const held = newPhone()
  equal(outcome(meet(held, { sign: (bytes) => newEs256().sign(bytes) })), "phone refused")
  equal(outcome(meet(held, { sign: () => new Uint8Array(64) })), "phone refused")
  equal(outcome(meet(held, { sign: (bytes) => newEs256().sign(bytes.slice(1)) })), "phone refused")
  const elsewhere = { ...reader, id: reader.id.toReversed() }
  equal(outcome(meet(held, { reader: elsewhere })), "phone refused", "attack 69: the key of one lock at another")
})

test("LOAD CERT: a lock that the phone was not told of, but whose issuer it knows", () => {
  const issuer = newEs256()
  const stranger = newPhone(new Map())
  const held = { ...stranger, phone: { ...stranger.phone, issuer: issuer.publicKey } }
  const certified = (key = reader.key, id = reader.id, by = issuer): string => {
    const certificate = makeCertificate(key, id, by.sign(certificateBytes(key, id)))
    return outcome(meet(held, { reader: { ...reader, certificate } }))
  }
  equal(certified(), "authentic")
  equal(certified(reader.key, reader.id, newEs256()), "phone refused", "of another issuer")
  equal(certified(reader.key, reader.id.toReversed()), "phone refused", "of another lock")
  equal(certified(newEs256().publicKey), "phone refused", "of a key that the lock does not hold")
  const good = makeCertificate(reader.key, reader.id, issuer.sign(certificateBytes(reader.key, reader.id)))
  for (let size = 1; size < good.length; size++)
    equal(outcome(meet(held, { reader: { ...reader, certificate: good.slice(0, size) } })), "phone refused")
  equal(outcome(meet(stranger, { reader: { ...reader, certificate: good } })), "phone refused", "no issuer known")
})

test("every truncation and every changed byte of every answer ends without a credential", () => {
  const { held, known } = acquainted()
  const kinds: readonly (readonly [string, Parameters<typeof meet>[1]])[] = [
    ["standard", {}],
    ["fast", { known }],
  ]
  for (const [name, lock] of kinds) {
    const sizes = meet(held, lock).inputs.flatMap((input) => (input.kind === "answered" ? [input.bytes.length] : []))
    for (const [round, size] of sizes.entries()) {
      const passes = (spoil: (answer: Uint8Array) => Uint8Array): string =>
        outcome(meet(held, lock, (answer, at) => (at === round ? spoil(answer) : answer)))
      for (let cut = 1; cut <= size; cut++)
        ok(passes((answer) => answer.slice(0, -cut)) !== "authentic", `${name}, round ${round}, ${cut} cut`)
      for (let at = 0; at < size; at += size > 150 ? 5 : 1) {
        const said = passes((answer) => answer.map((each, i) => (i === at ? each ^ 0x04 : each)))
        // In the fast phase a spoilt cryptogram is of no known phone, so the phone proves itself by its signature instead;
        // and of its ephemeral key, with which nothing is agreed then, only x goes into the keys.
        const isSpare = name === "fast" && round === 1 && at >= 35 && at !== 67 && at !== 68 && at < size - 2
        equal(said === "authentic", isSpare, `${name}, round ${round}, byte ${at}: ${said}`)
      }
    }
  }
})

test("every status word but 90 00 ends the meeting", () => {
  for (const { round, status } of [0, 1, 2].flatMap((each) =>
    [0x6100, 0x6700, 0x6985, 0x6a82, 0x6d00, 0x9100, 0x9001, 0].map((word) => ({ round: each, status: word })),
  )) {
    const talk = meet(newPhone(), {}, (answer, at) =>
      at === round ? encodeAnswer(answer.slice(0, -2), status) : answer,
    )
    equal(outcome(talk), "phone refused")
  }
})

test("all cases of the machine: in every state, every kind of input but the one it waits for ends the meeting", () => {
  const issuer = newEs256()
  const certificate = makeCertificate(reader.key, reader.id, issuer.sign(certificateBytes(reader.key, reader.id)))
  const held = newPhone()
  const trusting = { ...held, phone: { ...held.phone, issuer: issuer.publicKey } }
  const { exchanges, inputs } = meet(trusting, { reader: { ...reader, certificate } })
  deepEqual(
    exchanges.map(({ is }) => is),
    ["preparing", "selecting", "greeting", "signing", "certifying", "agreeing", "proving"],
  )
  let cases = 0
  for (const [at, exchange] of exchanges.entries())
    for (const [from, input] of inputs.entries()) {
      const step = continuePhone(exchange, input, knows([held, ana]), crypto)
      cases++
      if (from === at) ok(step.is !== "failed")
      else
        ok(
          step.is === "failed" || (exchange.is === "certifying" && input.kind === "answered"),
          `${exchange.is}, ${from}`,
        )
      ok(step.is !== "authentic" || (exchange.is === "proving" && from === at))
    }
  equal(cases, 49)
})

test("attack 6 and attack 14: a recorded meeting fits no later one, whole or from any point on", () => {
  const { held, known } = acquainted()
  for (const lock of [{}, { known }]) {
    const recorded = meet(held, lock).inputs.flatMap((input) => (input.kind === "answered" ? [input.bytes] : []))
    for (let from = 1; from < recorded.length; from++) {
      const replay = meet(
        newPhone(),
        { ...lock, whose: knows([held, ana]) },
        (answer, round) => recorded[Math.max(round, from)] ?? answer,
      )
      ok(outcome(replay) !== "authentic", `from ${from}`)
      const mixed = meet(held, lock, (answer, round) => (round >= from ? (recorded[round] ?? answer) : answer))
      equal(outcome(mixed) === "authentic", false, `the same phone, from ${from}`)
    }
  }
})

test("attack 77: the same transaction twice: another ephemeral key of the lock makes other keys", () => {
  const held = newPhone()
  const [first, second] = [meet(held), meet(held)]
  const keysOf = (talk: Talk): string => {
    const proving = talk.exchanges.at(-1)
    ok(proving?.is === "proving")
    return toHex(standardKeys(crypto, proving.agreed, proving.meeting).phone)
  }
  ok(keysOf(first) !== keysOf(second))
})

test("attack 22: whatever a phone answers, at whatever point, it is not authentic and nothing breaks", () => {
  const { held, known } = acquainted()
  const real = [meet(newPhone()), meet(held, { known })].flatMap(({ inputs }) =>
    inputs.flatMap((input) => (input.kind === "answered" ? [input.bytes] : [])),
  )
  const answer = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 160 }).map((data) => encodeAnswer(data, 0x9000)),
    fc
      .tuple(fc.constantFrom(...real), fc.nat(200), fc.integer({ min: 1, max: 255 }))
      .map(([bytes, at, mask]) => bytes.map((each, i) => (i === at % bytes.length ? each ^ mask : each))),
    fc.constantFrom(...real),
  )
  fc.assert(
    fc.property(fc.array(answer, { minLength: 3, maxLength: 3 }), fc.boolean(), (forged, isFast) => {
      const lock = { known: isFast ? known : [], whose: knows([held, ana]) }
      const talk = meet(held, lock, (_, round) => forged[round] ?? new Uint8Array(0))
      return outcome(talk) !== "authentic"
    }),
    { numRuns: 500 },
  )
})

test("attack 20: another phone with the key's public half, and no way to sign, is nobody", () => {
  const { held, known } = acquainted()
  const thief = newPhone()
  const copied = { ...thief, phone: { ...thief.phone, key: held.phone.key } }
  equal(outcome(meet(copied, { whose: knows([held, ana]) })), "phone does not hold its key")
  equal(outcome(meet(copied, { known, whose: knows([held, ana]) })), "phone does not hold its key")
})

test("points that lie on no curve, and the point at infinity, agree upon nothing", () => {
  const held = newPhone()
  for (const fill of [0, 0xff, 1]) {
    const talk = meet(held, {}, (answer, round) =>
      round === 1 ? concat(answer.slice(0, 3), new Uint8Array(64).fill(fill), answer.slice(67)) : answer,
    )
    equal(outcome(talk), "no key of the curve")
  }
  ok(ephemeral().agree(publicKey(new Uint8Array(64))) === null)
})

test("the phone refuses what no lock of ours sends", () => {
  const { phone, hands } = newPhone()
  const status = (bytes: Uint8Array, of = phone): string => toHex(phoneAnswers(of, bytes, hands, crypto).answer)
  equal(status(new Uint8Array(0)), "6a80")
  equal(status(command(SELECT, APPLICATION.toReversed())), "6a82")
  equal(status(command(AUTH1, new Uint8Array(69))), "6985")
  equal(status(command(EXCHANGE, new Uint8Array(20))), "6985")
  equal(status(command(0x55, Uint8Array.of(1))), "6a80")
  equal(status(selectCommand, { ...phone, isArmed: false }), "6985")
  const channel = channelOf({ reader: chance(32), phone: chance(32) })
  equal(status(tellPhone(channel, true, crypto)), "6985", "told inside a channel that is not there")
  equal(
    status(tellPhone(channelOf({ reader: chance(32), phone: chance(32) }), true, crypto), { ...phone, channel }),
    "6985",
  )
})

test("a meeting begins with a fresh transaction, and its name goes into what both sign", () => {
  const begun = beginPhone(reader, [], chance(16))
  ok(begun.is === "asking" && begun.ask.kind === "make ephemeral")
  const [first, second] = [meet(newPhone()), meet(newPhone())].map(({ sent }) => sent[1])
  ok(first !== second)
})
