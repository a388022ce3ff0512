/** Batches: both ways, every flipped byte, every truncation, and a lock that lies about its own records. */
import { byteAt, concat, idOf, type SiteId, uptime } from "@holdfast/base"
import { encodeCbor } from "@holdfast/base/cbor"
import { ALG_ES256, bytesToSign, encodeSigned, kidOf } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { Frontier, leafHash } from "@holdfast/ledger"
import { newEs256, nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { BATCH_BYTES_MAX, decodeBatch, encodeBatch, recordsRoot } from "../src/batch.ts"
import {
  batchToSign,
  type ChainHead,
  commitment,
  decodeOpenings,
  doorOfBatch,
  encodeDetail,
  encodeOpenings,
  encodeRecord,
  follows,
  genesis,
  headAfter,
  makeBatch,
  openBatch,
  recordsOf,
  signedBatch,
} from "../src/index.ts"

const site: SiteId = idOf(new Uint8Array(16).fill(1))
const door = idOf<"DoorId">(new Uint8Array(16).fill(2))
const key = newEs256()
const start = genesis(nodeCrypto, site, door, key.publicKey)
const held = { size: 12, root: new Uint8Array(32).fill(9) }
const policy = { version: { epoch: 1, size: 12 }, hash: new Uint8Array(32).fill(8) }

function records(first: number, count: number): Uint8Array {
  const whole = new Uint8Array(count * 64)
  for (let i = 0; i < count; i++) {
    const record = encodeRecord({
      sequence: first + i,
      boot: 1,
      kind: "refused",
      result: "code throttled",
      flags: 0,
      uptime_ms: uptime(i),
      wall_ms: null,
      commitment: commitment(nodeCrypto, new Uint8Array(16).fill(i), encodeDetail({})),
    })
    whole.set(record, 64 * i)
  }
  return whole
}

function signed(head: ChainHead, bytes: Uint8Array): Uint8Array {
  const batch = makeBatch(nodeCrypto, door, head, bytes, held, policy)
  const signature = key.sign(batchToSign(nodeCrypto, site, key.publicKey, batch))
  return signedBatch(nodeCrypto, key.publicKey, batch, signature)
}

for (const count of [1, 2, 3, 512])
  test(`a batch of ${count} opens and is read as it was written`, () => {
    const bytes = signed(start, records(1, count))
    const opened = openBatch(nodeCrypto, site, key.publicKey, bytes)
    ok(opened.ok)
    equal(doorOfBatch(site, bytes), door)
    deepEqual(decodeBatch(encodeBatch(opened.batch)), opened.batch)
    ok(follows(opened.batch, start))
    equal(headAfter(opened.batch).next, count + 1)
  })

test("the root of a batch is the root that the ledger would give its records", () => {
  for (const count of [1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 511, 512]) {
    const bytes = records(1, count)
    const tree = new Frontier(nodeCrypto)
    for (let at = 0; at < bytes.length; at += 64) tree.append(leafHash(nodeCrypto, bytes.subarray(at, at + 64)))
    equal(toHex(recordsRoot(nodeCrypto, bytes)), toHex(tree.root()), `${count} records`)
  }
})

test("attack 121: batches follow each other in one way only", () => {
  const first = makeBatch(nodeCrypto, door, start, records(1, 2), held, null)
  const second = makeBatch(nodeCrypto, door, headAfter(first), records(3, 1), held, policy)
  ok(follows(second, headAfter(first)))
  ok(!follows(second, start))
  ok(!follows(first, headAfter(first)))
  ok(!follows(second, { next: 3, chain: start.chain }))
  ok(!follows(second, { next: 4, chain: first.after }))
})

test("the genesis binds site, door and key", () => {
  const other = newEs256()
  const heads = [
    start,
    genesis(nodeCrypto, idOf(new Uint8Array(16).fill(3)), door, key.publicKey),
    genesis(nodeCrypto, site, idOf(new Uint8Array(16).fill(3)), key.publicKey),
    genesis(nodeCrypto, site, door, other.publicKey),
  ]
  equal(new Set(heads.map(({ chain }) => toHex(chain))).size, heads.length)
})

test("attack 121: a flip of any one byte of a batch is refused", () => {
  const bytes = signed(start, records(1, 2))
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.slice()
    flipped[at] = byteAt(bytes, at) ^ 1
    ok(!openBatch(nodeCrypto, site, key.publicKey, flipped).ok, `byte ${at}`)
  }
})

