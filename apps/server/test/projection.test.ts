/** From log files to rows and back again, on a real PostgreSQL. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { type Kysely, sql } from "kysely"
import { newEs256, newHpkeKeyPair } from "@holdfast/port-node"
import { LedgerFiles } from "../src/ledger/files.ts"
import { MIGRATIONS } from "../src/migrations/index.ts"
import { openDatabase } from "../src/postgres/database.ts"
import { migrate } from "../src/postgres/migrate.ts"
import type { LoggedBatch } from "../src/projection/entry.ts"
import { Projector } from "../src/projection/projector.ts"
import { forget } from "../src/projection/writer.ts"
import { Site } from "../src/site/site.ts"
import type { Tables } from "../src/tables.ts"
import { freshFolder, postgresForTests, withDatabase } from "./embedded-postgres.ts"
import { PERIOD, WrittenLock, WrittenSite } from "./written-site.ts"

const postgres = postgresForTests()

type Reading = {
  readonly site: WrittenSite
  readonly database: Kysely<Tables>
  /** Follows the logs as a newly started server does. */
  open(): Promise<Opened>
}
type Opened = {
  readonly known: Site
  readonly projector: Projector
  readonly batches: LoggedBatch[]
  readonly lines: string[]
}

async function reading(run: (reading: Reading) => Promise<void>): Promise<void> {
  const site = new WrittenSite(freshFolder())
  await withDatabase(postgres(), async (connection) => {
    const database = openDatabase<Tables>(connection, () => {})
    const opened: Opened[] = []
    try {
      await migrate(database, MIGRATIONS)
      await run({
        site,
        database,
        async open() {
          const one = await follow(site, database)
          opened.push(one)
          return one
        },
      })
    } finally {
      for (const { known, projector } of opened) await Promise.all([known.stop(), projector.stop()])
      await database.destroy()
    }
  })
  site.remove()
}

async function follow(written: WrittenSite, database: Kysely<Tables>): Promise<Opened> {
  const files = new LedgerFiles(join(written.data, "ledger"))
  const batches: LoggedBatch[] = []
  const lines: string[] = []
  const log = (_level: string, what: string, fields = {}) => void lines.push(`${what} ${JSON.stringify(fields)}`)
  const wait = () => new Promise<void>((resolve) => setImmediate(resolve))
  const silent = { statement: () => {}, door: () => {}, grew: () => {} }
  const { site } = written
  const known = new Site({ site, files, log, wait, news: silent })
  await known.toEnd()
  const news = { records: (batch: LoggedBatch) => void batches.push(batch), grew: () => {} }
  const projector = await Projector.open({ site, known, files, database, news, log, now: Date.now, wait })
  await projector.toEnd("authority")
  await projector.toEnd("events")
  projector.speak()
  return { known, projector, batches, lines }
}

/** Every row of every projection, in key order. */
async function rowsOf(database: Kysely<Tables>): Promise<Record<string, unknown>> {
  const tables = { record: "period, place", door: "door", statement: "place", position: "log" }
  const all: Record<string, unknown> = {}
  for (const [table, order] of Object.entries(tables))
    all[table] = (await sql.raw(`select * from ${table} order by ${order}`).execute(database)).rows
  return all
}

const count = async (database: Kysely<Tables>) =>
  Number(
    (
      await database
        .selectFrom("record")
        .select(({ fn }) => fn.countAll().as("n"))
        .executeTakeFirstOrThrow()
    ).n,
  )

test("a board that was only proposed as a door's lock is not believed, and from its pairing on it is", () =>
  reading(async ({ site, database, open }) => {
    const { door } = site.door(1)
    const [ana, bo] = [site.administrator(100), site.administrator(101)]
    const board = new WrittenLock(site.site, door)
    const hpkeKey = newHpkeKeyPair().publicKey
    const pair = { kind: "lock pair", door, journalKey: board.journal.publicKey, hpkeKey, serial: "board" } as const
    ana(pair)
    site.happen(board.batch(site.now_ms, [["boot", "done"]]))
    const { known, projector } = await open()
    equal(await count(database), 0)
    equal(projector.state.not_valid, 1)
    bo(pair)
    await known.toEnd()
    site.happen(board.batch(site.now_ms, [["boot", "done"]]))
    await projector.toEnd("events")
    equal(await count(database), 1)
  }))

test("records of every batch become rows, and the door shows the last of them", () =>
  reading(async ({ site, database, open }) => {
    const lock = site.door(1)
    site.happen(
      lock.batch(site.now_ms, [
        ["boot", "done"],
        ["bolt thrown", "done"],
        ["door closed", "done"],
      ]),
    )
    site.happen(
      lock.batch(site.now_ms, [
        ["admitted", "done"],
        ["bolt drawn", "done"],
      ]),
      lock.batch(null, [["refused", "no grant"]]),
    )
    const { projector } = await open()
    equal(await count(database), 6)
    const facts = projector.facts(lock.door)
    deepEqual([facts?.bolt?.is, facts?.position?.is, facts?.last_sequence], ["drawn", "closed", 6])
    deepEqual(facts?.bolt?.at, { sequence: 5, period: PERIOD, entry: 1, position: 1 })
    const rows = await database.selectFrom("record").selectAll().orderBy("place").execute()
    deepEqual(rows.map(({ kind, result }) => `${kind} ${result}`).slice(3), [
      "admitted done",
      "bolt-drawn done",
      "refused no-grant",
    ])
    deepEqual([rows[5]?.wall_ms, rows[5]?.at_ms], [null, rows[5]?.admitted_at_ms])
  }))

