/** The second look at an image, alone: what it adds up for each thing that holds, so that a slip in it is seen behind the first. */
import { keyHash, type VendorTrust, verifyImage } from "@holdfast/lock/image"
import { equal } from "node:assert/strict"
import { test } from "node:test"
import { secondLook } from "../src/image/verify.ts"
import { BOARD, imageCrypto as crypto, imageOf, VENDOR, VENDOR_KEYS, version, type Wish } from "./firmware.ts"

const WHOLE = 0x2e71_c50b
const FACTS = {
  hashed: 0x0113_2b41,
  signed: 0x0229_4c83,
  twice: 0x0457_9d07,
  fits: 0x088b_3a1f,
  risen: 0x1127_643d,
  follows: 0x0c15_88e2,
  newer: 0x0309_5d4b,
} as const
type Fact = keyof typeof FACTS

const revoked = [keyHash(crypto, "ed25519", VENDOR_KEYS.ed25519.key)]

// what the image is | the vendor | the board | what does not hold
const ROWS: readonly (readonly [Wish, Partial<VendorTrust>, Partial<typeof BOARD>, readonly Fact[]])[] = [
  [{}, {}, {}, []],
  [{ signers: ["es256"] }, {}, {}, []],
  [{ signers: ["ed25519", "es256"] }, { threshold: 2 }, {}, []],
  [{ revision_min: 3, revision_max: 3, counter: 5, version_min: version(1, 4) }, {}, {}, []],
  [{ twice: false, mlDsaKeyHash: null }, { mlDsa: null }, {}, []],
  [{ version: version(1, 1) }, {}, { replaces: null }, []],
  [{ signers: [] }, {}, {}, ["signed"]],
  [{ signers: [] }, { threshold: 0 }, {}, ["signed"]],
  [{ signers: ["debug"] }, {}, {}, ["signed"]],
  [{ signers: ["ed25519"] }, { threshold: 2 }, {}, ["signed"]],
  [{}, { revoked }, {}, ["signed"]],
  [{}, { keys: [] }, {}, ["signed"]],
  [{ twice: false }, {}, {}, ["twice"]],
  [{ mlDsaKeyHash: null }, {}, {}, ["twice"]],
  [{ mlDsaKeyHash: new Uint8Array(32) }, {}, {}, ["twice"]],
  [{ model: "HF-6000" }, {}, {}, ["fits"]],
  [{ revision_min: 4 }, {}, {}, ["fits"]],
  [{ revision_max: 2 }, {}, {}, ["fits"]],
  [{ counter: 4 }, {}, {}, ["risen"]],
  [{ version_min: version(1, 5) }, {}, {}, ["follows"]],
  [{ version: version(1, 4) }, {}, {}, ["newer"]],
  [{ version: version(1, 3, 9, 9) }, {}, {}, ["newer"]],
  [{ signers: [], twice: false, model: "HF-6000", counter: 4 }, {}, {}, ["signed", "twice", "fits", "risen"]],
]
for (const [wish, vendor, board, missing] of ROWS)
  test(`attack 61: the second look alone at ${JSON.stringify(wish)} misses ${missing.join(", ") || "nothing"}`, () => {
    const mark = secondLook(imageOf(wish), { ...VENDOR, ...vendor }, { ...BOARD, ...board }, crypto)
    equal(mark, WHOLE - missing.reduce((sum, fact) => sum + FACTS[fact], 0))
  })

test("attack 61: to the second look a byte that is changed unmakes the hash and both signatures, and no image is nothing", () => {
  const torn = imageOf()
  torn[34] = (torn[34] ?? 0) ^ 1 // In the payload, or beside it: nothing that either look reads.
  equal(secondLook(torn, VENDOR, BOARD, crypto), WHOLE - FACTS.hashed - FACTS.signed - FACTS.twice)
  equal(secondLook(new Uint8Array(64), VENDOR, BOARD, crypto), 0)
})

test("attack 66: a vendor who asks for no key at all is asked for one", () => {
  const verified = verifyImage(imageOf({ signers: [] }), { ...VENDOR, threshold: 0 }, BOARD, crypto)
  equal(verified.ok ? "runs" : verified.fault, "wrong signature")
})
