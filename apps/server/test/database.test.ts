/** Typed queries, transactions that try again and migrations, against the real PostgreSQL. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict"
import { test } from "node:test"
import { type Generated, type Kysely, sql } from "kysely"
import { openDatabase, sqlState, transact } from "../src/postgres/database.ts"
import { type Migration, migrate } from "../src/postgres/migrate.ts"
import type { Connection } from "../src/postgres/postgres.ts"
import { postgresForTests, withDatabase } from "./embedded-postgres.ts"

type Schema = { counter: { id: number; value: number }; word: { id: Generated<number>; text: string } }

const COUNTER: Migration<Schema> = {
  name: "counter",
  up: async (transaction) => {
    await sql`create table counter (id integer primary key, value bigint not null)`.execute(transaction)
    await transaction.insertInto("counter").values({ id: 1, value: 0 }).execute()
  },
}
const WORD: Migration<Schema> = {
  name: "word",
  up: async (transaction) => {
    await sql`create table word (id integer generated always as identity, text text not null)`.execute(transaction)
  },
}
const BROKEN: Migration<Schema> = {
  name: "broken",
  up: async (transaction) => {
    await sql`create table half (id integer)`.execute(transaction)
    await sql`create table half (id integer)`.execute(transaction)
  },
}

const postgres = postgresForTests()

/** Two pools on one fresh database, as two servers have. */
function withTwoServers(use: (one: Kysely<Schema>, two: Kysely<Schema>, connection: Connection) => Promise<void>) {
  return () =>
    withDatabase(postgres(), async (connection) => {
      const [one, two] = [openDatabase<Schema>(connection, () => {}), openDatabase<Schema>(connection, () => {})]
      try {
        await use(one, two, connection)
      } finally {
        await Promise.all([one.destroy(), two.destroy()])
      }
    })
}

test(
  "migrations: taken once and in order, by however many servers start at once, and never half",
  withTwoServers(async (one, two) => {
    const answers = await Promise.all([one, two, one, two].map((server) => migrate(server, [COUNTER])))
    const taken = answers.map((answer) => ("taken" in answer ? answer.taken : [answer.fault]))
    deepEqual(taken.flat(), ["counter"])
    await rejects(migrate(one, [COUNTER, BROKEN]), (error) => sqlState(error) === "42P07")
    const { rows } = await sql`select from pg_class where relname = 'half'`.execute(one)
    equal(rows.length, 0)
    deepEqual(await migrate(two, [COUNTER, WORD]), { taken: ["word"] })
    deepEqual(await migrate(one, [COUNTER, WORD]), { taken: [] })
    // An older release, or one whose steps were renamed, leaves the database alone.
    deepEqual(await migrate(one, [COUNTER]), { fault: "written by a newer release" })
    deepEqual(await migrate(one, [WORD, COUNTER]), { fault: "written by a newer release" })
  }),
)

test(
  "transactions: no update is lost, whoever comes at once, and a bigint is a number",
  withTwoServers(async (one, two) => {
    await migrate(one, [COUNTER])
    let attempts = 0
    const increment = (server: Kysely<Schema>) =>
      transact(server, async (transaction) => {
        attempts++
        const { value } = await transaction.selectFrom("counter").select("value").executeTakeFirstOrThrow()
        await transaction
          .updateTable("counter")
          .set({ value: value + 1 })
          .execute()
      })
    for (let round = 0; round < 10; round++) await Promise.all([increment(one), increment(two)])
    const { value } = await one.selectFrom("counter").select("value").executeTakeFirstOrThrow()
    equal(value, 20)
    ok(attempts > 20, "some had to try again, else nothing was tried here")
  }),
)

test(
  "transactions: any other failure is the caller's, at once, and leaves nothing",
  withTwoServers(async (one) => {
    await migrate(one, [COUNTER])
    let attempts = 0
    const twice = transact(one, async (transaction) => {
      attempts++
      await transaction.insertInto("counter").values({ id: 2, value: 0 }).execute()
      await transaction.insertInto("counter").values({ id: 2, value: 0 }).execute()
    })
    await rejects(twice, (error) => sqlState(error) === "23505")
    equal(attempts, 1)
    equal((await one.selectFrom("counter").select("id").execute()).length, 1)
  }),
)

test(
  "transactions: an engine that never stops asking is answered in the end",
  withTwoServers(async (one) => {
    let attempts = 0
    const never = transact(one, async (transaction) => {
      attempts++
      await sql`do $$ begin raise exception using errcode = '40001'; end $$`.execute(transaction)
    })
    await rejects(never, (error) => sqlState(error) === "40001")
    equal(attempts, 8)
  }),
)

test(
  "numbers: an integer beyond 2^53-1 is refused rather than rounded",
  withTwoServers(async (one, _two, { host, port, user, database }) => {
    const most = await sql<{ value: number }>`select 9007199254740991::bigint as value`.execute(one)
    deepEqual(most.rows, [{ value: 9_007_199_254_740_991 }])
    await rejects(sql`select 9007199254740992::bigint as value`.execute(one), /within 2\^53-1/)
    const url = `postgresql://${user}@${encodeURIComponent(host)}:${port}/${database}`
    const external = openDatabase<Schema>(url, () => {})
    deepEqual((await sql`select 1::bigint as value`.execute(external)).rows, [{ value: 1 }])
    await external.destroy()
  }),
)
