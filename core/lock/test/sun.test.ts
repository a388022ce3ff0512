/** Addresses that an NTAG 424 DNA writes: fixed fields or nothing, and each count once. */
import { byteAt, concat, type CredentialId, idOf } from "@holdfast/base"
import { fromHex, toHex } from "@holdfast/base/text"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { decodeReadings, encodeReadings, NO_READINGS, READINGS_MAX, withReading } from "../src/card/readings.ts"
import { readSun } from "../src/card/sun.ts"

const ZERO = new Uint8Array(16)
const credential: CredentialId = idOf(new Uint8Array(16).fill(0xc4))

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex)
  ok(read !== null)
  return read
}

test("attack 58: a count of readings is taken once and never a lower one, for each card by itself", () => {
  const other: CredentialId = idOf(ZERO)
  const steps: readonly (readonly [CredentialId, number, boolean])[] = [
    [credential, 5, true],
    [credential, 5, false],
    [credential, 4, false],
    [credential, 0, false],
    [other, 5, true],
    [credential, 6, true],
    [credential, 0xff_ffff, true],
    [credential, 0xff_ffff, false],
    [other, 6, true],
  ]
  let readings = NO_READINGS
  for (const [whose, count, isTaken] of steps) {
    const next = withReading(readings, whose, count)
    equal(next !== null, isTaken, `${whose.slice(0, 4)} at ${count}`)
    readings = decodeReadings(encodeReadings(next ?? readings)) ?? NO_READINGS // And over every loss of power.
  }
  equal(readings.get(other), 6)
})

test("a full table of readings takes no new card, and goes on with those it knows", () => {
  let readings = NO_READINGS
  const numbered = (number: number): CredentialId =>
    idOf(Uint8Array.from({ length: 16 }, (_, at) => (at < 2 ? (number >> (8 * at)) & 255 : 1)))
  for (let number = 0; number < READINGS_MAX; number++)
    readings = withReading(readings, numbered(number), 1) ?? NO_READINGS
  equal(readings.size, READINGS_MAX)
  equal(withReading(readings, numbered(READINGS_MAX), 1), null)
  ok(withReading(readings, numbered(7), 2) !== null)
  const stored = encodeReadings(readings)
  deepEqual([...(decodeReadings(stored) ?? NO_READINGS)].length, READINGS_MAX)
  for (let size = 0; size < 200; size++) equal(decodeReadings(stored.slice(0, size)), null)
  equal(decodeReadings(concat(stored, Uint8Array.of(0))), null)
})

test("readings out of order, twice or with a count of four bytes are none", () => {
  const row = (byte: number, count: number): Uint8Array =>
    concat(
      Uint8Array.of(0x82, 0x50),
      new Uint8Array(16).fill(byte),
      count < 24 ? Uint8Array.of(count) : bytes("1a01000000"),
    )
  const table = (...rows: readonly Uint8Array[]): Uint8Array => concat(Uint8Array.of(0x80 + rows.length), ...rows)
  ok(decodeReadings(table(row(1, 1), row(2, 1))) !== null)
  equal(decodeReadings(table(row(2, 1), row(1, 1))), null)
  equal(decodeReadings(table(row(1, 1), row(1, 2))), null)
  equal(decodeReadings(table(row(1, 0x100_0000))), null)
})

test("attack 40: an address is fixed fields or nothing, whatever else stands in it", () => {
  const good = "?uid=04A1B2C3D4E5F6&ctr=00002A&cmac=94EED9EE65337086"
  const read = readSun(good)
  ok(read !== null && !(read.reading instanceof Uint8Array))
  deepEqual([toHex(read.reading.uid), read.reading.count, toHex(read.mac)], ["04a1b2c3d4e5f6", 42, "94eed9ee65337086"])
  const words = [
    "' OR 1=1 --",
    "; rm -rf /",
    "$(id)",
    "../../etc/passwd",
    "\0",
    "%00",
    "<script>",
    "{{7*7}}",
    "\n",
    "\u202e",
    "🔓",
  ]
  for (const word of words) {
    equal(readSun(`${good}${word}`), null, "after the fields")
    for (const field of ["04A1B2C3D4E5F6", "00002A", "94EED9EE65337086"])
      equal(readSun(good.replace(field, word)), null, `in place of ${field}`)
    // Before the fields nothing is looked at, and nothing of it is passed on.
    deepEqual(readSun(`https://a/${word}${good}`), read)
  }
  equal(readSun(`https://${"a".repeat(256)}${good}`), null)
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => readSun(text) === null),
    { numRuns: 1_000 },
  )
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, some) => {
      const changed = readSun(good.slice(0, at) + some + good.slice(at + 1))
      return changed === null || (changed.mac.length === 8 && byteAt(changed.mac, 0) <= 255)
    }),
    { numRuns: 1_000 },
  )
})
