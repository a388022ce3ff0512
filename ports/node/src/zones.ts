/**
 * Zone tables from the time-zone data that Node carries (Intl): at which second which offset begins.
 *
 * Core takes zones as data, so this is the only place that asks. Days are probed in halves; where the offset differs between
 * two probes, the change is found to the second by bisection. Two changes that cancel within twelve hours would be missed;
 * the IANA data has none.
 */
import { assert } from "@holdfast/base"

export type ZoneTransition = { readonly at_s: number; readonly offset_s: number }
/** The shape that core/access takes as a zone table. */
export type BuiltZoneTable = {
  readonly zone: string
  readonly tzdata: string
  readonly transitions: readonly ZoneTransition[]
}

const PROBE_S = 43_200

/** Which edition of the IANA data Intl answers from, such as "2026b". */
export function tzdataVersion(): string {
  return process.versions.tz ?? "unknown"
}

/** Seconds that a wall clock is ahead of UTC, asked of Intl. */
function offsetAsker(zone: string): (at_s: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  })
  return (at_s) => {
    const shown = new Map(format.formatToParts(new Date(at_s * 1000)).map((part) => [part.type, part.value]))
    const number = (type: Intl.DateTimeFormatPartTypes): number => Number(shown.get(type))
    const wall_ms = Date.UTC(
      number("year"),
      number("month") - 1,
      number("day"),
      number("hour"),
      number("minute"),
      number("second"),
    )
    assert(Number.isSafeInteger(wall_ms) && shown.get("era") === "AD", "Intl shows a whole date of our era")
    return wall_ms / 1000 - at_s
  }
}

/** Whether Intl knows this name. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** The first second in (low, high] at which the offset is no longer that of `low`. */
function changeBetween(offset: (at_s: number) => number, low: number, high: number): number {
  const before = offset(low)
  let from = low
  let to = high
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2)
    if (offset(middle) === before) from = middle
    else to = middle
  }
  return to
}

/** The table of a known zone from `from_s` to `to_s` (unix seconds); its first entry is the offset at `from_s`. */
export function buildZoneTable(zone: string, tzdata: string, from_s: number, to_s: number): BuiltZoneTable {
  assert(
    Number.isSafeInteger(from_s) && Number.isSafeInteger(to_s) && from_s < to_s,
    "a table covers a stretch of time",
  )
  const offset = offsetAsker(zone)
  const transitions: ZoneTransition[] = [{ at_s: from_s, offset_s: offset(from_s) }]
  let here = offset(from_s)
  for (let at = from_s; at < to_s; ) {
    const next = Math.min(at + PROBE_S, to_s)
    if (offset(next) === here) {
      at = next
      continue
    }
    const change = changeBetween(offset, at, next)
    here = offset(change)
    transitions.push({ at_s: change, offset_s: here })
    at = change
  }
  return { zone, tzdata, transitions }
}
