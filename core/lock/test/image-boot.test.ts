/** Which slot boots, as a table: the boot record as it is stored, what stands in the slots, and the record afterwards. */
import { concat } from "@holdfast/base"
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import { fromHex, toHex } from "@holdfast/base/text"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import {
  type BootRecord,
  chooseImage,
  confirmed,
  decodeBootRecord,
  encodeBootRecord,
  otherSlot,
  withTrial,
} from "../src/image/boot.ts"
import { firmwareNumber, imageNumber } from "./firmware.ts"

/** "a", "a, to try 2", "a, trying 2", "a, 2 failed" and what follows from them; null for "nothing". */
function recordOf(words: string): BootRecord | null {
  if (words === "nothing") return null
  const [, active, state, tried, failed] = /^([ab])(?:, (to try|trying) (\d))?(?:, (\d) failed)?$/.exec(words) ?? []
  ok(active === "a" || active === "b", `a record reads "a, trying 2", not "${words}"`)
  const trial = tried === undefined ? null : { image: imageNumber(Number(tried)), begun: state === "trying" }
  return { active, trial, failed: failed === undefined ? null : imageNumber(Number(failed)) }
}

// good slot and trial as stored | image in a | image in b | boots | stored before it starts. Images count up as they are newer.
const CHOICES = `
  nothing                   -  -   nothing       b
  nothing                   1  -   a             a
  nothing                   -  2   b             b
  nothing                   1  2   b on trial    a, trying 2
  nothing                   2  1   a on trial    b, trying 2
  nothing                   2  2   a on trial    b, trying 2
  a                         -  -   nothing       a
  a                         1  -   a             a
  a                         1  2   a             a
  a                         2  1   a             a
  a                         -  2   b             a
  b                         1  2   b             b
  b                         1  -   a             b
  a, to try 2               1  2   b on trial    a, trying 2
  a, to try 2               -  2   b on trial    a, trying 2
  a, to try 2               1  -   a             a, 2 failed
  a, to try 2               1  3   a             a, 2 failed
  a, to try 2               -  3   b             a, 2 failed
  a, to try 2               2  3   a             a, 2 failed
  b, to try 2               2  1   a on trial    b, trying 2
  a, to try 2, 3 failed     1  2   b on trial    a, trying 2, 3 failed
  a, trying 2               1  2   a             a, 2 failed
  a, trying 2               -  2   b             a, 2 failed
  a, trying 2               -  -   nothing       a, 2 failed
  a, trying 2               1  -   a             a, 2 failed
  a, 2 failed               1  2   a             a, 2 failed
  a, 2 failed               -  2   b             a, 2 failed
`
for (const row of CHOICES.trim().split("\n")) {
  const [stored = "", slots = "", boots = "", then = ""] = row.trim().split(/ {3,}/)
  test(`stored ${stored}; in the slots ${slots}: boots ${boots}, stored ${then}`, () => {
    const [a, b] = slots.split("  ").map((number) => firmwareNumber(number === "-" ? 0 : Number(number)))
    ok(a !== undefined && b !== undefined)
    const choice = chooseImage(recordOf(stored), { a, b })
    equal(`${choice.boot ?? "nothing"}${choice.onTrial ? " on trial" : ""}`, boots)
    deepEqual(choice.record, recordOf(then))
  })
}

// stored | the lock that runs says that it is well | stored then
const CONFIRMATIONS = `
  a                a   a
  a, to try 2      a   a, to try 2
  a, trying 2      b   b
  b, trying 2      a   a
  a, 2 failed      b   b, 2 failed
`
for (const row of CONFIRMATIONS.trim().split("\n")) {
  const [stored = "", running = "", then = ""] = row.trim().split(/ {3,}/)
  test(`stored ${stored}; slot ${running} runs and is well: stored ${then}`, () => {
    const [record, slot] = [recordOf(stored), running]
    ok(record !== null && (slot === "a" || slot === "b"))
    deepEqual(confirmed(record, slot), recordOf(then))
  })
}

