/** COSE_Sign1 in the one shape Holdfast signs: RFC 9052's example, both ways, every truncation, every wrong binding. */
import { idOf } from "@holdfast/base"
import { encodeCbor } from "@holdfast/base/cbor"
import {
  ALG_ES256,
  bytesToSign,
  decodeCoseKey,
  decodeSigned,
  encodeCoseKey,
  encodeSigned,
  isLowS,
  kidOf,
  publicKey,
  type SignedType,
  toLowS,
  verifySigned,
} from "@holdfast/base/cose"
import { fromHex, toHex, utf8 } from "@holdfast/base/text"
import { newEs256, nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

const vector: Record<string, string> = JSON.parse(
  readFileSync(new URL("../../../vectors/cose.json", import.meta.url), "utf8"),
)
function part(name: string): Uint8Array {
  const bytes = fromHex(vector[name] ?? "")
  ok(bytes !== null)
  return bytes
}

const signer = newEs256()
const site = idOf<"SiteId">(utf8("sixteen bytes id"))
const otherSite = idOf<"SiteId">(utf8("sixteen other id"))
const header = { alg: ALG_ES256, kid: kidOf(signer.publicKey, nodeCrypto), type: "lease" as SignedType }
const payload = utf8("a payload")
const signedBytes = encodeSigned(header, payload, signer.sign(bytesToSign(header, site, payload)))

test("RFC 9052 C.2.1: the Sig_structure is byte for byte the same and its signature verifies", () => {
  const structure = encodeCbor(["Signature1", part("protected"), part("external_aad"), part("payload")])
  equal(toHex(structure), vector["sig_structure"])
  const key = publicKey(new Uint8Array([...part("x"), ...part("y")]))
  ok(nodeCrypto.verifyEs256(key, structure, part("signature")))
  const changed = structure.slice()
  changed[changed.length - 1] = 0
  ok(!nodeCrypto.verifyEs256(key, changed, part("signature")))
})

test("a signed thing opens for its type and its site, and for no other", () => {
  const opened = decodeSigned("lease", site, signedBytes)
  ok(opened !== null)
  deepEqual(opened.payload, payload)
  ok(verifySigned(opened, signer.publicKey, nodeCrypto))
  equal(decodeSigned("beacon", site, signedBytes), null)
  const elsewhere = decodeSigned("lease", otherSite, signedBytes)
  ok(elsewhere !== null && !verifySigned(elsewhere, signer.publicKey, nodeCrypto), "another site's aad does not verify")
  ok(!verifySigned(opened, newEs256().publicKey, nodeCrypto), "another key does not verify")
})

test("no truncation decodes, and no flipped bit verifies", () => {
  for (let size = 0; size < signedBytes.length; size++)
    equal(decodeSigned("lease", site, signedBytes.slice(0, size)), null)
  for (let at = 0; at < signedBytes.length; at++)
    for (let bit = 0; bit < 8; bit++) {
      const flipped = signedBytes.slice()
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
      const opened = decodeSigned("lease", site, flipped)
      ok(opened === null || !verifySigned(opened, signer.publicKey, nodeCrypto), `bit ${bit} of byte ${at}`)
    }
})

test("the high-s spelling of a valid signature is refused", () => {
  const opened = decodeSigned("lease", site, signedBytes)
  ok(opened !== null && isLowS(opened.signature))
  for (let i = 0; i < 20; i++) {
    const low = signer.sign(utf8(`message ${i}`))
    ok(isLowS(low) && nodeCrypto.verifyEs256(signer.publicKey, utf8(`message ${i}`), low))
    deepEqual(toLowS(low), low)
  }
  const order = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
  const high = (order - BigInt(`0x${toHex(opened.signature.slice(32))}`)).toString(16).padStart(64, "0")
  const respelled = new Uint8Array([...opened.signature.slice(0, 32), ...(fromHex(high) ?? [])])
  ok(nodeCrypto.verifyEs256(signer.publicKey, opened.signed, respelled), "ECDSA itself accepts both spellings")
  ok(!verifySigned({ ...opened, signature: respelled }, signer.publicKey, nodeCrypto))
  deepEqual(toLowS(respelled), opened.signature)
})

test("a COSE_Key goes both ways and nothing else is a key", () => {
  const bytes = encodeCoseKey(signer.publicKey)
  deepEqual(decodeCoseKey(bytes), signer.publicKey)
  for (let size = 0; size < bytes.length; size++) equal(decodeCoseKey(bytes.slice(0, size)), null)
  equal(decodeCoseKey(encodeCbor(new Map([[1, 2]]))), null)
})
