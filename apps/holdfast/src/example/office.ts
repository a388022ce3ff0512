/**
 * The example building: a small firm on two floors, twelve doors, twenty people.
 *
 * Plain data, invented, in centimetres; `founding` turns it into statements. It is not special: everything here could be
 * entered by hand in the console.
 */
import type { BatteryPack } from "@holdfast/access/door"
import { type Act, ACTS } from "@holdfast/access/rules"

export type Room = {
  readonly name: string
  readonly at: readonly [x: number, y: number, width: number, height: number]
}
export type Factors = "card" | "pin" | "card and pin" | "card or pin"

export type ExampleDoor = {
  readonly name: string
  readonly floor: string
  /** Where the middle of the doorway lies, and which way the wall runs: 0 = along x, 90 = along y. */
  readonly at: readonly [x: number, y: number, angle: 0 | 90 | 180 | 270]
  readonly grade: 1 | 2 | 3 | 4
  readonly factors: Factors
  readonly failMode: "secure" | "safe"
  readonly lease_s?: number
  /** Absent: the door is fed by mains. */
  readonly battery?: BatteryPack
  /** What its administrator may order from afar. */
  readonly remoteActs?: readonly Act[]
}

export type ExampleGroup = {
  readonly name: string
  readonly members: readonly string[]
  /** What the members may open, when. */
  readonly opens: readonly { readonly doors: readonly string[]; readonly schedule: string }[]
}

export type ExampleSchedule = {
  readonly name: string
  /** Days as letters MTWTFSS with a dot for a day off, then local wall times. */
  readonly rules: readonly { readonly days: string; readonly from: string; readonly until: string }[]
}

export type Example = {
  readonly zone: string
  readonly floors: readonly { readonly floor: string; readonly rooms: readonly Room[] }[]
  readonly doors: readonly ExampleDoor[]
  readonly schedules: readonly ExampleSchedule[]
  readonly people: readonly { readonly name: string; readonly pin: boolean }[]
  readonly groups: readonly ExampleGroup[]
}

const GROUND: readonly Room[] = [
  { name: "Entrance hall", at: [900, 1000, 600, 600] },
  { name: "Reception", at: [1500, 1000, 500, 600] },
  { name: "Corridor", at: [0, 700, 2400, 300] },
  { name: "Workshop", at: [0, 1000, 900, 600] },
  { name: "Store", at: [2000, 1000, 400, 600] },
  { name: "Office west", at: [0, 0, 800, 700] },
  { name: "Meeting room", at: [800, 0, 600, 700] },
  { name: "Kitchen", at: [1400, 0, 500, 700] },
  { name: "Stairs", at: [1900, 0, 500, 700] },
]

const UPPER: readonly Room[] = [
  { name: "Corridor", at: [0, 700, 2400, 300] },
  { name: "Laboratory", at: [0, 1000, 1000, 600] },
  { name: "Server room", at: [1000, 1000, 400, 600] },
  { name: "Archive", at: [1400, 1000, 500, 600] },
  { name: "Accounts", at: [1900, 1000, 500, 600] },
  { name: "Office north", at: [0, 0, 900, 700] },
  { name: "Management", at: [900, 0, 1000, 700] },
  { name: "Stairs", at: [1900, 0, 500, 700] },
]

