/**
 * What a correct clock on the wall shows, asked of Intl instant by instant: the second opinion on schedules, which in the
 * product are arithmetic over zone tables.
 */
import { assert } from "@holdfast/base"

export type WallTime = {
  /** 0 is Monday. */
  readonly weekday: number
  readonly minute_of_day: number
  /** Days since 1970-01-01 of the date that the clock shows. */
  readonly civil_day: number
}

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  })
  formats.set(zone, format)
  return format
}

export function wallTime(zone: string, at_s: number): WallTime {
  const shown = new Map(
    formatOf(zone)
      .formatToParts(new Date(at_s * 1000))
      .map(({ type, value }) => [type, value]),
  )
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(shown.get(type))
  const weekday = WEEKDAYS.indexOf(shown.get("weekday") ?? "")
  assert(weekday >= 0, "Intl shows a day of the week")
  return {
    weekday,
    minute_of_day: number("hour") * 60 + number("minute"),
    civil_day: Date.UTC(number("year"), number("month") - 1, number("day")) / 86_400_000,
  }
}
