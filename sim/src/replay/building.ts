/**
 * The building that a badge log implies: one door a reader, one cardholder a badge, and rights from the first days.
 *
 * The rule is {@link RULE}, printed with every replay. Doors are drawn on a plain grid, since a badge log knows no plan.
 */
import type { BadgeRow, WallTime } from "./badge-log.ts"

export const RULE =
  "Everyone may open each door where their badge was seen on the log's first two weekdays, every day 06:00 to 20:00."
const SAMPLE_WEEKDAYS = 2
export const OPEN_FROM_MIN = 6 * 60
export const OPEN_UNTIL_MIN = 20 * 60

export type ReplayDoor = {
  readonly name: string
  readonly floor: string
  readonly x_cm: number
  readonly y_cm: number
  /** Badges that may open it. */
  readonly admits: readonly string[]
}

export type ReplayRoom = { readonly name: string; readonly x_cm: number; readonly y_cm: number }

export type ReplayBuilding = {
  readonly doors: readonly ReplayDoor[]
  readonly floors: readonly { readonly floor: string; readonly rooms: readonly ReplayRoom[] }[]
  readonly badges: readonly string[]
}

export const ROOM_WIDTH_CM = 600
export const ROOM_HEIGHT_CM = 500
const COLUMNS = 4

/** Days since 1970-01-01 in the Gregorian calendar. */
export function civilDay({ year, month, day }: WallTime): number {
  // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, eras have 400 years.
  const shifted = month > 2 ? year : year - 1
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** 1970-01-01 was a Thursday. */
function isWeekday(day: number): boolean {
  return (((day + 3) % 7) + 7) % 7 < 5
}

/** Badge and door, joined by a letter that neither has. */
function seenOn(rows: readonly BadgeRow[], days: ReadonlySet<number>): ReadonlyMap<string, ReadonlySet<string>> {
  const seen = new Map<string, Set<string>>()
  for (const row of rows) {
    if (!days.has(civilDay(row.at))) continue
    const badges = seen.get(row.door) ?? new Set<string>()
    seen.set(row.door, badges.add(row.badge))
  }
  return seen
}

function inOrder(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true })
}

/** Floors by their numbers; names have no order of their own, and people come in at the ground: as the log meets them. */
function upward(floors: readonly string[]): readonly string[] {
  return floors.every((floor) => /\d/.test(floor)) ? [...floors].sort(inOrder) : floors
}

export function buildingOf(rows: readonly BadgeRow[]): ReplayBuilding {
  const weekdays = [...new Set(rows.map((row) => civilDay(row.at)))].filter(isWeekday).sort((a, b) => a - b)
  const seen = seenOn(rows, new Set(weekdays.slice(0, SAMPLE_WEEKDAYS)))
  const floorOf = new Map(rows.map((row) => [row.door, row.floor]))
  const floors = upward([...new Set(floorOf.values())]).map((floor) => {
    const names = [...floorOf].filter(([, at]) => at === floor).map(([name]) => name)
    return { floor, names: names.sort(inOrder) }
  })
  const placed = floors.flatMap(({ floor, names }) =>
    names.map((name, index) => {
      const x_cm = (index % COLUMNS) * ROOM_WIDTH_CM
      const y_cm = Math.floor(index / COLUMNS) * ROOM_HEIGHT_CM
      return { name, floor, x_cm, y_cm, admits: [...(seen.get(name) ?? [])].sort() }
    }),
  )
  return {
    doors: placed,
    floors: floors.map(({ floor }) => ({
      floor,
      rooms: placed.filter((door) => door.floor === floor).map(({ name, x_cm, y_cm }) => ({ name, x_cm, y_cm })),
    })),
    badges: [...new Set(rows.map((row) => row.badge))].sort(),
  }
}
