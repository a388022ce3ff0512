/** What time makes old at a keeper, and is made anew: policies after thirty days, and those that name a key whose time is over. */
import type { Change } from "@holdfast/access"
import { decodePolicy, verifyManifest } from "@holdfast/access/door"
import { equalBytes, unixSeconds } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { MemoryDisk, newEs256, nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { ANA, foundedSite, idFor, NOW_MS } from "./site.ts"

test("after thirty days a policy is compiled again, and only then", async () => {
  const { keeper, lock, clock, owner } = await foundedSite(new MemoryDisk())
  const before = keeper.state.issued.get(lock.door)
  clock.pass(29 * 86_400_000)
  await keeper.renew()
  deepEqual(keeper.state.issued.get(lock.door), before)
  clock.pass(2 * 86_400_000)
  await keeper.renew()
  const after = keeper.state.issued.get(lock.door)
  ok(before !== undefined && after !== undefined && after.version.size > before.version.size)
  const answer = keeper.policy(lock.door, 0)
  ok(answer.ok)
  const manifest = verifyManifest(owner.site, answer.offer.manifest, keeper.keys().keeper, nodeCrypto)
  ok(manifest.ok && equalBytes(manifest.value.policyHash, after.policyHash))
})

test("I-22: a policy does not go on naming a key whose time is over", async () => {
  const disk = new MemoryDisk()
  const { keeper, lock, clock, owner } = await foundedSite(disk)
  const notAfter = unixSeconds(Math.floor(NOW_MS / 1000) + 3_600)
  const ends = { key: newEs256().publicKey, keyKind: "software", kinds: null, notAfter } as const
  const delegate: Change = { kind: "delegate", person: idFor(ANA), ...ends, credentialId: null, backupFlags: 0 }
  await owner.state(keeper, [{ change: delegate }])
  const speakers = async (): Promise<number | undefined> => {
    await keeper.renew()
    const hash = keeper.state.issued.get(lock.door)?.policyHash
    return decodePolicy(disk.read(`policies/${toHex(hash ?? new Uint8Array(0))}`) ?? new Uint8Array(0))?.deniers.length
  }
  clock.pass(3_600_000)
  equal(await speakers(), 1, "all of its last second counts")
  clock.pass(1_000)
  equal(await speakers(), 0)
  const { issued } = keeper.state
  equal(await speakers(), 0)
  equal(keeper.state.issued, issued, "and once is enough")
})
