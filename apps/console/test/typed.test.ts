/** What people type into forms, and what this browser wrote down earlier. Wrong input first: it says why, or is nothing. */
import { defaultConfig } from "@holdfast/access/door"
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { test } from "node:test"
import { type DoorText, doorText } from "../src/data/door-text.ts"
import { readDoor } from "../src/data/read-door.ts"
import { rowsOf, stepOf } from "../src/data/heat.ts"
import { readIdentity } from "../src/data/identity.ts"
import { rangesOf } from "../src/data/openings.ts"
import { daysText, readDays, readRules, ruleText } from "../src/data/schedule-text.ts"
import { readSite } from "../src/data/site.ts"
import type { DoorConfig } from "@holdfast/access"
import { idOf, type ScheduleId } from "@holdfast/base"
import { encodeCoseKey, publicKey } from "@holdfast/base/cose"
import { toBase64 } from "@holdfast/base/text"
import { readBoardText } from "../src/data/board-text.ts"
import { makeBuilding } from "../dev/building.ts"

const config = defaultConfig("Europe/Berlin")
const schedule = idOf<"ScheduleId">(new Uint8Array(16).fill(9))
const good = doorText("Lab 2", config, { floor: "Ground", x_cm: 10, y_cm: 20, angle_deg: 90 })
const WRONG: readonly (readonly [string, Partial<DoorText>])[] = [
  ["a door without a name", { name: "  " }],
  ["grade 0", { grade: "0" }],
  ["grade 5", { grade: "5" }],
  ["grade two", { grade: "two" }],
  ["zone application 4", { application: "4" }],
  ["an unlock time of 61 s", { unlock_s: "61" }],
  ["an empty unlock time", { unlock_s: "" }],
  ["held open after 4 s", { heldOpen_s: "4" }],
  ["a lease of 721 h", { lease_h: "721" }],
  ["a lease of 1.5 h", { lease_h: "1.5" }],
  ["a zone that is none", { zone: "Berlin" }],
  ["a card number alone at grade 2", { factors: "identifier" }],
  ["half a centimetre", { x_cm: "0.5" }],
  ["360 degrees", { angle_deg: "360" }],
  ["hours without a schedule", { hours: [{ schedule: "", factors: "card", office: "" }] }],
  ["hours with a card number alone", { hours: [{ schedule, factors: "identifier", office: "" }] }],
  ["a card and its number", { factors: [{ kinds: ["card", "identifier"], ordered: false }], grade: "1" }],
  ["biometrics alone at grade 3", { factors: [{ kinds: ["biometric"], ordered: false }], grade: "3" }],
  ["a threat level with a card number alone", { threat: ["card", "identifier"] }],
  ["a second person within 31 s", { twoPerson_s: "31" }],
  ["9 decoy digits", { decoys: "9" }],
  ["-1 people by PIN alone", { pinOnly: "-1" }],
  ["a longer unlock time of 181 s", { extendedUnlock_s: "181" }],
  ["a longer time open of 4 s", { extendedHeldOpen_s: "4" }],
  ["antipassback for two weeks", { antipassback: "soft", antipassback_h: "336" }],
  ["a reserve of two days", { holdUp_s: "172800" }],
  ["13 cells", { chemistry: "alkaline", cells: "13" }],
  ["a cell of 99 mAh", { chemistry: "alkaline", capacity_mah: "99" }],
  ["a body of grade 8", { bodyGrade: "8" }],
  ["an image without a hash", { firmware: "image-1.2.3" }],
  ["nine images", { firmware: Array.from({ length: 9 }, (_, at) => String(at).repeat(64)).join("\n") }],
  ["a window without an end", { window_from: "02:00" }],
  ["a window of no length", { window_from: "02:00", window_until: "02:00" }],
  ["a window from 24:00", { window_from: "24:00", window_until: "02:00" }],
]
/** What does not go together is told at the field that would have to change. */
const TOGETHER: readonly (readonly [string, Partial<DoorText>, keyof DoorText])[] = [
  ["a delayed way out without the fire alarm", { egress_s: "15", failMode: "safe" }, "fire"],
  ["a delayed way out that stays locked without power", { egress_s: "15", fire: true }, "failMode"],
  [
    "a door of a pair that stands unlocked",
    { interlock: true, hours: [{ schedule, factors: "card", office: "by schedule" }] },
    "hours",
  ],
]
for (const [name, part, at] of [...WRONG, ...TOGETHER])
  test(`${name} is refused with a sentence`, () => {
    const read = readDoor({ ...good, ...part }, config)
    ok(!read.ok && read.fault.endsWith(".") && (at ?? read.at) === read.at && read.at in good)
  })

test("everything that a door can be stands in the form, and reads back as the same bytes", () => {
  const whole: DoorConfig<ScheduleId> = {
    ...config,
    failMode: "safe",
    modes: [
      { schedule, factors: "card", office: "after first entry" },
      { schedule: null, factors: [{ kinds: ["biometric", "pin"], ordered: true }] },
    ],
    threatFactors: ["card and pin"],
    ...{ extendedUnlock_ms: 30_000, extendedHeldOpen_ms: 90_000, antipassback: "hard", antipassback_s: 28_800 },
    ...{ delayedEgress_s: 15, fireReleases: true, remoteActs: ["unlock", "lockdown"] },
    ...{ twoPerson_ms: 10_000, decoyDigits_max: 4, pinOnlyPeople_max: 3 },
    enrollers: [idOf<"PersonId">(new Uint8Array(16).fill(5))],
    body: {
      actuator: "solenoid",
      deviceClass: "retrofit",
      hardened: ["bolt", "pins"],
      mechanicalKey: true,
      bodyGrade: 6,
    },
    battery: { chemistry: "lithium thionyl chloride", cells: 2, capacity_mah: 2_600 },
    holdUp_s: 60,
    firmware: ["aa".repeat(32), "bb".repeat(32)],
    updateWindow: [1_320, 240],
  }
  const read = readDoor(doorText("Lab 2", whole, null), config)
  deepEqual(read, { ok: true, config: whole, place: null })
})

