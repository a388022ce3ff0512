/**
 * What the supply and the motor tell, turn by turn: readings of the battery, drives that were measured, the contact at the
 * front, breakdowns. Joins `supply.ts`, `motor.ts` and `power.ts`, journals what they show, and lets go on what waited for
 * power.
 *
 * It never draws a bolt for anybody: the one draw that begins here is a fail-safe door's release.
 */
import type { BatteryPack } from "@holdfast/access/door"
import { earliest, type Uptime, uptime } from "@holdfast/base"
import { encodeBoot } from "./boots.ts"
import type { Draft } from "./draft.ts"
import { addSpent } from "./energy.ts"
import { type DriveMeasure, isInAir, isPlausible, measured } from "./motor.ts"
import { configOf, drawFor, moveBolt } from "./moving.ts"
import { isReleased, restOf, STEADY_MS } from "./power.ts"
import type { Result } from "./result.ts"
import { afterDrive, type BatteryLevel, type BatteryReading, levelOf, read, type Supply } from "./supply.ts"
import { STORE_THROWS, storeWear } from "./wear.ts"

const SAID: Readonly<Record<BatteryLevel, Result>> = {
  good: "done",
  low: "battery low",
  critical: "battery critical",
  empty: "battery empty",
}

export function batteryRead(draft: Draft, reading: BatteryReading): void {
  const { supply } = draft.lock
  const pack = configOf(draft.lock).battery
  if (pack === undefined) return draft.set({ supply: { ...supply, spent: addSpent(supply.spent, reading.spent) } })
  const after = read(supply, pack, draft.now, reading)
  const isFresh = after.gauge.used_mj < supply.gauge.used_mj && after.gauge.readings < supply.gauge.readings
  draft.set({ supply: after })
  if (isFresh) draft.record("battery fitted")
  noteLevel(draft, pack, isFresh)
}

/** Journals a new level. A fail-safe door that is about to lose its last drive opens while it still can. */
function noteLevel(draft: Draft, pack: BatteryPack, isFresh: boolean): void {
  const { supply, motor } = draft.lock
  const level = levelOf(supply, pack, motor)
  if (level !== supply.level) {
    draft.set({ supply: { ...supply, level } })
    draft.record("battery level", SAID[level])
  }
  if (level !== supply.level || isFresh) storeWear(draft)
  if (level === supply.level) return
  if (level === "empty" && isReleasedNow(draft)) drawFor(draft)
  if (supply.level === "empty") goOn(draft)
}

function isReleasedNow(draft: Draft): boolean {
  const { power, supply } = draft.lock
  return isReleased(power, configOf(draft.lock).failMode, supply)
}

/** A drive that ended, as the current sensor saw it. What no sensor can have seen is passed over. */
export function driveMeasured(draft: Draft, measure: DriveMeasure): void {
  if (!isPlausible(measure)) return
  const { motor, supply, door } = draft.lock
  const pack = configOf(draft.lock).battery
  const { temperature_c } = measure
  const after = pack === undefined ? { ...supply, temperature_c } : afterDrive(supply, pack, measure)
  const learnt = measured(motor, measure)
  draft.set({ motor: learnt, supply: after })
  if (isInAir(motor, measure) && door.is === "closed") draft.record("bolt in air", "alarm")
  if (learnt.isMisaligned !== motor.isMisaligned)
    draft.record("bolt misaligned", learnt.isMisaligned ? "alarm" : "done", { count: Math.round(learnt.fast * 1_000) })
  noteContact(draft, supply)
  if (pack !== undefined) noteLevel(draft, pack, false)
  if (measure.drive === "throw" && draft.lock.motor.cycles % STORE_THROWS === 0) storeWear(draft)
}

function noteContact(draft: Draft, before: Supply): void {
  const { contact, resistance_mohm } = draft.lock.supply
  if (contact === before.contact) return
  const result = contact === "good" ? "done" : contact === "corroded" ? "contact corroded" : "contact intermittent"
  draft.record("supply contact", result, { count: Math.round(resistance_mohm) })
}

/** Somebody holds a supply to the contact at the front, or takes it away. It gives power, and no right. */
export function externalSupply(draft: Draft, isExternal: boolean): void {
  const { supply } = draft.lock
  if (supply.isExternal === isExternal) return
  draft.set({ supply: { ...supply, isExternal } })
  draft.record("external supply", isExternal ? "done" : "ended")
  if (isExternal) goOn(draft)
}

/** Power suffices again: a bolt that was found half way, or waits to be thrown, is looked at anew. */
function goOn(draft: Draft): void {
  const { boltSensed, bolt } = draft.lock
  if (boltSensed === "between" && bolt.is === "unknown")
    moveBolt(draft, { kind: "sensed", bolt: "between", unlock_ms: 0 })
  else moveBolt(draft, { kind: "tick" })
}

/** The board started: after too many breakdowns in a row the supply is given a rest. */
export function restAfterBreakdowns(draft: Draft): void {
  const { supply } = draft.lock
  const rest_ms = restOf(supply.breakdowns)
  if (rest_ms === 0) return
  draft.set({ supply: { ...supply, restsUntil: draft.later(rest_ms) } })
  draft.record("supply rests", "supply unsteady", { count: supply.breakdowns })
}

/** Lets time pass for the supply. */
export function supplyGoesOn(draft: Draft): void {
  const { supply, boot } = draft.lock
  if (supply.heldUpUntil !== null && draft.now >= supply.heldUpUntil) {
    draft.set({ supply: { ...supply, heldUpUntil: null } })
    if (isReleasedNow(draft)) drawFor(draft)
  }
  if (supply.restsUntil !== null && draft.now >= supply.restsUntil) {
    draft.set({ supply: { ...draft.lock.supply, restsUntil: null } })
    draft.record("supply rests", "ended")
    goOn(draft)
  }
  if (supply.breakdowns > 0 && draft.now >= STEADY_MS) {
    draft.set({ supply: { ...draft.lock.supply, breakdowns: 0 } })
    draft.store("boot", encodeBoot(boot, 0))
  }
}

/** When time alone will change something here, or null. */
export function supplyWakes({ heldUpUntil, restsUntil, breakdowns }: Supply): Uptime | null {
  return earliest([heldUpUntil, restsUntil, breakdowns > 0 ? uptime(STEADY_MS) : null])
}
