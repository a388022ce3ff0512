/** Log entries: vectors both ways, every truncation, and the law. */
import { AssertionError, unixMillis } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import fc from "fast-check"
import { deepEqual, equal, throws } from "node:assert/strict"
import { test } from "node:test"
import { ENTRY_SIZE_MAX } from "../src/bundle.ts"
import { decodeEntry, encodeEntry, PAYLOAD_SIZE_MAX } from "../src/entry.ts"
import { bytes, vectorText } from "./vectors.ts"

type Entries = {
  accepted: { type: number; admittedAt: number; bytes: string; hex: string }[]
  refused: { fault: string; name: string; hex: string }[]
}
const { accepted, refused }: Entries = JSON.parse(vectorText("ledger-entry.json"))

for (const { hex, ...fields } of accepted)
  test(`${hex} both ways, and no truncation of it`, () => {
    const entry = { type: fields.type, admittedAt: unixMillis(fields.admittedAt), bytes: bytes(fields.bytes) }
    equal(toHex(encodeEntry(entry)), hex)
    deepEqual(decodeEntry(bytes(hex)), { ok: true, entry })
    for (let size = 0; size < hex.length / 2; size++)
      deepEqual(decodeEntry(bytes(hex).slice(0, size)), { ok: false, fault: "not CBOR" }, `${size} bytes`)
  })

for (const { fault, name, hex } of refused)
  test(`${name} is refused: ${fault}`, () => deepEqual(decodeEntry(bytes(hex)), { ok: false, fault }))

const anyEntry = fc.record(
  {
    type: fc.maxSafeNat(),
    admittedAt: fc.maxSafeNat().map(unixMillis),
    bytes: fc.uint8Array({ maxLength: 300 }),
  },
  { noNullPrototype: true },
)

test("whatever encodes decodes to the same entry", () => {
  fc.assert(fc.property(anyEntry, (entry) => deepEqual(decodeEntry(encodeEntry(entry)), { ok: true, entry })))
})

test("whatever decodes encodes back to the same bytes", () => {
  fc.assert(
    fc.property(anyEntry, fc.nat(), fc.integer({ min: 0, max: 255 }), (entry, at, value) => {
      const read = encodeEntry(entry)
      read[at % read.length] = value
      const decoded = decodeEntry(read)
      if (decoded.ok) equal(toHex(encodeEntry(decoded.entry)), toHex(read))
    }),
    { numRuns: 2_000 },
  )
})

test("the largest payload fits whatever stands beside it, one byte more does not", () => {
  const largest = {
    type: Number.MAX_SAFE_INTEGER,
    admittedAt: unixMillis(Number.MAX_SAFE_INTEGER),
    bytes: new Uint8Array(PAYLOAD_SIZE_MAX),
  }
  const encoded = encodeEntry(largest)
  equal(encoded.length, ENTRY_SIZE_MAX)
  deepEqual(decodeEntry(encoded), { ok: true, entry: largest })
  throws(() => encodeEntry({ ...largest, bytes: new Uint8Array(PAYLOAD_SIZE_MAX + 1) }), AssertionError)
  deepEqual(decodeEntry(new Uint8Array(ENTRY_SIZE_MAX + 1)), { ok: false, fault: "too large" })
})
