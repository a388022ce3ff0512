/** Silent alarms: who is told, by what, what an acknowledgement covers, and what everybody else can see of it: nothing. */
import { type AlarmSheet, BOOK_SIZE, decodeSheet, encodeQuestion, SHEET_SIZE } from "@holdfast/access/sheet"
import { type DoorId, type PersonId, unixMillis, uptime } from "@holdfast/base"
import { Keeper } from "@holdfast/keeper"
import { type Batch, boot, commitment, decodeDetail, type Lock, stateOf, stateToSign } from "@holdfast/lock"
import { alarmNotice, NO_ALARMS, raised } from "@holdfast/lock/alarms"
import {
  type HpkeKeyPair,
  hpkeInfo,
  MemoryDisk,
  newHpkeKeyPair,
  nodeCrypto as crypto,
  openSealed,
  sealTo,
} from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { session, signLook, type Sitting } from "./looking.ts"
import { ANA, BO, foundedSite, idFor, LOBBY, portsOf, random, TestLock } from "./site.ts"

type Site = Awaited<ReturnType<typeof foundedSite>>
const GUARD = "Grete Guard"

class Watch {
  readonly site: Site
  readonly disk: MemoryDisk
  keeper: Keeper
  /** Receivers' keys, by name. */
  readonly keys = new Map<string, HpkeKeyPair>()
  #uptime_ms = 0

  private constructor(site: Site, disk: MemoryDisk) {
    this.site = site
    this.disk = disk
    this.keeper = site.keeper
  }

  /** A site where these people are told. */
  static async with(...names: readonly string[]): Promise<Watch> {
    const disk = new MemoryDisk()
    const watch = new Watch(await foundedSite(disk), disk)
    await watch.site.owner.state(watch.keeper, [watch.site.owner.person(GUARD)])
    for (const name of names) await watch.receive(name)
    return watch
  }

  async receive(name: string): Promise<void> {
    const key = newHpkeKeyPair()
    this.keys.set(name, key)
    const change = { kind: "receiver set", person: idFor<"PersonId">(name), key: key.publicKey } as const
    await this.site.owner.state(this.keeper, [{ change }])
  }

  /** A batch of the lock at the lobby, whose last entry was under duress or not. */
  async enter(forced: boolean, lock: TestLock = this.site.lock): Promise<Batch> {
    const { entry, openings, batch } = lock.batch(1, { mark: forced ? 1 : 0 })
    ok((await this.keeper.batch(entry, openings)).ok)
    return batch
  }

