/** Signed notes, verifier keys and cosignatures: the notes of the specification and of Go, and the law. */
import { AssertionError, unixSeconds } from "@holdfast/base"
import { toHex, utf8 } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import fc from "fast-check"
import { deepEqual, equal, fail, throws } from "node:assert/strict"
import { test } from "node:test"
import { bytesToCosign, verifyCosignature } from "../src/cosignature.ts"
import { encodeNote, NOTE_SIZE_MAX, noteBytesToSign, openNote, parseNote } from "../src/note.ts"
import {
  COSIGNATURE,
  ED25519,
  formatVkey,
  isKeyName,
  keyId,
  parseVkey,
  type Verifier,
  verifierOf,
} from "../src/vkey.ts"
import { signWithSeed } from "./signing.ts"
import { bytes, vectorText } from "./vectors.ts"

type Case = { name: string; known: string[]; note: string }
type Notes = {
  opened: (Case & { text: string; signers: string[] })[]
  refused: (Case & { fault: string })[]
  vkeys: string[]
  refusedVkeys: { vkey: string; fault: string }[]
}
type Checkpoints = {
  signed: { seed: string; vkey: string; note: string }
  cosigned: { vkey: string; time: number; note: string }
}
const { opened, refused, vkeys, refusedVkeys }: Notes = JSON.parse(vectorText("ledger-note.json"))
const { signed, cosigned }: Checkpoints = JSON.parse(vectorText("ledger-checkpoint.json"))

function verifier(vkey: string): Verifier {
  const parsed = parseVkey(vkey, nodeCrypto)
  return parsed.ok ? parsed.verifier : fail(`${vkey}: ${parsed.fault}`)
}

for (const { name, known, note, text, signers } of opened)
  test(`opens: ${name}`, () => {
    const result = openNote(utf8(note), known.map(verifier), nodeCrypto)
    if (!result.ok) return fail(result.fault)
    equal(result.text, text)
    deepEqual(
      result.signers.map((signer) => signer.verifier.name),
      signers,
    )
    const parsed = parseNote(utf8(note))
    equal(parsed.ok ? Buffer.from(encodeNote(parsed.note)).toString() : parsed.fault, note, "written back the same")
  })

for (const { fault, name, known, note } of refused)
  test(`refused, ${fault}: ${name}`, () => {
    deepEqual(openNote(utf8(note), known.map(verifier), nodeCrypto), { ok: false, fault })
  })

for (const vkey of vkeys)
  test(`${vkey} both ways, and no truncation of it`, () => {
    equal(formatVkey(verifier(vkey)), vkey)
    for (let length = 0; length < vkey.length; length++)
      equal(parseVkey(vkey.slice(0, length), nodeCrypto).ok, false, `the first ${length} letters`)
  })

for (const { vkey, fault } of refusedVkeys)
  test(`no verifier key, ${fault}: ${JSON.stringify(vkey)}`, () => {
    deepEqual(parseVkey(vkey, nodeCrypto), { ok: false, fault })
  })

test("a key has another id for each algorithm, so that a signature of one kind never passes for the other", () => {
  const { name, publicKey } = verifier(signed.vkey)
  equal(keyId(name, ED25519, publicKey, nodeCrypto) === keyId(name, COSIGNATURE, publicKey, nodeCrypto), false)
  const asWitness = verifierOf(name, publicKey, nodeCrypto, COSIGNATURE)
  deepEqual(openNote(utf8(signed.note), [asWitness], nodeCrypto), { ok: false, fault: "no known key signed" })
})

test("no truncation of a signed note opens", () => {
  const whole = utf8(signed.note)
  const known = [verifier(signed.vkey)]
  equal(openNote(whole, known, nodeCrypto).ok, true)
  for (let size = 0; size < whole.length; size++)
    equal(openNote(whole.slice(0, size), known, nodeCrypto).ok, false, `${size} bytes`)
})

test("a flip of any bit of a signed note is refused", () => {
  const whole = utf8(signed.note)
  const known = [verifier(signed.vkey)]
  for (let bit = 0; bit < 8 * whole.length; bit++) {
    const copy = Uint8Array.from(whole)
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    equal(openNote(copy, known, nodeCrypto).ok, false, `bit ${bit}`)
  }
})

test("what is written opens: text with blank lines, two signers", () => {
  const text = "one\n\n\ntwo\n\n"
  const seeds = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const keys = seeds.map((seed, index) =>
    verifierOf(`key.example/${index}`, signWithSeed(seed, "").publicKey, nodeCrypto),
  )
  const signatures = keys.map(({ name, keyId: id }, index) => {
    const seed = seeds[index] ?? fail("every key has its seed")
    return { name, keyId: id, bytes: signWithSeed(seed, noteBytesToSign(text)).signature }
  })
  const note = encodeNote({ text, signatures })
  deepEqual(openNote(note, keys, nodeCrypto), {
    ok: true,
    text,
    signers: keys.map((key) => ({ verifier: key, time: null })),
  })
})

