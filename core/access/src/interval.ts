/**
 * Sets of instants as sorted, disjoint, half-open intervals [from, until) of unix seconds that never touch.
 *
 * The algebra that schedules, narrowing and differences need, and no more. An until of {@link FOREVER} never comes.
 */
import { assert } from "@holdfast/base"
import { INTERVAL_ROW, OPEN_END, putU32, u32At } from "./table.ts"

export type Interval = { readonly from: number; readonly until: number }
export type Intervals = readonly Interval[]

/** The largest second that a policy's tables can hold stands for "no end". */
export const FOREVER = OPEN_END
export const ALL_TIME: Intervals = [{ from: 0, until: FOREVER }]

/** Any intervals in any order, as one sorted set; empty ones vanish, touching ones join. */
export function union(intervals: Intervals): Intervals {
  const sorted = intervals.filter((each) => each.from < each.until).sort((a, b) => a.from - b.from)
  const merged: Interval[] = []
  for (const each of sorted) {
    const last = merged[merged.length - 1]
    if (last === undefined || each.from > last.until) merged.push(each)
    else if (each.until > last.until) merged[merged.length - 1] = { from: last.from, until: each.until }
  }
  return merged
}

/** The instants in both sets. */
export function intersect(a: Intervals, b: Intervals): Intervals {
  const shared: Interval[] = []
  for (let i = 0, j = 0; ; ) {
    const left = a[i]
    const right = b[j]
    if (left === undefined || right === undefined) return shared
    const from = Math.max(left.from, right.from)
    const until = Math.min(left.until, right.until)
    if (from < until) shared.push({ from, until })
    if (left.until < right.until) i++
    else j++
  }
}

/** The instants in `a` but not in `b`. */
export function subtract(a: Intervals, b: Intervals): Intervals {
  const left_over: Interval[] = []
  let j = 0
  for (const each of a) {
    let from = each.from
    for (;;) {
      const cut = b[j]
      if (cut === undefined || cut.from >= each.until) break
      if (cut.from > from) left_over.push({ from, until: cut.from })
      from = Math.max(from, cut.until)
      if (cut.until >= each.until) break
      j++
    }
    if (from < each.until) left_over.push({ from, until: each.until })
  }
  return left_over
}

export function isSubset(a: Intervals, b: Intervals): boolean {
  return subtract(a, b).length === 0
}

/** The policy's bytes of a schedule: u32 pairs. Instants outside 32 bits are cut off. */
export function encodeIntervals(intervals: Intervals): Uint8Array {
  const inside = intersect(intervals, [{ from: 0, until: OPEN_END - 1 }])
  const bytes = new Uint8Array(inside.length * INTERVAL_ROW)
  for (const [index, each] of inside.entries()) {
    putU32(bytes, index * INTERVAL_ROW, each.from)
    putU32(bytes, index * INTERVAL_ROW + 4, each.until)
  }
  return bytes
}

export function decodeIntervals(schedule: Uint8Array): Intervals {
  assert(schedule.length % INTERVAL_ROW === 0, "a schedule is whole rows")
  const intervals: Interval[] = []
  for (let at = 0; at < schedule.length; at += INTERVAL_ROW)
    intervals.push({ from: u32At(schedule, at), until: u32At(schedule, at + 4) })
  return intervals
}
