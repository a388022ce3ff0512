/**
 * From local wall times to instants, by a zone's table of transitions.
 *
 * A wall time that comes twice means its first instant; one that is skipped means the instant at which the clock jumped
 * over it, shifted as far as the jump: as most people read such a log.
 */
import { type UnixMillis, unixMillis } from "@holdfast/base"
import { buildZoneTable, isZone, tzdataVersion } from "@holdfast/port-node"
import type { WallTime } from "./badge-log.ts"
import { civilDay } from "./building.ts"

const DAY_S = 86_400

/** Reads wall times of one zone between two years; null for a zone that nobody knows. */
export function wallClock(zone: string, fromYear: number, toYear: number): ((at: WallTime) => UnixMillis) | null {
  if (!isZone(zone)) return null
  const from_s = Date.UTC(fromYear - 1, 0, 1) / 1000
  const { transitions } = buildZoneTable(zone, tzdataVersion(), from_s, Date.UTC(toYear + 2, 0, 1) / 1000)
  const offsetAt = (at_s: number): number => {
    let offset_s = transitions[0]?.offset_s ?? 0
    for (const transition of transitions) {
      if (transition.at_s > at_s) break
      offset_s = transition.offset_s
    }
    return offset_s
  }
  return (at) => {
    const local_s = civilDay(at) * DAY_S + at.second_of_day
    // The offset a day before and a day after: one of the two is in force around this wall time.
    const before = local_s - offsetAt(local_s - DAY_S)
    const after = local_s - offsetAt(local_s + DAY_S)
    const instant =
      before + offsetAt(before) === local_s ? before : after + offsetAt(after) === local_s ? after : before
    return unixMillis(instant * 1000)
  }
}
