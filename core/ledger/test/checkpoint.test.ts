/** Checkpoints: texts both ways, and who must have signed what. */
import { AssertionError } from "@holdfast/base"
import { toHex, utf8 } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import fc from "fast-check"
import { deepEqual, equal, fail, throws } from "node:assert/strict"
import { test } from "node:test"
import {
  checkpointBytesToSign,
  checkpointText,
  encodeCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  parseDecimal,
} from "../src/checkpoint.ts"
import { encodeNote, noteBytesToSign } from "../src/note.ts"
import { parseVkey, type Verifier, verifierOf } from "../src/vkey.ts"
import { signWithSeed } from "./signing.ts"
import { bytes, vectorText } from "./vectors.ts"

type Checkpoints = {
  signed: { seed: string; vkey: string; origin: string; size: number; root: string; note: string }
  cosigned: { vkey: string; time: number; note: string }
  texts: { name: string; text: string; origin: string; size: number; root: string; extensions: string[] }[]
  refused: { fault: string; name: string; text: string }[]
}
const { signed, cosigned, texts, refused }: Checkpoints = JSON.parse(vectorText("ledger-checkpoint.json"))

function verifier(vkey: string): Verifier {
  const parsed = parseVkey(vkey, nodeCrypto)
  return parsed.ok ? parsed.verifier : fail(`${vkey}: ${parsed.fault}`)
}

const log = verifier(signed.vkey)
const checkpoint = { origin: signed.origin, size: signed.size, root: bytes(signed.root), extensions: [] }

for (const { name, text, ...fields } of texts)
  test(`${name}, both ways`, () => {
    const expected = { ...fields, root: bytes(fields.root) }
    deepEqual(parseCheckpoint(text), { ok: true, checkpoint: expected })
    equal(checkpointText(expected), text)
  })

for (const { fault, name, text } of refused)
  test(`refused, ${fault}: ${name}`, () => deepEqual(parseCheckpoint(text), { ok: false, fault }))

test("no truncation of a checkpoint's text parses", () => {
  const text = checkpointText(checkpoint)
  for (let length = 0; length < text.length; length++)
    equal(parseCheckpoint(text.slice(0, length)).ok, false, `the first ${length} letters`)
})

test("a checkpoint signed by another implementation opens, and ours is the very same", () => {
  deepEqual(openCheckpoint(utf8(signed.note), signed.origin, log, nodeCrypto), { ok: true, checkpoint, cosigners: [] })
  const { signature } = signWithSeed(bytes(signed.seed), checkpointBytesToSign(checkpoint))
  equal(Buffer.from(encodeCheckpoint(checkpoint, log, signature)).toString(), signed.note)
})

test("cosignatures come with the checkpoint, and are not needed", () => {
  const witness = verifier(cosigned.vkey)
  deepEqual(openCheckpoint(utf8(cosigned.note), signed.origin, log, nodeCrypto, [witness]), {
    ok: true,
    checkpoint,
    cosigners: [{ verifier: witness, time: cosigned.time }],
  })
  deepEqual(openCheckpoint(utf8(cosigned.note), signed.origin, log, nodeCrypto), {
    ok: true,
    checkpoint,
    cosigners: [],
  })
})

/** What opening says, in one word. */
function faultOf(note: Uint8Array, origin: string, key: Verifier, witnesses: Verifier[] = []): string {
  const opened = openCheckpoint(note, origin, key, nodeCrypto, witnesses)
  return opened.ok ? "opens" : opened.fault
}

test("each fault has its own word", () => {
  const seed = new Uint8Array(32).fill(3)
  const other = verifierOf(signed.origin, signWithSeed(seed, "").publicKey, nodeCrypto)
  const witness = verifier(cosigned.vkey)
  const note = utf8(signed.note)
  equal(faultOf(note, signed.origin, log), "opens")
  equal(faultOf(note, signed.origin, other), "no known key signed")
  equal(faultOf(note, `${signed.origin}x`, log), "another log")
  equal(faultOf(utf8(signed.note.replace("70000", "70001")), signed.origin, log), "signature does not verify")
  const witnessOnly = signed.note.split("—")[0] + cosigned.note.slice(signed.note.length)
  equal(faultOf(utf8(witnessOnly), signed.origin, log, [witness]), "log key did not sign")
  const text = `${signed.origin}\n07\n`
  const { signature } = signWithSeed(bytes(signed.seed), noteBytesToSign(text))
  const bad = encodeNote({ text, signatures: [{ name: log.name, keyId: log.keyId, bytes: signature }] })
  equal(faultOf(bad, signed.origin, log), "not three lines")
})

test("what cannot be a checkpoint is not written", () => {
  throws(() => checkpointText({ ...checkpoint, size: -1 }), AssertionError)
  throws(() => checkpointText({ ...checkpoint, size: 2 ** 53 }), AssertionError)
  throws(() => checkpointText({ ...checkpoint, root: new Uint8Array(31) }), AssertionError)
  throws(() => checkpointText({ ...checkpoint, origin: "" }), AssertionError)
  throws(() => checkpointText({ ...checkpoint, origin: "a\nb" }), AssertionError)
  throws(() => checkpointText({ ...checkpoint, extensions: [""] }), AssertionError)
})

test("whatever is written parses to the same checkpoint, and back to the same text", () => {
  const line = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }).filter((text) => !text.includes("\n"))
  const checkpoints = fc.record(
    {
      origin: line,
      size: fc.maxSafeNat(),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      extensions: fc.array(line, { maxLength: 3 }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(checkpoints, fc.nat(), line, (written, at, letter) => {
      const text = checkpointText(written)
      deepEqual(parseCheckpoint(text), { ok: true, checkpoint: written })
      const near = text.slice(0, at % text.length) + letter + text.slice((at % text.length) + 1)
      const parsed = parseCheckpoint(near)
      if (parsed.ok) equal(checkpointText(parsed.checkpoint), near)
    }),
    { numRuns: 1_000 },
  )
})

test("decimal counts have one spelling", () => {
  for (const value of [0, 1, 10, 70_000, Number.MAX_SAFE_INTEGER]) equal(parseDecimal(String(value)), value)
  for (const text of ["", "00", "01", "-0", "1e3", " 1", "1\n", "9007199254740992", "99999999999999999"])
    equal(parseDecimal(text), null, JSON.stringify(text))
  equal(toHex(checkpoint.root), signed.root)
})
