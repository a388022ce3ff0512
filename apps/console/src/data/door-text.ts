/** A door's configuration as it is typed into fields, and what the fields mean. What cannot be read says why. */
import { type DoorConfig, type DoorPlace, type Factors, type FailMode, suitsGrade } from "@holdfast/access"
import type { ScheduleId } from "@holdfast/base"
import { isZone } from "../words/time.ts"

/** What stands in the fields, as typed. */
export type DoorText = {
  readonly name: string
  readonly grade: string
  readonly application: string
  readonly factors: Factors
  readonly unlock_s: string
  readonly heldOpen_s: string
  readonly failMode: FailMode
  readonly lease_h: string
  readonly zone: string
  readonly floor: string
  readonly x_cm: string
  readonly y_cm: string
  readonly angle_deg: string
}

export type DoorRead =
  | { readonly ok: true; readonly config: DoorConfig<ScheduleId>; readonly place: DoorPlace | null }
  | { readonly ok: false; readonly fault: string }

function whole(text: string, min: number, max: number): number | null {
  const value = Number(text)
  return Number.isInteger(value) && text.trim() !== "" && value >= min && value <= max ? value : null
}

/** Reads the fields. Modes with a schedule are kept as they were: this form writes the one without. */
export function readDoor(text: DoorText, before: DoorConfig<ScheduleId>): DoorRead {
  const grade = whole(text.grade, 1, 4)
  const zoneApplication = whole(text.application, 0, 3)
  const unlock_s = whole(text.unlock_s, 1, 60)
  const heldOpen_s = whole(text.heldOpen_s, 5, 600)
  const lease_h = whole(text.lease_h, 1, 720)
  if (text.name.trim() === "") return { ok: false, fault: "A door needs a name that others recognise." }
  if (grade === null || zoneApplication === null)
    return { ok: false, fault: "Grade is 1 to 4, zone application 0 to 3." }
  if (unlock_s === null) return { ok: false, fault: "The bolt stays drawn for 1 to 60 s." }
  if (heldOpen_s === null) return { ok: false, fault: "A door counts as held open after 5 to 600 s." }
  if (lease_h === null) return { ok: false, fault: "A lease lasts 1 h to 720 h (30 days)." }
  if (!isZone(text.zone)) return { ok: false, fault: "That is no time zone; write it like Europe/Vienna." }
  if (!suitsGrade(text.factors, grade))
    return {
      ok: false,
      fault: "From grade 2 up a card number, and from grade 3 up biometrics alone, are never enough.",
    }
  const place = readPlace(text)
  if (place === "wrong")
    return { ok: false, fault: "The place on the plan is in whole centimetres; the angle is 0 to 359." }
  const modes = [...before.modes.filter((mode) => mode.schedule !== null), { schedule: null, factors: text.factors }]
  const times = { unlock_ms: unlock_s * 1000, heldOpen_ms: heldOpen_s * 1000, lease_s: lease_h * 3600 }
  return {
    ok: true,
    config: { ...before, grade, zoneApplication, modes, ...times, failMode: text.failMode, zone: text.zone },
    place,
  }
}

function readPlace(text: DoorText): DoorPlace | null | "wrong" {
  if (text.floor.trim() === "") return null
  const x_cm = whole(text.x_cm, -1_000_000, 1_000_000)
  const y_cm = whole(text.y_cm, -1_000_000, 1_000_000)
  const angle_deg = whole(text.angle_deg, 0, 359)
  if (x_cm === null || y_cm === null || angle_deg === null) return "wrong"
  return { floor: text.floor.trim().normalize("NFC"), x_cm, y_cm, angle_deg }
}

export function doorText(name: string, config: DoorConfig<ScheduleId>, place: DoorPlace | null): DoorText {
  return {
    name,
    grade: String(config.grade),
    application: String(config.zoneApplication),
    factors: config.modes.at(-1)?.factors ?? "card",
    unlock_s: String(config.unlock_ms / 1000),
    heldOpen_s: String(config.heldOpen_ms / 1000),
    failMode: config.failMode,
    lease_h: String(Math.round(config.lease_s / 3600)),
    zone: config.zone,
    floor: place?.floor ?? "",
    x_cm: String(place?.x_cm ?? 0),
    y_cm: String(place?.y_cm ?? 0),
    angle_deg: String(place?.angle_deg ?? 0),
  }
}
