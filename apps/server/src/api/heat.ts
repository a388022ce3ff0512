/** GET /heat: decisions by door and hour of the local day. */
import { sql } from "kysely"
import { reach } from "../database-fault.ts"
import { hexOf } from "../tables.ts"
import type { Handler } from "./handler.ts"

const RANGE_MS_MAX = 400 * 86_400_000

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone })
    return true
  } catch {
    return false
  }
}

type Cell = { readonly door: string; readonly hour: number; readonly admitted: number; readonly refused: number }

/** Decisions counted by door and hour of the local day. */
export const heat: Handler<"heat"> = async (context, { query }) => {
  const { from_ms, until_ms, zone } = query
  if (until_ms < from_ms || until_ms - from_ms > RANGE_MS_MAX)
    return { ok: false, fault: "request-not-valid", detail: "at most 400 days, from_ms before until_ms" }
  if (!isZone(zone)) return { ok: false, fault: "request-not-valid", detail: "zone" }
  const counted = sql<Cell>`
    select door, extract(hour from to_timestamp(at_ms / 1000.0) at time zone ${zone})::integer as hour,
      count(*) filter (where kind = 'admitted') as admitted, count(*) filter (where kind = 'refused') as refused
    from record
    where site = ${context.site} and kind in ('admitted', 'refused') and at_ms >= ${from_ms} and at_ms < ${until_ms}
    group by 1, 2 order by 1, 2`
  const { rows } = await reach(counted.execute(context.database))
  return { ok: true, answer: { cells: rows.map((cell) => ({ ...cell, door: hexOf(cell.door) })) } }
}
