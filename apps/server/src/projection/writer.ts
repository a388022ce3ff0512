/**
 * Writes what was read from the logs into the tables, each group in one transaction with the place it brings us to.
 *
 * The old place is the condition of the write: two servers that follow one log can both try, and one of them finds that the
 * place has moved. So a row is written once, in log order, however often a group is handed over.
 */
import type { SiteId } from "@holdfast/base"
import { slugOf } from "@holdfast/contract"
import { type Kysely, sql, type Transaction } from "kysely"
import { transact } from "../postgres/database.ts"
import { type DoorRow, hexOf, placeOf, type PositionRow, type StatementRow, type Tables } from "../tables.ts"
import { type DoorFacts, timeOf } from "./door-facts.ts"
import type { LoggedBatch } from "./entry.ts"

/** Rows of one insert: beyond a thousand nothing is gained. */
const INSERT_ROWS_MAX = 1_000

export type Position = { readonly period: string; readonly next: number }
export type Written = "written" | "the place has moved"

export type EventGroup = {
  readonly from: Position | null
  readonly to: Position
  readonly batches: readonly LoggedBatch[]
  /** Every door that the batches touch, as it is after them. */
  readonly doors: ReadonlyMap<string, DoorFacts>
}
export type StatementGroup = {
  readonly from: Position | null
  readonly to: Position
  readonly statements: readonly Omit<StatementRow, "site">[]
}

type Log = PositionRow["log"]

export async function readPosition(database: Kysely<Tables>, site: SiteId, log: Log): Promise<Position | null> {
  const query = database.selectFrom("position").select(["period", "next"]).where("site", "=", site)
  return (await query.where("log", "=", log).executeTakeFirst()) ?? null
}

/** Every door's facts as last written. */
export async function readDoors(database: Kysely<Tables>, site: SiteId): Promise<Map<string, DoorFacts>> {
  const rows = await database.selectFrom("door").select(["door", "facts"]).where("site", "=", site).execute()
  return new Map(rows.map(({ door, facts }) => [hexOf(door), facts]))
}

/** Moves the place from `from` to `to`; false when it was not at `from`. */
async function advance(
  transaction: Transaction<Tables>,
  site: SiteId,
  log: Log,
  from: Position | null,
  to: Position,
): Promise<boolean> {
  if (from === null) {
    const insert = transaction.insertInto("position").values({ site, log, ...to })
    const [done] = await insert.onConflict((conflict) => conflict.columns(["site", "log"]).doNothing()).execute()
    return done?.numInsertedOrUpdatedRows === 1n
  }
  const update = transaction.updateTable("position").set(to).where("site", "=", site).where("log", "=", log)
  const done = await update.where("period", "=", from.period).where("next", "=", from.next).executeTakeFirst()
  return done.numUpdatedRows === 1n
}

type Columns = {
  readonly place: number[]
  readonly door: string[]
  readonly sequence: number[]
  readonly kind: string[]
  readonly result: string[]
  readonly flags: number[]
  readonly boot: number[]
  readonly uptime_ms: number[]
  readonly wall_ms: (number | null)[]
  readonly admitted_at_ms: number[]
  readonly at_ms: number[]
  readonly commitment: Buffer[]
}

function noColumns(): Columns {
  return {
    place: [],
    door: [],
    sequence: [],
    kind: [],
    result: [],
    flags: [],
    boot: [],
    uptime_ms: [],
    wall_ms: [],
    admitted_at_ms: [],
    at_ms: [],
    commitment: [],
  }
}

/** The records of the batches as columns, cut to the size of an insert. */
function* columnsOf(batches: readonly LoggedBatch[]): Generator<Columns, void> {
  let columns = noColumns()
  for (const batch of batches) {
    for (const [position, record] of batch.records.entries()) {
      columns.place.push(placeOf(batch.entry, position))
      columns.door.push(batch.door)
      columns.sequence.push(record.sequence)
      columns.kind.push(slugOf(record.kind))
      columns.result.push(slugOf(record.result))
      columns.flags.push(record.flags)
      columns.boot.push(record.boot)
      columns.uptime_ms.push(record.uptime_ms)
      columns.wall_ms.push(record.wall_ms)
      columns.admitted_at_ms.push(batch.admitted_at_ms)
      columns.at_ms.push(timeOf(record, batch.admitted_at_ms))
      columns.commitment.push(Buffer.from(record.commitment))
      if (columns.place.length < INSERT_ROWS_MAX) continue
      yield columns
      columns = noColumns()
    }
  }
  if (columns.place.length > 0) yield columns
}

async function insertRecords(transaction: Transaction<Tables>, site: SiteId, period: string, columns: Columns) {
  await sql`
    insert into record (site, period, place, door, sequence, kind, result, flags, boot, uptime_ms, wall_ms,
      admitted_at_ms, at_ms, commitment)
    select ${site}::uuid, ${period}, * from unnest(
      ${columns.place}::bigint[], ${columns.door}::uuid[], ${columns.sequence}::bigint[], ${columns.kind}::text[],
      ${columns.result}::text[], ${columns.flags}::integer[], ${columns.boot}::bigint[], ${columns.uptime_ms}::bigint[],
      ${columns.wall_ms}::bigint[], ${columns.admitted_at_ms}::bigint[], ${columns.at_ms}::bigint[],
      ${columns.commitment}::bytea[])
    on conflict (site, period, place) do nothing`.execute(transaction)
}

async function upsertDoors(transaction: Transaction<Tables>, rows: readonly DoorRow[]): Promise<void> {
  if (rows.length === 0) return
  const insert = transaction.insertInto("door").values(rows.map((row) => ({ ...row, facts: row.facts })))
  const update = insert.onConflict((conflict) =>
    conflict.columns(["site", "door"]).doUpdateSet((set) => ({ facts: set.ref("excluded.facts") })),
  )
  await update.execute()
}

/** Writes a group of the event log. */
export function writeEvents(database: Kysely<Tables>, site: SiteId, group: EventGroup): Promise<Written> {
  return transact<Tables, Written>(database, async (transaction) => {
    if (!(await advance(transaction, site, "events", group.from, group.to))) return "the place has moved"
    for (const columns of columnsOf(group.batches)) await insertRecords(transaction, site, group.to.period, columns)
    await upsertDoors(
      transaction,
      [...group.doors].map(([door, facts]) => ({ site, door, facts })),
    )
    return "written"
  })
}

/** Writes a group of the authority log. */
export function writeStatements(database: Kysely<Tables>, site: SiteId, group: StatementGroup): Promise<Written> {
  return transact<Tables, Written>(database, async (transaction) => {
    if (!(await advance(transaction, site, "authority", group.from, group.to))) return "the place has moved"
    const rows = group.statements.map((statement) => ({ site, ...statement }))
    for (let at = 0; at < rows.length; at += INSERT_ROWS_MAX) {
      const insert = transaction.insertInto("statement").values(rows.slice(at, at + INSERT_ROWS_MAX))
      await insert.onConflict((conflict) => conflict.columns(["site", "period", "place"]).doNothing()).execute()
    }
    return "written"
  })
}

/** Forgets every projection of a site, so that following the logs from their beginning makes it anew. Sessions stay. */
export async function forget(database: Kysely<Tables>, site: SiteId): Promise<void> {
  await transact(database, async (transaction) => {
    for (const table of ["record", "door", "statement", "position"] as const)
      await transaction.deleteFrom(table).where("site", "=", site).execute()
  })
}
