/**
 * The power cut after every write of the keeper: what was acknowledged is there, what was not is all there or not at all, and
 * whoever asks again gets the answer that the power took.
 */
import { compile, decodeIssuedSecret } from "@holdfast/access"
import { decodeSecret } from "@holdfast/access/door"
import { assert } from "@holdfast/base"
import { Keeper } from "@holdfast/keeper"
import { type Fate, hpkeInfo, MemoryDisk, newHpkeKeyPair, nodeCrypto, openSealed, PowerCut } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { ANA, type Draft, idFor, LOBBY, Owner, portsOf, TestClock, TestLock } from "./site.ts"

const ANAS_PIN = idFor<"CredentialId">("ana's pin")

/** Everything that people and locks hold: none of it is lost when the keeper's power goes. */
class World {
  clock = new TestClock()
  enroller = newHpkeKeyPair()
  owner: Owner | null = null
  lock: TestLock | null = null
  steps: ((keeper: Keeper, world: World) => Promise<void>)[] = []
  /** Names of the steps that the keeper acknowledged. */
  done = 0
  pin: string | null = null
  /** Bytes of openings that were there when the last batch was acknowledged. */
  openings_size = 0

  /** The same people and locks, in another course of events. */
  copy(): World {
    return Object.assign(new World(), this)
  }

  meet(keeper: Keeper): void {
    if (this.owner !== null && this.owner.hpke.every((byte, at) => byte === keeper.keys().keeperHpke[at])) return
    assert(this.done === 0, "a keeper that was acknowledged keeps its keys")
    const owner = new Owner(keeper, this.clock)
    const lock = new TestLock(owner, LOBBY)
    this.owner = owner
    this.lock = lock
    const batches = [lock.batch(2), lock.batch(1)]
    this.steps = [
      async (each) => ok((await each.found(owner.root)).ok),
      this.#states(owner, [
        owner.door(LOBBY),
        lock.pairing(),
        owner.person(ANA),
        ...owner.access("staff", [ANA], [LOBBY]),
      ]),
      this.#states(owner, [owner.pin("ana's pin", ANA, this.enroller.publicKey)]),
      ...batches.map(({ entry, openings }, index) => async (each: Keeper) => {
        const answer = await each.batch(entry, openings)
        ok(answer.ok, answer.ok ? "" : answer.fault)
        equal(answer.index, index)
      }),
      this.#states(owner, [{ change: { kind: "person revoke", person: idFor<"PersonId">(ANA) } }]),
    ]
  }

  /** A step that states the same signed statements whenever it is tried. */
  #states(owner: Owner, drafts: readonly Draft[]): World["steps"][number] {
    const statements = drafts.map(({ change }) => owner.sign(change))
    const attachments = drafts.map(({ attachment }) => attachment).filter((each) => each !== undefined)
    return async (keeper, world) => {
      const { outcomes, issued } = await keeper.submit(statements, attachments)
      for (const outcome of outcomes) ok(outcome.admitted, outcome.admitted ? "" : outcome.fault)
      for (const { sealed } of issued) world.#enrol(owner, sealed)
    }
  }

  #enrol(owner: Owner, sealed: Uint8Array): void {
    const plain = openSealed(this.enroller, hpkeInfo("issued", owner.site), sealed)
    const told = plain === null ? null : decodeIssuedSecret(plain)
    ok(told?.kind === "pin")
    ok(this.pin === null || this.pin === told.pin, "a PIN that was told stays the PIN")
    this.pin = told.pin
  }

  /** Goes on where the last keeper stopped. True when all steps were acknowledged and the keeper closed. */
  async run(disk: MemoryDisk): Promise<boolean> {
    try {
      const keeper = await Keeper.open(portsOf(disk, this.clock))
      this.meet(keeper)
      this.check(keeper, disk)
      for (const step of this.steps.slice(this.done)) {
        await step(keeper, this)
        this.done++
        this.openings_size = sizeOf(disk)
      }
      await keeper.close()
      return true
    } catch (error) {
      if (error instanceof PowerCut) return false
      throw error
    }
  }

  /** What the acknowledged steps promise. */
  check(keeper: Keeper, disk: MemoryDisk): void {
    const { owner, lock, done } = this
    assert(owner !== null && lock !== null, "owner and keeper have met")
    ok(sizeOf(disk) >= this.openings_size, "the openings of acknowledged batches are there")
    if (done >= 1) equal(keeper.site, owner.site)
    if (done >= 2) ok(keeper.state.people.has(idFor<"PersonId">(ANA)))
    if (done >= 2) ok(keeper.policy(lock.door, 0).ok, "a door that is paired is offered its policy")
    if (done >= 3) this.#checkPin(keeper, owner, lock)
    if (done >= 4) ok(keeper.head("events").size >= done - 3 || done > 5)
    if (done >= 5) equal(keeper.head("events").size, 2)
    if (done >= 6) equal(keeper.state.people.get(idFor<"PersonId">(ANA))?.standing, "revoked")
    for (const [door, { compiledAt, policyHash }] of keeper.site === null ? [] : keeper.state.issued) {
      const compiled = compile(keeper.state, door, compiledAt)
      ok(compiled.ok, "a door that has a policy compiles")
      deepEqual(nodeCrypto.sha256(compiled.bytes), policyHash, "what was stated is in the policy that was issued")
    }
  }

  #checkPin(keeper: Keeper, owner: Owner, lock: TestLock): void {
    const sealed = keeper.secret(lock.door, ANAS_PIN)
    ok(sealed !== null, "the lock is offered the PIN that was told")
    const plain = openSealed(lock.hpke, hpkeInfo("secret", owner.site), sealed)
    const secret = plain === null ? null : decodeSecret(plain)
    ok(secret?.kind === "pin")
    equal(secret.pin, this.pin)
  }
}

function sizeOf(disk: MemoryDisk): number {
  return disk.read("sealed/openings")?.length ?? 0
}

const FATES: readonly Fate[] = ["kept", "lost", "torn"]

test("the power cut after every write, whatever it makes of what was not synced", async () => {
  for (let writes = 0, done = false; !done; writes++) {
    const world = new World()
    const disk = new MemoryDisk(writes)
    done = await world.run(disk)
    for (const fate of FATES) {
      const later = world.copy()
      const next = disk.afterPowerCut(() => fate)
      ok(await later.run(next), `after ${writes} writes, ${fate}: the next start goes on to the end`)
      const last = await Keeper.open(portsOf(next, later.clock))
      later.check(last, next)
      equal(last.head("events").size, 2, `after ${writes} writes, ${fate}: each batch is there once`)
    }
  }
})
