/** What people read: ages, times, rules, records. */
import { FLAG_URGENT } from "@holdfast/lock"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { ageWords, agoWords, whenWords } from "../src/words/age.ts"
import { isUrgent, recordWords, toneOfRecord } from "../src/words/records.ts"
import { daysWords, grantWords, listWords, rulesWords, scheduleWords } from "../src/words/sentences.ts"
import { isZone, localDate, minuteWords, readMinute, startOfDay_ms, viewerWords } from "../src/words/time.ts"

/** Each row is a test and its own name: an age in milliseconds, and what is shown. */
const AGES = `
  0            now
  999          now
  1000         1 s
  59999        59 s
  60000        1 min
  3599999      59 min
  3600000      1 h
  86399999     23 h
  86400000     1 d
  864000000    10 d
  31535999999  364 d
  31536000000  1 y
`
for (const row of AGES.trim().split("\n")) {
  const [ms = "", ...words] = row.trim().split(/\s+/)
  test(`an age of ${ms} ms reads "${words.join(" ")}"`, () => equal(ageWords(Number(ms)), words.join(" ")))
}

test("an age is rounded down to its unit, at every length", () => {
  const units = new Map([
    ["s", 1_000],
    ["min", 60_000],
    ["h", 3_600_000],
    ["d", 86_400_000],
  ])
  for (let age_ms = 1_000; age_ms < 400_000_000; age_ms = age_ms * 1.07 + 137) {
    const [count = "", word = ""] = ageWords(age_ms).split(" ")
    const unit_ms = units.get(word)
    equal(unit_ms !== undefined && Number(count) * unit_ms <= age_ms && (Number(count) + 1) * unit_ms > age_ms, true)
  }
})

test("moments before and after now", () => {
  equal(agoWords(300), "just now")
  equal(agoWords(61_000), "1 min ago")
  equal(whenWords(10_000, 4_000), "in 6 s")
  equal(whenWords(4_000, 10_000), "6 s ago")
})

test("the viewer's time stands beside the door's only where they differ", () => {
  const at = Date.UTC(2026, 10, 22, 13, 5, 9)
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  equal(viewerWords(at, here), null)
  const there = here === "Asia/Tokyo" ? "America/Lima" : "Asia/Tokyo"
  equal(typeof viewerWords(at, there), "string")
})

/** Nights on which clocks change: a local date begins where its zone says, not at UTC midnight. */
const DAYS: readonly (readonly [string, string, string])[] = [
  ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z"],
  ["2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00.000Z"],
  ["2026-03-08", "America/New_York", "2026-03-08T05:00:00.000Z"],
  ["2026-11-22", "Asia/Kolkata", "2026-11-21T18:30:00.000Z"],
  ["2026-11-22", "UTC", "2026-11-22T00:00:00.000Z"],
]
for (const [date, zone, begins] of DAYS)
  test(`${date} in ${zone} begins at ${begins}`, () => {
    equal(new Date(startOfDay_ms(date, zone)).toISOString(), begins)
    equal(localDate(Date.parse(begins), zone), date)
  })

test("minutes of the day go both ways, for every minute", () => {
  for (let minute = 0; minute <= 1440; minute++) equal(readMinute(minuteWords(minute)), minute)
  for (const wrong of ["", "8", "8:5", "24:01", "12:60", "99:00", "noon"]) equal(readMinute(wrong), null)
})

test("zones that the browser does not know are no zones", () => {
  equal(isZone("Europe/Vienna"), true)
  equal(isZone("Europe/Atlantis"), false)
  equal(isZone(""), false)
})

test("rules read as sentences", () => {
  equal(daysWords(0b0011111), "weekdays")
  equal(daysWords(0b1100000), "weekends")
  equal(daysWords(0b1111111), "every day")
  equal(daysWords(0b0000101), "Mon, Wed")
  equal(rulesWords([]), "never")
  equal(rulesWords([{ days: 31, from_min: 480, until_min: 1080 }]), "weekdays 08:00 to 18:00")
  equal(rulesWords([{ days: 127, from_min: 0, until_min: 1440 }]), "every day")
  equal(listWords([]), "nothing")
  equal(listWords(["a"]), "a")
  equal(listWords(["a", "b", "c"]), "a, b and c")
  const grant = { group: "Engineers", doors: ["Lab 2", "Store"], schedule: null }
  equal(
    grantWords(grant, null, (id) => id),
    "Engineers may open Lab 2 and Store at any time",
  )
  const office = { zone: "Europe/Berlin", rules: [{ days: 31, from_min: 480, until_min: 1080 }], closedDays: [] }
  equal(scheduleWords({ ...office, name: "Office hours" }), "on weekdays 08:00 to 18:00 (Office hours)")
  equal(scheduleWords({ ...office, name: "Weekdays 08:00 to 18:00" }), "on weekdays 08:00 to 18:00")
  equal(scheduleWords({ ...office, name: "Night", rules: [] }), "never (Night)")
  const always = { ...office, name: "Always", rules: [{ days: 127, from_min: 0, until_min: 1440 }] }
  equal(scheduleWords(always), "every day (Always)")
})

test("a refusal says why, and red is for alarms only", () => {
  equal(recordWords({ kind: "refused", result: "outside-schedule" }), "Refused: outside schedule")
  equal(recordWords({ kind: "bolt-thrown", result: "done" }), "Bolt thrown")
  equal(recordWords({ kind: "finding", result: "case-opened" }), "The lock's case is open")
  equal(recordWords({ kind: "finding-ended", result: "case-opened" }), "Finding ended: case opened")
  deepEqual(
    [0, 1, 7, FLAG_URGENT, 15].map((flags) => isUrgent({ flags })),
    [false, false, false, true, true],
  )
  deepEqual(["admitted", "refused", "door-forced", "bolt-jammed", "boot"].map(toneOfRecord), [
    "secure",
    "open",
    "alarm",
    "alarm",
    "plain",
  ])
})
