/** Openings: going over them says the same as making them, of good bytes and of bad ones. */
import { encodeCbor } from "@holdfast/base/cbor"
import { deepEqual, equal } from "node:assert/strict"
import fc from "fast-check"
import { test } from "node:test"
import { decodeOpenings, encodeOpenings, type Opening, openingBetween, skimOpenings } from "../src/openings.ts"

function skimmed(bytes: Uint8Array): Opening[] | null {
  const found: Opening[] = []
  const places: [number, number][] = []
  const count = skimOpenings(bytes, (sequence, from, to) => {
    places.push([from, to])
    found.push({ sequence, salt: new Uint8Array(0), detail: new Uint8Array(0) })
  })
  if (count === null) return null
  equal(count, found.length)
  return places.map(([from, to], at) => {
    const opening = openingBetween(bytes, from, to)
    equal(opening.sequence, found[at]?.sequence)
    return opening
  })
}

const salt = new Uint8Array(16).fill(7)
const detail = Uint8Array.of(0xa0)

const BAD: readonly [string, Uint8Array][] = [
  ["nothing", new Uint8Array(0)],
  ["no array", encodeCbor(new Map())],
  ["a number for an opening", encodeCbor([1])],
  ["an opening of two", encodeCbor([[1, salt]])],
  ["an opening of four", encodeCbor([[1, salt, detail, 0]])],
  ["a text for a sequence", encodeCbor([["1", salt, detail]])],
  ["a sequence below zero", encodeCbor([[-1, salt, detail]])],
  ["a short salt", encodeCbor([[1, salt.subarray(1), detail]])],
  ["a long salt", encodeCbor([[1, new Uint8Array(17), detail]])],
  ["a text for a detail", encodeCbor([[1, salt, "detail"]])],
  ["a detail that is too long", encodeCbor([[1, salt, new Uint8Array(513)]])],
  ["513 openings", encodeCbor(Array.from({ length: 513 }, (_, at) => [at, salt, detail]))],
  ["a byte left over", Uint8Array.of(0x80, 0x00)],
  ["a count in a longer form than it needs", Uint8Array.of(0x98, 0x00)],
  ["a sequence in a longer form than it needs", Uint8Array.of(0x81, 0x83, 0x18, 0x17, 0x50, ...salt, 0x40)],
  ["a sequence in two bytes that fits into one", Uint8Array.of(0x81, 0x83, 0x19, 0, 0xff, 0x50, ...salt, 0x40)],
  ["a sequence in four bytes that fits into two", Uint8Array.of(0x81, 0x83, 0x1a, 0, 0, 255, 255, 0x50, ...salt, 0x40)],
  ["a sequence beyond 2^53-1", Uint8Array.of(0x81, 0x83, 0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0, 0x50, ...salt, 0x40)],
  ["a length without end", Uint8Array.of(0x81, 0x83, 0x01, 0x50, ...salt, 0x5f)],
  ["a length that is not there", Uint8Array.of(0x81, 0x83, 0x01, 0x50, ...salt, 0x5b, 0xff)],
]

test("bad bytes are bad to both", () => {
  for (const [name, bytes] of BAD) {
    equal(decodeOpenings(bytes), null, name)
    equal(skimmed(bytes), null, name)
  }
})

test("as many and as long as they may be", () => {
  const openings = Array.from({ length: 512 }, (_, sequence) => ({ sequence, salt, detail: new Uint8Array(512) }))
  deepEqual(skimmed(encodeOpenings(openings)), openings)
})

const someOpening = fc.record(
  {
    sequence: fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32)),
    salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    detail: fc.uint8Array({ maxLength: 300 }),
  },
  { noNullPrototype: true },
)

test("whatever was written is gone over as it is read, cut anywhere and with any byte changed", () => {
  fc.assert(
    fc.property(fc.array(someOpening, { maxLength: 4 }), fc.nat(), fc.nat(255), (openings, place, change) => {
      const bytes = encodeOpenings(openings)
      deepEqual(decodeOpenings(bytes), openings)
      deepEqual(skimmed(bytes), openings)
      const cut = bytes.subarray(0, place % bytes.length)
      deepEqual(skimmed(cut), decodeOpenings(cut))
      const changed = bytes.slice()
      changed[place % bytes.length] = change
      deepEqual(skimmed(changed), decodeOpenings(changed))
    }),
    { numRuns: 500 },
  )
})

test("any bytes at all", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => deepEqual(skimmed(bytes), decodeOpenings(bytes))))
})
