/** A door's configuration as it stands in a form's fields, made from what is known. What the fields mean is `read-door.ts`. */
import type {
  Actuator,
  Chemistry,
  DeviceClass,
  DoorConfig,
  DoorPlace,
  Factors,
  FailMode,
  HardenedPart,
} from "@holdfast/access"
import type { Antipassback, Office } from "@holdfast/access/door"
import type { Act } from "@holdfast/access/rules"
import type { DoorId, PersonId, ScheduleId } from "@holdfast/base"
import { minuteWords } from "../words/time.ts"

/** While a schedule is open the door wants something else, or stands unlocked. */
export type HoursText = {
  readonly schedule: ScheduleId | ""
  readonly factors: Factors
  readonly office: Office | ""
}

/** How the door stands on the plan, and what its cards and clocks are. */
type PlaceText = {
  readonly zone: string
  readonly application: string
  readonly floor: string
  readonly x_cm: string
  readonly y_cm: string
  readonly angle_deg: string
}

type EnteringText = {
  readonly factors: Factors
  readonly hours: readonly HoursText[]
  readonly threat: readonly Factors[]
  /** Empty: one person is enough. */
  readonly twoPerson_s: string
  readonly decoys: string
  readonly pinOnly: string
  readonly enrollers: readonly PersonId[]
  /** Empty: what is found at other doors means nothing here. */
  readonly narrowed_min: string
  /** Empty: every other door. */
  readonly heeded: readonly DoorId[]
}

type PassingText = {
  readonly unlock_s: string
  readonly heldOpen_s: string
  readonly extendedUnlock_s: string
  readonly extendedHeldOpen_s: string
  readonly antipassback: Antipassback
  /** Empty: for ever. */
  readonly antipassback_h: string
  readonly interlock: boolean
  readonly egress_s: string
  readonly fire: boolean
  readonly acts: readonly Act[]
}

type FittedText = {
  readonly failMode: FailMode
  readonly actuator: Actuator
  readonly deviceClass: DeviceClass
  readonly hardened: readonly HardenedPart[]
  readonly mechanicalKey: boolean
  readonly bodyGrade: string
  /** Empty: mains. */
  readonly chemistry: Chemistry | ""
  readonly cells: string
  readonly capacity_mah: string
  readonly holdUp_s: string
  /** One hash a line. */
  readonly firmware: string
  readonly window_from: string
  readonly window_until: string
}

export type DoorText = {
  readonly name: string
  readonly grade: string
  readonly lease_h: string
} & PlaceText &
  EnteringText &
  PassingText &
  FittedText

type Config = DoorConfig<ScheduleId>

const seconds = (ms: number): string => (ms === 0 ? "" : String(ms / 1_000))

function enteringText({ modes, threatFactors, twoPerson_ms, heeds, ...config }: Config): EnteringText {
  return {
    factors: modes.at(-1)?.factors ?? "card",
    hours: modes.flatMap(({ schedule, factors, office }) =>
      schedule === null ? [] : [{ schedule, factors, office: office ?? ("" as const) }],
    ),
    threat: threatFactors,
    twoPerson_s: seconds(twoPerson_ms),
    decoys: String(config.decoyDigits_max),
    pinOnly: String(config.pinOnlyPeople_max),
    enrollers: config.enrollers,
    narrowed_min: heeds === null ? "" : String(heeds.narrowed_s / 60),
    heeded: heeds?.doors ?? [],
  }
}

function passingText(config: Config): PassingText {
  return {
    unlock_s: seconds(config.unlock_ms),
    heldOpen_s: seconds(config.heldOpen_ms),
    extendedUnlock_s: seconds(config.extendedUnlock_ms),
    extendedHeldOpen_s: seconds(config.extendedHeldOpen_ms),
    antipassback: config.antipassback,
    antipassback_h: config.antipassback_s === 0 ? "" : String(config.antipassback_s / 3_600),
    interlock: config.interlock,
    egress_s: String(config.delayedEgress_s),
    fire: config.fireReleases,
    acts: config.remoteActs,
  }
}

function fittedText({ failMode, body, battery, holdUp_s, firmware, updateWindow }: Config): FittedText {
  return {
    failMode,
    actuator: body?.actuator ?? "motor",
    deviceClass: body?.deviceClass ?? "full replacement",
    hardened: body?.hardened ?? [],
    mechanicalKey: body?.mechanicalKey ?? false,
    bodyGrade: String(body?.bodyGrade ?? 0),
    chemistry: battery?.chemistry ?? "",
    cells: String(battery?.cells ?? 4),
    capacity_mah: String(battery?.capacity_mah ?? 2_500),
    holdUp_s: holdUp_s === undefined ? "" : String(holdUp_s),
    firmware: firmware.join("\n"),
    window_from: updateWindow === null ? "" : minuteWords(updateWindow[0]),
    window_until: updateWindow === null ? "" : minuteWords(updateWindow[1]),
  }
}

export function doorText(name: string, config: Config, place: DoorPlace | null): DoorText {
  return {
    name,
    grade: String(config.grade),
    lease_h: String(config.lease_s / 3_600),
    ...enteringText(config),
    ...passingText(config),
    ...fittedText(config),
    zone: config.zone,
    application: String(config.zoneApplication),
    floor: place?.floor ?? "",
    x_cm: String(place?.x_cm ?? 0),
    y_cm: String(place?.y_cm ?? 0),
    angle_deg: String(place?.angle_deg ?? 0),
  }
}
