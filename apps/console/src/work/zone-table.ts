/**
 * A time zone's table as this browser's own time-zone data has it: only for rehearsing a draft that names a zone which the
 * site does not know yet. The keeper states its own table when it admits the change, and that one counts.
 */
import type { Transition, ZoneTable } from "@holdfast/access"

const DAY_S = 86_400
const BACK_S = 430 * DAY_S
const AHEAD_S = 3 * 366 * DAY_S

/** Answers a zone's offset from UTC in seconds at an instant. */
function offsetAsker(zone: string): (at_s: number) => number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" })
  return (at_s) => {
    const name = format.formatToParts(at_s * 1000).find((part) => part.type === "timeZoneName")?.value ?? ""
    const match = /([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name)
    if (match === null) return 0
    const [, sign, hours, minutes, seconds] = match
    const offset_s = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0)
    return sign === "-" ? -offset_s : offset_s
  }
}

export function browserZoneTable(zone: string, now_s: number): ZoneTable {
  const offset = offsetAsker(zone)
  const from_s = now_s - BACK_S
  const transitions: Transition[] = [{ at_s: from_s, offset_s: offset(from_s) }]
  for (let at_s = from_s; at_s < now_s + AHEAD_S; at_s += DAY_S) {
    if (offset(at_s) === offset(at_s + DAY_S)) continue
    let before_s = at_s
    let after_s = at_s + DAY_S
    while (after_s - before_s > 1) {
      const middle_s = Math.floor((before_s + after_s) / 2)
      if (offset(middle_s) === offset(at_s)) before_s = middle_s
      else after_s = middle_s
    }
    transitions.push({ at_s: after_s, offset_s: offset(after_s) })
  }
  return { zone, tzdata: "browser", transitions }
}
