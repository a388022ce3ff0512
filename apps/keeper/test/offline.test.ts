/** Offline PINs at the keeper: two halves that no one holds together, and codes that a lock works out though it heard of none. */
import { type Change, decodeIssuedSecret } from "@holdfast/access"
import { decodeSecret } from "@holdfast/access/door"
import { type CredentialId, idOf, unixSeconds } from "@holdfast/base"
import { acceptable, descriptorBytes, joinShares, searchOffline, shareFrom } from "@holdfast/lock/offline"
import { hpkeInfo, MemoryDisk, newEs256, newHpkeKeyPair, nodeCrypto, openSealed } from "@holdfast/port-node"
import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import { Keeper } from "../src/keeper.ts"
import { ANA, foundedSite, idFor, LOBBY, NOW_MS, portsOf, TestLock } from "./site.ts"

const OWNER = idFor<"CredentialId">("ana's owner half")
const SITE = idFor<"CredentialId">("ana's site half")
const HOUR = Math.floor(NOW_MS / 3_600_000)
/** Bytes of the right shape that are no point of the curve. */
const NO_KEY = new Uint8Array(65).fill(4)
const said = { type: "one-time", start: HOUR, duration: 0, sequence: 0 } as const

type Site = Awaited<ReturnType<typeof foundedSite>>

const add = (what: "owner half" | "site half", recipient: Uint8Array): Change => {
  const person = idFor<"PersonId">(ANA)
  if (what === "site half") return { kind: "credential add", credential: SITE, person, what }
  return { kind: "credential add", credential: OWNER, person, what, recipient }
}

const code = (recipient: Uint8Array, credential: CredentialId = OWNER, door = idFor<"DoorId">(LOBBY)): Change => {
  return { kind: "offline code", credential, door, ...said, recipient }
}

/** What the keeper told the enroller about a change. */
async function told(site: Site, change: Change): Promise<ReturnType<typeof decodeIssuedSecret>> {
  const { issued } = await site.owner.state(site.keeper, [{ change }])
  const plain = openSealed(site.enroller, hpkeInfo("issued", site.owner.site), issued[0]?.sealed ?? new Uint8Array(0))
  return plain === null ? null : decodeIssuedSecret(plain)
}

/** A half as it is sealed to a door's lock. */
function halfAt({ keeper, owner }: Site, lock: TestLock, credential: CredentialId): Uint8Array {
  const sealed = keeper.secret(lock.door, credential)
  const plain = sealed === null ? null : openSealed(lock.hpke, hpkeInfo("secret", owner.site), sealed)
  const secret = plain === null ? null : decodeSecret(plain)
  ok(secret?.kind === "offline half")
  return secret.key
}

test("what cannot be asked for: a recipient that is no key, a half that is none, a door that is none, nobody's", async () => {
  const site = await foundedSite(new MemoryDisk())
  const key = site.enroller.publicKey
  const wrong: readonly (readonly [Change, string])[] = [
    [add("owner half", NO_KEY), "recipient is no key"],
    [code(key), "unknown credential"],
    [code(key, idFor<"CredentialId">("ana's pin")), "unknown credential"],
  ]
  for (const [change, fault] of wrong) {
    const [outcome] = (await site.owner.submit(site.keeper, [{ change }])).outcomes
    equal(outcome?.admitted === false ? outcome.fault : null, fault)
  }
  await site.owner.state(site.keeper, [{ change: add("owner half", key) }])
  equal(await told(site, code(key)), null, "without a half of the site there is nothing to give")
  for (const [change, fault] of [
    [code(key, OWNER, idOf<"DoorId">(new Uint8Array(16))), "unknown door"],
    [code(NO_KEY), "recipient is no key"],
  ] as const) {
    const [outcome] = (await site.owner.submit(site.keeper, [{ change }])).outcomes
    equal(outcome?.admitted === false ? outcome.fault : null, fault)
  }
})