test("a restart goes on where the tables are, and what was there before is no news", () =>
  reading(async ({ site, database, open }) => {
    const lock = site.door(1)
    site.happen(lock.batch(1, [["boot", "done"]]))
    const first = await open()
    await first.projector.stop()
    site.happen(lock.batch(2, [["bolt drawn", "done"]]))
    const second = await open()
    equal(second.batches.length, 0)
    site.happen(lock.batch(3, [["bolt thrown", "done"]]))
    await second.projector.toEnd("events")
    deepEqual(
      second.batches.map(({ entry }) => entry),
      [2],
    )
    equal(second.projector.facts(lock.door)?.bolt?.is, "thrown")
    equal(await count(database), 3)
  }))

test("a rebuild from the logs gives the very same rows", () =>
  reading(async ({ site, database, open }) => {
    const [one, two] = [site.door(1), site.door(2)]
    site.person(9)
    site.state({ kind: "person revoke", person: site.id<"PersonId">(9) })
    site.issue(one.door, new Uint8Array(100))
    const first = await open()
    // In several growths, so that the live rows came in other groups than the rebuilt ones.
    for (let round = 0; round < 20; round++) {
      site.happen(
        one.batch(round * 60_000, [
          ["admitted", "done"],
          ["bolt drawn", "done"],
          ["bolt thrown", "done"],
        ]),
      )
      site.happen(
        two.batch(null, [
          ["door opened", "done"],
          ["door held", "done"],
        ]),
        two.batch(round, [["door closed", "done"]]),
      )
      await first.projector.toEnd("events")
    }
    await first.projector.stop()
    const before = await rowsOf(database)
    await forget(database, site.site)
    equal(await count(database), 0)
    await open()
    deepEqual(await rowsOf(database), before)
    equal(await count(database), 120)
  }))

test("a log of more entries than a bundle, with batches of many records", () =>
  reading(async ({ site, database, open }) => {
    const lock = site.door(1)
    const { projector } = await open()
    const many = Array.from({ length: 512 }, () => ["refused", "no grant"] as const)
    for (let round = 0; round < 3; round++) site.happen(lock.batch(round, many))
    await projector.toEnd("events")
    for (let round = 0; round < 300; round++) site.happen(lock.batch(round, [["admitted", "done"]]))
    await projector.toEnd("events")
    site.happen(...Array.from({ length: 300 }, (_, at) => lock.batch(at, [["admitted", "done"]])))
    await projector.toEnd("events")
    equal(await count(database), 3 * 512 + 600)
    equal(projector.facts(lock.door)?.last_sequence, 3 * 512 + 600)
  }))

test("two servers on one database write every row once", () =>
  reading(async ({ site, database, open }) => {
    const lock = site.door(1)
    const [one, two] = [await open(), await open()]
    for (let round = 0; round < 30; round++) {
      site.happen(
        lock.batch(round, [
          ["admitted", "done"],
          ["bolt drawn", "done"],
        ]),
      )
      await Promise.all([one.projector.toEnd("events"), two.projector.toEnd("events")])
    }
    equal(await count(database), 60)
    deepEqual(one.projector.facts(lock.door), two.projector.facts(lock.door))
  }))

test("a batch that no paired key signed is passed over, and said", () =>
  reading(async ({ site, database, open }) => {
    const lock = site.door(1)
    site.happen(lock.batch(1, [["boot", "done"]]))
    site.happen(lock.batch(2, [["admitted", "done"]], newEs256()))
    const { projector, lines } = await open()
    equal(await count(database), 1)
    equal(projector.state.not_valid, 1)
    ok(lines.some((line) => line.includes("no key of this door signed it")))
  }))

test("an entry that is no batch, or no CBOR at all, stops nothing", () =>
  reading(async ({ site, database, open }) => {
    const lock = site.door(1)
    site.events.append(Uint8Array.of(0xff), Uint8Array.of(0x80))
    site.happen(lock.batch(2, [["admitted", "done"]]))
    const { projector } = await open()
    equal(await count(database), 1)
    equal(projector.state.not_valid, 2)
  }))

test("a lock paired a moment ago is known before its first batch is read", () =>
  reading(async ({ site, database, open }) => {
    const { projector } = await open()
    const lock = site.door(3)
    site.happen(lock.batch(1, [["boot", "done"]]))
    await projector.toEnd("events")
    equal(await count(database), 1)
  }))

test("records of an earlier pairing still count after another lock was paired", () =>
  reading(async ({ site, database, open }) => {
    const old = site.door(1)
    site.happen(old.batch(1, [["boot", "done"]]))
    const next = site.door(1)
    site.happen(next.batch(2, [["boot", "done"]]))
    await open()
    equal(await count(database), 2)
  }))

test("a checkpoint with another key's signature is not believed; the next good one is", () =>
  reading(async ({ site, database, open }) => {
    const lock = site.door(1)
    const { projector, lines } = await open()
    const path = join(site.data, "ledger", "events", PERIOD, "checkpoint")
    writeFileSync(path, "not a checkpoint\n")
    const reached = projector.toEnd("events")
    site.happen(lock.batch(1, [["boot", "done"]]))
    await reached
    equal(await count(database), 1)
    ok(lines.every((line) => line.startsWith("projection")))
  }))

test("nothing there yet is an empty answer, not a fault", () =>
  reading(async ({ site, database, open }) => {
    rmSync(join(site.data, "ledger", "events"), { recursive: true })
    const { projector, lines } = await open()
    deepEqual([await count(database), projector.state.behind, lines], [0, 0, []])
  }))
