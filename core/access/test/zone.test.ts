/** Wall clocks and schedules against luxon, an independent reader of the same IANA data. */
import { test } from "node:test"
import { deepEqual, equal, ok } from "node:assert/strict"
import { buildZoneTable, tzdataVersion } from "@holdfast/port-node"
import { DateTime, IANAZone } from "luxon"
import type { ZoneTable } from "../src/change/zone.ts"
import { type Intervals, union } from "../src/interval.ts"
import { expand, openOnDays } from "../src/schedule.ts"
import type { Schedule } from "../src/state.ts"
import { civilDate, civilDay, civilDayAt, DAY_S, offsetAt, UTC, weekday } from "../src/zone.ts"

/** The zone, and the local date of a night that has something odd. */
const NIGHTS: readonly (readonly [string, string, string])[] = [
  ["Europe/Berlin", "2026-03-29", "an hour is skipped"],
  ["Europe/Berlin", "2026-10-25", "an hour comes twice"],
  ["America/New_York", "2026-03-08", "an hour is skipped"],
  ["America/New_York", "2026-11-01", "an hour comes twice"],
  ["Australia/Lord_Howe", "2026-04-05", "half an hour comes twice"],
  ["Australia/Lord_Howe", "2026-10-04", "half an hour is skipped"],
  ["Africa/Casablanca", "2026-02-15", "Ramadan begins"],
  ["Africa/Casablanca", "2026-03-22", "Ramadan ends"],
  ["Asia/Kathmandu", "2026-06-01", "a quarter of an hour beside the others"],
  ["Asia/Kathmandu", "1986-01-01", "five and a half becomes five and three quarters"],
  ["Pacific/Apia", "2011-12-30", "a whole day is skipped"],
  ["America/St_Johns", "2026-03-08", "half-hour zone, an hour is skipped"],
  ["America/St_Johns", "2026-11-01", "half-hour zone, an hour comes twice"],
  ["Asia/Tehran", "2022-03-22", "an hour at midnight is skipped"],
  ["Asia/Tehran", "2022-09-22", "an hour at midnight comes twice"],
  ["Antarctica/Troll", "2026-03-29", "two hours are skipped"],
  ["Antarctica/Troll", "2026-10-25", "two hours come twice"],
  ["Europe/Dublin", "2026-03-29", "summer is standard time"],
  ["Europe/Dublin", "2026-10-25", "winter is the exception"],
  ["America/Sao_Paulo", "2018-11-04", "midnight is skipped"],
  ["America/Sao_Paulo", "2019-02-17", "the hour before midnight comes twice"],
  ["UTC", "2026-06-30", "nothing ever happens"],
]

const tables = new Map<string, ZoneTable>()

function tableAround(zone: string, date: string): ZoneTable {
  const name = `${zone} ${date}`
  const noon = DateTime.fromISO(`${date}T12:00`, { zone: "utc" }).toSeconds()
  const table = tables.get(name) ?? buildZoneTable(zone, tzdataVersion(), noon - 500 * DAY_S, noon + 500 * DAY_S)
  tables.set(name, table)
  return table
}

/** Whether a correct wall clock shows a time inside the schedule: the rule itself, asked of luxon. */
function openByOracle(schedule: Schedule, at_s: number): boolean {
  const wall = DateTime.fromSeconds(at_s, { zone: schedule.zone })
  const minute = wall.hour * 60 + wall.minute
  const day = Math.round(DateTime.utc(wall.year, wall.month, wall.day).toSeconds() / DAY_S)
  if (schedule.closedDays.includes(day)) return false
  return schedule.rules.some(
    (rule) => (rule.days >> (wall.weekday - 1)) & 1 && minute >= rule.from_min && minute < rule.until_min,
  )
}

function isOpen(intervals: Intervals, at_s: number): boolean {
  return intervals.some((each) => each.from <= at_s && at_s < each.until)
}

function schedule(zone: string, rules: Schedule["rules"], closedDays: readonly number[] = []): Schedule {
  return { name: "Hours", zone, rules, closedDays }
}

const ALL_DAYS = 127
const SHAPES: readonly (readonly [string, Schedule["rules"]])[] = [
  ["all day", [{ days: ALL_DAYS, from_min: 0, until_min: 1440 }]],
  ["00:30 to 03:15", [{ days: ALL_DAYS, from_min: 30, until_min: 195 }]],
  ["02:10 to 02:50", [{ days: ALL_DAYS, from_min: 130, until_min: 170 }]],
  [
    "23:00 to 24:00 and 00:00 to 00:45",
    [
      { days: ALL_DAYS, from_min: 1380, until_min: 1440 },
      { days: ALL_DAYS, from_min: 0, until_min: 45 },
    ],
  ],
  ["weekends 01:00 to 04:00", [{ days: 0b1100000, from_min: 60, until_min: 240 }]],
]

