/**
 * What the fields of a door's form mean. What cannot be read says which field it is and why, in the order of the form; nothing
 * is guessed and nothing is put right in silence.
 */
import type { DoorConfig, DoorPlace, Factors } from "@holdfast/access"
import type { Mode } from "@holdfast/access/door"
import { suitsGrade, waysOf } from "@holdfast/access/factors"
import { ACTS, HEEDED_MAX } from "@holdfast/access/rules"
import type { ScheduleId } from "@holdfast/base"
import { isZone, readMinute } from "../words/time.ts"
import type { DoorText } from "./door-text.ts"

type Config = DoorConfig<ScheduleId>
export type DoorFault = { readonly ok: false; readonly at: keyof DoorText; readonly fault: string }
export type DoorRead = { readonly ok: true; readonly config: Config; readonly place: DoorPlace | null } | DoorFault
type Read<Part> = { readonly ok: true; readonly part: Part } | DoorFault

const wrong = (at: keyof DoorText, fault: string): DoorFault => ({ ok: false, at, fault })

function whole(text: string, min: number, max: number): number | null {
  const value = Number(text)
  return Number.isInteger(value) && text.trim() !== "" && value >= min && value <= max ? value : null
}

/** What may be left empty, and then is nothing: 0. */
function orNone(text: string, min: number, max: number): number | null {
  return text.trim() === "" ? 0 : whole(text, min, max)
}

type Basics = Pick<Config, "grade" | "lease_s" | "unlock_ms" | "heldOpen_ms" | "failMode">

function readBasics(text: DoorText): Read<Basics> {
  const grade = whole(text.grade, 1, 4)
  const unlock_s = whole(text.unlock_s, 1, 60)
  const heldOpen_s = whole(text.heldOpen_s, 5, 600)
  const lease_h = whole(text.lease_h, 1, 720)
  if (text.name.trim() === "") return wrong("name", "A door needs a name that others recognise.")
  if (grade === null) return wrong("grade", "A grade is 1 to 4.")
  if (unlock_s === null) return wrong("unlock_s", "The bolt stays drawn for 1 to 60 s.")
  if (heldOpen_s === null) return wrong("heldOpen_s", "A door counts as held open after 5 to 600 s.")
  if (lease_h === null) return wrong("lease_h", "A lease lasts 1 h to 720 h (30 days).")
  const times = { unlock_ms: unlock_s * 1_000, heldOpen_ms: heldOpen_s * 1_000, lease_s: lease_h * 3_600 }
  return { ok: true, part: { grade, failMode: text.failMode, ...times } }
}

/** Why a door of this grade cannot want these factors, or null. */
export function factorsFault(factors: Factors, grade: number): string | null {
  if (!suitsGrade(factors, grade))
    return "From grade 2 up a card number, and from grade 3 up biometrics alone, are never enough; at grade 4 every way takes a phone."
  const counted = waysOf(factors).some(({ kinds }) => kinds.includes("card") && kinds.includes("identifier"))
  return counted ? "A card tells its number too: ask for one of the two." : null
}

type Modes = Pick<Config, "modes" | "threatFactors">
const MODES_MAX = 16
export const LEVELS_MAX = 4

function readModes(text: DoorText, grade: number): Read<Modes> {
  const last = factorsFault(text.factors, grade)
  if (last !== null) return wrong("factors", last)
  const modes: Mode<ScheduleId>[] = []
  for (const { schedule, factors, office } of text.hours) {
    const fault = factorsFault(factors, grade)
    if (schedule === "") return wrong("hours", "Say during which schedule, or remove the line.")
    if (fault !== null) return wrong("hours", fault)
    modes.push(office === "" ? { schedule, factors } : { schedule, factors, office })
  }
  if (modes.length >= MODES_MAX) return wrong("hours", `A door has at most ${MODES_MAX - 1} lines of hours.`)
  if (text.interlock && modes.some(({ office }) => office !== undefined))
    return wrong("hours", "A door of an interlocked pair never stands unlocked.")
  const level = text.threat.map((factors) => factorsFault(factors, grade)).find((fault) => fault !== null)
  if (level !== undefined) return wrong("threat", level)
  if (text.threat.length > LEVELS_MAX) return wrong("threat", `There are ${LEVELS_MAX} threat levels.`)
  return {
    ok: true,
    part: { modes: [...modes, { schedule: null, factors: text.factors }], threatFactors: text.threat },
  }
}

