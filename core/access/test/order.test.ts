/** Orders: who may say what with which key, from the vectors; every damage to their bytes (I-07, attacks 11 and 96). */
import { deepEqual, equal, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { parseId, type SiteId } from "@holdfast/base"
import { fromHex, toHex } from "@holdfast/base/text"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { ACTS, NARROWING_ACTS } from "../src/act.ts"
import { decodePolicy, encodePolicy } from "../src/door.ts"
import { verifyOrder } from "../src/order.ts"
import { door, keyOf, person } from "./building.ts"
import { NONCE, orderPolicy, orders, strangeOrders, VERSION } from "./vector-order.ts"

type Vector = { readonly name: string; readonly hex: string }
type File = { readonly policy: string; readonly nonce: string; readonly orders: readonly Vector[] }
const file = JSON.parse(readFileSync(new URL("../../../vectors/access-order.json", import.meta.url), "utf8")) as File

const bytesOf = (hex: string): Uint8Array => {
  const bytes = fromHex(hex)
  ok(bytes !== null)
  return bytes
}
const policy = orderPolicy()

test("the policy of a door that takes orders names its actors, and comes back the same", () => {
  const decoded = decodePolicy(bytesOf(file.policy))
  ok(decoded !== null)
  deepEqual(decoded.actors, policy.actors)
  equal(toHex(encodePolicy(decoded)), file.policy)
})

for (const { name, hex } of file.orders)
  test(`order "${name}" is taken by the named alone, at this site, and no damaged bytes say anything else`, () => {
    const bytes = bytesOf(hex)
    const said = verifyOrder(policy, bytes, crypto)
    ok(said.ok)
    deepEqual([said.order.door, said.order.version, toHex(said.nonce)], [door("lab"), VERSION, file.nonce])
    for (let size = 0; size < bytes.length; size += 7)
      equal(verifyOrder(policy, bytes.slice(0, size), crypto).ok, false)
    for (let bit = 0; bit < bytes.length * 8; bit += 5) {
      const flipped = bytes.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const other = verifyOrder(policy, flipped, crypto)
      if (other.ok) deepEqual(other, said)
    }
    const thieves = policy.actors.map((actor) => ({ ...actor, key: keyOf("thief").publicKey }))
    deepEqual(verifyOrder({ ...policy, actors: [] }, bytes, crypto), { ok: false, fault: "unknown signer" })
    deepEqual(verifyOrder({ ...policy, actors: thieves }, bytes, crypto), { ok: false, fault: "unknown signer" })
    const elsewhere = parseId<"SiteId">("00112233445566778899aabbccddeeff") as SiteId
    equal(verifyOrder({ ...policy, site: elsewhere }, bytes, crypto).ok, false)
  })

test("the vectors are what the code makes", () => {
  deepEqual(
    file.orders.map(({ hex }) => hex),
    orders().map(({ bytes }) => toHex(bytes)),
  )
  equal(file.nonce, toHex(NONCE))
})

for (const { name, fault, bytes } of strangeOrders())
  test(`attack 11: refused as "${fault}": ${name}`, () =>
    deepEqual(verifyOrder(policy, bytes, crypto), { ok: false, fault }))

test("attack 96: a lock that names nobody obeys nobody, and who may only narrow never opens", () => {
  for (const { bytes } of orders()) equal(verifyOrder({ ...policy, actors: [] }, bytes, crypto).ok, false)
  for (const actor of policy.actors)
    if (actor.person === person("gil")) deepEqual(actor.acts, NARROWING_ACTS)
    else deepEqual(actor.acts, ACTS)
})
