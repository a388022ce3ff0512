/** Narrowings at the keeper: for which record, of which lock, for which doors, how long and how often; and for nothing else. */
import { type Narrowing, verifyNarrowing } from "@holdfast/access/rules"
import { type DoorId, unixMillis } from "@holdfast/base"
import { Keeper } from "@holdfast/keeper"
import { FLAG_URGENT, type JournalRecord } from "@holdfast/lock"
import { MemoryDisk, nodeCrypto as crypto } from "@holdfast/port-node"
import type { Notice } from "@holdfast/wire"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { A_DAY_MAX, AGAIN_MS, LATE_MS_MAX } from "../src/narrowings.ts"
import { foundedSite, idFor, LOBBY, NOW_MS, portsOf, type TestClock, TestLock } from "./site.ts"

const LAB = "Lab"
const STORE = "Store"
const GARAGE = "Garage"
const lobby = idFor<"DoorId">(LOBBY)
const NARROWED_S = 900
const HOUR_MS = 3_600_000

/** The lobby's lock finds things; the lab heeds the lobby, the store every other door, the garage nobody. */
class Site {
  readonly founded: Awaited<ReturnType<typeof foundedSite>>
  readonly disk: MemoryDisk
  readonly locks: ReadonlyMap<string, TestLock>
  keeper: Keeper
  readonly told: (readonly DoorId[])[] = []

  private constructor(founded: Site["founded"], disk: MemoryDisk, locks: Site["locks"]) {
    this.founded = founded
    this.disk = disk
    this.locks = locks
    this.keeper = founded.keeper
    this.#listen()
  }

  static async open(): Promise<Site> {
    const disk = new MemoryDisk()
    const founded = await foundedSite(disk)
    const { owner, keeper, lock } = founded
    const locks = new Map([
      [LOBBY, lock],
      ...[LAB, STORE, GARAGE].map((name) => [name, new TestLock(owner, name)] as const),
    ])
    await owner.state(keeper, [
      owner.door(LAB, 86_400, { heeds: { narrowed_s: NARROWED_S, doors: [lobby] } }),
      owner.door(STORE, 86_400, { heeds: { narrowed_s: 60, doors: [] } }),
      owner.door(GARAGE),
      ...[LAB, STORE, GARAGE].flatMap((name) => locks.get(name)?.pairing() ?? []),
    ])
    return new Site(founded, disk, locks)
  }

  #listen(): void {
    this.keeper.onNotice = (notice: Notice) => {
      if (notice.notice === "narrowed") this.told.push(notice.doors.toSorted())
    }
  }

  /** The keeper starts again, an hour later by its clock or not. */
  async again(clock: TestClock = this.founded.clock): Promise<void> {
    await this.keeper.close()
    this.keeper = await Keeper.open(portsOf(this.disk, clock))
    this.#listen()
  }

  /** A lock says something at the present time. */
  async says(said: Partial<JournalRecord>, by: string = LOBBY): Promise<number> {
    const lock = this.locks.get(by)
    ok(lock !== undefined)
    const wall_ms = unixMillis(this.founded.clock.wall_ms)
    const { entry, openings, batch } = lock.batch(2, {}, { wall_ms, ...said })
    ok((await this.keeper.batch(entry, openings)).ok)
    return batch.first + 1
  }

  narrowing(name: string): Narrowing | null {
    const ticket = this.keeper.narrowing(idFor<"DoorId">(name))
    if (!ticket.ok) return null
    const verified = verifyNarrowing(this.founded.owner.site, ticket.bytes, this.keeper.keys().keeper, crypto)
    ok(verified.ok)
    return verified.value
  }
}

const DRILLED = { kind: "finding", result: "drill", flags: FLAG_URGENT } as const
const DRILL = 140
const named = (...names: readonly string[]): readonly DoorId[] => names.map((name) => idFor<"DoorId">(name)).toSorted()

test("C82: an urgent finding in the log narrows the doors that heed this one, each as long as it allows, by that record", async () => {
  const site = await Site.open()
  const sequence = await site.says(DRILLED)
  deepEqual(site.told, [named(LAB, STORE)])
  const lab = site.narrowing(LAB)
  deepEqual([lab?.cause, lab?.result], [{ door: lobby, sequence }, DRILL])
  deepEqual([lab?.notBefore, lab?.notAfter], [NOW_MS / 1000, NOW_MS / 1000 + NARROWED_S])
  equal(site.narrowing(STORE)?.notAfter, NOW_MS / 1000 + 60)
  equal(site.narrowing(GARAGE), null)
  equal(site.narrowing(LOBBY), null)
  site.founded.clock.pass(59_000)
  const later = site.narrowing(LAB)
  deepEqual([later?.notBefore, later?.notAfter], [NOW_MS / 1000 + 59, NOW_MS / 1000 + NARROWED_S], "its end stays")
  site.founded.clock.pass(1_000)
  equal(site.narrowing(STORE), null)
  site.founded.clock.pass((NARROWED_S - 60) * 1000)
  equal(site.narrowing(LAB), null)
})