type Entering = Pick<Config, "twoPerson_ms" | "decoyDigits_max" | "pinOnlyPeople_max" | "enrollers" | "heeds">

function readEntering(text: DoorText): Read<Entering> {
  const twoPerson_s = orNone(text.twoPerson_s, 2, 30)
  const decoyDigits_max = orNone(text.decoys, 0, 8)
  const pinOnlyPeople_max = whole(text.pinOnly, 0, 0xffff)
  if (twoPerson_s === null) return wrong("twoPerson_s", "The second person has 2 to 30 s; empty: one is enough.")
  if (decoyDigits_max === null) return wrong("decoys", "0 to 8 digits may stand around a PIN.")
  if (pinOnlyPeople_max === null) return wrong("pinOnly", "Say how many people may open by PIN alone, 0 or more.")
  if (text.enrollers.length > 16) return wrong("enrollers", "At most 16 people enrol at one door.")
  const narrowed_min = orNone(text.narrowed_min, 1, 60)
  if (narrowed_min === null) return wrong("narrowed_min", "Another door's finding counts here for 1 to 60 min.")
  if (text.heeded.length > HEEDED_MAX) return wrong("heeded", `Name at most ${HEEDED_MAX} doors, or none for all.`)
  const heeds = narrowed_min === 0 ? null : { narrowed_s: narrowed_min * 60, doors: text.heeded.toSorted() }
  const twoPerson_ms = twoPerson_s * 1_000
  return { ok: true, part: { twoPerson_ms, decoyDigits_max, pinOnlyPeople_max, enrollers: text.enrollers, heeds } }
}

type Passing = Pick<
  Config,
  | "extendedUnlock_ms"
  | "extendedHeldOpen_ms"
  | "antipassback"
  | "antipassback_s"
  | "interlock"
  | "delayedEgress_s"
  | "fireReleases"
  | "remoteActs"
>

function readPassing(text: DoorText): Read<Passing> {
  const unlock_s = whole(text.extendedUnlock_s, 1, 180)
  const heldOpen_s = whole(text.extendedHeldOpen_s, 5, 600)
  const delayedEgress_s = whole(text.egress_s, 0, 30)
  const antipassback_h = orNone(text.antipassback_h, 1, 168)
  if (unlock_s === null) return wrong("extendedUnlock_s", "Whoever needs longer has 1 to 180 s.")
  if (heldOpen_s === null) return wrong("extendedHeldOpen_s", "For them it counts as held open after 5 to 600 s.")
  if (antipassback_h === null) return wrong("antipassback_h", "Nobody is held to a side for more than 168 h (a week).")
  if (delayedEgress_s === null) return wrong("egress_s", "The way out waits 0, 15 or 30 s.")
  if (delayedEgress_s > 0 && !text.fire)
    return wrong("fire", "A delayed way out must open at once in a fire: let the fire alarm unlock this door.")
  if (delayedEgress_s > 0 && text.failMode === "secure")
    return wrong("failMode", "A delayed way out must be free without power: make this door fail-safe.")
  const { antipassback, interlock, fire: fireReleases } = text
  return {
    ok: true,
    part: {
      extendedUnlock_ms: unlock_s * 1_000,
      extendedHeldOpen_ms: heldOpen_s * 1_000,
      ...{ antipassback, antipassback_s: antipassback === "none" ? 0 : antipassback_h * 3_600 },
      ...{ interlock, delayedEgress_s, fireReleases },
      remoteActs: ACTS.filter((act) => text.acts.includes(act)),
    },
  }
}

type Fitted = Pick<Config, "body" | "battery" | "holdUp_s">

/** A body that says nothing but the usual is left out, as long as nobody stated one before. */
function readBody(text: DoorText, before: Config): Pick<Config, "body"> | DoorFault {
  const bodyGrade = whole(text.bodyGrade, 0, 7)
  if (bodyGrade === null) return wrong("bodyGrade", "EN 14846 grades a body 1 to 7; 0 where nobody stated one.")
  const { actuator, deviceClass, hardened, mechanicalKey } = text
  const isUsual = actuator === "motor" && deviceClass === "full replacement" && hardened.length === 0 && !mechanicalKey
  if (isUsual && bodyGrade === 0 && before.body === undefined) return {}
  return { body: { actuator, deviceClass, hardened, mechanicalKey, bodyGrade } }
}

