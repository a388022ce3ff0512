/**
 * How much a battery still holds: a gauge that weighs what was taken out against what the voltage says.
 *
 * Picture sixteen clerks. Each believes the pack holds a different amount, from half to one and a half times its data sheet.
 * From the energy counted out so far each foretells the resting voltage; the one who is wrong least is believed most. What
 * all of a brand's cells have in common (a few millivolts more or less) is taken out before they are compared, so a voltage
 * table's error (about ten points of charge, measured) and a data sheet's error (13 to 22 %) do not add up.
 *
 * It foretells from use so far; it knows no season and no calendar. The figures of the cells are typical values of the field,
 * to be replaced by measurements of the cells that are really fitted.
 */
import type { BatteryPack, Chemistry } from "@holdfast/access/door"
import { assert } from "@holdfast/base"

type Cell = {
  /** Mean voltage of a discharge: turns the data sheet's capacity into energy. */
  readonly nominal_mv: number
  /** Below this under load, no motor runs. */
  readonly end_mv: number
  /** Resting voltage with 0, 10, ... 100 % left, at 20 degrees. */
  readonly rest_mv: readonly number[]
  /** The share that cannot be had at -20 degrees: in the cold a cell looks, and is, that much emptier. */
  readonly cold_loss: number
  /** How far this curve is wrong for a cell, and what a whole brand, or age, shifts every reading by. */
  readonly curve_stray_mv: number
  readonly brand_stray_mv: number
  /** Internal resistance with a fresh cell at 20 degrees. */
  readonly resistance_mohm: number
}

export const CELLS: Readonly<Record<Chemistry, Cell>> = {
  alkaline: {
    nominal_mv: 1_220,
    end_mv: 820,
    rest_mv: [1_050, 1_130, 1_180, 1_215, 1_245, 1_275, 1_305, 1_340, 1_385, 1_450, 1_580],
    cold_loss: 0.45,
    curve_stray_mv: 20,
    brand_stray_mv: 30,
    resistance_mohm: 180,
  },
  "lithium iron disulfide": {
    nominal_mv: 1_450,
    end_mv: 950,
    rest_mv: [1_190, 1_415, 1_450, 1_462, 1_471, 1_480, 1_490, 1_500, 1_520, 1_560, 1_760],
    cold_loss: 0.1,
    curve_stray_mv: 10,
    brand_stray_mv: 12,
    resistance_mohm: 120,
  },
  "lithium manganese dioxide": {
    nominal_mv: 2_850,
    end_mv: 1_900,
    rest_mv: [2_300, 2_600, 2_720, 2_790, 2_840, 2_870, 2_900, 2_930, 2_970, 3_030, 3_200],
    cold_loss: 0.2,
    curve_stray_mv: 15,
    brand_stray_mv: 20,
    resistance_mohm: 350,
  },
  "lithium thionyl chloride": {
    nominal_mv: 3_580,
    end_mv: 2_400,
    rest_mv: [3_000, 3_400, 3_560, 3_600, 3_610, 3_620, 3_625, 3_630, 3_635, 3_645, 3_670],
    cold_loss: 0.15,
    curve_stray_mv: 10,
    brand_stray_mv: 12,
    resistance_mohm: 1_200,
  },
}

/** So many of the clerks may think that there is less. */
const DOUBTERS = 0.25
const CLERKS = 16
const SHARE_MIN = 0.55
const SHARE_STEP = 0.06
/** How far a pack's true content strays from its data sheet: 13 % at light load, 22 % at heavy, measured. */
const CONTENT_STRAY = 0.18
/** However often the cells are read, the curve's own error stays: so many readings say it all. */
const READINGS_TELLING = 6
/** What was read long ago fades: the voltage tells most towards the end. */
const KEPT = 0.95

export type Gauge = {
  /** Counted out since the cells were fitted, harvest taken off. */
  readonly used_mj: number
  /** Where the clerks last looked at the voltage. */
  readonly judgedAt_mj: number
  readonly readings: number
  /** For each clerk the sum of his errors, and of their squares, in millivolts a cell. */
  readonly errors: readonly number[]
  readonly squares: readonly number[]
}

const ZEROS: readonly number[] = Array.from({ length: CLERKS }, () => 0)
export const FRESH_CELLS: Gauge = { used_mj: 0, judgedAt_mj: 0, readings: 0, errors: ZEROS, squares: ZEROS }

