/**
 * Brings the schema to the newest form: a list of steps in the program, a table of those already taken.
 *
 * Several servers may start at once, so each step is one transaction that first locks one row; advisory locks would
 * do the same but are missing from some engines. The list only ever grows at its end. A database that has taken
 * steps we do not know was written by a newer release and is left alone.
 */
import { type Kysely, sql, type Transaction } from "kysely"
import { sqlState, transact } from "./database.ts"

/** One step; its name orders it and never changes. `up` runs in a transaction and may run again from its start. */
export type Migration<Schema> = {
  readonly name: string
  up(transaction: Transaction<Schema>): Promise<void>
}

export type Migrated = { readonly taken: readonly string[] } | { readonly fault: "written by a newer release" }

type Step = "taken" | "none left" | "written by a newer release"

/** Creating a table that another server creates at the same moment: the loser hears one of these. */
const CREATED_MEANWHILE: readonly string[] = ["23505", "42P07", "42710"]

async function prepareTables<Schema>(database: Kysely<Schema>): Promise<void> {
  try {
    await sql`create table if not exists migration (name text primary key, place integer not null)`.execute(database)
    await sql`create table if not exists migration_lock (id integer primary key, turns bigint not null)`.execute(
      database,
    )
    await sql`insert into migration_lock (id, turns) values (1, 0) on conflict do nothing`.execute(database)
  } catch (error) {
    if (!CREATED_MEANWHILE.includes(sqlState(error) ?? "")) throw error
    await prepareTables(database)
  }
}

async function takeOne<Schema>(
  transaction: Transaction<Schema>,
  migrations: readonly Migration<Schema>[],
): Promise<{ readonly step: Step; readonly name: string }> {
  // Written rather than only locked: whoever waited for it has an old view, and is told to try again with a new one.
  await sql`update migration_lock set turns = turns + 1 where id = 1`.execute(transaction)
  const { rows } = await sql<{ name: string }>`select name from migration order by place`.execute(transaction)
  const isOurs = rows.every(({ name }, place) => migrations[place]?.name === name)
  if (!isOurs) return { step: "written by a newer release", name: "" }
  const next = migrations[rows.length]
  if (next === undefined) return { step: "none left", name: "" }
  await next.up(transaction)
  await sql`insert into migration (name, place) values (${next.name}, ${rows.length})`.execute(transaction)
  return { step: "taken", name: next.name }
}

/** Takes every step not yet taken, in order. A step that fails leaves the schema as the step before it left it. */
export async function migrate<Schema>(
  database: Kysely<Schema>,
  migrations: readonly Migration<Schema>[],
): Promise<Migrated> {
  await prepareTables(database)
  const taken: string[] = []
  for (;;) {
    const { step, name } = await transact(database, (transaction) => takeOne(transaction, migrations))
    if (step === "written by a newer release") return { fault: step }
    if (step === "none left") return { taken }
    taken.push(name)
  }
}
