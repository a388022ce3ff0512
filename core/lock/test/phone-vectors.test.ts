/** The bytes between a lock and a phone against published ones (vectors/aliro-auth1.json), both ways and cut everywhere. */
import { concat } from "@holdfast/base"
import { publicKey } from "@holdfast/base/cose"
import { fromHex, toHex } from "@holdfast/base/text"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { createECDH } from "node:crypto"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import {
  auth0Answer,
  auth0Command,
  auth1Command,
  bytesSigned,
  decodeCryptogram,
  decodeProof,
  encodeCryptogram,
  encodeProof,
  type Meeting,
  point,
  readAuth0,
  readAuth0Answer,
  readAuth1,
  readCommand,
  readPoint,
} from "../src/phone/apdu.ts"
import { type Channel, channelOf, openFrom, openOnce, sealBy, sealOnce } from "../src/phone/channel.ts"
import { agreedKey, fastKeys, hkdf, lastingKey, saltOf, standardKeys } from "../src/phone/keys.ts"
import { decodeKnown, encodeKnown, KNOWN_MAX, withPhone } from "../src/phone/known.ts"

const vector: Record<string, string> = JSON.parse(
  readFileSync(new URL("../../../vectors/aliro-auth1.json", import.meta.url), "utf8"),
)

function field(name: string): Uint8Array {
  const bytes = fromHex(vector[name] ?? "no such field")
  ok(bytes !== null, name)
  return bytes
}
const keyField = (name: string) => publicKey(field(name).slice(1))

const meeting: Meeting = {
  readerKey: keyField("reader_long_term_public"),
  readerId: field("reader_id"),
  readerEphemeral: keyField("reader_ephemeral_public"),
  phoneEphemeral: keyField("device_ephemeral_public"),
  transaction: field("transaction_id"),
  phase: 0,
  holder: 1,
}
const phoneX = field("auth1_response_plain").slice(3, 35)

