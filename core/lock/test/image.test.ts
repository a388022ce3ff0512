/** Firmware images: what is refused comes first, then what runs, then every byte and every skipped check. */
import { toHex, utf8 } from "@holdfast/base/text"
import { build } from "esbuild"
import fc from "fast-check"
import { deepEqual, equal, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { runInThisContext } from "node:vm"
import {
  decodeClaims,
  decodeImage,
  encodeClaims,
  encodeSignedPart,
  imageVersionText,
  keyHash,
  signedImage,
  TLV,
  type VendorTrust,
  verifyImage,
} from "@holdfast/lock/image"
import { BOARD, imageCrypto as crypto, imageOf, VENDOR, VENDOR_KEYS, version, type Wish } from "./firmware.ts"

function said(bytes: Uint8Array, vendor: VendorTrust = VENDOR, board = BOARD): string {
  const verified = verifyImage(bytes, vendor, board, crypto)
  return verified.ok ? "runs" : verified.fault
}

/** Errors in order of precedence: the first that holds is the one that is said. */
const ROWS: readonly (readonly [string, Wish, string])[] = [
  ["nobody signed", { signers: [] }, "wrong signature"],
  ["signed by the debug key", { signers: ["debug"] }, "wrong signature"],
  ["without the second signature", { twice: false }, "second signature missing"],
  ["that does not promise the second signature", { mlDsaKeyHash: null }, "second signature missing"],
  ["that promises another second key", { mlDsaKeyHash: new Uint8Array(32) }, "second signature missing"],
  ["for model 6000 on a 7000", { model: "HF-6000" }, "other model"],
  ["from hardware revision 4 on", { revision_min: 4 }, "other revision"],
  ["up to hardware revision 2", { revision_max: 2 }, "other revision"],
  ["with security counter 4, floor 5", { counter: 4 }, "below the floor"],
  ["for versions from 1.5 on, over 1.4", { version_min: version(1, 5) }, "version too old"],
  ["of version 1.4, over 1.4", { version: version(1, 4) }, "not newer"],
  ["of version 1.3, over 1.4", { version: version(1, 3, 9, 9) }, "not newer"],
  ["of version 1.4 build 1, over 1.4", { version: version(1, 4, 0, 1) }, "runs"],
  ["with security counter 5, floor 5", { counter: 5 }, "runs"],
  ["for versions from 1.4 on, over 1.4", { version_min: version(1, 4) }, "runs"],
  ["for revision 3 alone", { revision_min: 3, revision_max: 3 }, "runs"],
  ["signed with P-256", { signers: ["es256"] }, "runs"],
  ["signed by both keys", { signers: ["es256", "ed25519"] }, "runs"],
  ["signed by debug and release key", { signers: ["debug", "ed25519"] }, "runs"],
]
for (const [what, wish, expected] of ROWS)
  test(`attack 61, attack 63: an image ${what}: ${expected}`, () => equal(said(imageOf(wish)), expected))

test("attack 66: release signing is k of n, one key signing twice is one, and a revoked key counts no more", () => {
  const both: VendorTrust = { ...VENDOR, threshold: 2 }
  const revoked = { ...VENDOR, revoked: [keyHash(crypto, "ed25519", VENDOR_KEYS.ed25519.key)] }
  equal(said(imageOf({ signers: ["ed25519"] }), both), "wrong signature")
  equal(said(imageOf({ signers: ["ed25519", "ed25519"] }), both), "wrong signature")
  equal(said(imageOf({ signers: ["ed25519", "debug"] }), both), "wrong signature")
  equal(said(imageOf({ signers: ["ed25519", "es256"] }), both), "runs")
  equal(said(imageOf({ signers: ["ed25519"] }), revoked), "wrong signature")
  equal(said(imageOf({ signers: ["es256"] }), revoked), "runs")
  equal(said(imageOf(), { ...VENDOR, threshold: 0, keys: [] }), "wrong signature", "no keys, no image")
  equal(said(imageOf({ signers: ["debug"] }), { ...VENDOR, keys: [VENDOR_KEYS.debug] }), "runs", "on a debug board")
})

test("attack 61: an image with any one byte changed does not run, unless nothing reads that byte", () => {
  const image = imageOf()
  const decoded = decodeImage(image)
  ok(decoded.ok)
  const last = image.length - decoded.image.signed_size
  ok(last > 2_500, "most of it are signatures")
  const changed = image.slice()
  for (let at = 0; at < image.length; at += at < decoded.image.signed_size + 200 ? 1 : 61) {
    changed[at] = (image[at] ?? 0) ^ 0x40
    ok(said(changed) !== "runs", `byte ${at}`)
    changed[at] = image[at] ?? 0
  }
})

test("attack 62: whatever comes instead of an image is an answer and no exception", () => {
  const image = imageOf()
  for (let size = 0; size < image.length; size += size < 400 ? 1 : 37) {
    equal(decodeImage(image.subarray(0, size)).ok, false, `cut to ${size}`)
    ok(said(image.subarray(0, size)) !== "runs")
  }
  equal(decodeImage(new Uint8Array(16 * 1024 * 1024 + 1)).ok, false)
  const longer = new Uint8Array(image.length + 1)
  longer.set(image)
  equal(said(longer), "sizes disagree")
  const fields = fc.record({ at: fc.nat(64), value: fc.integer({ min: 0, max: 0xffffffff }) })
  fc.assert(
    fc.property(fc.array(fields, { minLength: 1, maxLength: 6 }), fc.boolean(), (edits, atEnd) => {
      const bytes = image.slice()
      const view = new DataView(bytes.buffer)
      const base = atEnd ? 32 + "the program".length : 0
      for (const { at, value } of edits) view.setUint32(base + at, value, true)
      const same = bytes.every((byte, at) => byte === image[at])
      return (said(bytes) === "runs") === same
    }),
    { numRuns: 400 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !decodeImage(bytes).ok || bytes.length >= 40),
    { numRuns: 400 },
  )
})

test("attack 62: a length that points outside is held against what is left before it is followed", () => {
  const image = imageOf()
  const payload_end = 32 + "the program".length
  const lengths: readonly (readonly [string, number, 2 | 4])[] = [
    ["header size", 8, 2],
    ["protected size", 10, 2],
    ["payload size", 12, 4],
    ["area size", payload_end + 2, 2],
    ["first TLV's length", payload_end + 6, 2],
  ]
  for (const [what, at, width] of lengths)
    for (const value of [1, 31, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff]) {
      const bytes = image.slice()
      const view = new DataView(bytes.buffer)
      if (width === 2) view.setUint16(at, value & 0xffff, true)
      else view.setUint32(at, value, true)
      ok(said(bytes) !== "runs", `${what} ${value}`)
      if (value > 31) equal(decodeImage(bytes).ok, false, `${what} ${value}`)
    }
})

test("what decodes encodes back to the same bytes, claims too", () => {
  for (const wish of [{}, { mlDsaKeyHash: null, twice: false }, { payload: "" }, { model: "ü" }] satisfies Wish[]) {
    const image = imageOf(wish)
    const decoded = decodeImage(image)
    ok(decoded.ok)
    const { protectedTlvs, payload, signed_size } = decoded.image
    const claims = decodeClaims(protectedTlvs)
    ok(claims !== null)
    deepEqual(encodeClaims(claims), protectedTlvs)
    deepEqual(encodeSignedPart(decoded.image.version, payload, protectedTlvs), image.slice(0, signed_size))
  }
})

test("claims: one missing, one twice, one unknown, one malformed", () => {
  const image = decodeImage(imageOf())
  ok(image.ok)
  const tlvs = image.image.protectedTlvs
  for (const [at, each] of tlvs.entries()) {
    const without = tlvs.toSpliced(at, 1)
    equal(decodeClaims(without) === null, each.type !== TLV["ml-dsa-44 key hash"])
    equal(decodeClaims([...tlvs, each]), null)
    equal(decodeClaims(tlvs.with(at, { ...each, value: utf8("x".repeat(33)) })), null)
  }
  equal(decodeClaims([...tlvs, { type: 0xb0, value: new Uint8Array(0) }]), null)
})

test("signed by somebody else's key under the right key's name: refused", () => {
  const good = decodeImage(imageOf())
  ok(good.ok)
  const part = imageOf().subarray(0, good.image.signed_size)
  const forged = signedImage(crypto, part, [{ ...VENDOR_KEYS.ed25519, signature: new Uint8Array(64) }], null)
  equal(said(forged), "wrong signature")
})

type Vectors = {
  readonly payload: string
  readonly claims: { readonly model: string; readonly version_min: string; readonly counter: number }
  readonly version: string
  readonly digest: string
  readonly images: readonly { readonly algorithm: "ed25519" | "es256"; readonly key: string; readonly hex: string }[]
}
const vectors: Vectors = JSON.parse(readFileSync(new URL("../../../vectors/image.json", import.meta.url), "utf8"))
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))