  /** A beat of the lock, with so many calls for help in it. */
  beatOf(calls: number, oldest: number, lock: TestLock = this.site.lock, signer = lock.key): Uint8Array {
    this.#uptime_ms += 1_000
    let alarms = NO_ALARMS
    for (let at = 0; at < calls; at++) alarms = raised(alarms, idFor<"CredentialId">("ana's pin"), oldest)
    const sealedAlarm = sealTo(this.site.owner.hpke, hpkeInfo("alarm", lock.site), alarmNotice(alarms))
    ok(sealedAlarm !== null)
    const state = { ...stateOf(this.#bare(lock), uptime(this.#uptime_ms)), sealedAlarm }
    const signable = stateToSign(crypto, lock.site, lock.key.publicKey, state)
    return signable.finish(signer.sign(signable.bytes))
  }

  beat(calls: number, oldest: number): void {
    this.keeper.beat(this.site.lock.door, this.beatOf(calls, oldest))
  }

  #bare(lock: TestLock): Lock {
    const { keeper, logKey } = this.keeper.keys()
    const own = { journalKey: lock.key.publicKey, codeKey: new Uint8Array(32), journal_records_max: 100 }
    const pairing = { site: lock.site, door: lock.door, keeper, logKey, epoch: 1, ...own }
    return boot(pairing, { parts: new Map(), records: [] }, random(32), uptime(0), crypto).state
  }

  /** The sheet that is sealed to somebody now. */
  sheet(name: string): AlarmSheet {
    const mine = this.keeper.sheets().find(({ person }) => person === idFor(name))
    const key = this.keys.get(name)
    ok(mine !== undefined && key !== undefined)
    const plain = openSealed(key, hpkeInfo("sheet", this.site.owner.site), mine.sealed)
    equal(plain?.length, SHEET_SIZE)
    const sheet = decodeSheet(plain ?? new Uint8Array(0))
    ok(sheet !== null)
    return sheet
  }

  /** "Lobby: 2 open", one line an alarm. */
  told(name: string): string[] {
    return this.sheet(name).alarms.map(({ door, entries, acknowledged }) => {
      return `${door === idFor(LOBBY) ? "lobby" : "elsewhere"}: ${entries} ${acknowledged === null ? "open" : "acknowledged"}`
    })
  }

  /** Asks for the book and acknowledges; answers with the book's plain bytes. */
  async ask(name: string, by: Sitting, through_ms: number | null, key = this.keys.get(name)): Promise<Uint8Array> {
    const { owner, clock } = this.site
    const door = idFor<"DoorId">(LOBBY)
    const question = encodeQuestion(through_ms === null ? [] : [{ door, through_ms: unixMillis(through_ms) }])
    const sealed = sealTo(owner.hpke, hpkeInfo("question", owner.site), question)
    ok(sealed !== null && key !== undefined)
    const look = signLook(this.site, by, [3, sealed], key.publicKey, Math.floor(clock.wall_ms / 1000))
    const answer = await this.keeper.look(look)
    ok(answer.ok, answer.ok ? "" : answer.fault)
    const plain = openSealed(key, hpkeInfo("look", owner.site), answer.sealed)
    ok(plain !== null)
    equal(plain.length, BOOK_SIZE)
    return plain
  }

  /** The keeper dies and starts again on what its disk holds. */
  async startAgain(): Promise<void> {
    await this.keeper.close()
    this.keeper = await Keeper.open(portsOf(this.disk, this.site.clock))
    this.site.keeper = this.keeper
  }

  pass(ms: number): void {
    this.site.clock.pass(ms)
  }
}

test("I-19: a call for help is told to each receiver, sealed to his key, at the size of nothing, with what proves it", async () => {
  const watch = await Watch.with(GUARD, BO)
  await watch.enter(false)
  const quiet = watch.keeper.sheets()
  const { records } = await watch.enter(true)
  const calling = watch.keeper.sheets()
  deepEqual(
    calling.map(({ person, sealed }) => [person, sealed.length]),
    quiet.map(({ person, sealed }) => [person, sealed.length]),
  )
  for (const name of [GUARD, BO]) deepEqual(watch.told(name), ["lobby: 1 open"])
  const [alarm] = watch.sheet(GUARD).alarms
  equal(alarm?.person, idFor(ANA))
  deepEqual([alarm?.personName?.text, alarm?.doorName?.text], [ANA, LOBBY])
  ok(alarm.record !== null && alarm.record.sequence === 2)
  deepEqual(commitment(crypto, alarm.record.salt, alarm.record.detail), records.subarray(32), "it opens the record")
  equal(decodeDetail(alarm.record.detail)?.mark, 1)
  const stranger = newHpkeKeyPair()
  for (const { sealed } of calling)
    equal(openSealed(stranger, hpkeInfo("sheet", watch.site.owner.site), sealed), null, "and to nobody else")
})

test("attack 42, I-19: whoever was forced is not told of it, receiver or not, and cannot say that it is well", async () => {
  const watch = await Watch.with(ANA, GUARD)
  await watch.enter(true)
  deepEqual(watch.told(ANA), [])
  deepEqual(watch.told(GUARD), ["lobby: 1 open"])
  await watch.ask(ANA, await session(watch.site), watch.site.clock.wall_ms)
  deepEqual(watch.told(GUARD), ["lobby: 1 open"])
})

test("I-18: a beat alone is enough; the record that comes later is the same call, and so is the next beat", async () => {
  const watch = await Watch.with(GUARD)
  watch.beat(0, 0)
  deepEqual(watch.told(GUARD), [])
  watch.beat(1, 1)
  deepEqual(watch.told(GUARD), ["lobby: 1 open"])
  equal(watch.sheet(GUARD).alarms[0]?.person, idFor(ANA), "the credential in the beat names her")
  equal(watch.sheet(GUARD).alarms[0]?.record, null)
  await watch.enter(true)
  watch.beat(1, 1)
  deepEqual(watch.told(GUARD), ["lobby: 1 open"])
  equal(watch.sheet(GUARD).alarms[0]?.record?.sequence, 1)
  watch.beat(0, 0)
  deepEqual(
    watch.told(GUARD),
    ["lobby: 1 open"],
    "the lock has its receipt; the alarm stands until somebody acknowledges it",
  )
})

test("I-18: a call whose record found no room is told by every beat, and acknowledged once", async () => {
  const watch = await Watch.with(GUARD)
  const by = await session(watch.site, GUARD)
  watch.beat(2, 0)
  deepEqual(watch.told(GUARD), ["lobby: 2 open"])
  watch.pass(1_000)
  await watch.ask(GUARD, by, watch.site.clock.wall_ms)
  watch.beat(2, 0)
  deepEqual(watch.told(GUARD), ["lobby: 2 acknowledged"])
  watch.pass(1_000)
  watch.beat(3, 0)
  deepEqual(watch.told(GUARD), ["lobby: 3 open"], "one more, so all of them are news again")
})

test("attack 43, I-18: an alarm is told until it is acknowledged, over every stop of the keeper, and the next one is told anew", async () => {
  const watch = await Watch.with(GUARD, BO)
  const by = await session(watch.site, GUARD)
  await watch.enter(true)
  await watch.startAgain()
  deepEqual(watch.told(GUARD), ["lobby: 1 open"])
  watch.pass(60_000)
  const book = decodeSheet(await watch.ask(GUARD, by, watch.site.clock.wall_ms))
  equal(book?.alarms[0]?.acknowledged?.by, idFor(GUARD))
  await watch.startAgain()
  deepEqual(watch.told(BO), ["lobby: 1 acknowledged"], "and the others see by whom")
  watch.pass(60_000)
  await watch.enter(true)
  deepEqual(watch.told(GUARD), ["lobby: 1 open", "lobby: 1 acknowledged"])
})

test("nobody acknowledges what is yet to come", async () => {
  const watch = await Watch.with(GUARD)
  await watch.ask(GUARD, await session(watch.site, GUARD), Number.MAX_SAFE_INTEGER)
  watch.pass(1_000)
  await watch.enter(true)
  deepEqual(watch.told(GUARD), ["lobby: 1 open"])
})

test("I-19: whoever is no receiver is answered an empty book of the same size, and acknowledges nothing", async () => {
  const watch = await Watch.with(GUARD)
  await watch.enter(true)
  const bo = await session(watch.site, BO)
  const looks = watch.keeper.head("looks").size
  const page = newHpkeKeyPair()
  deepEqual(decodeSheet(await watch.ask(BO, bo, watch.site.clock.wall_ms, page))?.alarms, [])
  equal(watch.keeper.head("looks").size, looks)
  const guard = await session(watch.site, GUARD)
  const thief = await watch.ask(GUARD, guard, watch.site.clock.wall_ms, page)
  deepEqual(decodeSheet(thief)?.alarms, [], "a receiver's sitting without his key opens nothing either")
  deepEqual(watch.told(GUARD), ["lobby: 1 open"])
})

test("a beat that the paired lock did not sign, that is sealed to somebody else, or that is older, tells nothing", async () => {
  const watch = await Watch.with(GUARD)
  const { lock, owner } = watch.site
  const before = watch.beatOf(0, 0)
  const other = new TestLock(owner, LOBBY)
  watch.keeper.beat(lock.door, watch.beatOf(1, 1, other))
  watch.keeper.beat(lock.door, watch.beatOf(1, 1, lock, other.key))
  watch.keeper.beat(idFor<"DoorId">("no door"), watch.beatOf(1, 1))
  watch.keeper.beat(lock.door, new Uint8Array(10))
  deepEqual(watch.told(GUARD), [])
  watch.beat(1, 0)
  watch.keeper.beat(lock.door, before)
  deepEqual(watch.told(GUARD), ["lobby: 1 open"], "a courier cannot take a call back with an old beat")
})

test("receivers are those in good standing: a revoked one is sealed to no more", async () => {
  const watch = await Watch.with(GUARD, BO)
  await watch.site.owner.state(watch.keeper, [{ change: { kind: "person revoke", person: idFor<"PersonId">(BO) } }])
  deepEqual(
    watch.keeper.sheets().map(({ person }) => person),
    [idFor<"PersonId">(GUARD)] satisfies PersonId[],
  )
  const removed = { kind: "receiver remove", person: idFor<"PersonId">(GUARD) } as const
  await watch.site.owner.state(watch.keeper, [{ change: removed }])
  deepEqual(watch.keeper.sheets(), [])
})

test("a board that comes after another at its door has calls of its own", async () => {
  const watch = await Watch.with(GUARD)
  const { owner, lock } = watch.site
  for (let at = 0; at < 3; at++) await watch.enter(true)
  const other = new TestLock(owner, LOBBY)
  await owner.state(watch.keeper, [other.pairing()])
  const door: DoorId = lock.door
  watch.keeper.beat(door, watch.beatOf(1, 1, other))
  deepEqual(watch.told(GUARD), ["lobby: 4 open"])
  await watch.enter(true, other)
  deepEqual(watch.told(GUARD), ["lobby: 4 open"])
  await watch.startAgain()
  deepEqual(watch.told(GUARD), ["lobby: 4 open"])
})
