/** The deterministic codec against RFC 8949's own examples, every truncation, random values and a second implementation. */
import { type Cbor, decodeCbor, encodeCbor } from "@holdfast/base/cbor"
import { fromHex, toHex } from "@holdfast/base/text"
import { decode as cborgDecode, encode as cborgEncode } from "cborg"
import fc from "fast-check"
import { deepEqual, equal, ok, throws } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

type Json = number | string | boolean | null | Json[] | { hex: string } | { map: [number, Json][] }
type Vectors = { accepted: { hex: string; value: Json }[]; refused: { hex: string; fault: string }[] }
const vectors: Vectors = JSON.parse(readFileSync(new URL("../../../vectors/cbor.json", import.meta.url), "utf8"))

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex)
  ok(read !== null, `${hex} is hex`)
  return read
}

function fromJson(json: Json): Cbor {
  if (json === null || typeof json !== "object") return json
  if (Array.isArray(json)) return json.map(fromJson)
  if ("hex" in json) return bytes(json.hex)
  return new Map(json.map.map(([key, value]) => [key, fromJson(value)]))
}

for (const { hex, value } of vectors.accepted)
  test(`RFC 8949 appendix A: ${hex} both ways, and no truncation of it`, () => {
    equal(toHex(encodeCbor(fromJson(value))), hex)
    deepEqual(decodeCbor(bytes(hex)), { ok: true, value: fromJson(value) })
    for (let size = 0; size < hex.length / 2; size++) equal(decodeCbor(bytes(hex).slice(0, size)).ok, false)
  })

for (const { hex, fault } of vectors.refused)
  test(`${hex === "" ? "nothing at all" : hex} is refused: ${fault}`, () => {
    deepEqual(decodeCbor(bytes(hex)), { ok: false, fault })
  })

const leaf = fc.oneof(
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => text.normalize("NFC")),
)
const { value: anyValue } = fc.letrec<{ value: Cbor }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(fc.maxSafeInteger(), tie("value")), { maxLength: 5 }).map((pairs) => new Map(pairs)),
  ),
}))

test("whatever encodes decodes to the same value", () => {
  fc.assert(fc.property(anyValue, (value) => deepEqual(decodeCbor(encodeCbor(value)), { ok: true, value })))
})

test("whatever decodes encodes back to the same bytes", () => {
  const bits = fc.tuple(anyValue, fc.nat(), fc.integer({ min: 0, max: 7 }))
  fc.assert(
    fc.property(bits, ([value, at, bit]) => {
      const flipped = encodeCbor(value)
      const index = at % flipped.length
      flipped[index] = (flipped[index] ?? 0) ^ (1 << bit)
      const decoded = decodeCbor(flipped)
      if (decoded.ok) equal(toHex(encodeCbor(decoded.value)), toHex(flipped))
    }),
    { numRuns: 2000 },
  )
})

test("another implementation writes and reads the same bytes", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const ours = encodeCbor(value)
      deepEqual(cborgDecode(ours, { useMaps: true }), value)
      equal(toHex(cborgEncode(value)), toHex(ours))
    }),
  )
})

test("our own promises are asserted: no fraction, no lone surrogate, no unnormalised text, at most eight levels", () => {
  throws(() => encodeCbor(0.5), /whole|2\^53/)
  throws(() => encodeCbor("\ud800"), /surrogate/)
  throws(() => encodeCbor("u\u0308"), /NFC/)
  throws(() => encodeCbor([[[[[[[[[]]]]]]]]]), /eight levels/)
})
