/** Phones: a credential that is its own public key, from the statement to the table in which a lock finds it. */
import { byteAt, concat } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { encodeChange } from "../src/change.ts"
import { CREDENTIAL_CODECS } from "../src/change/credential.ts"
import { decide, NOBODY_DENIED } from "../src/decide.ts"
import type { Change } from "../src/index.ts"
import { narrower } from "../src/narrower.ts"
import { decodePolicy, encodePolicy, phoneOf, type Policy } from "../src/policy.ts"
import { Building, credential, group, keyOf, person } from "./building.ts"
import { furnished } from "./furnished.ts"

const xOf = (key: PublicKey): Uint8Array => key.subarray(0, 32)

/** A phone named by a word; its key is made from the same word, or from another. */
function phone(who: string, word: string, keyWord: string = word): Change {
  const key = keyOf(keyWord).publicKey
  return { kind: "credential add", credential: credential(word), person: person(who), what: "phone", key }
}

/** The lab, where Ana of Staff and these phones are known. */
function lab(...phones: readonly Change[]): { building: Building; policy: Policy } {
  const { building } = furnished()
  building.says(building.member("staff", "bo"))
  for (const each of phones) building.says(each)
  return { building, policy: building.policy("lab") }
}

test("a lock finds whose phone a key is, and no other key", () => {
  const words = ["ana's phone", "ana's tablet", "bo's phone"]
  const { policy } = lab(phone("ana", "ana's phone"), phone("ana", "ana's tablet"), phone("bo", "bo's phone"))
  for (const word of words) equal(phoneOf(policy, xOf(keyOf(word).publicKey)), credential(word))
  equal(phoneOf(policy, xOf(keyOf("a stranger").publicKey)), null)
  equal(phoneOf(policy, new Uint8Array(32)), null)
  equal(phoneOf(policy, new Uint8Array(32).fill(0xff)), null)
  equal(policy.phones.length, 3 * 36)
})

test("without a phone a policy has the bytes it always had: key 14 is not written", () => {
  const { policy } = lab()
  equal(policy.phones.length, 0)
  const bytes = encodePolicy(policy)
  ok(decodePolicy(bytes) !== null)
  const map = encodePolicy({ ...policy, phones: new Uint8Array(36) })
  equal(map.length, bytes.length + 1 + 2 + 36, "with the table it is one key longer")
})

test("a phone stands for nothing else: neither as a card nor as a PIN does its credential open", () => {
  const { policy } = lab(phone("ana", "ana's phone"))
  const shown = credential("ana's phone")
  for (const kind of ["card", "pin", "identifier", "biometric"] as const) {
    const verdict = decide(policy, [{ kind, credential: shown }], policy.compiledAt, NOBODY_DENIED)
    equal(verdict.open, false)
    equal(verdict.open ? "" : verdict.because, "unknown credential")
  }
})

test("R18: of two credentials with one key neither is told from the other: both are left out", () => {
  const { policy } = lab(
    phone("ana", "ana's phone"),
    phone("bo", "bo's phone", "ana's phone"),
    phone("bo", "bo's other"),
  )
  equal(phoneOf(policy, xOf(keyOf("ana's phone").publicKey)), null)
  equal(phoneOf(policy, xOf(keyOf("bo's other").publicKey)), credential("bo's other"))
})

test("another phone widens, one less narrows, and a key that changed hands widens", () => {
  const { building, policy: one } = lab(phone("ana", "ana's phone"))
  building.says(phone("ana", "ana's tablet"))
  const two = building.policy("lab")
  equal(narrower(one, two), false)
  equal(narrower(two, one), true)
  equal(narrower(two, two), true)
  const keys = [two.phones.subarray(0, 32), two.phones.subarray(36, 68)] as const
  const places = [two.phones.subarray(32, 36), two.phones.subarray(68, 72)] as const
  const swapped = { ...two, phones: concat(keys[0], places[1], keys[1], places[0]) }
  ok(decodePolicy(encodePolicy(swapped)) !== null)
  equal(narrower(two, swapped), false)
})

test("a policy whose phones are out of order, of another kind or of nobody does not decode", () => {
  const { policy } = lab(phone("ana", "ana's phone"), phone("bo", "bo's phone"))
  const [first, second] = [policy.phones.subarray(0, 36), policy.phones.subarray(36)]
  const decodes = (phones: Uint8Array): boolean => decodePolicy(encodePolicy({ ...policy, phones })) !== null
  ok(decodes(policy.phones))
  ok(!decodes(concat(second, first)), "out of order")
  ok(!decodes(concat(first, first)), "twice")
  ok(!decodes(policy.phones.slice(0, 35)), "cut short")
  const count = policy.credentials.length / 24
  for (let place = 0; place <= count; place++) {
    const isPhone = place < count && byteAt(policy.credentials, place * 24 + 20) === 3
    equal(decodes(concat(first.subarray(0, 32), Uint8Array.of(0, 0, 0, place))), isPhone, `place ${place}`)
  }
})

test("a statement of a phone carries its key and nothing of a card, and none of a card carries a key", () => {
  const codec = CREDENTIAL_CODECS["credential add"]
  const map = new Map(encodeChange(phone("ana", "ana's phone")))
  deepEqual(
    [...map.keys()].toSorted((a, b) => a - b),
    [0, 1, 2, 5],
  )
  ok(codec.decode(map) !== null)
  equal(codec.decode(new Map(map).set(3, new Uint8Array(32))), null)
  equal(codec.decode(new Map(map).set(4, Uint8Array.of(4, ...new Uint8Array(64)))), null)
  equal(codec.decode(new Map(map).set(2, 4)), null, "a kind that nobody knows")
  const card = new Map(encodeChange(new Building(1_795_392_000).credentialFor("ana", "card")))
  equal(codec.decode(new Map(card).set(5, map.get(5) ?? null)), null)
  const without = new Map(map)
  without.delete(5)
  equal(codec.decode(without), null)
})

test("a phone is of no group's business but its owner's: a stranger to the door's grants is not in its table", () => {
  const { building } = lab()
  building.addPerson("dee")
  building.says({ kind: "group set", group: group("others"), name: "Others" })
  building.says(phone("dee", "dee's phone"))
  equal(building.policy("lab").phones.length, 0)
})