function readFitted(text: DoorText, before: Config): Read<Fitted> {
  const body = readBody(text, before)
  if ("fault" in body) return body
  const cells = whole(text.cells, 1, 12)
  const capacity_mah = whole(text.capacity_mah, 100, 40_000)
  const holdUp_s = orNone(text.holdUp_s, 1, 86_400)
  if (holdUp_s === null) return wrong("holdUp_s", "The reserve holds 1 to 86,400 s (a day); empty: there is none.")
  const held = holdUp_s === 0 ? {} : { holdUp_s }
  if (text.chemistry === "") return { ok: true, part: { ...body, ...held } }
  if (cells === null) return wrong("cells", "A pack has 1 to 12 cells.")
  if (capacity_mah === null) return wrong("capacity_mah", "A cell holds 100 to 40,000 mAh.")
  return { ok: true, part: { ...body, battery: { chemistry: text.chemistry, cells, capacity_mah }, ...held } }
}

type Firmware = Pick<Config, "firmware" | "updateWindow">
const IMAGES_MAX = 8
const DAY_MIN = 1_440

function readFirmware(text: DoorText): Read<Firmware> {
  const images = text.firmware.split(/[\s,]+/).filter((word) => word !== "")
  const firmware = [...new Set(images.map((hash) => hash.toLowerCase()))].sort()
  if (!firmware.every((hash) => /^[0-9a-f]{64}$/.test(hash)))
    return wrong("firmware", "An image is named by its SHA-256: 64 hex digits, one image a line.")
  if (firmware.length > IMAGES_MAX) return wrong("firmware", `A door names at most ${IMAGES_MAX} images.`)
  if (text.window_from.trim() === "" && text.window_until.trim() === "")
    return { ok: true, part: { firmware, updateWindow: null } }
  const from = readMinute(text.window_from)
  const until = readMinute(text.window_until)
  if (from === null || from === DAY_MIN) return wrong("window_from", "Write a time like 02:00.")
  if (until === null || until === DAY_MIN) return wrong("window_until", "Write a time like 04:00.")
  if (from === until) return wrong("window_until", "A window that ends when it begins is none; leave both empty.")
  return { ok: true, part: { firmware, updateWindow: [from, until] } }
}

type Place = { readonly zone: string; readonly zoneApplication: number; readonly place: DoorPlace | null }

function readPlace(text: DoorText): Read<Place> {
  const zoneApplication = whole(text.application, 0, 3)
  const x_cm = whole(text.x_cm, -1_000_000, 1_000_000)
  const y_cm = whole(text.y_cm, -1_000_000, 1_000_000)
  const angle_deg = whole(text.angle_deg, 0, 359)
  const { zone } = text
  if (!isZone(zone)) return wrong("zone", "That is no time zone; write it like Europe/Vienna.")
  if (zoneApplication === null) return wrong("application", "A zone application is 0 to 3.")
  if (text.floor.trim() === "") return { ok: true, part: { zone, zoneApplication, place: null } }
  if (x_cm === null) return wrong("x_cm", "A place on the plan is in whole centimetres.")
  if (y_cm === null) return wrong("y_cm", "A place on the plan is in whole centimetres.")
  if (angle_deg === null) return wrong("angle_deg", "An angle is 0 to 359 degrees.")
  const place = { floor: text.floor.trim().normalize("NFC"), x_cm, y_cm, angle_deg }
  return { ok: true, part: { zone, zoneApplication, place } }
}

/** Reads the fields in the order in which they stand; the first that does not read is told. */
export function readDoor(text: DoorText, before: Config): DoorRead {
  const basics = readBasics(text)
  if (!basics.ok) return basics
  const modes = readModes(text, basics.part.grade)
  if (!modes.ok) return modes
  const entering = readEntering(text)
  if (!entering.ok) return entering
  const passing = readPassing(text)
  if (!passing.ok) return passing
  const fitted = readFitted(text, before)
  if (!fitted.ok) return fitted
  const firmware = readFirmware(text)
  if (!firmware.ok) return firmware
  const placed = readPlace(text)
  if (!placed.ok) return placed
  const { place, ...clock } = placed.part
  const rules = { ...modes.part, ...entering.part, ...passing.part }
  return { ok: true, config: { ...basics.part, ...clock, ...rules, ...fitted.part, ...firmware.part }, place }
}