// what the lock says | whether it narrows
const SAID: readonly (readonly [string, Partial<JournalRecord>, boolean])[] = [
  ["an urgent finding", DRILLED, true],
  ["a door that is forced", { kind: "door forced", result: "alarm" }, true],
  ["secrets that were erased", { kind: "secrets erased", result: "case opened", flags: FLAG_URGENT }, true],
  ["a finding that wants nobody at once", { ...DRILLED, flags: 0 }, false],
  ["a door forced in service", { kind: "door forced", result: "in service" }, false],
  ["somebody who comes in", { kind: "admitted", result: "done" }, false],
  ["a wrong code", { kind: "throttled", result: "alarm" }, false],
  ["a finding of long ago", { ...DRILLED, wall_ms: unixMillis(NOW_MS - LATE_MS_MAX - 1) }, false],
  ["a finding of tomorrow", { ...DRILLED, wall_ms: unixMillis(NOW_MS + LATE_MS_MAX + 1) }, false],
  ["a finding at no time", { ...DRILLED, wall_ms: null }, false],
]
for (const [name, said, narrows] of SAID)
  test(`C82: ${name} narrows ${narrows ? "others" : "nobody"}`, async () => {
    const site = await Site.open()
    await site.says(said)
    equal(site.told.length, narrows ? 1 : 0)
    equal(site.narrowing(LAB) !== null, narrows)
  })

test("attack 96: who owns the server narrows nobody: no batch but the lock's own counts, and none counts twice", async () => {
  const site = await Site.open()
  const { owner, lock, clock } = site.founded
  const wall_ms = unixMillis(clock.wall_ms)
  const thief = new TestLock(owner, LOBBY)
  const forged = thief.batch(1, {}, { ...DRILLED, wall_ms })
  equal((await site.keeper.batch(forged.entry, forged.openings)).ok, false)
  equal(site.told.length, 0)
  const real = lock.batch(1, {}, { ...DRILLED, wall_ms })
  ok((await site.keeper.batch(real.entry, real.openings)).ok)
  equal(site.told.length, 1)
  clock.pass(2 * HOUR_MS)
  ok((await site.keeper.batch(real.entry, real.openings)).ok)
  equal(site.told.length, 1)
  equal(site.narrowing(LAB), null)
})

test("C82: a call for help narrows nobody: the doors around it must not tell", async () => {
  const site = await Site.open()
  const { lock, clock } = site.founded
  const { entry, openings } = lock.batch(1, { mark: 1 }, { wall_ms: unixMillis(clock.wall_ms) })
  ok((await site.keeper.batch(entry, openings)).ok)
  equal(site.told.length, 0)
})

test("C82: one door narrows others once in five minutes, and so many times a day, whatever its lock says", async () => {
  const site = await Site.open()
  const { clock } = site.founded
  for (let minute = 0; minute < 60; minute++) {
    await site.says(DRILLED)
    clock.pass(60_000)
  }
  equal(site.told.length, A_DAY_MAX)
  clock.pass(24 * HOUR_MS)
  await site.says(DRILLED)
  equal(site.told.length, A_DAY_MAX + 1)
  clock.pass(AGAIN_MS - 1)
  await site.says(DRILLED)
  equal(site.told.length, A_DAY_MAX + 1)
  await site.says(DRILLED, GARAGE)
  deepEqual(site.told.at(-1), named(STORE), "another door has its own count, and who names doors heeds only those")
})

test("C82: a door that is configured to heed nobody any more is narrowed no more", async () => {
  const site = await Site.open()
  await site.says(DRILLED)
  await site.founded.owner.state(site.keeper, [site.founded.owner.door(LAB)])
  equal(site.narrowing(LAB), null)
})

test("C82: a keeper whose clock stepped signs none, and one that starts again tells nothing of before", async () => {
  const site = await Site.open()
  await site.says(DRILLED)
  site.founded.clock.wall_ms += 10 * HOUR_MS
  equal(site.narrowing(LAB), null)
  await site.says(DRILLED, GARAGE)
  equal(site.told.length, 1)
  site.founded.clock.wall_ms -= 10 * HOUR_MS
  await site.again()
  equal(site.narrowing(LAB), null)
  site.founded.clock.pass(AGAIN_MS)
  await site.says(DRILLED)
  ok(site.narrowing(LAB) !== null)
})