test("a note is bounded", () => {
  const line = "\n— a AAAAAAA=\n"
  const largest = utf8(`${"x".repeat(NOTE_SIZE_MAX - utf8(line).length - 1)}\n${line}`)
  equal(largest.length, NOTE_SIZE_MAX)
  equal(parseNote(largest).ok, true)
  deepEqual(parseNote(new Uint8Array(NOTE_SIZE_MAX + 1).fill(10)), { ok: false, fault: "too large" })
})

test("a note is UTF-8", () => {
  deepEqual(parseNote(Uint8Array.of(0xff, 10, 10)), { ok: false, fault: "not UTF-8" })
  deepEqual(parseNote(Uint8Array.of(0xc0, 0x8a, 10, 10)), { ok: false, fault: "not UTF-8" })
})

test("what cannot be a note is not written", () => {
  const signatures = [{ name: "a", keyId: 1, bytes: new Uint8Array(64) }]
  throws(() => encodeNote({ text: "no newline", signatures }), AssertionError)
  throws(() => encodeNote({ text: "a\tb\n", signatures }), AssertionError)
  throws(() => encodeNote({ text: "a\n", signatures: [] }), AssertionError)
  throws(
    () => encodeNote({ text: "a\n", signatures: [{ name: "a b", keyId: 1, bytes: new Uint8Array(1) }] }),
    AssertionError,
  )
  throws(
    () => encodeNote({ text: "a\n", signatures: [{ name: "a", keyId: 1, bytes: new Uint8Array(0) }] }),
    AssertionError,
  )
})

test("key names have no space of any script, and a zero-width mark is none", () => {
  for (const space of " \t\n\r\u000b\u0085\u00a0\u1680\u2000\u2009\u2028\u2029\u202f\u205f\u3000")
    equal(isKeyName(`a${space}b`), false, `U+${space.charCodeAt(0).toString(16)}`)
  for (const name of ["", "a+b", "+", "\ud800"]) equal(isKeyName(name), false, JSON.stringify(name))
  for (const name of ["a", "example.com/log", "Ümläut/登録", "a\ufeffb", "—"]) equal(isKeyName(name), true, name)
})

const anyName = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }).filter(isKeyName)
const anyNote = fc.record(
  {
    text: fc
      .array(
        fc.string({ maxLength: 8, unit: "grapheme" }).filter((line) => !/[\u0000-\u001f]/.test(line)),
        { maxLength: 4 },
      )
      .map((lines) => `${lines.join("\n")}\n`),
    signatures: fc.array(
      fc.record(
        {
          name: anyName,
          keyId: fc.nat({ max: 0xffffffff }),
          bytes: fc.uint8Array({ minLength: 1, maxLength: 80 }),
        },
        { noNullPrototype: true },
      ),
      { minLength: 1, maxLength: 4 },
    ),
  },
  { noNullPrototype: true },
)

test("whatever is written parses to the same note", () => {
  fc.assert(fc.property(anyNote, (note) => deepEqual(parseNote(encodeNote(note)), { ok: true, note })))
})

test("whatever parses is written back to the same bytes", () => {
  fc.assert(
    fc.property(anyNote, fc.nat(), fc.integer({ min: 0, max: 255 }), (note, at, value) => {
      const read = encodeNote(note)
      read[at % read.length] = value
      const parsed = parseNote(read)
      if (parsed.ok) equal(toHex(encodeNote(parsed.note)), toHex(read))
    }),
    { numRuns: 2_000 },
  )
})

test("a witness's cosignature verifies, states its time, and covers it", () => {
  const witness = verifier(cosigned.vkey)
  const result = openNote(utf8(cosigned.note), [verifier(signed.vkey), witness], nodeCrypto)
  if (!result.ok) return fail(result.fault)
  deepEqual(
    result.signers.map(({ time }) => time),
    [null, cosigned.time],
  )
  const parsed = parseNote(utf8(cosigned.note))
  if (!parsed.ok) return fail(parsed.fault)
  const { text, signatures } = parsed.note
  const line = signatures[1]?.bytes ?? fail("the witness signed second")
  equal(verifyCosignature(nodeCrypto, witness.publicKey, text, line), cosigned.time)
  for (let bit = 0; bit < 8 * line.length; bit++) {
    const copy = Uint8Array.from(line)
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    equal(verifyCosignature(nodeCrypto, witness.publicKey, text, copy), null, `bit ${bit}`)
  }
  for (let size = 0; size < line.length; size++)
    equal(verifyCosignature(nodeCrypto, witness.publicKey, text, line.slice(0, size)), null, `${size} bytes`)
  equal(verifyCosignature(nodeCrypto, witness.publicKey, `${text}extension\n`, line), null, "another text")
})

test("what a witness signs", () => {
  const text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
  equal(
    Buffer.from(bytesToCosign(text, unixSeconds(1_679_315_147))).toString(),
    `cosignature/v1\ntime 1679315147\n${text}`,
  )
})

test("the seed of the vectors signs the very note", () => {
  const parsed = parseNote(utf8(signed.note))
  if (!parsed.ok) return fail(parsed.fault)
  const { publicKey, signature } = signWithSeed(bytes(signed.seed), noteBytesToSign(parsed.note.text))
  equal(toHex(publicKey), toHex(verifier(signed.vkey).publicKey))
  equal(toHex(signature), toHex(parsed.note.signatures[0]?.bytes ?? new Uint8Array(0)))
})
