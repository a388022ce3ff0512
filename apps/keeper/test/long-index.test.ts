/** A door with more credentials than an index of one chunk names: what lies ready for couriers. */
import { piecesOf, secretsIn, verifyManifest } from "@holdfast/access/door"
import { toHex } from "@holdfast/base/text"
import { Keeper } from "@holdfast/keeper"
import { MemoryDisk, nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, notEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import { foundedSite, idFor, LOBBY, portsOf } from "./site.ts"

/** A door of 92 credentials, and the hashes of its policy and of the index of its secrets. */
async function crowdedSite() {
  const disk = new MemoryDisk()
  const { keeper, owner, lock, clock, enroller } = await foundedSite(disk)
  const crowd = Array.from({ length: 90 }, (_, at) => `p${at}`)
  const cards = crowd.map((name, at) =>
    owner.card(`${name}'s card`, name, Uint8Array.of(4, 8, 0, 0, 0, 0, at), enroller.publicKey),
  )
  await owner.state(keeper, [...crowd.map((name) => owner.person(name)), ...cards])
  await owner.state(keeper, owner.access("crowd", crowd, [LOBBY]))
  const answer = keeper.policy(lock.door, 0)
  ok(answer.ok)
  const manifest = verifyManifest(owner.site, answer.offer.manifest, keeper.keys().keeper, nodeCrypto)
  ok(manifest.ok)
  return { disk, keeper, lock, clock, answer, manifest: manifest.value }
}

test("an index of secrets that is longer than a chunk lies with the policies, for any courier, in the chunks that were signed", async () => {
  const { disk, keeper, lock, answer, manifest } = await crowdedSite()
  const { policyHash, secretsHash, chunks } = manifest
  const [policy, index] = [policyHash, secretsHash].map((hash) => disk.read(`policies/${toHex(hash)}`))
  ok(policy !== null && policy !== undefined && index !== null && index !== undefined)
  equal(secretsIn(index), 92)
  equal(answer.offer.secrets.length, 0)
  const pieces = piecesOf(policy, index)
  deepEqual(
    pieces.chunks.map((chunk) => toHex(nodeCrypto.sha256(chunk))),
    chunks.map(toHex),
  )
  notEqual(keeper.secret(lock.door, idFor<"CredentialId">("p89's card")), null)
})

test("a keeper that starts again leaves such an index where couriers find it, and makes one that is gone anew", async () => {
  const { disk, keeper, lock, clock, manifest } = await crowdedSite()
  const path = `policies/${toHex(manifest.secretsHash)}`
  const again = await Keeper.open(portsOf(disk, clock))
  const { size } = keeper.state
  equal(again.state.size, size, "nothing had to be made anew")
  notEqual(disk.read(path), null)
  disk.remove(path)
  const anew = await Keeper.open(portsOf(disk, clock))
  equal(anew.state.size, size + 1, "its note")
  notEqual(disk.read(path), null)
  ok(anew.policy(lock.door, 0).ok)
})
