/** Receipts: the text both ways, every truncation, and what each lie is called. */
import { AssertionError, concat } from "@holdfast/base"
import { toHex, utf8 } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import fc from "fast-check"
import { deepEqual, equal, fail, throws } from "node:assert/strict"
import { test } from "node:test"
import { NOTE_SIZE_MAX } from "../src/note.ts"
import { encodeReceipt, parseReceipt, type Receipt, verifyReceipt } from "../src/receipt.ts"
import { parseVkey, type Verifier, verifierOf } from "../src/vkey.ts"
import { countedEntry } from "./memory-log.ts"
import { signWithSeed } from "./signing.ts"
import { bytes, vectorText } from "./vectors.ts"

type Receipts = {
  entry: string
  index: number
  receipt: string
  withExtra: { extra: string; receipt: string }
  refused: { fault: string; name: string; receipt: string }[]
}
type Checkpoints = { signed: { vkey: string; origin: string; size: number; note: string } }
const vectors: Receipts = JSON.parse(vectorText("ledger-receipt.json"))
const { signed }: Checkpoints = JSON.parse(vectorText("ledger-checkpoint.json"))

function parsed(text: string): Receipt {
  const result = parseReceipt(utf8(text))
  return result.ok ? result.receipt : fail(result.fault)
}

function logKey(): Verifier {
  const result = parseVkey(signed.vkey, nodeCrypto)
  return result.ok ? result.verifier : fail(result.fault)
}

const log = logKey()
const receipt = parsed(vectors.receipt)
const entry = bytes(vectors.entry)

test("the parts of a receipt, both ways", () => {
  equal(receipt.index, vectors.index)
  equal(receipt.extra, null)
  equal(receipt.proof.length, 17)
  equal(Buffer.from(receipt.checkpoint).toString(), signed.note)
  equal(Buffer.from(encodeReceipt(receipt)).toString(), vectors.receipt)
})

test("an extra line, both ways; it changes nothing else", () => {
  const { extra, ...rest } = parsed(vectors.withExtra.receipt)
  equal(toHex(extra ?? new Uint8Array(0)), vectors.withExtra.extra)
  deepEqual({ ...rest, extra: null }, receipt)
  equal(Buffer.from(encodeReceipt({ ...rest, extra })).toString(), vectors.withExtra.receipt)
})

for (const { fault, name, receipt: text } of vectors.refused)
  test(`refused, ${fault}: ${name}`, () => deepEqual(parseReceipt(utf8(text)), { ok: false, fault }))

test("no truncation of a receipt parses", () => {
  for (const text of [vectors.receipt, vectors.withExtra.receipt]) {
    const whole = utf8(text)
    for (let size = 0; size < whole.length; size++) equal(parseReceipt(whole.slice(0, size)).ok, false, `${size} bytes`)
  }
})

test("a receipt verifies for its entry, and states the tree", () => {
  const verified = verifyReceipt(receipt, entry, signed.origin, log, nodeCrypto)
  equal(verified.ok ? verified.checkpoint.size : verified.fault, signed.size)
})

test("what each lie is called", () => {
  const other = verifierOf(signed.origin, signWithSeed(new Uint8Array(32), "").publicKey, nodeCrypto)
  const fault = (change: Partial<Receipt>, bytesOf = entry, origin = signed.origin, key = log) => {
    const verified = verifyReceipt({ ...receipt, ...change }, bytesOf, origin, key, nodeCrypto)
    return verified.ok ? "verifies" : verified.fault
  }
  equal(fault({}), "verifies")
  equal(fault({ extra: utf8("anything") }), "verifies")
  equal(fault({}, countedEntry(12_346)), "root differs")
  equal(fault({ index: 12_346 }), "root differs")
  equal(fault({ index: 70_000 }), "index outside the tree")
  equal(fault({ proof: receipt.proof.slice(1) }), "proof too short")
  equal(fault({ proof: [...receipt.proof, receipt.checkpoint.slice(0, 32)] }), "proof too long")
  equal(fault({}, entry, "another/log"), "another log")
  equal(fault({}, entry, signed.origin, other), "no known key signed")
  const larger = utf8(signed.note.replace("70000", "70001"))
  equal(fault({ checkpoint: larger }), "signature does not verify")
})

test("a receipt with a flip in any byte no longer verifies", () => {
  const whole = utf8(vectors.receipt)
  for (const [at, byte] of whole.entries()) {
    const copy = Uint8Array.from(whole)
    copy[at] = byte ^ (1 << (at % 8))
    const read = parseReceipt(copy)
    if (read.ok) equal(verifyReceipt(read.receipt, entry, signed.origin, log, nodeCrypto).ok, false, `byte ${at}`)
  }
})

test("the longest proof is 53 hashes, the largest receipt 256 KiB", () => {
  const highest = { ...receipt, proof: Array.from({ length: 53 }, () => new Uint8Array(32)) }
  deepEqual(parseReceipt(encodeReceipt(highest)), { ok: true, receipt: highest })
  throws(() => encodeReceipt({ ...highest, proof: [...highest.proof, new Uint8Array(32)] }), AssertionError)
  const note = utf8(signed.note)
  const room = NOTE_SIZE_MAX - encodeReceipt(receipt).length
  const filler = (size: number) => concat(note.subarray(0, -1), utf8("A".repeat(size)), Uint8Array.of(10))
  const sized = (size: number) => concat(encodeReceipt(receipt).subarray(0, -note.length), filler(size))
  equal(sized(room).length, NOTE_SIZE_MAX)
  deepEqual(parseReceipt(sized(room)), { ok: false, fault: "bad checkpoint" }, "read, and found wanting")
  deepEqual(parseReceipt(sized(room + 1)), { ok: false, fault: "too large" })
})

test("what cannot be a receipt is not written", () => {
  throws(() => encodeReceipt({ ...receipt, index: -1 }), AssertionError)
  throws(() => encodeReceipt({ ...receipt, extra: new Uint8Array(0) }), AssertionError)
  throws(() => encodeReceipt({ ...receipt, proof: [new Uint8Array(31)] }), AssertionError)
  throws(() => encodeReceipt({ ...receipt, checkpoint: utf8("no note") }), AssertionError)
})

test("whatever parses is written back to the same bytes", () => {
  const receipts = fc.record(
    {
      extra: fc.option(fc.uint8Array({ minLength: 1, maxLength: 20 })),
      index: fc.maxSafeNat(),
      proof: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 4 }),
      checkpoint: fc.constant(receipt.checkpoint),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(receipts, fc.nat(), fc.integer({ min: 0, max: 127 }), (written, at, value) => {
      const read = encodeReceipt(written)
      deepEqual(parseReceipt(read), { ok: true, receipt: written })
      read[at % read.length] = value
      const near = parseReceipt(read)
      if (near.ok) equal(toHex(encodeReceipt(near.receipt)), toHex(read))
    }),
    { numRuns: 1_000 },
  )
})
