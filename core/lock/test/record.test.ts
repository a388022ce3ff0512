/** Journal records and their details, against vectors/record.json. */
import { idOf, unixMillis, uptime } from "@holdfast/base"
import { fromHex, toHex } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import fc from "fast-check"
import { deepEqual, equal, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import {
  commitment,
  type Detail,
  decodeDetail,
  decodeRecord,
  encodeDetail,
  encodeRecord,
  shownOf,
} from "../src/index.ts"
import { NOBODY, RECORD_KINDS } from "../src/record.ts"
import { RESULTS, resultNumber } from "../src/result.ts"

type Vectors = {
  records: {
    name: string
    kind: string
    result: string
    sequence: number
    detail: string
    salt: string
    hex: string
    shown?: { salt: string; detail: string }
  }[]
  bad: { name: string; hex: string; fault: string }[]
}
const file: Vectors = JSON.parse(readFileSync(new URL("../../../vectors/record.json", import.meta.url), "utf8"))

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex)
  ok(read !== null)
  return read
}

for (const vector of file.records) {
  test(`record ${vector.name}: read, written back the same, opened, and no truncation reads`, () => {
    const wire = bytes(vector.hex)
    const decoded = decodeRecord(wire)
    ok(decoded.ok)
    equal(decoded.record.kind, vector.kind)
    equal(decoded.record.result, vector.result)
    equal(decoded.record.sequence, vector.sequence)
    deepEqual(encodeRecord(decoded.record), wire)
    equal(toHex(commitment(nodeCrypto, bytes(vector.salt), bytes(vector.detail))), toHex(decoded.record.commitment))
    const shown = shownOf(nodeCrypto, bytes(vector.salt), bytes(vector.detail))
    const { salt, detail } = vector.shown ?? vector
    deepEqual([toHex(shown.salt), toHex(shown.detail)], [salt, detail])
    equal(toHex(commitment(nodeCrypto, shown.salt, shown.detail)), toHex(decoded.record.commitment))
    for (let size = 0; size < wire.length; size++) ok(!decodeRecord(wire.subarray(0, size)).ok)
    ok(!decodeRecord(Uint8Array.of(...wire, 0)).ok)
  })
}

for (const vector of file.bad)
  test(`no record: ${vector.name}`, () => {
    const decoded = decodeRecord(bytes(vector.hex))
    equal(decoded.ok ? null : decoded.fault, vector.fault)
  })

test("whatever decodes encodes back to the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.nat(40), fc.nat(110), (noise, kind, result) => {
      noise.fill(0, 0, 3)
      noise.fill(0, 16, 18)
      noise.fill(0, 24, 26)
      noise.set([kind, result, 0, noise[15] === undefined ? 0 : noise[15] & 7], 12)
      const decoded = decodeRecord(noise)
      if (decoded.ok) deepEqual(encodeRecord(decoded.record), noise)
    }),
  )
})

test("no number stands for two words", () => {
  for (const numbers of [Object.values(RECORD_KINDS), RESULTS.map(resultNumber)]) {
    equal(new Set(numbers).size, numbers.length)
    for (const number of numbers) ok(Number.isInteger(number) && number >= 0 && number <= 255)
  }
})

const DETAILS: readonly Detail[] = [
  {},
  { person: idOf(new Uint8Array(16).fill(1)) },
  {
    person: idOf(new Uint8Array(16).fill(1)),
    credential: idOf(new Uint8Array(16).fill(2)),
    grant: idOf(new Uint8Array(16).fill(3)),
    version: { epoch: 1, size: 99 },
    note: "unknown kind",
    count: 30,
  },
  { count: 0 },
  { mark: 1 },
  { count: 3, mark: 0 },
  { veil: new Uint8Array(16).fill(9) },
]
for (const detail of DETAILS)
  test(`detail ${JSON.stringify(detail)} is read as it was written, and no truncation reads`, () => {
    const wire = encodeDetail(detail)
    deepEqual(decodeDetail(wire), detail)
    for (let size = 0; size < wire.length; size++) equal(decodeDetail(wire.subarray(0, size)), null)
  })

test("attack 37: nobody is written as long as somebody, and reads as nobody", () => {
  const [person, credential] = [1, 2].map((number) => idOf<never>(new Uint8Array(16).fill(number)))
  ok(person !== undefined && credential !== undefined)
  const mark = 0
  const [known, unknown] = [
    { person, credential, mark },
    { person: NOBODY, credential: NOBODY, mark },
  ].map(encodeDetail)
  ok(known !== undefined && unknown !== undefined)
  equal(unknown.length, known.length)
  deepEqual(decodeDetail(unknown), { mark })
  const [shown, shownNobody] = [known, unknown].map((each) => shownOf(nodeCrypto, new Uint8Array(16), each).detail)
  equal(shownNobody?.length, shown?.length)
})

const BAD_DETAILS = ["", "80", "a10040", "a1045f", "a10301", "a1038101", "a106f6", "a10501a10501"]
for (const hex of BAD_DETAILS) test(`no detail: ${hex}`, () => equal(decodeDetail(bytes(hex)), null))

test("I-19: what is shown of a record is as long with either mark, opens its commitment, and leads back to neither", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(70_000), (salt, count) => {
      const both = [0, 1].map((mark) => encodeDetail({ count, version: { epoch: 1, size: count }, mark }))
      const [plain, forced] = both.map((detail) => shownOf(nodeCrypto, salt, detail))
      ok(plain !== undefined && forced !== undefined)
      deepEqual(plain.salt, forced.salt)
      equal(plain.detail.length, forced.detail.length)
      ok(toHex(plain.salt) !== toHex(salt))
      for (const [at, shown] of [plain, forced].entries()) {
        equal(decodeDetail(shown.detail)?.mark, undefined)
        equal(decodeDetail(shown.detail)?.count, count)
        const committed = toHex(commitment(nodeCrypto, salt, both[at] ?? salt))
        equal(toHex(commitment(nodeCrypto, shown.salt, shown.detail)), committed)
        // Whoever was shown one cannot make the other of it, nor find out which it is with the salt that he was given.
        for (const detail of both) ok(toHex(commitment(nodeCrypto, shown.salt, detail)) !== committed)
      }
    }),
  )
})

test("a detail without a mark is shown as it is, whatever its last bytes are", () => {
  const salt = new Uint8Array(16).fill(5)
  for (const detail of [
    {},
    { count: 0x601 },
    { version: { epoch: 6, size: 1 } },
    { version: { epoch: 1, size: 0x601 } },
  ]) {
    const wire = encodeDetail(detail)
    deepEqual(shownOf(nodeCrypto, salt, wire), { salt, detail: wire })
  }
})

test("a record outside the tables cannot be written", () => {
  const record = {
    sequence: 1,
    boot: 1,
    kind: "boot",
    result: "done",
    flags: 0,
    uptime_ms: uptime(0),
    wall_ms: unixMillis(1),
    commitment: new Uint8Array(32),
  } as const
  equal(encodeRecord(record).length, 64)
  for (const wrong of [{ sequence: 0 }, { flags: 16 }, { commitment: new Uint8Array(31) }]) {
    let threw = false
    try {
      encodeRecord({ ...record, ...wrong })
    } catch {
      threw = true
    }
    ok(threw)
  }
})
