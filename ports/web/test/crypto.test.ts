/** The browser's Crypto and Node's answer alike, for good input and for bad. */
import { concat, type Crypto } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal } from "node:assert/strict"
import { generateKeyPairSync, sign } from "node:crypto"
import { test } from "node:test"
import { webCrypto } from "../src/crypto.ts"

const both: readonly (readonly [string, Crypto])[] = [
  ["node", nodeCrypto],
  ["web", webCrypto],
]
const counted = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => (at * 31) & 255)

const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" })
const p256Point = new Uint8Array(p256.publicKey.export({ format: "der", type: "spki" }).subarray(27))
const ed25519 = generateKeyPairSync("ed25519")
const ed25519Point = new Uint8Array(ed25519.publicKey.export({ format: "der", type: "spki" }).subarray(12))
const message = utf8("the bolt is thrown")
const es256 = new Uint8Array(sign("sha256", message, { key: p256.privateKey, dsaEncoding: "ieee-p1363" }))
const eddsa = new Uint8Array(sign(null, message, ed25519.privateKey))

for (const [name, crypto] of both) {
  test(`${name}: signatures that do not verify answer false and never throw`, () => {
    for (const size of [0, 63, 64, 65]) {
      equal(crypto.verifyEs256(new Uint8Array(size), message, es256), false)
      equal(crypto.verifyEs256(p256Point, message, new Uint8Array(size)), false)
    }
    for (const size of [0, 31, 33]) equal(crypto.verifyEd25519(new Uint8Array(size), message, eddsa), false)
    equal(crypto.verifyEd25519(ed25519Point, message, new Uint8Array(64)), false)
    equal(crypto.verifyEs256(p256Point, utf8("the bolt is drawn"), es256), false)
    equal(crypto.verifyEd25519(ed25519Point, utf8("the bolt is drawn"), eddsa), false)
  })
  test(`${name}: signatures verify`, () => {
    equal(crypto.verifyEs256(p256Point, message, es256), true)
    equal(crypto.verifyEd25519(ed25519Point, message, eddsa), true)
  })
}

test("both verify a signature with a high s, since low-S is the caller's rule", () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const s = BigInt(`0x${Buffer.from(es256.subarray(32)).toString("hex")}`)
  const other = Buffer.from((order - s).toString(16).padStart(64, "0"), "hex")
  const mirrored = concat(es256.subarray(0, 32), other)
  for (const [, crypto] of both) equal(crypto.verifyEs256(p256Point, message, mirrored), true)
})

test("hashes, MACs and ciphers agree for every length up to 130", () => {
  const key = counted(16)
  for (let size = 0; size <= 130; size++) {
    const bytes = counted(size)
    deepEqual(webCrypto.sha256(bytes), nodeCrypto.sha256(bytes))
    deepEqual(webCrypto.hmacSha256(key, bytes), nodeCrypto.hmacSha256(key, bytes))
    const nonce = counted(12)
    const box = nodeCrypto.aesGcmSeal(counted(32), nonce, bytes, bytes)
    deepEqual(webCrypto.aesGcmSeal(counted(32), nonce, bytes, bytes), box)
    deepEqual(webCrypto.aesGcmOpen(counted(32), nonce, bytes, box), bytes)
    if (size % 16 !== 0 || size === 0) continue
    const sealed = nodeCrypto.aesCbcEncrypt(key, key, bytes)
    deepEqual(webCrypto.aesCbcEncrypt(key, key, bytes), sealed)
    deepEqual(webCrypto.aesCbcDecrypt(key, key, sealed), bytes)
  }
})

/** SP 800-38D's proving ground: cases 13, 14 and 16 of McGrew and Viega, "The Galois/Counter Mode of Operation". */
const key16 = "feffe9928665731c6d6a8f9467308308".repeat(2)
const plain16 =
  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
const sealed16 =
  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
const gcmCases: readonly (readonly [string, string, string, string, string])[] = [
  ["00".repeat(32), "00".repeat(12), "", "", "530f8afbc74536b9a963b4f1c4cb738b"],
  [
    "00".repeat(32),
    "00".repeat(12),
    "",
    "00".repeat(16),
    "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
  ],
  [
    key16,
    "cafebabefacedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plain16,
    `${sealed16}76fc6ece0f4e1768cddf8853bb2d551b`,
  ],
]
const fromHexText = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))

for (const [name, crypto] of both) {
  test(`${name}: AES-256-GCM gives the published bytes, and opens them`, () => {
    for (const row of gcmCases) {
      const [key, nonce, context, plain, sealed] = row.map(fromHexText) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ]
      deepEqual(crypto.aesGcmSeal(key, nonce, context, plain), sealed)
      deepEqual(crypto.aesGcmOpen(key, nonce, context, sealed), plain)
    }
  })
  test(`${name}: what was sealed opens with nothing changed, cut off or added, and never throws`, () => {
    const [key, nonce, context, plain] = [counted(32), counted(12), utf8("page 7"), counted(40)]
    const sealed = crypto.aesGcmSeal(key, nonce, context, plain)
    for (let at = 0; at < sealed.length; at++) {
      equal(crypto.aesGcmOpen(key, nonce, context, sealed.slice(0, at)), null)
      equal(crypto.aesGcmOpen(key, nonce, context, sealed.with(at, (sealed[at] ?? 0) ^ 1)), null)
    }
    equal(crypto.aesGcmOpen(key, nonce, context, concat(sealed, Uint8Array.of(0))), null)
    equal(crypto.aesGcmOpen(key, nonce, utf8("page 8"), sealed), null)
    equal(crypto.aesGcmOpen(key, nonce.with(0, 1), context, sealed), null)
    equal(crypto.aesGcmOpen(key.with(0, 1), nonce, context, sealed), null)
    deepEqual(crypto.aesGcmOpen(key, nonce, context, sealed), plain)
  })
}
