/** GET /activity: journal records, newest first. Keyset paging: a page is found by the last record of the one before. */
import type { ActivityQuery, JournalRecord } from "@holdfast/contract"
import { type Selectable, sql } from "kysely"
import { reach } from "../database-fault.ts"
import { entryOf, hexOf, type RecordRow } from "../tables.ts"
import type { Handler } from "./handler.ts"

const LIMIT_DEFAULT = 100

/** The last record of a page: at_ms, period, place. */
type Cursor = readonly [number, string, number]

function parseCursor(text: string): Cursor | null {
  const [at_ms, period, place] = /^(\d{1,15})\.([0-9A-Za-z]{1,16})\.(\d{1,15})$/.exec(text)?.slice(1) ?? []
  return at_ms === undefined || period === undefined ? null : [Number(at_ms), period, Number(place)]
}

export function presentRecord(row: Selectable<RecordRow>): JournalRecord {
  const { period, place, sequence, kind, result, flags, boot, uptime_ms, wall_ms, admitted_at_ms, at_ms } = row
  const log = { period, ...entryOf(place) }
  const times = { uptime_ms, wall_ms, admitted_at_ms, at_ms }
  const commitment = row.commitment.toString("hex")
  return { door: hexOf(row.door), sequence, ...log, kind, result, flags, boot, ...times, commitment }
}

/** A page of records, newest first. The page behind it begins after its last record, wherever new ones have come in. */
export const activity: Handler<"activity"> = async (context, { query }) => {
  const after = query.after === undefined ? null : parseCursor(query.after)
  if (query.after !== undefined && after === null) return { ok: false, fault: "request-not-valid", detail: "after" }
  const limit = query.limit ?? LIMIT_DEFAULT
  const rows = await reach(select(context, query, after, limit + 1))
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  const next = last === undefined ? null : `${last.at_ms}.${last.period}.${last.place}`
  return { ok: true, answer: { records: page.map(presentRecord), next } }
}

function select(context: Parameters<typeof activity>[0], query: ActivityQuery, after: Cursor | null, limit: number) {
  let rows = context.database.selectFrom("record").selectAll().where("site", "=", context.site)
  if (query.door !== undefined) rows = rows.where("door", "=", query.door)
  if (query.kind !== undefined) rows = rows.where("kind", "=", query.kind)
  if (query.from_ms !== undefined) rows = rows.where("at_ms", ">=", query.from_ms)
  if (query.until_ms !== undefined) rows = rows.where("at_ms", "<", query.until_ms)
  if (after !== null)
    rows = rows.where(sql<boolean>`(at_ms, period, place) < (${after[0]}::bigint, ${after[1]}, ${after[2]}::bigint)`)
  return rows.orderBy("at_ms", "desc").orderBy("period", "desc").orderBy("place", "desc").limit(limit).execute()
}
