/**
 * Clock times in a door's zone, with the viewer's own beside it when the two differ.
 *
 * Intl lives in the browser, so this is an app's file; core does its own calendar from zone tables.
 */

const MAKERS = new Map<string, Intl.DateTimeFormat>()

const DATE_AND_TIME: Intl.DateTimeFormatOptions = {
  day: "2-digit",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
}

function maker(zone: string | null, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${zone ?? ""}|${JSON.stringify(options)}`
  const known = MAKERS.get(name)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat("en-GB", zone === null ? options : { ...options, timeZone: zone })
  MAKERS.set(name, made)
  return made
}

/** "22 Nov, 14:03:09" in `zone`, or in the viewer's own when it is null; with the year where that is not this one. */
export function timeWords(at_ms: number, zone: string | null): string {
  const thisYear = new Date(at_ms).getFullYear() === new Date().getFullYear()
  return thisYear ? maker(zone, DATE_AND_TIME).format(at_ms) : fullTimeWords(at_ms, zone)
}

/** "22 Nov 2026, 14:03:09". */
export function fullTimeWords(at_ms: number, zone: string | null): string {
  return maker(zone, { ...DATE_AND_TIME, year: "numeric" }).format(at_ms)
}

/** The viewer's own time where it reads differently from the door's, without what would only be said again; else null. */
export function viewerWords(at_ms: number, zone: string): string | null {
  const there = timeWords(at_ms, zone)
  const here = timeWords(at_ms, null)
  if (there === here) return null
  const [day, time] = here.split(", ")
  return there.split(", ")[0] === day ? (time ?? here) : here
}

export function viewerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Whether the browser knows a zone by this name. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: name })
    return name !== ""
  } catch {
    return false
  }
}

/** The milliseconds at which a local date (2026-11-22) begins in a zone: found by asking the zone what it shows. */
export function startOfDay_ms(date: string, zone: string): number {
  const wanted = Date.parse(`${date}T00:00:00Z`)
  let guess = wanted
  for (let round = 0; round < 3; round++) guess += wanted - shownAsUtc_ms(guess, zone)
  return guess
}

function shownAsUtc_ms(at_ms: number, zone: string): number {
  const parts = maker(zone, {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at_ms)
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value)
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"))
}

/** 2026-11-22 as a zone's calendar shows it. */
export function localDate(at_ms: number, zone: string): string {
  return new Date(shownAsUtc_ms(at_ms, zone)).toISOString().slice(0, 10)
}

/** 485 -> "08:05"; 1440 -> "24:00". */
export function minuteWords(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`
}

/** "08:05" -> 485, or null. */
export function readMinute(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text.trim())
  if (match === null) return null
  const minute = Number(match[1]) * 60 + Number(match[2])
  return Number(match[2]) < 60 && minute <= 1440 ? minute : null
}
