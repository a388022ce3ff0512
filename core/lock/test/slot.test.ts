/** How a policy comes in, by itself: which offers are gathered, which pieces fit, and what of a stored slot still reads. */
import { encodeSecretsIndex } from "@holdfast/access"
import { secretNameAt, secretsIn } from "@holdfast/access/door"
import { concat, EMPTY, idOf } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor } from "@holdfast/base/cbor"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import {
  decodeHeldHead,
  encodeHeldHead,
  hasSecret,
  type Held,
  type Incoming,
  judgeOffer,
  missing,
  type Offer,
  openSlot,
  placeOf,
  type Trust,
  withChunk,
} from "../src/slot.ts"
import { ALWAYS_TERMS, cardholder, door, policyFor, secretsOf } from "./building.ts"
import { type Issued, Keeper, SmallLog } from "./keeper.ts"
import { lived } from "./lived.ts"

const keeper = new Keeper()
keeper.grow(3)
const PEOPLE = [cardholder(keeper, "ana", 1), cardholder(keeper, "bo", 2), cardholder(keeper, "cy", 3)]
const POLICY = policyFor(
  keeper,
  PEOPLE.map((who) => [who, ALWAYS_TERMS]),
)
const TRUST: Trust = { site: keeper.site, door, keeper: keeper.key.publicKey, logKey: keeper.logKey, epoch: 1 }
const NOTHING_HELD: Held = { origin: null, size: 0, root: crypto.sha256(EMPTY) }
const ISSUED = keeper.issue(POLICY, secretsOf(PEOPLE), 0)

function judged(offer: Partial<Offer>, trust: Trust = TRUST, held: Held = NOTHING_HELD): string {
  const outcome = judgeOffer(crypto, trust, held, null, null, { ...ISSUED.offer, ...offer })
  return outcome.is === "refused" ? outcome.fault : outcome.is
}

function gathering(issued: Issued = ISSUED): Incoming {
  const outcome = judgeOffer(crypto, TRUST, NOTHING_HELD, null, null, issued.offer)
  ok(outcome.is === "gathering")
  return outcome.incoming
}

const namesIn = ({ index }: Incoming) =>
  Array.from({ length: secretsIn(index) ?? 0 }, (_, place) => secretNameAt(index, place))

const stranger = new Keeper()
stranger.grow(3)
const STRANGE = stranger.issue(POLICY, secretsOf(PEOPLE), 0).offer

test("an offer is gathered only if all of it fits together; errors in order of precedence", () => {
  const other = idOf<"DoorId">(new Uint8Array(16).fill(1))
  const turned = ISSUED.offer.secrets.with(-1, (ISSUED.offer.secrets.at(-1) ?? 0) ^ 1)
  const fork = new SmallLog(keeper.authority.origin)
  for (const byte of [7, 8, 9]) fork.append(Uint8Array.of(byte))
  const rows: readonly (readonly [string, string, string])[] = [
    ["bytes that are no manifest", judged({ manifest: Uint8Array.of(1, 2, 3) }), "unreadable"],
    ["another keeper's manifest", judged({ manifest: STRANGE.manifest }), "wrong signature"],
    ["a manifest for another door", judged({}, { ...TRUST, door: other }), "wrong door"],
    ["a manifest of an epoch that is over", judged({}, { ...TRUST, epoch: 2 }), "old version"],
    ["a manifest of an epoch to come", judged({}, { ...TRUST, epoch: 0 }), "not expected"],
    ["an index that is none", judged({ secrets: Uint8Array.of(1) }), "unreadable"],
    ["another index than was signed", judged({ secrets: turned }), "hash differs"],
    ["a proof from another tree", judged({ from_size: 1 }), "from elsewhere"],
    ["a checkpoint that is none", judged({ checkpoint: Uint8Array.of(1) }), "inconsistent"],
    ["a log of another origin", judged({}, TRUST, { ...NOTHING_HELD, origin: "elsewhere" }), "inconsistent"],
    ["another log's key", judged({}, { ...TRUST, logKey: new Uint8Array(32).fill(9) }), "inconsistent"],
    ["a checkpoint of a history as long as the one named", judged({ checkpoint: fork.checkpoint() }), "inconsistent"],
    ["a proof with a node too many", judged({ consistency: [new Uint8Array(32)] }), "inconsistent"],
    ["all as it should be", judged({}), "gathering"],
  ]
  for (const [what, outcome, expected] of rows) equal(outcome, expected, what)
})

test("what is in force or being gathered is known; other bytes of one version are evidence; older ones are refused", () => {
  const incoming = gathering()
  const again = (offer: Offer): string => judgeOffer(crypto, TRUST, NOTHING_HELD, null, incoming, offer).is
  equal(again(ISSUED.offer), "known")
  const less = policyFor(keeper, [[cardholder(keeper, "ana", 1), ALWAYS_TERMS]])
  equal(again(keeper.issue(less, [], 0).offer), "equivocation")
  keeper.grow()
  const newer = keeper.issue(POLICY, secretsOf(PEOPLE), 0)
  equal(again(newer.offer), "gathering")
  const ahead = judgeOffer(crypto, TRUST, NOTHING_HELD, null, gathering(newer), ISSUED.offer)
  deepEqual(ahead, { is: "refused", fault: "old version" })
})

