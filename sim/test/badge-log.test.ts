/** Reading badge logs: the bad rows first, each with its line and its reason, none fatal. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { readBadgeLog, splitCsv } from "../src/replay/badge-log.ts"
import { buildingOf, civilDay } from "../src/replay/building.ts"

const VAST = "timestamp, type, prox-id, floor, zone\n"

for (const [name, text, fault] of [
  ["nothing at all", "", "empty"],
  ["an unknown header", "when,who\n1,2", "header not known"],
  ["no header", "2016-05-31 00:05:00, fixed-prox, a001, 1, 1", "header not known"],
] as const)
  test(`${name}: ${fault}`, () => deepEqual(readBadgeLog(text), { ok: false, fault }))

const BAD: readonly (readonly [string, RegExp])[] = [
  ["2016-05-31 00:05:00, fixed-prox, a001, 1", /4 columns, not 5/],
  ["2016-05-31 00:05:00, fixed-prox, a001, 1, 1, 1", /6 columns/],
  ["2016-05-31 00:05:00, mobile-prox, a001, 1, 1", /mobile-prox/],
  ["2016-05-31 00:05:00, fixed-prox, , 1, 1", /no badge/],
  ["2016-05-31 00:05:00, fixed-prox, a001, 1, ", /no zone/],
  ["2016-02-30 00:05:00, fixed-prox, a001, 1, 1", /no time/],
  ["2016-05-31 24:00:00, fixed-prox, a001, 1, 1", /no time/],
  ["yesterday, fixed-prox, a001, 1, 1", /"yesterday" is no time/],
  [`2016-05-31 00:05:00, fixed-prox, ${"a".repeat(101)}, 1, 1`, /too long/],
  ['2016-05-31 00:05:00, fixed-prox, "a001, 1, 1', /quote is not closed/],
]

for (const [line, why] of BAD)
  test(`bad row: ${line.slice(0, 60)}`, () => {
    const read = readBadgeLog(`${VAST}${line}\n2016-05-31 00:05:00, fixed-prox, a001, 1, 1\n`)
    ok(read.ok)
    equal(read.log.rows.length, 1, "the good row is read all the same")
    equal(read.log.bad[0]?.line, 2)
    ok(why.test(read.log.bad[0]?.why ?? ""), read.log.bad[0]?.why)
  })

test("both forms, quotes, a byte-order mark and Windows line ends", () => {
  const vast = readBadgeLog(`\uFEFF${VAST}2016-05-31 00:05:00, fixed-prox, a001, 1, Server Room\r\n\r\n`)
  ok(vast.ok)
  deepEqual(vast.log.rows[0], {
    line: 2,
    at: { year: 2016, month: 5, day: 31, second_of_day: 300 },
    badge: "a001",
    door: "Floor 1 zone Server Room",
    floor: "Floor 1",
  })
  const plain = readBadgeLog('time,badge,door\n2020-02-29T23:59,"Doe, Jane","The ""back"" door"\n')
  ok(plain.ok)
  equal(plain.log.rows[0]?.badge, "Doe, Jane")
  equal(plain.log.rows[0]?.door, 'The "back" door')
  deepEqual(splitCsv('a, "b,c" ,d'), ["a", "b,c", "d"])
})

test("a civil day counts from 1970-01-01, as Date does", () => {
  for (let day = -1_000; day < 60_000; day += 97) {
    const date = new Date(day * 86_400_000)
    const wall = {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      second_of_day: 0,
    }
    equal(civilDay(wall), day)
  }
})

test("rights come from the first two weekdays only: a weekend before them does not count", () => {
  const rows = [
    ["2016-05-28 12:00:00", "a", 1], // Saturday
    ["2016-05-30 12:00:00", "a", 2], // Monday
    ["2016-05-31 12:00:00", "b", 2], // Tuesday
    ["2016-06-01 12:00:00", "b", 3], // Wednesday
  ].map(([time, badge, zone]) => `${time}, fixed-prox, ${badge}, 1, ${zone}`)
  const read = readBadgeLog(VAST + rows.join("\n"))
  ok(read.ok)
  const building = buildingOf(read.log.rows)
  deepEqual(
    building.doors.map((door) => [door.name, door.admits]),
    [
      ["Floor 1 zone 1", []],
      ["Floor 1 zone 2", ["a", "b"]],
      ["Floor 1 zone 3", []],
    ],
  )
  deepEqual(building.badges, ["a", "b"])
})

for (const [what, met, drawn] of [
  ["by their numbers", ["3", "10", "2"], ["2", "3", "10"]],
  [
    "as the log meets them where not all have a number",
    ["Ground floor", "First floor"],
    ["Ground floor", "First floor"],
  ],
] as const)
  test(`floors: ${what}`, () => {
    const rows = met.map((floor, at) => `2026-03-03 0${7 + at}:00:00,a,Door ${at},${floor}`)
    const read = readBadgeLog(["time,badge,door,floor", ...rows].join("\n"))
    ok(read.ok)
    deepEqual(
      buildingOf(read.log.rows).floors.map(({ floor }) => floor),
      drawn,
    )
  })