for (const [zone, date, what] of NIGHTS) {
  test(`${zone} ${date}: ${what}: the table's offsets are the oracle's`, () => {
    const table = tableAround(zone, date)
    const oracle = IANAZone.create(zone)
    const noon = DateTime.fromISO(`${date}T12:00`, { zone: "utc" }).toSeconds()
    for (let at = noon - 3 * DAY_S; at < noon + 3 * DAY_S; at += 1201)
      equal(offsetAt(table, at), oracle.offset(at * 1000) * 60, `offset at ${at}`)
    for (const { at_s } of table.transitions.slice(1))
      for (const at of [at_s - 1, at_s]) equal(offsetAt(table, at), oracle.offset(at * 1000) * 60, `offset at ${at}`)
  })

  for (const [shape, rules] of SHAPES) {
    test(`I-26, attack 51: ${zone} ${date}: ${what}: ${shape}`, () => {
      const table = tableAround(zone, date)
      const hours = schedule(zone, rules)
      const noon = DateTime.fromISO(`${date}T12:00`, { zone: "utc" }).toSeconds()
      const intervals = openOnDays(hours, table, civilDayAt(table, noon) - 5, civilDayAt(table, noon) + 5)
      for (let at = noon - 3 * DAY_S; at < noon + 3 * DAY_S; at += 1201)
        equal(isOpen(intervals, at), openByOracle(hours, at), DateTime.fromSeconds(at, { zone }).toISO() ?? "")
      for (const end of intervals.flatMap((each) => [each.from, each.until])) {
        if (Math.abs(end - noon) >= 3 * DAY_S) continue // The window of days ends there, not the hours.
        ok(openByOracle(hours, end) !== openByOracle(hours, end - 1), "ends are exact to the second")
      }
    })
  }
}

test("attack 51: an hour that is skipped never opens and one that comes twice opens twice", () => {
  const table = tableAround("Europe/Berlin", "2026-06-01")
  const early = schedule("Europe/Berlin", [{ days: ALL_DAYS, from_min: 120, until_min: 180 }])
  const spring = civilDay({ year: 2026, month: 3, day: 29 })
  const autumn = civilDay({ year: 2026, month: 10, day: 25 })
  deepEqual(openOnDays(early, table, spring, spring + 1), [])
  const [night, ...none] = openOnDays(early, table, autumn, autumn + 1)
  equal(none.length, 0)
  equal((night?.until ?? 0) - (night?.from ?? 0), 7200)
})

test("a schedule looks 400 local days ahead from the local midnight, and closed days stay closed", () => {
  const table = tableAround("America/New_York", "2026-11-22")
  const at = DateTime.fromISO("2026-11-22T15:00", { zone: "America/New_York" }).toSeconds()
  const today = civilDay({ year: 2026, month: 11, day: 22 })
  const open = expand(
    schedule("America/New_York", [{ days: ALL_DAYS, from_min: 540, until_min: 600 }], [today + 1]),
    table,
    at,
  )
  equal(open.length, 399)
  equal(open[0]?.from, DateTime.fromISO("2026-11-22T09:00", { zone: "America/New_York" }).toSeconds())
  equal(open[1]?.from, DateTime.fromISO("2026-11-24T09:00", { zone: "America/New_York" }).toSeconds())
  equal(open[398]?.from, DateTime.fromISO("2027-12-26T09:00", { zone: "America/New_York" }).toSeconds())
})

test("rules that overlap or touch merge", () => {
  const rules = [
    { days: 1, from_min: 60, until_min: 120 },
    { days: 1, from_min: 90, until_min: 180 },
    { days: 1, from_min: 180, until_min: 200 },
  ]
  const monday = civilDay({ year: 2026, month: 11, day: 23 })
  deepEqual(openOnDays(schedule("UTC", rules), UTC, monday, monday + 7), [
    { from: monday * DAY_S + 3600, until: monday * DAY_S + 12_000 },
  ])
  deepEqual(union([]), [])
})

test("civil days, dates and weekdays are the oracle's from 1900 to 2106", () => {
  for (let day = -25_567; day < 49_710; day += 13) {
    const date = DateTime.fromSeconds(day * DAY_S, { zone: "utc" })
    deepEqual(civilDate(day), { year: date.year, month: date.month, day: date.day })
    equal(civilDay(civilDate(day)), day)
    equal(weekday(day), date.weekday - 1)
  }
})
