/** HPKE against the RFC's vector, and against everything that an envelope must not survive. */
import { byteAt, idOf, parseId } from "@holdfast/base"
import { fromHex, toHex } from "@holdfast/base/text"
import { hpkeKeyPair, newHpkeKeyPair, openSealed, type HpkePurpose, hpkeInfo, sealTo } from "@holdfast/port-node"
import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { AES_128_GCM, openWith, sealWith } from "../src/hpke.ts"

const vector: Record<string, string> = JSON.parse(
  readFileSync(new URL("../../../vectors/hpke-rfc9180.json", import.meta.url), "utf8"),
)

function field(name: string): Uint8Array {
  const bytes = fromHex(vector[name] ?? "")
  ok(bytes !== null && bytes.length > 0, `the vector has ${name}`)
  return bytes
}

test("RFC 9180, A.3.1: both public keys, the sealed bytes and back", () => {
  const ephemeral = hpkeKeyPair(field("ephemeral_private"))
  const recipient = hpkeKeyPair(field("recipient_private"))
  deepEqual(ephemeral.publicKey, field("ephemeral_public"))
  deepEqual(recipient.publicKey, field("recipient_public"))
  const sealed = sealWith(AES_128_GCM, ephemeral, recipient.publicKey, field("info"), field("aad"), field("plaintext"))
  ok(sealed !== null)
  equal(toHex(sealed), toHex(field("ephemeral_public")) + toHex(field("ciphertext")))
  deepEqual(openWith(AES_128_GCM, recipient, field("info"), field("aad"), sealed), field("plaintext"))
  equal(openWith(AES_128_GCM, recipient, field("info"), field("info"), sealed), null)
})

const site = idOf<"SiteId">(new Uint8Array(16).fill(7))
const lock = newHpkeKeyPair()
const info = hpkeInfo("secret", site)
const message = Uint8Array.of(1, 2, 3, 4, 5)

function seal(): Uint8Array {
  const sealed = sealTo(lock.publicKey, info, message)
  ok(sealed !== null)
  return sealed
}

test("an envelope opens for its recipient, its purpose and its site only", () => {
  const sealed = seal()
  deepEqual(openSealed(lock, info, sealed), message)
  equal(openSealed(newHpkeKeyPair(), info, sealed), null)
  equal(openSealed(lock, hpkeInfo("issued", site), sealed), null)
  equal(openSealed(lock, hpkeInfo("secret", idOf<"SiteId">(new Uint8Array(16))), sealed), null)
})

test("no truncation and no flipped bit opens", () => {
  const sealed = seal()
  for (let size = 0; size < sealed.length; size++) equal(openSealed(lock, info, sealed.subarray(0, size)), null)
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const flipped = sealed.slice()
    flipped[bit >> 3] = byteAt(flipped, bit >> 3) ^ (1 << (bit & 7))
    equal(openSealed(lock, info, flipped), null, `bit ${bit}`)
  }
})

test("nothing is sealed to what is no point of the curve", () => {
  const point = lock.publicKey.slice()
  point[40] = byteAt(point, 40) ^ 1
  for (const wrong of [point, point.subarray(1), new Uint8Array(65), new Uint8Array(0)])
    equal(sealTo(wrong, info, message), null)
})

test("sealing twice never gives the same bytes", () => {
  notDeepEqual(seal(), seal())
})

test("info spells the purpose, a zero and the site", () => {
  equal(toHex(hpkeInfo("look", site)), `${toHex(new TextEncoder().encode("holdfast/look/v1"))}00${"07".repeat(16)}`)
})

type Sealed = {
  name: string
  site: string
  purpose: HpkePurpose
  private_key_pkcs8: string
  plain: string
  sealed: string
}
const foreign: { open: Sealed[] } = JSON.parse(
  readFileSync(new URL("../../../vectors/hpke.json", import.meta.url), "utf8"),
)
/** Where the scalar begins in the PKCS#8 form of a P-256 key: RFC 5208 around RFC 5915. */
const SCALAR_OFFSET = 36

for (const { name, site, purpose, private_key_pkcs8, plain, sealed } of foreign.open)
  test(`sealed by another implementation: ${name}`, () => {
    const pkcs8 = fromHex(private_key_pkcs8)
    const envelope = fromHex(sealed)
    const id = parseId<"SiteId">(site)
    ok(pkcs8 !== null && envelope !== null && id !== null)
    const pair = hpkeKeyPair(pkcs8.slice(SCALAR_OFFSET, SCALAR_OFFSET + 32))
    const opened = openSealed(pair, hpkeInfo(purpose, id), envelope)
    equal(opened && toHex(opened), plain)
  })
