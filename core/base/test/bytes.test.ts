/** Spellings of bytes against Node's own, both ways, and the bad texts. */
import { compareBytes, equalBytes, equalSecrets, idBytes, idOf, parseId } from "@holdfast/base"
import { fromBase64, fromBase64Url, fromHex, fromUtf8, toBase64, toBase64Url, toHex, utf8 } from "@holdfast/base/text"
import fc from "fast-check"
import { deepEqual, equal, throws } from "node:assert/strict"
import { test } from "node:test"

const anyBytes = fc.uint8Array({ maxLength: 200 })

test("hex, base64 and base64url agree with Node's, both ways", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const node = Buffer.from(bytes)
      equal(toHex(bytes), node.toString("hex"))
      equal(toBase64(bytes), node.toString("base64"))
      equal(toBase64Url(bytes), node.toString("base64url"))
      deepEqual(fromHex(toHex(bytes)), bytes)
      deepEqual(fromBase64(toBase64(bytes)), bytes)
      deepEqual(fromBase64Url(toBase64Url(bytes)), bytes)
    }),
  )
})

for (const text of ["abc", "zz", "0g"]) test(`${text} is not hex`, () => equal(fromHex(text), null))
for (const text of ["A", "AA", "AAA", "AB==", "AAB=", "====", "A===", "AA=A", "AA-_"])
  test(`${text} is not canonical base64`, () => equal(fromBase64(text), null))
for (const text of ["A", "AB", "AAB", "AA==", "AA+/"])
  test(`${text} is not canonical base64url`, () => equal(fromBase64Url(text), null))

test("UTF-8 agrees with Node's for every text and refuses what Node refuses", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => deepEqual(utf8(text), new TextEncoder().encode(text))))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
      let expected: string | null = null
      try {
        expected = strict.decode(bytes)
      } catch {
        expected = null
      }
      equal(fromUtf8(bytes), expected)
    }),
    { numRuns: 5000 },
  )
})

test("byte strings are ordered as Node orders them, and equal exactly when the order says so", () => {
  fc.assert(
    fc.property(anyBytes, anyBytes, (a, b) => {
      equal(Math.sign(compareBytes(a, b)), Buffer.compare(a, b))
      equal(equalBytes(a, b), compareBytes(a, b) === 0)
      if (a.length === b.length) equal(equalSecrets(a, b), equalBytes(a, b))
    }),
  )
  throws(() => equalSecrets(new Uint8Array(1), new Uint8Array(2)), /one length/)
})

test("an id is sixteen bytes or 32 lower-case hex digits, and nothing else is", () => {
  const bytes = utf8("sixteen bytes id")
  deepEqual(idBytes(idOf(bytes)), bytes)
  equal(parseId(toHex(bytes)), toHex(bytes))
  for (const bad of ["", "ab", toHex(bytes).toUpperCase(), `${toHex(bytes)}00`, `${toHex(bytes).slice(1)}g`])
    equal(parseId(bad), null)
  throws(() => idOf(new Uint8Array(15)), /16 bytes/)
})
