/**
 * Reading a badge log: who showed a badge at which reader, when.
 *
 * Two forms are read. The VAST Challenge 2016 form has the header `timestamp, type, prox-id, floor, zone`; its reader is
 * the pair (floor, zone). The plain form has the header `time,badge,door`, with an optional fourth column `floor`. Times are
 * local wall times `2016-05-31 00:05:00` (a T for the blank will do). A row that cannot be read is kept with its line number
 * and the reason; it never ends the import.
 */

/** Local wall time as civil numbers; the zone is the reader's business. */
export type WallTime = {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly second_of_day: number
}

export type BadgeRow = {
  readonly line: number
  readonly at: WallTime
  readonly badge: string
  readonly door: string
  readonly floor: string
}
export type BadRow = { readonly line: number; readonly why: string }

export type BadgeLog = { readonly rows: readonly BadgeRow[]; readonly bad: readonly BadRow[] }
export type BadgeLogFault = "empty" | "header not known"
export type BadgeLogRead =
  | { readonly ok: true; readonly log: BadgeLog }
  | { readonly ok: false; readonly fault: BadgeLogFault }

const FIELD_LENGTH_MAX = 100
const ROWS_MAX = 5_000_000

/** The fields of one CSV line (RFC 4180: quotes double inside quotes), trimmed; null for an unclosed quote. */
export function splitCsv(line: string): readonly string[] | null {
  const fields: string[] = []
  let field = ""
  let quoted = false
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at)
    if (quoted) {
      if (letter !== '"') field += letter
      else if (line.charAt(at + 1) === '"') {
        field += '"'
        at++
      } else quoted = false
    } else if (letter === '"' && field.trim() === "") {
      field = ""
      quoted = true
    } else if (letter === ",") {
      fields.push(field.trim())
      field = ""
    } else field += letter
  }
  if (quoted) return null
  fields.push(field.trim())
  return fields
}

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return month === 2 && leap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0)
}

/** A wall time that exists on the calendar, or null. */
export function readWallTime(text: string): WallTime | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text)
  if (match === null) return null
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0))
  if (year === undefined || month === undefined || day === undefined) return null
  if (hour === undefined || minute === undefined || second === undefined) return null
  if (year < 1971 || year > 2100 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null
  if (hour > 23 || minute > 59 || second > 59) return null
  return { year, month, day, second_of_day: hour * 3600 + minute * 60 + second }
}

type Columns = (fields: readonly string[]) => (Omit<BadgeRow, "line" | "at"> & { readonly time: string }) | string

function vastRow(fields: readonly string[]): ReturnType<Columns> {
  const [time, type, badge, floor, zone, ...more] = fields
  if (time === undefined || badge === undefined || floor === undefined || zone === undefined || more.length > 0)
    return `${fields.length} columns, not 5`
  if (type !== "fixed-prox") return `type "${type}" is not a fixed reader`
  if (zone === "") return "no zone"
  return { time, badge, floor: `Floor ${floor}`, door: `Floor ${floor} zone ${zone}` }
}

function plainRow(fields: readonly string[]): ReturnType<Columns> {
  const [time, badge, door, floor, ...more] = fields
  if (time === undefined || badge === undefined || door === undefined || more.length > 0)
    return `${fields.length} columns, not 3 or 4`
  return { time, badge, door, floor: floor === undefined || floor === "" ? "Ground floor" : floor }
}

const FORMS: ReadonlyMap<string, Columns> = new Map([
  ["timestamp,type,prox-id,floor,zone", vastRow],
  ["time,badge,door", plainRow],
  ["time,badge,door,floor", plainRow],
])

function readRow(line: string, number: number, columns: Columns): BadgeRow | string {
  const fields = splitCsv(line)
  if (fields === null) return "a quote is not closed"
  const row = columns(fields)
  if (typeof row === "string") return row
  const { time, badge, door, floor } = row
  if (badge === "") return "no badge"
  if (door === "") return "no door"
  if ([badge, door, floor].some((field) => field.length > FIELD_LENGTH_MAX)) return "a field is too long"
  const at = readWallTime(time)
  return at === null ? `"${time.slice(0, 40)}" is no time` : { line: number, at, badge, door, floor }
}

/** Reads the whole text. Line numbers count from 1, the header being line 1. */
export function readBadgeLog(text: string): BadgeLogRead {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/)
  const header = splitCsv(lines[0] ?? "")
  if (lines.length === 1 && lines[0] === "") return { ok: false, fault: "empty" }
  const columns = header === null ? undefined : FORMS.get(header.map((name) => name.toLowerCase()).join(","))
  if (columns === undefined) return { ok: false, fault: "header not known" }
  const rows: BadgeRow[] = []
  const bad: BadRow[] = []
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === "") continue
    const row = rows.length >= ROWS_MAX ? "too many rows" : readRow(line, index + 1, columns)
    if (typeof row === "string") bad.push({ line: index + 1, why: row })
    else rows.push(row)
  }
  return { ok: true, log: { rows, bad } }
}