test("an image that was taken is to be tried, whatever was tried or failed before", () => {
  for (const words of ["a", "a, to try 1", "a, trying 1", "a, 2 failed", "a, 1 failed"]) {
    const record = recordOf(words)
    ok(record !== null)
    deepEqual(withTrial(record, imageNumber(2)), recordOf("a, to try 2"))
  }
  deepEqual([otherSlot("a"), otherSlot("b")], ["b", "a"])
})

test("attack 61: nothing boots from a slot in which nothing verified, whatever is stored", () => {
  for (const words of ["nothing", "a", "b", "a, to try 2", "b, to try 2", "a, trying 2", "b, trying 2", "a, 2 failed"])
    for (const a of [0, 1, 2, 3])
      for (const b of [0, 1, 2, 3]) {
        const { boot } = chooseImage(recordOf(words), { a: firmwareNumber(a), b: firmwareNumber(b) })
        equal(boot === null, a === 0 && b === 0, "what verifies is never left for nothing")
        if (boot !== null) ok((boot === "a" ? a : b) > 0, `${words}; ${a} ${b}`)
      }
})

const summed = (body: Uint8Array): Uint8Array => concat(body, crypto.sha256(body).subarray(0, 8))

test("a boot record has these bytes", () => {
  const record = recordOf("b, trying 2, 3 failed")
  ok(record !== null)
  const body = `8461625820${"02".repeat(32)}f55820${"03".repeat(32)}`
  equal(
    toHex(encodeBootRecord(crypto, record)),
    `${body}${toHex(crypto.sha256(fromHex(body) ?? imageNumber(0)).slice(0, 8))}`,
  )
  const bare = recordOf("a")
  ok(bare !== null)
  equal(toHex(encodeBootRecord(crypto, bare)).slice(0, -16), "84616140f440")
})

test("every record reads back as it was stored; none that is torn, or has one bit turned, reads", () => {
  for (const words of ["a", "b", "a, to try 2", "b, trying 1", "a, 3 failed", "b, to try 1, 3 failed"]) {
    const record = recordOf(words)
    ok(record !== null)
    const bytes = encodeBootRecord(crypto, record)
    deepEqual(decodeBootRecord(crypto, bytes), record)
    for (let size = 0; size < bytes.length; size++) equal(decodeBootRecord(crypto, bytes.subarray(0, size)), null)
    for (const [at, byte] of bytes.entries())
      for (let bit = 0; bit < 8; bit++) equal(decodeBootRecord(crypto, bytes.with(at, byte ^ (1 << bit))), null)
  }
  equal(decodeBootRecord(crypto, new Uint8Array(200).fill(0xff)), null, "flash that was erased and never written")
})

test("a record under a good sum that is none does not read", () => {
  const fields: readonly Cbor[] = ["a", imageNumber(2), true, imageNumber(3)]
  ok(decodeBootRecord(crypto, summed(encodeCbor(fields))) !== null)
  const wrong: readonly (readonly Cbor[])[] = [
    ["c", 0, null, new Uint8Array(1)],
    [new Uint8Array(1), new Uint8Array(31), new Uint8Array(33), "b", null],
    [0, 1, null, "true"],
    [new Uint8Array(1), new Uint8Array(31), new Uint8Array(33), "b", null],
  ]
  for (const [at, shapes] of wrong.entries())
    for (const shape of shapes)
      equal(decodeBootRecord(crypto, summed(encodeCbor(fields.with(at, shape)))), null, `field ${at}`)
  for (const whole of [null, 4, "abcd", new Uint8Array(4), [], fields.slice(0, 3), [...fields, 0]])
    equal(decodeBootRecord(crypto, summed(encodeCbor(whole))), null)
  for (const bytes of ["ff", "84616140f4", "84616140f44000"])
    equal(decodeBootRecord(crypto, summed(fromHex(bytes) ?? imageNumber(0))), null, "bytes that are no CBOR")
})
