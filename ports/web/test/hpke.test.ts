/** HPKE in the browser's port: what another implementation sealed opens here, and what was changed does not. */
import { fromHex, toHex, utf8 } from "@holdfast/base/text"
import { deepEqual, equal, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { newSealingKey, type SealingKey } from "../src/keys.ts"
import { hpkeInfo, openSealed, sealTo } from "../src/hpke.ts"

type Vector = {
  name: string
  purpose: "issued" | "attachment" | "openings"
  site: string
  info: string
  private_key_pkcs8: string
  public_key: string
  plain: string
  sealed: string
}
const file = new URL("../../../vectors/hpke.json", import.meta.url)
const vectors = (JSON.parse(readFileSync(file, "utf8")) as { open: Vector[] }).open

function bytes(hex: string): Uint8Array<ArrayBuffer> {
  const read = fromHex(hex)
  ok(read !== null)
  return new Uint8Array(read)
}

async function keyOf(vector: Vector): Promise<SealingKey> {
  const kind = { name: "ECDH", namedCurve: "P-256" }
  const privateKey = await crypto.subtle.importKey("pkcs8", bytes(vector.private_key_pkcs8), kind, false, [
    "deriveBits",
  ])
  return { privateKey, publicKey: bytes(vector.public_key) }
}

test("a message with one byte changed, cut or added does not open", async () => {
  for (const vector of vectors.slice(0, 2)) {
    const own = await keyOf(vector)
    const sealed = bytes(vector.sealed)
    for (let at = 0; at < sealed.length; at += 3) {
      const changed = sealed.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      equal(await openSealed(own, bytes(vector.info), changed), null, `${vector.name}: byte ${at}`)
    }
    for (const length of [0, 1, 64, 65, 80, sealed.length - 1])
      equal(await openSealed(own, bytes(vector.info), sealed.slice(0, length)), null)
  }
})

test("a message for another purpose or another site does not open", async () => {
  const own = await newSealingKey()
  const site = "00112233445566778899aabbccddeeff" as Parameters<typeof hpkeInfo>[1]
  const other = "ff112233445566778899aabbccddeeff" as Parameters<typeof hpkeInfo>[1]
  const sealed = await sealTo(own.publicKey, hpkeInfo("issued", site), utf8("482913"))
  ok(sealed !== null)
  equal(await openSealed(own, hpkeInfo("look", site), sealed), null)
  equal(await openSealed(own, hpkeInfo("issued", other), sealed), null)
  deepEqual(await openSealed(own, hpkeInfo("issued", site), sealed), utf8("482913"))
})

test("a recipient that is no point of the curve gets nothing", async () => {
  equal(await sealTo(new Uint8Array(65), new Uint8Array(0), utf8("x")), null)
  equal(await sealTo(new Uint8Array(64), new Uint8Array(0), utf8("x")), null)
})

for (const vector of vectors)
  test(`opens ${vector.name}`, async () => {
    const site = vector.site as Parameters<typeof hpkeInfo>[1]
    equal(toHex(hpkeInfo(vector.purpose, site)), vector.info)
    const plain = await openSealed(await keyOf(vector), bytes(vector.info), bytes(vector.sealed))
    ok(plain !== null)
    equal(toHex(plain), vector.plain)
  })
