/**
 * When a schedule is open in real time: its weekly wall-clock hours laid over a zone's table, as merged UTC intervals.
 *
 * The rule for the two odd nights of a year: a schedule is open at an instant when a correct wall clock in its zone shows,
 * at that instant, a time inside it. So a wall time that is skipped never opens, and one that comes twice opens twice.
 *
 * Picture the time line cut at every change of offset. Within a piece the wall clock runs straight, so a rule of a local day
 * is one interval, moved by the offset and cut to the piece. Nothing here knows about people or doors.
 */
import { assert } from "@holdfast/base"
import type { ZoneTable } from "./change/zone.ts"
import { type Interval, type Intervals, union } from "./interval.ts"
import type { Schedule } from "./state.ts"
import { civilDayAt, DAY_S, weekday } from "./zone.ts"

/** How far a policy looks ahead; a lease ends long before. */
export const HORIZON_DAYS = 400

type Piece = { readonly from: number; readonly until: number; readonly offset_s: number }

/** The stretches of constant offset that can matter to local days from `first` to before `end`. */
function piecesOf(table: ZoneTable, first: number, end: number): readonly Piece[] {
  const { transitions } = table
  const pieces: Piece[] = []
  for (const [index, transition] of transitions.entries()) {
    const from = index === 0 ? Number.NEGATIVE_INFINITY : transition.at_s
    const until = transitions[index + 1]?.at_s ?? Number.POSITIVE_INFINITY
    const { offset_s } = transition
    if (until + offset_s > first * DAY_S && from + offset_s < end * DAY_S) pieces.push({ from, until, offset_s })
  }
  return pieces
}

function openInPiece(
  schedule: Schedule,
  closed: ReadonlySet<number>,
  piece: Piece,
  first: number,
  end: number,
): Interval[] {
  const { offset_s } = piece
  const first_day = Math.max(first, Math.floor((piece.from + offset_s) / DAY_S))
  const last_day = Math.min(end - 1, Math.floor((piece.until + offset_s) / DAY_S))
  const open: Interval[] = []
  for (let day = first_day; day <= last_day; day++) {
    if (closed.has(day)) continue
    const bit = 1 << weekday(day)
    for (const rule of schedule.rules) {
      if ((rule.days & bit) === 0) continue
      const from = Math.max(piece.from, day * DAY_S + rule.from_min * 60 - offset_s)
      const until = Math.min(piece.until, day * DAY_S + rule.until_min * 60 - offset_s)
      if (from < until) open.push({ from, until })
    }
  }
  return open
}

/** The schedule's open instants on the local civil days from `first` to before `end`. */
export function openOnDays(schedule: Schedule, table: ZoneTable, first: number, end: number): Intervals {
  assert(first <= end, "days run forward")
  const closed = new Set(schedule.closedDays)
  return union(piecesOf(table, first, end).flatMap((piece) => openInPiece(schedule, closed, piece, first, end)))
}

/** The 400 local days from the local midnight before `at_s` (unix seconds): what a policy carries. */
export function expand(schedule: Schedule, table: ZoneTable, at_s: number): Intervals {
  const today = civilDayAt(table, at_s)
  return openOnDays(schedule, table, today, today + HORIZON_DAYS)
}