test("a piece fits by its hash and its place, and one that came twice changes nothing", () => {
  const incoming = gathering()
  const [chunk] = ISSUED.chunks
  ok(chunk !== undefined)
  equal(withChunk(crypto, incoming, null, 0, chunk.bytes.slice(1)), null)
  equal(withChunk(crypto, incoming, null, ISSUED.chunks.length, chunk.bytes), null)
  const more = withChunk(crypto, incoming, null, 0, chunk.bytes)
  ok(more !== null)
  equal(more.left, incoming.left - 1)
  equal(withChunk(crypto, more, null, 0, chunk.bytes), more)
})

test("a credential is found in the index wherever it stands, and one that is not there nowhere", () => {
  const incoming = gathering()
  const names = namesIn(incoming)
  for (const [place, { credential }] of names.entries()) {
    equal(placeOf(incoming, credential), place)
    equal(hasSecret(incoming, place), false)
  }
  for (const byte of [0, 0xff]) equal(placeOf(incoming, idOf(new Uint8Array(16).fill(byte))), null)
  equal(placeOf({ ...incoming, index: EMPTY }, idOf(new Uint8Array(16))), null)
  const between = encodeSecretsIndex(names.filter((_, place) => place % 2 === 0))
  for (const { credential } of names.filter((_, place) => place % 2 === 1))
    equal(placeOf({ ...incoming, index: between }, credential), null)
})

test("what is missing is told in order, at most as much as was asked for", () => {
  const incoming = gathering()
  const all = namesIn(incoming).map(({ credential }) => credential)
  for (const count of [0, 1, 2, all.length, 100]) {
    const told = missing(incoming, count)
    deepEqual(told.credentials, all.slice(0, count))
    deepEqual(told.chunks, [0].slice(0, count))
  }
})

/** The slot that a lock stored, field by field: manifest, policy, cards, codes, and halves where there are any. */
function storedFields(): { readonly trust: Trust; readonly fields: readonly Cbor[] } {
  const { board, flash } = lived()
  const part = flash.parts.get("slot a")
  const decoded = decodeCbor((part ?? EMPTY).slice(5, -8))
  ok(decoded.ok && Array.isArray(decoded.value))
  return { trust: board.pairing, fields: decoded.value as readonly Cbor[] }
}

test("I-25: a stored slot reads only whole: each field of another kind, from another slot or with one bit turned", () => {
  const { trust, fields } = storedFields()
  const open = (value: Cbor, whose: Trust = trust): boolean => openSlot(crypto, whose, "a", encodeCbor(value)) !== null
  equal(fields.length, 4, "halves that are not there are not written")
  ok(open(fields))
  ok(open([...fields.slice(0, 4), EMPTY]), "halves that are not there are none")
  for (const [at, field] of fields.entries()) {
    for (const shape of [null, 0, "x", [], EMPTY])
      if (at < 2 || shape !== EMPTY) ok(!open(fields.with(at, shape)), `${at}`)
    ok(field instanceof Uint8Array)
    if (at < 2) ok(!open(fields.with(at, field.with(-1, (field.at(-1) ?? 0) ^ 1))), `field ${at} with a bit turned`)
    ok(!open(fields.with(at, concat(field, Uint8Array.of(0)))), `field ${at} too long`)
  }
  for (const shape of [null, 0, "x", []]) ok(!open([...fields.slice(0, 4), shape]))
  for (const whole of [null, 4, "abcd", new Uint8Array(4), [], fields.slice(0, 3)]) ok(!open(whole))
  equal(openSlot(crypto, trust, "a", Uint8Array.of(0xff)), null)
  ok(!open(fields, { ...trust, door: idOf<"DoorId">(new Uint8Array(16).fill(1)) }))
  ok(!open(fields, { ...trust, site: idOf<"SiteId">(new Uint8Array(16).fill(1)) }))
  ok(!open(fields, { ...trust, keeper: stranger.key.publicKey }))
})

test("the head of what is held reads back, and nothing else reads as one", () => {
  const held: Held = { origin: "o".repeat(128), size: 7, root: new Uint8Array(32).fill(3) }
  for (const slot of ["a", "b"] as const) deepEqual(decodeHeldHead(encodeHeldHead(slot, held)), { slot, held })
  const fields: readonly Cbor[] = ["a", "origin", 7, new Uint8Array(32)]
  const wrong: readonly (readonly Cbor[])[] = [
    ["c", 0, null],
    ["o".repeat(129), 0, null],
    [-1, "7", null],
    [new Uint8Array(31), new Uint8Array(33), null],
  ]
  for (const [at, shapes] of wrong.entries())
    for (const shape of shapes) equal(decodeHeldHead(encodeCbor(fields.with(at, shape))), null, `field ${at}`)
  for (const whole of [null, 4, "abcd", new Uint8Array(4), [], fields.slice(0, 3), [...fields, 0]])
    equal(decodeHeldHead(encodeCbor(whole)), null)
  equal(decodeHeldHead(Uint8Array.of(0xff)), null)
})