for (const { algorithm, key, hex } of vectors.images)
  test(`an image that imgtool signed with ${algorithm} runs, and says what imgtool was told`, () => {
    const vendor = { keys: [{ algorithm, key: bytesOf(key) }], threshold: 1, mlDsa: null, revoked: [] }
    const verified = verifyImage(bytesOf(hex), vendor, BOARD, crypto)
    ok(verified.ok)
    const { firmware } = verified
    equal(toHex(firmware.payload), vectors.payload)
    equal(toHex(firmware.digest), vectors.digest)
    equal(imageVersionText(firmware.version), vectors.version)
    const { model, counter, version_min } = firmware.claims
    deepEqual(
      { model, counter, version_min: imageVersionText(version_min) },
      {
        model: vectors.claims.model,
        counter: vectors.claims.counter,
        version_min: vectors.claims.version_min,
      },
    )
    equal(said(bytesOf(hex), { ...vendor, mlDsa: VENDOR.mlDsa }), "second signature missing")
  })

/** A decision that may have lost its return. */
type Verify = (...asked: Parameters<typeof verifyImage>) => { readonly ok?: boolean } | undefined

/** `verify.ts` with one piece of its text replaced, bundled with everything it stands on. */
async function mutated(text: string): Promise<Verify> {
  const face = fileURLToPath(new URL("../src/image/verify.ts", import.meta.url))
  const bundle = await build({
    entryPoints: [face],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "image",
    logLevel: "silent",
    plugins: [
      {
        name: "planted",
        setup: (making) => {
          making.onLoad({ filter: /image\/verify\.ts$/ }, () => ({ contents: text, loader: "js" }))
        },
      },
    ],
  })
  const [file] = bundle.outputFiles
  ok(file !== undefined)
  return (runInThisContext(`(() => { ${file.text}; return image })()`) as { verifyImage: Verify }).verifyImage
}

