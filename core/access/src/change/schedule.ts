/**
 * Schedules: wall-clock hours by weekday in one IANA zone, and the days on which they stay closed.
 *
 * A rule never crosses midnight; a night shift is two rules. When a rule is open in real time is the business of
 * ../schedule.ts, which knows the zone's table.
 */
import { idBytes, type ScheduleId } from "@holdfast/base"
import { type Cbor, readArray, readMap, readText } from "@holdfast/base/cbor"
import { ascends, fields, NAME_LENGTH_MAX, readId, readInteger, readTuple } from "../read.ts"
import type { CodecsOf } from "./codec.ts"

/** Open from `from_min` until `until_min` (minutes since local midnight, half-open, 1440 is the day's end). */
export type WeekRule = {
  /** Bit 0 is Monday, bit 6 Sunday. */
  readonly days: number
  readonly from_min: number
  readonly until_min: number
}

export type ScheduleChange = {
  readonly kind: "schedule set"
  readonly schedule: ScheduleId
  readonly name: string
  readonly zone: string
  readonly rules: readonly WeekRule[]
  /** Civil days since 1970-01-01 on which nothing opens, ascending. */
  readonly closedDays: readonly number[]
}

const RULES_MAX = 64
const CLOSED_DAYS_MAX = 366
const CIVIL_DAY_MAX = 49_710 // The last day of 32-bit seconds, in 2106.

function readRule(value: Cbor): WeekRule | null {
  const triple = readTuple(value, 3)
  const days = readInteger(triple?.[0], 1, 127)
  const from_min = readInteger(triple?.[1], 0, 1439)
  const until_min = readInteger(triple?.[2], 1, 1440)
  if (days === null || from_min === null || until_min === null || from_min >= until_min) return null
  return { days, from_min, until_min }
}

/** The flag leaves room for other exceptions; only "closed" exists, so anything else is refused. */
function readClosedDay(value: Cbor): number | null {
  const pair = readTuple(value, 2)
  return pair?.[1] === true ? readInteger(pair[0], 0, CIVIL_DAY_MAX) : null
}

export const SCHEDULE_CODECS: CodecsOf<ScheduleChange> = {
  "schedule set": {
    encode: (change) =>
      fields(
        [0, idBytes(change.schedule)],
        [1, change.name],
        [2, change.zone],
        [3, change.rules.map((rule) => [rule.days, rule.from_min, rule.until_min])],
        [4, change.closedDays.map((day) => [day, true])],
      ),
    decode(value) {
      const map = readMap(value, [0, 1, 2, 3, 4])
      const schedule = readId<"ScheduleId">(map?.get(0))
      const name = readText(map?.get(1), NAME_LENGTH_MAX)
      const zone = readText(map?.get(2), NAME_LENGTH_MAX)
      const rules = readArray(map?.get(3), RULES_MAX, readRule)
      const closedDays = readArray(map?.get(4), CLOSED_DAYS_MAX, readClosedDay)
      if (schedule === null || name === null || zone === null || rules === null || closedDays === null) return null
      if (!ascends(closedDays)) return null
      return { kind: "schedule set", schedule, name, zone, rules, closedDays }
    },
  },
}
