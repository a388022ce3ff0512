/**
 * What a lock remembers of its motor and its battery over a loss of power, as one stored part of whole numbers.
 *
 * It is written every 32 throws, when a warning level changes and when cells were fitted: not at each throw, so that the
 * storage outlives the bolt. A loss of power forgets at most 31 throws and what they took, and never adds one. A part that
 * is torn, or of another shape, reads as a new lock: the profile is learnt again, nothing opens by it.
 */
import { assert } from "@holdfast/base"
import { decodeCbor, encodeCbor } from "@holdfast/base/cbor"
import type { Draft } from "./draft.ts"
import { FEATURES, type Spent } from "./energy.ts"
import { FRESH_CELLS } from "./battery.ts"
import type { Motor } from "./motor.ts"
import { CONTACTS, LEVELS, type Supply } from "./supply.ts"

export const STORE_THROWS = 32

export type Wear = { readonly motor: Motor; readonly supply: Partial<Supply> }

/** Ratios are kept to a millionth. */
const FINE = 1_000_000

export function encodeWear(motor: Motor, supply: Supply): Uint8Array {
  const { cycles, learnt, entry, late, running_ma, fast, slow, drive_mj, peak_ma, isMisaligned } = motor
  const { gauge, spent, level, contact, rest_mv, temperature_c, resistance_mohm, unrest_mohm } = supply
  const numbers = [
    [cycles, learnt, entry * FINE, late * FINE, running_ma, fast * FINE, slow * FINE, drive_mj, peak_ma],
    [isMisaligned ? 1 : 0, LEVELS.indexOf(level), CONTACTS.indexOf(contact)],
    [
      rest_mv,
      temperature_c,
      supply.coldest_c,
      resistance_mohm,
      unrest_mohm,
      supply.day_mj,
      supply.counted_ms,
      supply.counted_mj,
    ],
    FEATURES.map((feature) => spent[feature]),
    [gauge.used_mj, gauge.judgedAt_mj, gauge.readings, ...gauge.errors, ...gauge.squares],
  ]
  return encodeCbor(numbers.flat().map(Math.round))
}

const CLERKS = FRESH_CELLS.errors.length
const COUNT = 9 + 3 + 8 + FEATURES.length + 3 + 2 * CLERKS

export function decodeWear(body: Uint8Array): Wear | null {
  const decoded = decodeCbor(body)
  const list = decoded.ok && Array.isArray(decoded.value) ? (decoded.value as readonly unknown[]) : []
  const numbers = list.filter((each) => typeof each === "number")
  if (list.length !== COUNT || numbers.length !== COUNT) return null
  let at = 0
  const next = (): number => {
    const number = numbers[at++]
    assert(number !== undefined, "the count was checked")
    return number
  }
  const few = (count: number): number[] => Array.from({ length: count }, next)
  return readWear(next, few)
}

function readWear(next: () => number, few: (count: number) => number[]): Wear | null {
  const counts = { cycles: next(), learnt: next(), entry: next() / FINE, late: next() / FINE, running_ma: next() }
  const means = { fast: next() / FINE, slow: next() / FINE, drive_mj: next(), peak_ma: next() }
  const motor = { ...counts, ...means, isMisaligned: next() === 1 }
  const level = LEVELS[next()]
  const contact = CONTACTS[next()]
  const measured = {
    rest_mv: next(),
    temperature_c: next(),
    coldest_c: next(),
    resistance_mohm: next(),
    unrest_mohm: next(),
  }
  const day = { day_mj: next(), counted_ms: next(), counted_mj: next() }
  const spent: Spent = {
    drive: next(),
    radio: next(),
    reader: next(),
    sensing: next(),
    standby: next(),
    harvest: next(),
  }
  const gauge = { used_mj: next(), judgedAt_mj: next(), readings: next(), errors: few(CLERKS), squares: few(CLERKS) }
  if (level === undefined || contact === undefined || motor.cycles < 0 || gauge.readings < 0) return null
  return { motor, supply: { level, contact, ...measured, ...day, spent, gauge } }
}

export function storeWear(draft: Draft): void {
  draft.store("wear", encodeWear(draft.lock.motor, draft.lock.supply))
}
