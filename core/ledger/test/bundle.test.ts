/** Entry bundles: the picture of the bytes, every truncation, and the law. */
import { AssertionError } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import fc from "fast-check"
import { deepEqual, equal, throws } from "node:assert/strict"
import { test } from "node:test"
import { decodeBundle, encodeBundle } from "../src/bundle.ts"
import { bytes } from "./vectors.ts"

const THREE = ["0002", "aabb", "0000", "0001", "cc"].join("")
const three = ["aabb", "", "cc"].map(bytes)

test("three entries, one of them empty, both ways", () => {
  equal(toHex(encodeBundle(three)), THREE)
  deepEqual(decodeBundle(bytes(THREE), 3), { ok: true, entries: three })
})

test("every truncation ends early", () => {
  for (let size = 0; size < THREE.length / 2; size++)
    deepEqual(decodeBundle(bytes(THREE).slice(0, size), 3), { ok: false, fault: "ends early" }, `${size} bytes`)
})

test("the count comes from the tree, and the bytes must agree", () => {
  deepEqual(decodeBundle(bytes(THREE), 2), { ok: false, fault: "bytes left over" })
  deepEqual(decodeBundle(bytes(THREE), 4), { ok: false, fault: "ends early" })
  deepEqual(decodeBundle(bytes(`${THREE}00`), 3), { ok: false, fault: "bytes left over" })
})

test("the largest entry fits, one byte more does not", () => {
  const largest = new Uint8Array(65_535).fill(1)
  const bundle = encodeBundle([largest])
  equal(toHex(bundle.subarray(0, 3)), "ffff01")
  deepEqual(decodeBundle(bundle, 1), { ok: true, entries: [largest] })
  throws(() => encodeBundle([new Uint8Array(65_536)]), AssertionError)
})

test("a bundle has 1 to 256 entries", () => {
  throws(() => encodeBundle([]), AssertionError)
  throws(() => encodeBundle(Array.from({ length: 257 }, () => new Uint8Array(0))), AssertionError)
  equal(encodeBundle(Array.from({ length: 256 }, () => new Uint8Array(0))).length, 512)
})

test("whatever decodes encodes back to the same bytes", () => {
  const short = fc.uint8Array({ maxLength: 40 })
  // Mostly small sizes, so that random bytes often are a bundle.
  const likely = fc
    .array(fc.oneof(fc.constant([0, 0]), fc.constant([0, 1, 7]), fc.uint8Array({ maxLength: 4 })), { maxLength: 9 })
    .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])))
  let decodedCount = 0
  fc.assert(
    fc.property(fc.oneof(short, likely), fc.integer({ min: 1, max: 6 }), (read, count) => {
      const decoded = decodeBundle(read, count)
      if (!decoded.ok) return
      decodedCount++
      equal(toHex(encodeBundle(decoded.entries)), toHex(read))
    }),
    { numRuns: 3_000 },
  )
  equal(decodedCount > 20, true, "the law was tried on bundles")
})