test("every truncation is refused", () => {
  const bytes = signed(start, records(1, 1))
  for (let size = 0; size < bytes.length; size++)
    ok(!openBatch(nodeCrypto, site, key.publicKey, bytes.subarray(0, size)).ok)
})

test("a lock that signs a lie about its own batch is found out", () => {
  const honest = makeBatch(nodeCrypto, door, start, records(1, 2), held, policy)
  const lies = [
    ["root differs", { ...honest, root: new Uint8Array(32) }],
    ["chain differs", { ...honest, after: new Uint8Array(32) }],
    ["chain differs", { ...honest, before: new Uint8Array(32) }],
    ["sequence with a gap", { ...honest, first: 2 }],
    ["bad record", { ...honest, records: new Uint8Array(64) }],
  ] as const
  for (const [fault, lie] of lies) {
    const signature = key.sign(batchToSign(nodeCrypto, site, key.publicKey, lie))
    const opened = openBatch(nodeCrypto, site, key.publicKey, signedBatch(nodeCrypto, key.publicKey, lie, signature))
    equal(opened.ok ? null : opened.fault, fault)
  }
})

const fault = (opened: ReturnType<typeof openBatch>): string | null => (opened.ok ? null : opened.fault)

test("another key, another site, and too many bytes are refused", () => {
  const bytes = signed(start, records(1, 1))
  equal(fault(openBatch(nodeCrypto, site, newEs256().publicKey, bytes)), "wrong signature")
  equal(fault(openBatch(nodeCrypto, idOf(new Uint8Array(16)), key.publicKey, bytes)), "wrong signature")
  equal(fault(openBatch(nodeCrypto, site, key.publicKey, new Uint8Array(BATCH_BYTES_MAX + 1))), "too large")
})

test("what a lock signed that is no batch is refused, and names no door", () => {
  const honest = encodeBatch(makeBatch(nodeCrypto, door, start, records(1, 1), held, policy))
  const header = { alg: ALG_ES256, kid: kidOf(key.publicKey, nodeCrypto), type: "batch" } as const
  const signedAs = (payload: Uint8Array): Uint8Array =>
    encodeSigned(header, payload, key.sign(bytesToSign(header, site, payload)))
  const payloads = [new Uint8Array(0), encodeCbor(new Map([[0, new Uint8Array(16)]])), honest.subarray(0, 18)]
  for (const payload of [...payloads, honest.subarray(0, -1)]) {
    equal(fault(openBatch(nodeCrypto, site, key.publicKey, signedAs(payload))), "fields missing or wrong")
    if (payloads.includes(payload)) equal(doorOfBatch(site, signedAs(payload)), null)
  }
  equal(fault(openBatch(nodeCrypto, site, key.publicKey, honest)), "not a signed batch")
  equal(doorOfBatch(site, honest), null)
  equal(doorOfBatch(site, concat(signedAs(honest), new Uint8Array(BATCH_BYTES_MAX))), null)
})

test("the records of a batch are read in their order, or the first that is wrong is named", () => {
  const batch = makeBatch(nodeCrypto, door, start, records(1, 3), held, policy)
  const read = recordsOf(batch)
  ok(typeof read !== "string")
  deepEqual(
    read.map(({ sequence }) => sequence),
    [1, 2, 3],
  )
  equal(recordsOf({ ...batch, first: 2 }), "sequence with a gap")
  equal(recordsOf({ ...batch, records: concat(records(1, 1), records(3, 1)) }), "sequence with a gap")
  equal(recordsOf({ ...batch, records: concat(records(1, 1), new Uint8Array(64)) }), "bad record")
})

test("openings are read as they were written", () => {
  const openings = [
    { sequence: 1, salt: new Uint8Array(16).fill(1), detail: encodeDetail({}) },
    { sequence: 2, salt: new Uint8Array(16).fill(2), detail: encodeDetail({ note: "x" }) },
  ]
  const bytes = encodeOpenings(openings)
  deepEqual(decodeOpenings(bytes), openings)
  for (let size = 0; size < bytes.length; size++) equal(decodeOpenings(bytes.subarray(0, size)), null)
})