export const OFFICE: Example = {
  zone: "Europe/Berlin",
  floors: [
    { floor: "Ground floor", rooms: GROUND },
    { floor: "First floor", rooms: UPPER },
  ],
  doors: [
    {
      name: "Main entrance",
      floor: "Ground floor",
      at: [1200, 1600, 180],
      grade: 2,
      factors: "card",
      failMode: "safe",
      remoteActs: ACTS,
    },
    {
      name: "Hall to corridor",
      floor: "Ground floor",
      at: [1200, 1000, 0],
      grade: 2,
      factors: "card",
      failMode: "safe",
    },
    { name: "Workshop", floor: "Ground floor", at: [450, 1000, 0], grade: 2, factors: "card", failMode: "secure" },
    {
      name: "Goods entrance",
      floor: "Ground floor",
      at: [0, 1300, 270],
      grade: 2,
      factors: "card",
      failMode: "secure",
      remoteActs: ACTS,
    },
    { name: "Store", floor: "Ground floor", at: [2200, 1000, 0], grade: 2, factors: "card or pin", failMode: "secure" },
    { name: "Office west", floor: "Ground floor", at: [400, 700, 180], grade: 2, factors: "card", failMode: "secure" },
    { name: "Stairs", floor: "Ground floor", at: [2150, 700, 180], grade: 2, factors: "card", failMode: "safe" },
    {
      name: "Laboratory",
      floor: "First floor",
      at: [500, 1000, 0],
      grade: 3,
      factors: "card and pin",
      failMode: "secure",
    },
    {
      name: "Server room",
      floor: "First floor",
      at: [1200, 1000, 0],
      grade: 3,
      factors: "card and pin",
      failMode: "secure",
      lease_s: 3_600,
    },
    {
      name: "Archive",
      floor: "First floor",
      at: [1650, 1000, 0],
      grade: 2,
      factors: "card",
      failMode: "secure",
      battery: { chemistry: "alkaline", cells: 4, capacity_mah: 2_500 },
    },
    { name: "Accounts", floor: "First floor", at: [2150, 1000, 0], grade: 2, factors: "card", failMode: "secure" },
    { name: "Management", floor: "First floor", at: [1400, 700, 180], grade: 2, factors: "card", failMode: "secure" },
  ],
  schedules: [
    { name: "Always", rules: [{ days: "MTWTFSS", from: "00:00", until: "24:00" }] },
    { name: "Weekdays 07:00 to 20:00", rules: [{ days: "MTWTF..", from: "07:00", until: "20:00" }] },
    { name: "Cleaning 18:00 to 22:00", rules: [{ days: "MTWTF..", from: "18:00", until: "22:00" }] },
  ],
  people: [
    { name: "Ana Weber", pin: true },
    { name: "Bo Lindqvist", pin: true },
    { name: "Chidi Okafor", pin: true },
    { name: "Dana Novak", pin: false },
    { name: "Emre Yilmaz", pin: false },
    { name: "Farah Haddad", pin: true },
    { name: "Grete Hansen", pin: false },
    { name: "Hugo Moreau", pin: false },
    { name: "Ines Costa", pin: true },
    { name: "Jonas Keller", pin: false },
    { name: "Kaori Tanaka", pin: true },
    { name: "Liam Byrne", pin: false },
    { name: "Mira Petrova", pin: false },
    { name: "Noor Rahman", pin: false },
    { name: "Otto Brandt", pin: false },
    { name: "Priya Nair", pin: true },
    { name: "Quentin Roy", pin: false },
    { name: "Rosa Jimenez", pin: false },
    { name: "Sven Dahl", pin: false },
    { name: "Tilda Holm", pin: false },
  ],
  groups: [
    {
      name: "Everybody",
      members: [
        "Ana Weber",
        "Bo Lindqvist",
        "Chidi Okafor",
        "Dana Novak",
        "Emre Yilmaz",
        "Farah Haddad",
        "Grete Hansen",
        "Hugo Moreau",
        "Ines Costa",
        "Jonas Keller",
        "Kaori Tanaka",
        "Liam Byrne",
        "Mira Petrova",
        "Noor Rahman",
        "Otto Brandt",
        "Priya Nair",
      ],
      opens: [{ doors: ["Main entrance", "Hall to corridor", "Stairs"], schedule: "Weekdays 07:00 to 20:00" }],
    },
    {
      name: "Workshop and goods",
      members: ["Dana Novak", "Emre Yilmaz", "Jonas Keller", "Liam Byrne", "Otto Brandt"],
      opens: [{ doors: ["Workshop", "Goods entrance", "Store"], schedule: "Weekdays 07:00 to 20:00" }],
    },
    {
      name: "Laboratory",
      members: ["Ana Weber", "Farah Haddad", "Kaori Tanaka", "Priya Nair"],
      opens: [{ doors: ["Laboratory", "Archive"], schedule: "Always" }],
    },
    {
      name: "Information technology",
      members: ["Bo Lindqvist", "Chidi Okafor"],
      opens: [
        { doors: ["Server room"], schedule: "Always" },
        { doors: ["Main entrance", "Hall to corridor", "Stairs"], schedule: "Always" },
      ],
    },
    {
      name: "Office",
      members: ["Grete Hansen", "Hugo Moreau", "Mira Petrova", "Noor Rahman", "Ines Costa"],
      opens: [{ doors: ["Office west", "Accounts", "Archive", "Management"], schedule: "Weekdays 07:00 to 20:00" }],
    },
    {
      name: "Cleaners",
      members: ["Quentin Roy", "Rosa Jimenez", "Sven Dahl", "Tilda Holm"],
      opens: [
        {
          doors: ["Main entrance", "Hall to corridor", "Stairs", "Office west", "Accounts", "Management"],
          schedule: "Cleaning 18:00 to 22:00",
        },
      ],
    },
  ],
}