function numberAt(list: readonly number[], index: number): number {
  const number = list[index]
  assert(number !== undefined, "the index lies inside the list")
  return number
}

/** What the data sheet promises of the whole pack. */
export function contentOf({ chemistry, cells, capacity_mah }: BatteryPack): number {
  return (capacity_mah * 3_600 * cells * CELLS[chemistry].nominal_mv) / 1_000
}

/** The resting voltage of one cell with this share left. Below nothing it falls steeply. */
export function restAt(chemistry: Chemistry, share: number): number {
  const { rest_mv } = CELLS[chemistry]
  if (share <= 0) return Math.max(0, numberAt(rest_mv, 0) + share * 4_000)
  const place = Math.min(share, 1) * 10
  const below = Math.min(9, Math.floor(place))
  const low_mv = numberAt(rest_mv, below)
  return low_mv + (numberAt(rest_mv, below + 1) - low_mv) * (place - below)
}

/** How cold it is, from 0 at 20 degrees to 1 at -20. */
export function coldOf(temperature_c: number): number {
  return Math.max(0, 20 - temperature_c) / 40
}

/** The share left that a resting voltage alone stands for. */
export function shareAt(chemistry: Chemistry, rest_mv: number): number {
  let share = 0
  while (share < 1 && restAt(chemistry, share) < rest_mv) share += 0.01
  return share
}

function beliefOf(clerk: number): number {
  return SHARE_MIN + SHARE_STEP * clerk
}

/** Counts energy out; from time to time the clerks look at the resting voltage, null where it would tell them nothing. */
export function counted(
  gauge: Gauge,
  pack: BatteryPack,
  out_mj: number,
  rest_mv: number | null,
  temperature_c: number,
): Gauge {
  const used_mj = Math.max(0, gauge.used_mj + out_mj)
  const content_mj = contentOf(pack)
  if (rest_mv === null || used_mj - gauge.judgedAt_mj < content_mj / 100) return { ...gauge, used_mj }
  const lost = CELLS[pack.chemistry].cold_loss * coldOf(temperature_c)
  const strays = ZEROS.map((_, clerk) => {
    const share = 1 - used_mj / (beliefOf(clerk) * content_mj) - lost
    return rest_mv / pack.cells - restAt(pack.chemistry, share)
  })
  return {
    used_mj,
    judgedAt_mj: used_mj,
    readings: gauge.readings * KEPT + 1,
    errors: gauge.errors.map((sum, clerk) => sum * KEPT + numberAt(strays, clerk)),
    squares: gauge.squares.map((sum, clerk) => sum * KEPT + numberAt(strays, clerk) ** 2),
  }
}

/** How little each clerk is believed: his errors around their mean, the mean as a brand's shift, his belief itself. */
function doubtsOf({ readings, errors, squares }: Gauge, { curve_stray_mv, brand_stray_mv }: Cell): number[] {
  const count = Math.max(1, readings)
  const weight = READINGS_TELLING / (readings + READINGS_TELLING) / curve_stray_mv ** 2
  return errors.map((sum, clerk) => {
    const shift_mv = sum / count
    const around = Math.max(0, numberAt(squares, clerk) - shift_mv * sum) * weight
    return (around + (shift_mv / brand_stray_mv) ** 2 + ((beliefOf(clerk) - 1) / CONTENT_STRAY) ** 2) / 2
  })
}

export type Left = { readonly mean_mj: number; readonly sure_mj: number }

/**
 * What is left above the share at which the pack is of no more use: the middle of what the clerks believe, and what nine in
 * ten of them would still promise.
 */
export function leftIn(gauge: Gauge, pack: BatteryPack, end: number = 0): Left {
  const doubts = doubtsOf(gauge, CELLS[pack.chemistry])
  const least = Math.min(...doubts)
  const weights = doubts.map((doubt) => Math.exp(least - doubt))
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  const content_mj = contentOf(pack)
  let mean = 0
  let below = 0
  let sure: number | null = null
  for (const [clerk, weight] of weights.entries()) {
    const left = Math.max(0, beliefOf(clerk) * (1 - end) - gauge.used_mj / content_mj)
    mean += (left * weight) / whole
    below += weight / whole
    if (sure === null && below >= DOUBTERS) sure = left
  }
  assert(sure !== null, "all clerks together are believed")
  return { mean_mj: mean * content_mj, sure_mj: Math.min(sure, mean) * content_mj }
}