test("the owner's half and the site's share make a code that the lock's own two halves find", async () => {
  const site = await foundedSite(new MemoryDisk())
  const { enroller, lock } = site
  const half = await told(site, add("owner half", enroller.publicKey))
  equal(await told(site, add("site half", enroller.publicKey)), null, "the site's half is told to nobody")
  const share = await told(site, code(enroller.publicKey))
  ok(half?.kind === "owner half" && share?.kind === "offline share")
  equal(share.digits, 9)
  const descriptor = { ...said, epoch: 0 }
  const own = shareFrom(nodeCrypto.hmacSha256(half.key, descriptorBytes(descriptor)), share.digits)
  const pin = String(joinShares(own, share.share, share.digits)).padStart(share.digits, "0")
  const [owner, site_half] = [halfAt(site, lock, OWNER), halfAt(site, lock, SITE)]
  deepEqual(owner, half.key)
  const at = unixSeconds(Math.floor(NOW_MS / 1_000))
  deepEqual(searchOffline(nodeCrypto, owner, site_half, acceptable(at, 0), pin, share.digits), descriptor)
  equal(searchOffline(nodeCrypto, site_half, site_half, acceptable(at, 0), pin, share.digits), null)
})

test("attack 58: the site's half is another one at each door, and a board that moves gets the new door's", async () => {
  const site = await foundedSite(new MemoryDisk())
  const { owner, keeper, lock, enroller } = site
  const back = new TestLock(owner, "Back door")
  const moved: Change = {
    kind: "lock pair",
    door: back.door,
    journalKey: lock.key.publicKey,
    hpkeKey: lock.hpke.publicKey,
    serial: "TEST-1",
  }
  await owner.state(keeper, [
    owner.door("Back door"),
    back.pairing(),
    ...owner.access("back", [ANA], ["Back door"]),
    { change: add("owner half", enroller.publicKey) },
    { change: add("site half", enroller.publicKey) },
  ])
  const [here, there] = [halfAt(site, lock, SITE), halfAt(site, back, SITE)]
  notDeepEqual(here, there)
  deepEqual(halfAt(site, lock, OWNER), halfAt(site, back, OWNER))
  await owner.state(keeper, [{ change: moved }])
  const sealed = keeper.secret(back.door, SITE)
  const plain = sealed === null ? null : openSealed(lock.hpke, hpkeInfo("secret", owner.site), sealed)
  const secret = plain === null ? null : decodeSecret(plain)
  deepEqual(secret?.kind === "offline half" ? secret.key : null, there)
})

test("a site with a phone starts again: the keeper has no secret of it to miss", async () => {
  const disk = new MemoryDisk()
  const { owner, keeper, clock } = await foundedSite(disk)
  const credential = idFor<"CredentialId">("ana's phone")
  const person = idFor<"PersonId">(ANA)
  await owner.state(keeper, [
    { change: { kind: "credential add", credential, person, what: "phone", key: newEs256().publicKey } },
  ])
  await keeper.close()
  equal((await Keeper.open(portsOf(disk, clock))).state.credentials.get(credential)?.what, "phone")
})

test("the halves outlive a restart, and two recipients of one code hear the same share", async () => {
  const disk = new MemoryDisk()
  const site = await foundedSite(disk)
  const { owner, enroller, clock } = site
  await owner.state(site.keeper, [
    { change: add("owner half", enroller.publicKey) },
    { change: add("site half", enroller.publicKey) },
  ])
  const before = await told(site, code(enroller.publicKey))
  const sealed = halfAt(site, site.lock, SITE)
  await site.keeper.close()
  const again = { ...site, keeper: await Keeper.open(portsOf(disk, clock)) }
  const other = newHpkeKeyPair()
  const { issued } = await owner.state(again.keeper, [{ change: code(other.publicKey) }])
  const plain = openSealed(other, hpkeInfo("issued", owner.site), issued[0]?.sealed ?? new Uint8Array(0))
  deepEqual(plain === null ? null : decodeIssuedSecret(plain), before)
  deepEqual(halfAt(again, again.lock, SITE), sealed)
})