/** RFC 5869, appendix A.1. */
test("RFC 5869: HKDF with SHA-256", () => {
  const made = hkdf(
    crypto,
    new Uint8Array(22).fill(0x0b),
    Uint8Array.from({ length: 13 }, (_, at) => at),
    Uint8Array.from({ length: 10 }, (_, at) => 0xf0 + at),
    42,
  )
  equal(toHex(made), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
})

test("Aliro: from the shared secret to the keys of the channel", () => {
  const ecdh = createECDH("prime256v1")
  ecdh.setPrivateKey(field("reader_ephemeral_private_scalar"))
  equal(ecdh.getPublicKey("hex"), vector["reader_ephemeral_public"])
  const secret = new Uint8Array(ecdh.computeSecret(field("device_ephemeral_public")))
  const agreed = agreedKey(crypto, secret, meeting.transaction)
  equal(toHex(agreed), vector["kdh_x963_sha256_with_transaction_id"])
  equal(toHex(saltOf(meeting, "Volatile****")), vector["hkdf_salt"])
  const keys = standardKeys(crypto, agreed, meeting)
  deepEqual([toHex(keys.reader), toHex(keys.phone)], [vector["exchange_sk_reader"], vector["exchange_sk_device"]])
})

test("Aliro: what both ends sign", () => {
  const proof = decodeProof(field("auth1_response_plain"))
  ok(proof !== null)
  equal(toHex(proof.signature), vector["device_signature_p1363"])
  ok(crypto.verifyEs256(proof.key, bytesSigned(meeting, "phone"), proof.signature))
  ok(crypto.verifyEs256(meeting.readerKey, bytesSigned(meeting, "reader"), field("reader_signature_p1363")))
  ok(!crypto.verifyEs256(proof.key, bytesSigned(meeting, "reader"), proof.signature))
  ok(!crypto.verifyEs256(meeting.readerKey, bytesSigned(meeting, "phone"), field("reader_signature_p1363")))
  for (const other of [
    { ...meeting, transaction: meeting.transaction.toReversed() },
    { ...meeting, readerId: meeting.readerId.map((each) => each ^ 1) },
    { ...meeting, phoneEphemeral: meeting.readerEphemeral },
    { ...meeting, readerEphemeral: meeting.phoneEphemeral },
  ])
    ok(!crypto.verifyEs256(proof.key, bytesSigned(other, "phone"), proof.signature))
})

test("Aliro: the sealed answer to AUTH1, both ways", () => {
  const channel: Channel = channelOf({ reader: field("exchange_sk_reader"), phone: field("exchange_sk_device") })
  const sealed = field("auth1_response_encrypted_with_tag")
  const plain = field("auth1_response_plain")
  equal(toHex(sealBy(crypto, "phone", channel, plain).bytes), toHex(sealed))
  const opened = openFrom(crypto, "phone", channel, sealed)
  equal(toHex(opened?.bytes ?? new Uint8Array(0)), toHex(plain))
  equal(openFrom(crypto, "reader", channel, sealed), null, "of the other direction")
  ok(opened !== null)
  equal(openFrom(crypto, "phone", opened.channel, sealed), null, "a second time")
  for (let size = 0; size < sealed.length; size++)
    equal(openFrom(crypto, "phone", channel, sealed.slice(0, size)), null, `${size} bytes`)
  for (let at = 0; at < sealed.length; at++)
    equal(
      openFrom(
        crypto,
        "phone",
        channel,
        sealed.map((each, i) => (i === at ? each ^ 0x10 : each)),
      ),
      null,
    )
})

test("what decodes encodes back to the same bytes, and every truncation and every longer one is refused", () => {
  const proof = field("auth1_response_plain")
  const decoded = decodeProof(proof)
  ok(decoded !== null)
  equal(decoded.signals, 0)
  equal(toHex(encodeProof(decoded)), toHex(proof))
  const { phoneEphemeral, readerKey: _, ...greeting } = meeting
  const auth0 = readCommand(auth0Command(greeting))
  ok(auth0 !== null)
  deepEqual(readAuth0(auth0.data), greeting)
  const cryptogram = new Uint8Array(64).fill(7)
  const slow = auth0Answer({ phoneEphemeral, cryptogram: null })
  const fast = auth0Answer({ phoneEphemeral, cryptogram })
  deepEqual(readAuth0Answer(slow), { phoneEphemeral, cryptogram: null })
  deepEqual(readAuth0Answer(fast), { phoneEphemeral, cryptogram })
  const signature = field("reader_signature_p1363")
  const auth1 = readCommand(auth1Command(signature))
  ok(auth1 !== null)
  deepEqual(readAuth1(auth1.data), signature)
  equal(decodeCryptogram(encodeCryptogram(0x81)), 0x81)
  const readers: readonly (readonly [Uint8Array, (bytes: Uint8Array) => unknown])[] = [
    [proof, decodeProof],
    [auth0.data, readAuth0],
    [slow, readAuth0Answer],
    [fast, readAuth0Answer],
    [auth1.data, readAuth1],
    [encodeCryptogram(0), decodeCryptogram],
    [point(meeting.readerKey), readPoint],
    [auth1Command(signature), readCommand],
  ]
  for (const [bytes, read] of readers) {
    ok(read(bytes) !== null)
    for (let size = 0; size < bytes.length; size++)
      if (bytes !== fast || size !== slow.length) equal(read(bytes.slice(0, size)), null, `${size} of ${bytes.length}`)
    equal(read(concat(bytes, Uint8Array.of(0))), null)
  }
  equal(readAuth0(auth0.data.map((each, at) => (at === 8 ? 2 : each))), null, "another version")
})

test("the fast phase: keys from the lasting one, and the cryptogram opens once, for whom it was made", () => {
  const agreed = field("kdh_x963_sha256_with_transaction_id")
  const lasting = lastingKey(crypto, agreed, meeting, phoneX)
  const keys = fastKeys(crypto, lasting, meeting, phoneX)
  equal(new Set([lasting, keys.cryptogram, keys.reader, keys.phone].map(toHex)).size, 4)
  const sealed = sealOnce(crypto, keys.cryptogram, encodeCryptogram(0x80))
  equal(sealed.length, 64)
  equal(decodeCryptogram(openOnce(crypto, keys.cryptogram, sealed) ?? new Uint8Array(0)), 0x80)
  const others: readonly (readonly [Meeting, Uint8Array])[] = [
    [{ ...meeting, transaction: meeting.transaction.toReversed() }, phoneX],
    [{ ...meeting, readerId: meeting.readerId.map((each) => each ^ 1) }, phoneX],
    [{ ...meeting, readerKey: meeting.phoneEphemeral }, phoneX],
    [{ ...meeting, readerEphemeral: meeting.phoneEphemeral }, phoneX],
    [{ ...meeting, phoneEphemeral: meeting.readerEphemeral }, phoneX],
    [{ ...meeting, holder: 3 }, phoneX],
    [{ ...meeting, phase: 1 }, phoneX],
    [meeting, phoneX.toReversed()],
  ]
  for (const [other, x] of others) equal(openOnce(crypto, fastKeys(crypto, lasting, other, x).cryptogram, sealed), null)
})

test("a channel counts: out of order, twice, or the other end's is refused", () => {
  const channel = channelOf({ reader: new Uint8Array(32).fill(1), phone: new Uint8Array(32).fill(2) })
  const first = sealBy(crypto, "reader", channel, Uint8Array.of(1))
  const second = sealBy(crypto, "reader", first.channel, Uint8Array.of(1))
  ok(toHex(first.bytes) !== toHex(second.bytes), "attack 77: no nonce is used twice")
  equal(openFrom(crypto, "reader", channel, second.bytes), null)
  const opened = openFrom(crypto, "reader", channel, first.bytes)
  ok(opened !== null)
  equal(openFrom(crypto, "reader", opened.channel, first.bytes), null)
  deepEqual(openFrom(crypto, "reader", opened.channel, second.bytes)?.bytes, Uint8Array.of(1))
})

test("the table of known phones: newest first, bounded, and what decodes encodes back", () => {
  const phone = (number: number) => ({
    x: new Uint8Array(32).fill(number),
    lasting: new Uint8Array(32).fill(number + 1),
  })
  let known = withPhone([], phone(0))
  for (let number = 1; number < KNOWN_MAX + 3; number++) known = withPhone(known, phone(number))
  equal(known.length, KNOWN_MAX)
  equal(known[0]?.x[0], KNOWN_MAX + 2)
  const again = withPhone(known, phone(10))
  equal(again.length, KNOWN_MAX)
  equal(again.filter(({ x }) => x[0] === 10).length, 1)
  const stored = encodeKnown(known)
  deepEqual(decodeKnown(stored), known)
  for (let size = 0; size < stored.length; size++) equal(decodeKnown(stored.slice(0, size)), null)
  equal(decodeKnown(encodeKnown([...known, ...known])), null, "more than fit")
})
