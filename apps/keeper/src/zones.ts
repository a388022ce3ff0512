/**
 * Which zone tables have grown old: governments change the time, and a table covers only so many years.
 *
 * The tables are data from outside; the keeper states them and locks get their effect as plain hours. A site that uses no
 * schedule has none.
 */
import type { State, ZoneTable } from "@holdfast/access"
import type { UnixSeconds } from "@holdfast/base"

/** A newer table that reaches so much further replaces one of the same edition. */
const REACH_S_MIN = 400 * 86_400

/** Newer tables for the zones that the state knows, where they say something new. */
export function zonesToRenew(
  state: State,
  now: UnixSeconds,
  tableOf: (zone: string) => ZoneTable | null,
): readonly ZoneTable[] {
  const renewed: ZoneTable[] = []
  for (const [zone, known] of state.zones) {
    const table = tableOf(zone)
    if (table === null) continue
    const reach_s = (table.transitions.at(-1)?.at_s ?? 0) - (known.transitions.at(-1)?.at_s ?? 0)
    if (table.tzdata !== known.tzdata || (reach_s >= REACH_S_MIN && lastsTooShort(known, now))) renewed.push(table)
  }
  return renewed
}

/** Whether the hours of a policy that is compiled now could run past what the table knows. */
function lastsTooShort(table: ZoneTable, now: UnixSeconds): boolean {
  return (table.transitions.at(-1)?.at_s ?? 0) < now + 2 * REACH_S_MIN
}
