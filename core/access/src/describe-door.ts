/**
 * A door's configuration in plain words: one sentence for each thing that it does, and the sentences that a change of it makes
 * true or untrue. What the door wants to see is said by `describe.ts`; nothing decides by any of this.
 */
import type { DoorId, PersonId, ScheduleId } from "@holdfast/base"
import { type DoorConfig, defaultConfig } from "./config.ts"
import { factorsInWords, listInWords, minuteInWords } from "./words.ts"

/** How a describer names what a configuration refers to. */
export type DoorSay = {
  hours(schedule: ScheduleId): string
  person(id: PersonId): string
  door(id: DoorId): string
}

type Config = DoorConfig<ScheduleId>
/** One sentence by the name of what it is about; null where there is nothing to say. */
type Sayings = Readonly<Record<string, string | null>>

function seconds(ms: number): string {
  return `${ms / 1_000} s`
}

function times(config: Config): Sayings {
  const { unlock_ms, heldOpen_ms, extendedUnlock_ms, extendedHeldOpen_ms, lease_s, failMode, holdUp_s } = config
  const longer = `${seconds(extendedUnlock_ms)} to pass, and ${seconds(extendedHeldOpen_ms)} until it counts as held open`
  const reserve = holdUp_s === undefined ? "" : ` once its reserve of ${holdUp_s} s is over`
  return {
    unlock: `The bolt stays drawn for ${seconds(unlock_ms)}.`,
    held: `It counts as held open after ${seconds(heldOpen_ms)}.`,
    longer: `Whoever needs longer has ${longer}.`,
    lease: `Its lease lasts ${lease_s / 3_600} h: the bound of a revocation, and of an outage.`,
    power: `Without power it ${failMode === "safe" ? `unlocks${reserve}` : "stays locked"}; the way out is free either way.`,
  }
}

function unlocked(config: Config, say: DoorSay): string | null {
  const hours = config.modes.flatMap(({ schedule, office }) => {
    if (schedule === null || office === undefined) return []
    return `${say.hours(schedule)}${office === "after first entry" ? ", from the first entry on" : ""}`
  })
  return hours.length === 0 ? null : `It stands unlocked ${hours.join("; ")}.`
}

function heeded(heeds: Config["heeds"], say: DoorSay): string | null {
  if (heeds === null) return null
  const doors = heeds.doors.length === 0 ? "any other door" : listInWords(heeds.doors.map((id) => say.door(id)))
  return `Something grave at ${doors} puts it at threat level 1, for ${heeds.narrowed_s / 60} min at most.`
}

function entering(config: Config, say: DoorSay): Sayings {
  const { twoPerson_ms, decoyDigits_max, enrollers, pinOnlyPeople_max, threatFactors, heeds } = config
  const levels = threatFactors.map((factors, at) => `threat level ${at + 1} ${factorsInWords(factors)}`)
  return {
    office: unlocked(config, say),
    threat: levels.length === 0 ? null : `It opens at least as the hour wants it, and at ${levels.join("; at ")}.`,
    heeds: heeded(heeds, say),
    two: twoPerson_ms === 0 ? null : `It takes two different people within ${seconds(twoPerson_ms)}.`,
    decoys: decoyDigits_max === 0 ? null : `Up to ${decoyDigits_max} digits may stand around a PIN.`,
    pinOnly: `At most ${pinOnlyPeople_max} people may open it by PIN alone.`,
    enrollers:
      enrollers.length === 0
        ? null
        : `Enrolment here is opened by ${listInWords(enrollers.map((id) => say.person(id)))}.`,
  }
}

const PASSBACK = {
  none: null,
  soft: "Coming in twice without leaving is noted",
  hard: "Coming in twice without leaving is refused",
} as const

function passing(config: Config): Sayings {
  const { antipassback, antipassback_s, interlock, delayedEgress_s, fireReleases, remoteActs } = config
  const again = PASSBACK[antipassback]
  const until = antipassback_s === 0 ? "" : `, for ${antipassback_s / 3_600} h`
  return {
    antipassback: again === null ? null : `${again}${until}.`,
    interlock: interlock ? "It opens only while the other door of its pair is closed and locked." : null,
    egress:
      delayedEgress_s === 0
        ? null
        : `The way out is free ${delayedEgress_s} s after the bar is pushed, and at once in a fire or without power.`,
    fire: fireReleases ? "A fire alarm unlocks it." : null,
    acts: remoteActs.length === 0 ? null : `From afar it takes these orders: ${listInWords(remoteActs)}.`,
  }
}

function fitted(config: Config): Sayings {
  const { body, battery, firmware, updateWindow, zone, zoneApplication } = config
  const { actuator, deviceClass, hardened, mechanicalKey, bodyGrade } = body ?? {}
  const steel = [
    ...(bodyGrade ? [`grade ${bodyGrade} of EN 14846`] : []),
    ...(hardened !== undefined && hardened.length > 0 ? [`hardened ${listInWords(hardened)}`] : []),
    ...(mechanicalKey === true ? ["a mechanical key opens it too"] : []),
  ]
  const cells = battery?.cells === 1 ? "cell" : "cells"
  return {
    body: body === undefined ? null : `A ${actuator} moves its bolt (${[deviceClass, ...steel].join("; ")}).`,
    battery:
      battery === undefined
        ? null
        : `It runs on ${battery.cells} ${battery.chemistry} ${cells} of ${battery.capacity_mah} mAh.`,
    firmware:
      firmware.length === 0
        ? null
        : `It may take the firmware ${listInWords(firmware.map((hash) => hash.slice(0, 8)))}.`,
    window:
      updateWindow === null
        ? null
        : `Its firmware changes only between ${updateWindow.map(minuteInWords).join(" and ")} UTC.`,
    zone: `Its clock is that of ${zone}.`,
    application: `It speaks to zone application ${zoneApplication} of a card.`,
  }
}

function sayingsOf(config: Config, say: DoorSay): Sayings {
  return { ...times(config), ...entering(config, say), ...passing(config), ...fitted(config) }
}

/**
 * What becomes true of a door, and what no longer is, sentence by sentence. Null before: a new door, told where it differs
 * from the plainest one.
 */
export function doorDifference(before: Config | null, after: Config, say: DoorSay): readonly string[] {
  const was = sayingsOf(before ?? defaultConfig(after.zone), say)
  return Object.entries(sayingsOf(after, say)).flatMap(([about, sentence]) => {
    const old = was[about] ?? null
    if (old === sentence) return []
    return sentence ?? `No longer: ${old}`
  })
}
