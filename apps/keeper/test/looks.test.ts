/** Looks: who may see names and the details behind records, and that each look is written down first. */
import { labelCommitment } from "@holdfast/access/author"
import { idBytes } from "@holdfast/base"
import { type Cbor, decodeCbor } from "@holdfast/base/cbor"
import { utf8 } from "@holdfast/base/text"
import { commitment, decodeDetail } from "@holdfast/lock"
import { hpkeInfo, MemoryDisk, newEs256, newHpkeKeyPair, nodeCrypto, openSealed } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { session, signLook } from "./looking.ts"
import { ANA, foundedSite, idFor, LOBBY } from "./site.ts"

test("looks: written down first, answered to the asking page only, with what opens the commitments", async () => {
  const site = await foundedSite(new MemoryDisk())
  const { keeper, lock, owner } = site
  const batches = [lock.batch(3), lock.batch(3)]
  for (const { entry, openings } of batches) ok((await keeper.batch(entry, openings)).ok)
  const by = await session(site)
  const page = newHpkeKeyPair()
  const now_s = Math.floor(site.clock.wall_ms / 1000)
  const ask = async (what: Cbor): Promise<readonly Cbor[]> => {
    const answer = await keeper.look(signLook(site, by, what, page.publicKey, now_s))
    ok(answer.ok, answer.ok ? "" : answer.fault)
    const decoded = decodeCbor(openSealed(page, hpkeInfo("look", owner.site), answer.sealed) ?? new Uint8Array(0))
    return decoded.ok && Array.isArray(decoded.value) ? (decoded.value as readonly Cbor[]) : []
  }
  const objects = [idFor(ANA), idFor(LOBBY), idFor("nobody")].map(idBytes)
  const labels = await ask([1, objects])
  equal(labels.length, 2)
  const [, salt, name] = labels[0] as readonly Cbor[]
  ok(salt instanceof Uint8Array && name === ANA)
  deepEqual(labelCommitment(salt, name, nodeCrypto), keeper.state.people.get(idFor<"PersonId">(ANA))?.commitment)
  const rows = await ask([2, [[idBytes(lock.door), 2, 4]]])
  deepEqual(
    rows.map((row) => (row as readonly Cbor[])[1]),
    [2, 3, 4],
  )
  equal(keeper.head("looks").size, 2)
})

test("attack 42, I-19: a record under duress is shown as the ordinary one is, at one size, and what is shown opens its commitment", async () => {
  const site = await foundedSite(new MemoryDisk())
  const { keeper, lock, owner } = site
  const batches = [0, 1].map((mark) => lock.batch(1, { mark }))
  for (const { entry, openings } of batches) ok((await keeper.batch(entry, openings)).ok)
  const by = await session(site)
  const page = newHpkeKeyPair()
  const now_s = Math.floor(site.clock.wall_ms / 1000)
  const answers = []
  for (const sequence of [1, 2]) {
    const look = signLook(site, by, [2, [[idBytes(lock.door), sequence, sequence]]], page.publicKey, now_s)
    const answer = await keeper.look(look)
    ok(answer.ok)
    answers.push(answer.sealed)
  }
  equal(answers[0]?.length, answers[1]?.length)
  for (const [at, sealed] of answers.entries()) {
    const decoded = decodeCbor(openSealed(page, hpkeInfo("look", owner.site), sealed) ?? new Uint8Array(0))
    ok(decoded.ok && Array.isArray(decoded.value))
    const [[, , salt, detail]] = decoded.value as [readonly Cbor[]]
    ok(salt instanceof Uint8Array && detail instanceof Uint8Array)
    equal(decodeDetail(detail)?.mark, undefined)
    equal(decodeDetail(detail)?.person, idFor(ANA))
    const committed = batches[at]?.batch.records.subarray(32)
    deepEqual(commitment(nodeCrypto, salt, detail), committed)
  }
})

test("looks that are refused are answered nothing", async () => {
  const site = await foundedSite(new MemoryDisk())
  const { keeper, owner } = site
  const by = await session(site)
  const page = newHpkeKeyPair()
  const now_s = Math.floor(site.clock.wall_ms / 1000)
  const what: Cbor = [1, [idBytes(idFor(ANA))]]
  const faultOf = async (bytes: Uint8Array): Promise<string> => {
    const answer = await keeper.look(bytes)
    return answer.ok ? "" : answer.fault
  }
  const good = signLook(site, by, what, page.publicKey, now_s)
  equal(await faultOf(utf8("no look")), "malformed")
  equal(await faultOf(signLook(site, { ...by, key: newEs256() }, what, page.publicKey, now_s)), "wrong signature")
  equal(await faultOf(signLook(site, { ...by, chain: [] }, what, page.publicKey, now_s)), "chain broken")
  equal(await faultOf(signLook(site, by, what, page.publicKey, now_s - 301)), "too early or too late")
  equal(await faultOf(good), "")
  equal(await faultOf(good), "already answered")
  await owner.state(keeper, [{ change: { kind: "person revoke", person: idFor<"PersonId">(ANA) } }])
  equal(await faultOf(signLook(site, by, what, page.publicKey, now_s)), "delegation revoked")
  equal(keeper.head("looks").size, 1)
})
