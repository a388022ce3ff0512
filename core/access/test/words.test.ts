/** Plain words: every kind of change has a sentence, and reasons read as a person would say them. */
import { test } from "node:test"
import { deepEqual, equal, ok } from "node:assert/strict"
import { unixSeconds } from "@holdfast/base"
import { describe, explain, type Labels } from "../src/index.ts"
import { daysInWords, hoursInWords, instantInWords, listInWords } from "../src/words.ts"
import { Building, door, grant, group, id, person } from "./building.ts"
import { OFFICE, START } from "./furnished.ts"
import { CHANGES } from "./vector-changes.ts"

const NAMES = ["ana", "bo", "ada", "lab"]
const labels: Labels = (object) => {
  const name = NAMES.find((each) => id(each) === object)
  return name === undefined ? null : name === "lab" ? "Lab 2" : name.slice(0, 1).toUpperCase() + name.slice(1)
}

function furnished(): Building {
  const building = new Building(START)
  building.says(building.hours("day", [{ ...OFFICE, from_min: 480, until_min: 1080 }]))
  building.setDoor("lab", { modes: [{ schedule: null, factors: "card and pin" }] })
  building.says({ kind: "group set", group: group("staff"), name: "Staff" })
  building.says(building.grantTo("staff", ["lab"], "day"))
  building.addPerson("ana", ["card", "pin"])
  building.addPerson("bo", ["card"])
  building.says(building.member("staff", "bo"))
  return building
}

const SENTENCES: readonly (readonly string[])[] = [
  ["Add Ana."],
  ["Change the name of Ana."],
  ["Revoke Ana: no door opens for them any more, and their own keys end."],
  ["Restore Ana: their memberships and credentials count again."],
  ["Give Ana a card."],
  ["Remove the card of Ana."],
  ["Rename the group Staff to Staff."],
  [
    "Ana joins Staff from 2026-11-23 00:00 UTC.",
    "Ana may open Lab 2 on weekdays 08:00 to 18:00 (UTC) with card and PIN.",
  ],
  ["Ana leaves Staff."],
  ["Staff may open Lab 2 on weekdays 08:00 to 18:00 (UTC) with card and PIN."],
  ["No longer: Staff may open Lab 2 on weekdays 08:00 to 18:00 (UTC) with card and PIN."],
  ["Day means on weekdays 08:00 to 18:00 (Europe/Berlin); closed on 2026-12-25."],
  [
    "Lab 2 opens with a card on weekdays 08:00 to 18:00 (UTC), otherwise with card and PIN; grade 2.",
    "Its clock is that of Europe/Berlin.",
  ],
  ["Remove Lab 2 and everybody's rights there."],
  ["Pair Lab 2 with the lock HF-0001."],
  ["Take the time zone Europe/Berlin from edition 2026b."],
  ["Ada may state person revoke and deny with a passkey until 2026-11-24 00:00 UTC."],
  ["End the key fffefdfc and every sitting that stands on it."],
  ["Deny Ana at once, at every lock that hears of it."],
  ["Draw the floor 0 with one room."],
  ["Give Ana a phone."],
  ["Ana has longer to pass and comes in during a lockdown."],
  ["Order Lab 2: service for 60 min."],
  ["Ana is told of silent alarms, by the key 047118403a9c50c51a…."],
  ["Ana is no longer told of silent alarms."],
  ["Give Ana a key for offline PINs, the half that makes codes."],
  ["Give Ana a key for offline PINs, the half that stays with the site."],
  ["Ask for a timed offline PIN, for 4 h from 2026-03-29 16:00 UTC, of credential 52c6cfb8 at Lab 2."],
]

test("every kind of change in words", () => {
  const { state } = furnished()
  equal(SENTENCES.length, CHANGES.length)
  for (const [index, change] of CHANGES.entries()) {
    const wanted = change.kind === "grant remove" ? { ...change, grant: grant("staff") } : change
    deepEqual(describe(wanted, labels, state), SENTENCES[index], change.kind)
  }
  deepEqual(describe({ kind: "grant remove", grant: grant("none") }, labels, state), ["Nothing at any door."])
  deepEqual(
    describe({ kind: "person revoke", person: person("nobody") }, () => null, state)[0]?.slice(0, 14),
    "Revoke person ",
  )
})

test("why somebody may or may not open, asked of the decision itself", () => {
  const building = furnished()
  building.says(building.member("staff", "ana"))
  building.addPerson("ada", ["card"])
  const asked = (who: string, at: number): string =>
    explain(building.state, door("lab"), person(who), unixSeconds(at), labels).sentence
  equal(
    asked("ana", START + 36_000),
    "Ana may open Lab 2 through Staff, on weekdays 08:00 to 18:00 (UTC). Lab 2 opens with card and PIN at 2026-11-23 10:00 UTC.",
  )
  ok(asked("ana", START).startsWith("Ana may open Lab 2, but not at this hour."))
  ok(asked("bo", START + 36_000).startsWith("Lab 2 wants more than Bo has."))
  ok(asked("ada", START + 36_000).startsWith("Ada is in no group that may open Lab 2."))
  building.says({ kind: "person revoke", person: person("ana") })
  ok(asked("ana", START + 36_000).startsWith("Ana was revoked."))
  const nowhere = explain(building.state, door("none"), person("ana"), unixSeconds(START), () => null)
  equal(nowhere.verdict, null)
})

test("days, hours and lists", () => {
  const rows: readonly (readonly [number, string])[] = [
    [0b1111111, "every day"],
    [0b0011111, "on weekdays"],
    [0b1100000, "on weekends"],
    [0b0000001, "on Monday"],
    [0b1000101, "on Monday, Wednesday and Sunday"],
  ]
  for (const [days, words] of rows) equal(daysInWords(days), words)
  const rest = { name: "Odd", zone: "UTC", closedDays: [] }
  equal(hoursInWords(null), "at all hours")
  equal(hoursInWords({ ...rest, rules: [] }), "never")
  const two = [
    { days: 127, from_min: 0, until_min: 61 },
    { days: 96, from_min: 1380, until_min: 1440 },
  ]
  equal(hoursInWords({ ...rest, rules: two }), "every day 00:00 to 01:01 and on weekends 23:00 to 24:00 (UTC)")
  equal(listInWords([]), "nothing")
  equal(instantInWords(1_709_164_799), "2024-02-28 23:59 UTC")
  equal(instantInWords(1_709_164_800), "2024-02-29 00:00 UTC")
})
