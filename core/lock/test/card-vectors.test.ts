/** Cards' bytes against what was published (vectors/cards.json: RFC 4493, AN10922, AN12196), both ways and cut everywhere. */
import { concat } from "@holdfast/base"
import { fromHex, toHex, utf8 } from "@holdfast/base/text"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { type CardSession, decodeAnswer, encodeAnswer, sessionOf, STATUS_OK, unwrap } from "../src/card/challenge.ts"
import { cmac } from "../src/card/cmac.ts"
import { diversify } from "../src/card/diversify.ts"
import { macOf, type Mode, opened, padded, secured, unpadded, vectorOf } from "../src/card/messaging.ts"
import { openFileData, openReading, provesReading, readSun } from "../src/card/sun.ts"

type Messaging = Record<
  | "name"
  | "transaction_identifier"
  | "session_key_enc"
  | "session_key_mac"
  | "command"
  | "header"
  | "data"
  | "apdu"
  | "answer"
  | "answer_data",
  string
> & { mode: Mode; commands: number }
type Authentication = Record<
  | "key"
  | "encrypted_rnd_b"
  | "rnd_a"
  | "card_answer"
  | "transaction_identifier"
  | "session_key_enc"
  | "session_key_mac",
  string
>
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
  an12196_sun_file: Record<
    "key" | "encrypted_picc_data" | "uid" | "encrypted_file_data" | "file_data" | "mac_input" | "sdm_mac_odd_bytes",
    string
  > & { read_counter: number }
  an12196_sun_plain: Record<"key" | "uid" | "mac_input" | "sdm_mac_odd_bytes", string> & { read_counter: number }
  an12196_ev2_first: Authentication
  an12196_ev2_first_key_3: Authentication & { reader_proof: string }
  an12196_ev2_non_first: Authentication & { reader_proof: string; command: string }
  an12196_secure_messaging: readonly Messaging[]
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

for (const name of ["an12196_ev2_first", "an12196_ev2_first_key_3", "an12196_ev2_non_first"] as const)
  test(`AN12196: ${name}: both challenges give the session keys`, () => {
    const vector = vectors[name]
    const key = bytes(vector.key)
    const rndA = bytes(vector.rnd_a)
    const rndB = crypto.aesCbcDecrypt(key, ZERO, bytes(vector.encrypted_rnd_b))
    const final = toHex(crypto.aesCbcDecrypt(key, ZERO, bytes(vector.card_answer)))
    ok(final.includes(toHex(concat(rndA.subarray(1), rndA.subarray(0, 1)))), "the card answers the rotated challenge")
    const session = sessionOf(crypto, key, rndA, rndB, bytes(vector.transaction_identifier), 1)
    deepEqual([session.encryptionKey, session.macKey].map(toHex), [vector.session_key_enc, vector.session_key_mac])
  })

function sessionFrom(vector: Messaging): CardSession {
  return {
    transaction: bytes(vector.transaction_identifier),
    commands: vector.commands,
    encryptionKey: bytes(vector.session_key_enc),
    macKey: bytes(vector.session_key_mac),
  }
}

for (const vector of vectors.an12196_secure_messaging) {
  const session = sessionFrom(vector)
  const after = { ...session, commands: session.commands + 1 }
  const { mode } = vector
  const answer = decodeAnswer(bytes(vector.answer))
  ok(answer !== null)
  test(`AN12196: ${vector.name}: the command, as the reader makes it and as a card reads it`, () => {
    const made = secured(
      crypto,
      session,
      mode,
      Number.parseInt(vector.command, 16),
      bytes(vector.header),
      bytes(vector.data),
    )
    equal(toHex(made.send), vector.apdu)
    deepEqual(made.session, after)
    const read = unwrap(made.send)
    ok(read !== null)
    const body = read.data.slice(vector.header.length / 2, -8)
    const mac = macOf(crypto, session, read.command, bytes(vector.header), body)
    equal(toHex(read.data.slice(-8)), toHex(mac))
    const plain =
      mode === "mac" || body.length === 0
        ? body
        : unpadded(crypto.aesCbcDecrypt(session.encryptionKey, vectorOf(crypto, session, true), body))
    equal(toHex(plain ?? ZERO), vector.data)
  })
  test(`AN12196: ${vector.name}: the answer, as a card makes it and as the reader takes it`, () => {
    equal(toHex(opened(crypto, after, mode, answer) ?? ZERO), vector.answer_data)
    const plain = bytes(vector.answer_data)
    const body =
      mode === "mac" || plain.length === 0
        ? plain
        : crypto.aesCbcEncrypt(after.encryptionKey, vectorOf(crypto, after, false), padded(plain))
    equal(toHex(encodeAnswer(concat(body, macOf(crypto, after, 0, body)), STATUS_OK)), vector.answer)
  })
  test(`AN12196: ${vector.name}: every truncation, every flipped bit and every other place of the answer is refused`, () => {
    const { data, status } = answer
    for (let size = 0; size < data.length; size++)
      equal(opened(crypto, after, mode, { data: data.slice(0, size), status }), null, `${size} bytes`)
    for (let bit = 0; bit < data.length * 8; bit++) {
      const flipped = data.map((each, at) => (at === bit >> 3 ? each ^ (1 << (bit & 7)) : each))
      equal(opened(crypto, after, mode, { data: flipped, status }), null, `bit ${bit}`)
    }
    equal(opened(crypto, after, mode, { data: concat(data, Uint8Array.of(0)), status }), null)
    for (const wrong of [0x9000, 0x91af, 0x911e, 0])
      equal(opened(crypto, after, mode, { data, status: wrong }), null, `status ${wrong}`)
    equal(opened(crypto, session, mode, answer), null, "the answer to the command before")
    equal(opened(crypto, { ...after, commands: after.commands + 1 }, mode, answer), null, "to the one after")
    const elsewhere = { ...after, transaction: after.transaction.map((each) => each ^ 1) }
    equal(opened(crypto, elsewhere, mode, answer), null, "of another transaction")
  })
}