test("what a form shows reads back as the same configuration and place", () => {
  const read = readDoor(good, config)
  ok(read.ok)
  deepEqual(read.config, config)
  deepEqual(read.place, { floor: "Ground", x_cm: 10, y_cm: 20, angle_deg: 90 })
  const nowhere = readDoor({ ...good, floor: "" }, config)
  equal(nowhere.ok && nowhere.place, null)
})

test("schedules: what cannot be read says why", () => {
  for (const [days, from, until] of [
    [0, "08:00", "18:00"],
    [31, "8", "18:00"],
    [31, "18:00", "08:00"],
    [31, "08:00", "24:01"],
  ] as const)
    equal(typeof readRules([{ days, from, until }]), "string")
  equal(typeof readRules([]), "string")
  const rule = { days: 31, from_min: 480, until_min: 1440 }
  deepEqual(readRules([ruleText(rule)]), [rule])
})

test("closed days are sorted, once each, or refused", () => {
  equal(readDays("24.12.2026"), null)
  equal(readDays("2026-13-01"), null)
  deepEqual(readDays(""), [])
  const days = readDays("2026-12-25, 2026-12-24;2026-12-25")
  equal(daysText(days ?? []), "2026-12-24, 2026-12-25")
})

test("an identity that somebody tampered with is none", () => {
  for (const text of [
    "",
    "{}",
    "null",
    '{"person":"x"}',
    '{"person":"00","delegation":"00","key":"00","credential":null}',
  ])
    equal(readIdentity(text), null)
  const kept = { person: "0".repeat(32), delegation: "1".repeat(64), key: "2".repeat(128) }
  equal(readIdentity(JSON.stringify({ ...kept, credential: null }))?.key.kind, "software")
  equal(readIdentity(JSON.stringify({ ...kept, credential: "AQID" }))?.key.kind, "passkey")
  equal(readIdentity(JSON.stringify({ ...kept, credential: "#" })), null)
})

test("a site is believed as far as its deed proves it", () => {
  const { site, rootBytes } = makeBuilding("http://localhost:1", 1)
  const file = { site, root: toBase64(rootBytes), api: "http://localhost:2", world: null }
  equal(readSite(file, null).ok, true)
  equal(readSite(file, site).ok, true)
  deepEqual(readSite(file, "0".repeat(32)), { ok: false, fault: "another site than before" })
  deepEqual(readSite({ ...file, site: "0".repeat(32) }, null), { ok: false, fault: "root does not verify" })
  deepEqual(readSite({ ...file, root: "AAAA" }, null), { ok: false, fault: "root does not verify" })
  deepEqual(readSite({}, null), { ok: false, fault: "answer not understood" })
  for (let at = 0; at < rootBytes.length; at += 23) {
    const changed = rootBytes.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    equal(readSite({ ...file, root: toBase64(changed) }, null).ok, false, `byte ${at}`)
  }
})

test("records to look at become few ranges, and none is left out", () => {
  const door = "a".repeat(32)
  const other = "b".repeat(32)
  const wanted = [9, 1, 2, 3, 7, 40].map((sequence) => ({ door, sequence }))
  const ranges = rangesOf([...wanted, { door: other, sequence: 2 }, { door: "no id", sequence: 1 }])
  deepEqual(ranges, [
    { door, first: 1, last: 9 },
    { door, first: 40, last: 40 },
    { door: other, first: 2, last: 2 },
  ])
})

test("heat: busiest door first, and one refusal alone is still seen", () => {
  const cells = [
    { door: "quiet", hour: 3, admitted: 0, refused: 1 },
    { door: "busy", hour: 8, admitted: 400, refused: 0 },
  ]
  deepEqual(
    rowsOf(cells).map((row) => [row.door, row.sum]),
    [
      ["busy", 400],
      ["quiet", 1],
    ],
  )
  equal(stepOf(0, 400), 0)
  equal(stepOf(1, 400), 1)
  equal(stepOf(400, 400), 6)
})

test("a board's keys are read as it prints them, and nothing else is", () => {
  const journal_key = toBase64(encodeCoseKey(publicKey(new Uint8Array(64).fill(7))))
  const good = { journal_key, hpke_key: toBase64(new Uint8Array(65).fill(4)), serial: "VB-0001", fingerprint: "12 34" }
  for (const wrong of ["", "[]", "null", "{}", "{"]) equal(readBoardText(wrong), null)
  const nothing = ["", toBase64(new Uint8Array(200)), 7]
  for (const [name, values] of [
    ["journal_key", [...nothing, "????"]],
    ["hpke_key", [...nothing, "????"]],
    ["serial", nothing],
  ] as const)
    for (const value of values)
      equal(readBoardText(JSON.stringify({ ...good, [name]: value })), null, `${name}: ${value}`)
  const read = readBoardText(JSON.stringify(good))
  equal(read?.serial, "VB-0001")
  match(read?.fingerprint ?? "", /^([0-9a-f]{4} ?){8}$/)
})
