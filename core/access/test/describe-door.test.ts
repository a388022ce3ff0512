/** What a door's new configuration does, in sentences: only what becomes true, and what no longer is. */
import { idOf } from "@holdfast/base"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { type DoorConfig, defaultConfig } from "../src/config.ts"
import { doorDifference } from "../src/describe-door.ts"

const plain = defaultConfig("Europe/Berlin")
const ana = idOf<"PersonId">(new Uint8Array(16).fill(7))
const say = { hours: () => "on weekdays", person: () => "Ana", door: () => "Lobby" }
const schedule = idOf<"ScheduleId">(new Uint8Array(16).fill(1))
type Config = DoorConfig<typeof schedule>

const CASES: readonly (readonly [change: Partial<Config>, sentence: string])[] = [
  [{ unlock_ms: 8_000 }, "The bolt stays drawn for 8 s."],
  [{ failMode: "safe" }, "Without power it unlocks; the way out is free either way."],
  [
    {
      modes: [
        { schedule, factors: "card", office: "after first entry" },
        { schedule: null, factors: "card" },
      ],
    },
    "It stands unlocked on weekdays, from the first entry on.",
  ],
  [{ twoPerson_ms: 10_000 }, "It takes two different people within 10 s."],
  [{ decoyDigits_max: 4 }, "Up to 4 digits may stand around a PIN."],
  [
    { heeds: { narrowed_s: 900, doors: [] } },
    "Something grave at any other door puts it at threat level 1, for 15 min at most.",
  ],
  [
    { heeds: { narrowed_s: 90, doors: [idOf(new Uint8Array(16))] } },
    "Something grave at Lobby puts it at threat level 1, for 1.5 min at most.",
  ],
  [{ enrollers: [ana] }, "Enrolment here is opened by Ana."],
  [{ antipassback: "hard", antipassback_s: 28_800 }, "Coming in twice without leaving is refused, for 8 h."],
  [{ interlock: true }, "It opens only while the other door of its pair is closed and locked."],
  [
    { delayedEgress_s: 15 },
    "The way out is free 15 s after the bar is pushed, and at once in a fire or without power.",
  ],
  [{ fireReleases: true }, "A fire alarm unlocks it."],
  [{ remoteActs: ["unlock", "lockdown"] }, "From afar it takes these orders: unlock and lockdown."],
  [
    { threatFactors: ["card and pin", [{ kinds: ["card", "pin", "biometric"], ordered: false }]] },
    "It opens at least as the hour wants it, and at threat level 1 with card and PIN; at threat level 2 with card, PIN and biometrics.",
  ],
  [{ battery: { chemistry: "alkaline", cells: 4, capacity_mah: 2_500 } }, "It runs on 4 alkaline cells of 2500 mAh."],
  [
    {
      body: {
        actuator: "solenoid",
        deviceClass: "retrofit",
        hardened: ["bolt"],
        mechanicalKey: true,
        bodyGrade: 3,
      },
    },
    "A solenoid moves its bolt (retrofit; grade 3 of EN 14846; hardened bolt; a mechanical key opens it too).",
  ],
  [{ firmware: ["ab".repeat(32)] }, "It may take the firmware abababab."],
  [{ updateWindow: [120, 240] }, "Its firmware changes only between 02:00 and 04:00 UTC."],
]
for (const [change, sentence] of CASES)
  test(sentence, () => deepEqual(doorDifference(plain, { ...plain, ...change }, say), [sentence]))

test("what ends is told as well, and what stays is not", () => {
  const locked: Config = { ...plain, interlock: true, fireReleases: true }
  deepEqual(doorDifference(locked, { ...locked, fireReleases: false }, say), ["No longer: A fire alarm unlocks it."])
  equal(doorDifference(locked, locked, say).length, 0)
})

test("a new door is told where it differs from the plainest one", () => {
  deepEqual(doorDifference(null, { ...plain, interlock: true }, say), [
    "It opens only while the other door of its pair is closed and locked.",
  ])
})
