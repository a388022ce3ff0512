/** What the keeper admits, issues, seals and shows. */
import { type Change, decodeIssuedSecret } from "@holdfast/access"
import {
  decodePolicy,
  decodeSecret,
  secretNameAt,
  secretsIn,
  verifyBeacon,
  verifyLease,
  verifyManifest,
} from "@holdfast/access/door"
import { equalBytes, unixMillis } from "@holdfast/base"
import { encodeCoseKey } from "@holdfast/base/cose"
import { toHex, utf8 } from "@holdfast/base/text"
import { Keeper } from "@holdfast/keeper"
import { encodeEntry, parseReceipt, verifierOf, verifyConsistency, verifyReceipt } from "@holdfast/ledger"
import { encodeAdmittedAt } from "@holdfast/lock"
import { cardKey } from "@holdfast/lock/devices"
import { hpkeInfo, MemoryDisk, newHpkeKeyPair, nodeCrypto, openSealed } from "@holdfast/port-node"
import { deepEqual, equal, notEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import { ANA, BO, foundedSite, idFor, LOBBY, NOW_MS, Owner, portsOf, random, TestClock, TestLock } from "./site.ts"

type Site = Awaited<ReturnType<typeof foundedSite>>

function verifierFor(site: Site, logClass: string): ReturnType<typeof verifierOf> {
  return verifierOf(`${site.owner.site}/${logClass}/2026Q4`, site.keeper.keys().logKey, nodeCrypto)
}

function isProved(site: Site, logClass: string, type: number, bytes: Uint8Array, receiptBytes: Uint8Array): boolean {
  const parsed = parseReceipt(receiptBytes)
  if (!parsed.ok) return false
  const at = unixMillis(site.clock.wall_ms)
  deepEqual(parsed.receipt.extra, encodeAdmittedAt(at))
  const verifier = verifierFor(site, logClass)
  const entry = encodeEntry({ type, admittedAt: at, bytes })
  return verifyReceipt(parsed.receipt, entry, verifier.name, verifier, nodeCrypto).ok
}

const faultsOf = (answer: Awaited<ReturnType<Keeper["submit"]>>): string[] =>
  answer.outcomes.map((outcome) => (outcome.admitted ? "" : outcome.fault))

test("before there is a site nothing is kept, and the keys are told", async () => {
  const clock = new TestClock()
  const keeper = await Keeper.open(portsOf(new MemoryDisk(), clock))
  equal(keeper.site, null)
  equal(keeper.keys().logKey.length, 32)
  deepEqual(await keeper.answer({ operation: "beacon", nonce: random(16) }), {
    operation: "refused",
    fault: "no site was founded here",
  })
  const status = await keeper.answer({ operation: "status" })
  ok(status.operation === "status" && status.state.get(0) === null)
})

test("founding: only a root that names this keeper, once, and again the same", async () => {
  const clock = new TestClock()
  const keeper = await Keeper.open(portsOf(new MemoryDisk(), clock))
  const other = await Keeper.open(portsOf(new MemoryDisk(), clock))
  deepEqual(await keeper.found(new Owner(other, clock).root), { ok: false, fault: "names another keeper" })
  deepEqual(await keeper.found(utf8("no root")), { ok: false, fault: "malformed" })
  const owner = new Owner(keeper, clock)
  deepEqual(await keeper.found(owner.root), { ok: true, site: owner.site })
  deepEqual(await keeper.found(owner.root), { ok: true, site: owner.site })
  deepEqual(await keeper.found(new Owner(keeper, clock).root), { ok: false, fault: "another site is kept here" })
})

test("statements: bad ones are refused one by one, the others get receipts that prove them", async () => {
  const site = await foundedSite(new MemoryDisk())
  const { keeper, owner } = site
  const good = owner.sign({ kind: "group set", group: idFor<"GroupId">("guests"), name: "guests" })
  const unknown = owner.sign({ kind: "person revoke", person: idFor<"PersonId">("nobody") })
  const nameless = owner.sign(owner.person("Cy Marsh").change)
  const falsely = owner.person("Dee Roe")
  const answer = await keeper.submit(
    [utf8("garbage"), unknown, nameless, owner.sign(falsely.change), good],
    [owner.attach(idFor("Dee Roe"), random(16), "Dee Roe")],
  )
  deepEqual(faultsOf(answer), [
    "malformed",
    "unknown person",
    "attachment missing",
    "attachment does not open the commitment",
    "",
  ])
  const last = answer.outcomes.at(-1)
  ok(last?.admitted && isProved(site, "authority", 2, good, last.receipt))
})

test("a statement that comes again gets the same place and changes nothing", async () => {
  const { keeper, owner } = await foundedSite(new MemoryDisk())
  const bytes = owner.sign({ kind: "group set", group: idFor<"GroupId">("guests"), name: "guests" })
  const first = await keeper.submit([bytes, bytes], [])
  const { size } = keeper.head("authority")
  const again = await keeper.submit([bytes], [])
  deepEqual(faultsOf(first), ["", ""])
  const indexes = [...first.outcomes, ...again.outcomes].map((outcome) => outcome.admitted && outcome.index)
  equal(new Set(indexes).size, 1)
  equal(keeper.head("authority").size, size)
})

test("two statements that race: the one that expects what the other changed is refused", async () => {
  const { keeper, owner } = await foundedSite(new MemoryDisk())
  const person = idFor<"PersonId">(BO)
  const index = keeper.state.touched.get(person)
  ok(index !== undefined)
  const expects = [{ object: person, index }]
  const answers = await Promise.all([
    keeper.submit([owner.sign({ kind: "person revoke", person }, expects)], []),
    keeper.submit([owner.sign({ kind: "person revoke", person }, expects)], []),
  ])
  deepEqual(answers.map(faultsOf), [[""], ["changed since"]])
})

test("a zone that nobody stated a table for: the keeper states it first", async () => {
  const { keeper, owner } = await foundedSite(new MemoryDisk())
  const schedule = (zone: string): Change => ({
    kind: "schedule set",
    schedule: idFor<"ScheduleId">(zone),
    name: "office",
    zone,
    rules: [{ days: 31, from_min: 480, until_min: 1080 }],
    closedDays: [],
  })
  const { size } = keeper.head("authority")
  const answer = await keeper.submit(
    ["Europe/Berlin", "Mars/Olympus", "Asia/Kathmandu", "Europe/Berlin"].map((zone) => owner.sign(schedule(zone))),
    [],
  )
  deepEqual(faultsOf(answer), ["", "unknown zone", "", ""])
  equal(keeper.head("authority").size, size + 5)
  deepEqual([...keeper.state.zones.keys()].sort(), ["Asia/Kathmandu", "Europe/Berlin"])
})

test("issued secrets: a PIN and a code for duress of six digits, and a card's four keys, for whoever enrols and nobody else", async () => {
  const { owner, enroller, issued, keeper } = await foundedSite(new MemoryDisk())
  const secrets = issued.map((sealed) => {
    const plain = openSealed(enroller, hpkeInfo("issued", owner.site), sealed)
    return plain === null ? null : decodeIssuedSecret(plain)
  })
  const [pin, card] = secrets
  ok(pin?.kind === "pin" && /^\d{6}$/.test(pin.pin))
  ok(pin.duress !== undefined && /^\d{6}$/.test(pin.duress) && pin.duress !== pin.pin)
  ok(card?.kind === "card" && card.keys.length === 4)
  equal(new Set(card.keys.map(toHex)).size, 4)
  for (const sealed of issued) equal(openSealed(newHpkeKeyPair(), hpkeInfo("issued", owner.site), sealed), null)
  const wrong = await owner.submit(keeper, [owner.pin("another", ANA, new Uint8Array(65).fill(4))])
  deepEqual(faultsOf(wrong), ["recipient is no key"])
})

test("a door's offer: signed, bound to a checkpoint that goes on from every earlier one, with the lock's own secrets", async () => {
  const site = await foundedSite(new MemoryDisk())
  const { keeper, owner, lock, issued, enroller } = site
  const answer = keeper.policy(lock.door, 0)
  ok(answer.ok)
  const manifest = verifyManifest(owner.site, answer.offer.manifest, keeper.keys().keeper, nodeCrypto)
  ok(manifest.ok && manifest.value.door === lock.door)
  const { secrets } = answer.offer
  equal(secretsIn(secrets), 2)
  deepEqual(nodeCrypto.sha256(answer.offer.secrets), manifest.value.secretsHash)
  const opened = [0, 1].map((place) => {
    const { credential, sealedHash } = secretNameAt(secrets, place)
    const sealed = keeper.secret(lock.door, credential)
    ok(sealed !== null && equalBytes(nodeCrypto.sha256(sealed), sealedHash))
    const plain = openSealed(lock.hpke, hpkeInfo("secret", owner.site), sealed)
    return plain === null ? null : decodeSecret(plain)
  })
  const told = issued.map((sealed) =>
    decodeIssuedSecret(openSealed(enroller, hpkeInfo("issued", owner.site), sealed) ?? new Uint8Array(0)),
  )
  const pins = [told.find((each) => each?.kind === "pin"), opened.find((each) => each?.kind === "pin")]
  ok(pins[0]?.kind === "pin" && pins[1]?.kind === "pin")
  equal(pins[0].pin, pins[1].pin)
  ok(pins[0].duress !== undefined && pins[0].duress === pins[1].duress)
  const cards = [told.find((each) => each?.kind === "card"), opened.find((each) => each?.kind === "card")]
  ok(cards[0]?.kind === "card" && "keys" in cards[0] && cards[1]?.kind === "card" && "key" in cards[1])
  deepEqual(cards[0].keys[0], cards[1].key, "the lock's zone is 0, and it has that key only")
})

test("offers go on from the tree that a lock holds, and not from a newer one", async () => {
  const site = await foundedSite(new MemoryDisk())
  const { keeper, owner, lock } = site
  const old = keeper.head("authority")
  await owner.state(keeper, [{ change: { kind: "person revoke", person: idFor<"PersonId">(ANA) } }])
  const answer = keeper.policy(lock.door, old.size)
  ok(answer.ok)
  const manifest = verifyManifest(owner.site, answer.offer.manifest, keeper.keys().keeper, nodeCrypto)
  ok(manifest.ok)
  const { authority } = manifest.value
  ok(verifyConsistency(nodeCrypto, old, authority, answer.consistency).ok)
  deepEqual(keeper.policy(lock.door, authority.size + 1), { ok: false, fault: "a newer tree is held" })
  deepEqual(keeper.policy(idFor<"DoorId">("no door"), 0), { ok: false, fault: "unknown door" })
})

test("secrets are only for credentials in the door's policy", async () => {
  const { keeper, owner, lock, enroller } = await foundedSite(new MemoryDisk())
  await owner.state(keeper, [owner.pin("bo's pin", BO, enroller.publicKey)])
  equal(keeper.secret(lock.door, idFor<"CredentialId">("bo's pin")), null)
  notEqual(keeper.secret(lock.door, idFor<"CredentialId">("ana's pin")), null)
})

test("a door is served before its lock is paired, and a new lock gets secrets of its own", async () => {
  const site = await foundedSite(new MemoryDisk())
  const { keeper, owner, lock } = site
  const credential = idFor<"CredentialId">("ana's pin")
  const before = keeper.secret(lock.door, credential)
  const next = new TestLock(owner, LOBBY)
  await owner.state(keeper, [next.pairing()])
  const after = keeper.secret(lock.door, credential)
  ok(before !== null && after !== null)
  notEqual(openSealed(next.hpke, hpkeInfo("secret", owner.site), after), null)
  equal(openSealed(lock.hpke, hpkeInfo("secret", owner.site), after), null)
})

test("which door a key is paired with: the one that a statement says, and none for a key that was replaced or is none", async () => {
  const { keeper, owner, lock } = await foundedSite(new MemoryDisk())
  const doorOf = async ({ key }: TestLock): Promise<string | null> => {
    const answer = await keeper.answer({ operation: "pairing", journalKey: encodeCoseKey(key.publicKey) })
    return answer.operation === "pairing" ? answer.door : null
  }
  const next = new TestLock(owner, LOBBY)
  deepEqual([await doorOf(lock), await doorOf(next)], [lock.door, null])
  await owner.state(keeper, [next.pairing()])
  deepEqual([await doorOf(lock), await doorOf(next)], [null, next.door])
  equal(keeper.pairedWith(new Uint8Array(77)), null)
})

test("leases: for the policy issued last, as long as the door says, and for no unknown door", async () => {
  const { keeper, owner, lock } = await foundedSite(new MemoryDisk())
  await owner.state(keeper, [owner.door(LOBBY, 7_200)])
  const ticket = keeper.lease(lock.door)
  ok(ticket.ok)
  const lease = verifyLease(owner.site, ticket.bytes, keeper.keys().keeper, nodeCrypto)
  ok(lease.ok)
  equal(lease.value.notAfter - lease.value.notBefore, 7_200)
  deepEqual(lease.value.version, keeper.state.issued.get(lock.door)?.version)
  deepEqual(keeper.lease(idFor<"DoorId">("no door")), { ok: false, fault: "unknown door" })
})

test("beacons tell the time, until the keeper's own clock was moved", async () => {
  const { keeper, owner, lock, clock } = await foundedSite(new MemoryDisk())
  const nonce = random(16)
  clock.pass(3_600_000)
  const answer = keeper.beacon(nonce)
  ok(answer.ok)
  const beacon = verifyBeacon(owner.site, answer.bytes, keeper.keys().keeper, nodeCrypto)
  ok(beacon.ok && beacon.value.time === NOW_MS + 3_600_000 && equalBytes(beacon.value.nonce, nonce))
  clock.wall_ms -= 59_000
  ok(keeper.beacon(nonce).ok)
  clock.wall_ms -= 2_000
  deepEqual(keeper.beacon(nonce), { ok: false, fault: "the keeper's clock stepped" })
  clock.wall_ms += 61_000
  deepEqual(keeper.lease(lock.door), { ok: false, fault: "the keeper's clock stepped" }, "coming back proves nothing")
})

test("a clock that runs ahead is not believed either", async () => {
  const { keeper, clock } = await foundedSite(new MemoryDisk())
  clock.wall_ms += 61_000
  equal(keeper.beacon(random(16)).ok, false)
})

test("batches: in order, from the paired lock, with all their openings; again the same place", async () => {
  const site = await foundedSite(new MemoryDisk())
  const { keeper, lock, owner } = site
  const [first, second] = [lock.batch(3), lock.batch(2)]
  const faultOf = async (entry: Uint8Array, openings: Uint8Array): Promise<string> => {
    const answer = await keeper.batch(entry, openings)
    return answer.ok ? "" : answer.fault
  }
  const stranger = new TestLock(owner, LOBBY)
  const elsewhere = new TestLock(owner, "a door that is not there")
  const forked = new TestLock(owner, LOBBY)
  Object.assign(forked, { key: lock.key, head: { ...forked.head } })
  const flipped = first.entry.slice()
  flipped[flipped.length - 1] = (flipped[flipped.length - 1] ?? 0) ^ 1
  const { entry, openings } = elsewhere.batch(1)
  equal(await faultOf(entry, openings), "no lock is paired with this door")
  const foreign = stranger.batch(1)
  equal(await faultOf(foreign.entry, foreign.openings), "wrong signature")
  equal(await faultOf(flipped, first.openings), "wrong signature")
  equal(await faultOf(utf8("no batch"), first.openings), "not a signed batch")
  equal(await faultOf(second.entry, second.openings), "records before these are missing")
  equal(await faultOf(first.entry, new Uint8Array(0)), "openings do not open")
  equal(await faultOf(first.entry, second.openings), "openings are not those of the batch")
  const sooner = new TestLock(owner, LOBBY).batch(3) // A courier's own, with the right numbers.
  equal(await faultOf(first.entry, sooner.openings), "openings are not those of the batch")
  const taken = await keeper.batch(first.entry, first.openings)
  ok(taken.ok && taken.index === 0 && isProved(site, "events", 16, first.entry, taken.receipt))
  equal(await faultOf(second.entry, second.openings), "")
  const again = await keeper.batch(first.entry, first.openings)
  ok(again.ok && again.index === 0 && isProved(site, "events", 16, first.entry, again.receipt))
  equal(keeper.head("events").size, 2)
})

test("a board that comes back to its door goes on with its own chain, and its old batches are known", async () => {
  const { keeper, lock, owner } = await foundedSite(new MemoryDisk())
  const other = new TestLock(owner, LOBBY)
  const [first, second] = [lock.batch(1), lock.batch(1)]
  ok((await keeper.batch(first.entry, first.openings)).ok)
  await owner.state(keeper, [other.pairing()])
  const between = other.batch(1)
  ok((await keeper.batch(between.entry, between.openings)).ok)
  await owner.state(keeper, [lock.pairing()])
  const again = await keeper.batch(first.entry, first.openings)
  ok(again.ok && again.index === 0, "it has its place, and is not taken twice")
  const next = await keeper.batch(second.entry, second.openings)
  ok(next.ok && next.index === 2)
})

test("a lock that goes back in its own history is named", async () => {
  const { keeper, lock } = await foundedSite(new MemoryDisk())
  const { head } = lock
  const first = lock.batch(2)
  ok((await keeper.batch(first.entry, first.openings)).ok)
  lock.head = head // As a restored copy of its storage would.
  const other = lock.batch(2)
  deepEqual(await keeper.batch(other.entry, other.openings), {
    ok: false,
    fault: "other records are in the log at this place",
  })
})

test("batches that arrive together share their commits, and duplicates under way wait for the same one", async () => {
  const { keeper, lock } = await foundedSite(new MemoryDisk())
  const batches = Array.from({ length: 20 }, () => lock.batch(2))
  const answers = await Promise.all(
    [...batches, ...batches].map(({ entry, openings }) => keeper.batch(entry, openings)),
  )
  deepEqual(
    answers.map((answer) => answer.ok && answer.index),
    [...batches.keys(), ...batches.keys()],
  )
})

test("no name, PIN or UID stands in clear anywhere in the data directory", async () => {
  const disk = new MemoryDisk()
  const site = await foundedSite(disk)
  const batch = site.lock.batch(2)
  ok((await site.keeper.batch(batch.entry, batch.openings)).ok)
  const told = decodeIssuedSecret(
    openSealed(site.enroller, hpkeInfo("issued", site.owner.site), site.issued[0] ?? new Uint8Array(0)) ??
      new Uint8Array(0),
  )
  ok(told?.kind === "pin" && told.duress !== undefined)
  const secrets = [ANA, BO, LOBBY, told.pin, told.duress].map((text) => Buffer.from(text))
  secrets.push(Buffer.from([4, 1, 2, 3, 4, 5, 6]))
  for (const [path, bytes] of disk.contents())
    for (const secret of secrets) ok(!Buffer.from(bytes).includes(secret), `${path} shows ${secret.toString()}`)
})

test("the policy's bytes lie under their hash", async () => {
  const disk = new MemoryDisk()
  const { keeper, lock } = await foundedSite(disk)
  const issued = keeper.state.issued.get(lock.door)
  ok(issued !== undefined)
  const bytes = disk.read(`policies/${toHex(issued.policyHash)}`)
  ok(bytes !== null)
  deepEqual(nodeCrypto.sha256(bytes), issued.policyHash)
  equal(decodePolicy(bytes)?.door, lock.door)
})

test("card keys are those of AN10922 under a master that is nowhere told", async () => {
  const { owner, enroller, issued } = await foundedSite(new MemoryDisk())
  const told = decodeIssuedSecret(
    openSealed(enroller, hpkeInfo("issued", owner.site), issued[1] ?? new Uint8Array(0)) ?? new Uint8Array(0),
  )
  ok(told?.kind === "card")
  const guess = cardKey(nodeCrypto, new Uint8Array(16), Uint8Array.of(4, 1, 2, 3, 4, 5, 6), 0, owner.site)
  ok(told.keys.every((key) => !equalBytes(key, guess)))
})