test("padding: whole blocks grow by one, and what was padded comes back", () => {
  for (let size = 1; size <= 48; size++) {
    const data = Uint8Array.from({ length: size }, (_, at) => at)
    equal(padded(data).length, (Math.floor(size / 16) + 1) * 16)
    deepEqual(unpadded(padded(data)), data)
  }
  equal(padded(new Uint8Array(0)).length, 0)
  equal(unpadded(new Uint8Array(16)), null)
  equal(unpadded(new Uint8Array(0)), null)
})

const sun = vectors.an12196_sun
test("AN12196: SUN with encrypted PICC data, from the address to the proof", () => {
  const address = `https://example.com/?picc_data=${sun.encrypted_picc_data.toUpperCase()}&cmac=${sun.sdm_mac_odd_bytes}`
  const read = readSun(address)
  ok(read?.reading instanceof Uint8Array)
  const reading = openReading(crypto, bytes(sun.key), read.reading)
  ok(reading !== null)
  deepEqual([toHex(reading.uid), reading.count], ["04de5f1eacc040", 0x3d])
  ok(sun.decrypted_starts_with.startsWith(`c7${toHex(reading.uid)}3d0000`))
  ok(provesReading(crypto, bytes(sun.key), reading, utf8(sun.mac_input), read.mac))
})

test("AN12196: SUN with encrypted file data", () => {
  const vector = vectors.an12196_sun_file
  const key = bytes(vector.key)
  const reading = openReading(crypto, key, bytes(vector.encrypted_picc_data))
  ok(reading !== null)
  deepEqual([toHex(reading.uid), reading.count], [vector.uid, vector.read_counter])
  ok(provesReading(crypto, key, reading, utf8(vector.mac_input), bytes(vector.sdm_mac_odd_bytes)))
  equal(toHex(openFileData(crypto, key, reading, bytes(vector.encrypted_file_data)) ?? ZERO), vector.file_data)
  equal(openFileData(crypto, key, reading, ZERO.slice(1)), null)
  equal(openFileData(crypto, key, reading, new Uint8Array(0)), null)
})

test("AN12196: SUN in clear", () => {
  const vector = vectors.an12196_sun_plain
  const read = readSun(`https://example.com/?uid=${vector.uid}&ctr=000006&cmac=${vector.sdm_mac_odd_bytes}`)
  ok(read !== null && !(read.reading instanceof Uint8Array))
  deepEqual([toHex(read.reading.uid), read.reading.count], [vector.uid, vector.read_counter])
  ok(provesReading(crypto, bytes(vector.key), read.reading, utf8(vector.mac_input), read.mac))
})

test("every truncation, every changed letter of a SUN is no address, of no card, or no proof", () => {
  const plain = vectors.an12196_sun_plain
  const query = `?uid=${plain.uid}&ctr=000006&cmac=${plain.sdm_mac_odd_bytes}`
  const proves = (address: string): boolean => {
    const read = readSun(address)
    if (read === null || read.reading instanceof Uint8Array) return false
    return provesReading(crypto, bytes(plain.key), read.reading, utf8(""), read.mac)
  }
  ok(proves(query))
  for (let size = 0; size < query.length; size++) {
    ok(!proves(query.slice(0, size)), `${size} letters`)
    for (const letter of "0f?&=g'")
      if (size > 0 && query[size] !== letter)
        ok(!proves(query.slice(0, size) + letter + query.slice(size + 1)), `${letter} at ${size}`)
  }
  const encrypted = bytes(sun.encrypted_picc_data)
  for (let size = 0; size < 16; size++) equal(openReading(crypto, bytes(sun.key), encrypted.slice(0, size)), null)
  const reading = openReading(crypto, bytes(sun.key), encrypted)
  ok(reading !== null)
  const mac = bytes(sun.sdm_mac_odd_bytes)
  for (let size = 0; size < 8; size++) ok(!provesReading(crypto, bytes(sun.key), reading, utf8(""), mac.slice(0, size)))
  for (const other of [
    { ...reading, count: reading.count + 1 },
    { ...reading, uid: reading.uid.toReversed() },
  ])
    ok(!provesReading(crypto, bytes(sun.key), other, utf8(""), mac))
})