type Fault = { readonly from: number; readonly until: number; readonly instead: string }

/** One fault for each statement that can be skipped, and two for each condition: taken always, taken never. */
function faultsIn(text: string): readonly Fault[] {
  const tree = ts.createSourceFile("verify.js", text, ts.ScriptTarget.ESNext, true)
  const faults: Fault[] = []
  const put = (node: ts.Node, instead: string): number =>
    faults.push({ from: node.getStart(tree), until: node.getEnd(), instead })
  const visit = (node: ts.Node): void => {
    if (ts.isIfStatement(node) || ts.isConditionalExpression(node)) {
      const condition = ts.isIfStatement(node) ? node.expression : node.condition
      put(condition, "true")
      put(condition, "false")
      if (ts.isIfStatement(node)) put(node.thenStatement, ";")
    } else if (ts.isExpressionStatement(node) || ts.isReturnStatement(node) || ts.isForOfStatement(node)) put(node, ";")
    ts.forEachChild(node, visit)
  }
  for (const statement of tree.statements) if (ts.isFunctionDeclaration(statement)) visit(statement)
  return faults
}

test("attack 68, I-37: with any one statement of the decision skipped, or any one branch forced, no bad image runs", async () => {
  const text = stripTypeScriptTypes(readFileSync(new URL("../src/image/verify.ts", import.meta.url), "utf8"))
  const bad = ROWS.filter(([, , expected]) => expected !== "runs").map(([, wish]) => imageOf(wish))
  const torn = imageOf()
  torn[34] = 0
  const faults = faultsIn(text)
  ok(faults.length >= 60, `${faults.length} faults`)
  const honest = await mutated(text)
  equal(honest(imageOf(), VENDOR, BOARD, crypto)?.ok, true)
  let harmful = 0
  for (const { from, until, instead } of faults) {
    const verify = await mutated(text.slice(0, from) + instead + text.slice(until))
    const runs = (image: Uint8Array): boolean => {
      try {
        return verify(image, VENDOR, BOARD, crypto)?.ok === true
      } catch {
        return false // A board that stumbles boots again.
      }
    }
    for (const image of [...bad, torn])
      equal(runs(image), false, `${text.slice(from, until)} -> ${instead} lets a bad image run`)
    if (!runs(imageOf())) harmful++
  }
  ok(harmful > faults.length / 3, "the faults do something")
})
