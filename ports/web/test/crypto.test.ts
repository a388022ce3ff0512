/** The browser's Crypto and Node's answer alike, for good input and for bad. */
import { concat, type Crypto, utf8 } from "@holdfast/base"
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
    if (size % 16 !== 0 || size === 0) continue
    const sealed = nodeCrypto.aesCbcEncrypt(key, key, bytes)
    deepEqual(webCrypto.aesCbcEncrypt(key, key, bytes), sealed)
    deepEqual(webCrypto.aesCbcDecrypt(key, key, sealed), bytes)
  }
})
