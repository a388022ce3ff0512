/**
 * Virtual cells: what a battery pack in the world gives, how it sags, and how it dies.
 *
 * A stand-in for real cells, built on typical figures of each chemistry; whatever is measured against it says so. The lock
 * knows none of this: it has its own table, and a pack here may differ from that as brands differ (`shift_mv`, `warp`).
 */
import { unreachable } from "@holdfast/base"
import type { Chemistry } from "@holdfast/lock"

export type Cells = {
  readonly chemistry: Chemistry
  readonly count: number
  /** What the pack held when it was fitted, and what was taken out of it. */
  readonly content_mj: number
  readonly taken_mj: number
  /** How this brand differs: millivolts a cell, and how early its voltage falls (1: as usual). */
  readonly shift_mv: number
  readonly warp: number
  /** What corroded contacts add, and whether they are loose. */
  readonly contact_mohm: number
  readonly isLoose: boolean
}

export const NOMINAL_MV: Readonly<Record<Chemistry, number>> = {
  alkaline: 1_220,
  "lithium iron disulfide": 1_450,
  "lithium manganese dioxide": 2_850,
  "lithium thionyl chloride": 3_580,
}
const FRESH_MOHM: Readonly<Record<Chemistry, number>> = {
  alkaline: 170,
  "lithium iron disulfide": 110,
  "lithium manganese dioxide": 300,
  "lithium thionyl chloride": 900,
}
/** The share that cannot be had at -20 degrees. */
const COLD_LOSS: Readonly<Record<Chemistry, number>> = {
  alkaline: 0.45,
  "lithium iron disulfide": 0.1,
  "lithium manganese dioxide": 0.2,
  "lithium thionyl chloride": 0.1,
}
/** Below this part of its nominal voltage no electronics run. */
const BROWN_OUT = 0.66

export function newCells(chemistry: Chemistry, count: number, capacity_mah: number): Cells {
  const content_mj = (capacity_mah * 3_600 * count * NOMINAL_MV[chemistry]) / 1_000
  const brand = { shift_mv: 0, warp: 1 }
  return { chemistry, count, content_mj, taken_mj: 0, ...brand, contact_mohm: 0, isLoose: false }
}

export function shareLeft(cells: Cells): number {
  return Math.max(0, 1 - cells.taken_mj / cells.content_mj)
}

/** The same pack with this share left. */
export function withShare(cells: Cells, share: number): Cells {
  return { ...cells, taken_mj: cells.content_mj * (1 - share) }
}

export function take(cells: Cells, mj: number): Cells {
  return { ...cells, taken_mj: Math.max(0, cells.taken_mj + mj) }
}

/** One cell at rest: a plateau, a rise while it is fresh, a knee at its end. */
function curve(chemistry: Chemistry, share: number): number {
  const fresh = (height: number, steep: number): number => height * Math.exp(-steep * (1 - share))
  const knee = (depth: number, steep: number): number => -depth * Math.exp(-steep * share)
  switch (chemistry) {
    case "alkaline":
      return 1_130 + 280 * share + knee(120, 12) + fresh(120, 15)
    case "lithium iron disulfide":
      return 1_440 + 80 * share + knee(250, 18) + fresh(220, 25)
    case "lithium manganese dioxide":
      return 2_700 + 300 * share + knee(450, 12) + fresh(170, 20)
    case "lithium thionyl chloride":
      return 3_600 + 40 * share + knee(600, 22) + fresh(30, 20)
    default:
      return unreachable(chemistry)
  }
}

function coldOf(temperature_c: number): number {
  return Math.max(0, 20 - temperature_c) / 40
}

export function restOf(cells: Cells, temperature_c: number): number {
  const share = Math.max(0, shareLeft(cells) - COLD_LOSS[cells.chemistry] * coldOf(temperature_c))
  if (shareLeft(cells) === 0) return 0
  return cells.count * (curve(cells.chemistry, share ** cells.warp) + cells.shift_mv)
}

/** What the pack and its contacts resist: more when used up, more in the cold. */
export function resistanceOf(cells: Cells, temperature_c: number, loose: number): number {
  const worn = 1 + 2 * (1 - shareLeft(cells)) ** 2
  const cold = 1 + 1.3 * coldOf(temperature_c)
  const contact = cells.contact_mohm * (cells.isLoose ? 2 * loose : 1)
  return cells.count * FRESH_MOHM[cells.chemistry] * worn * cold + contact
}

export function brownOutOf(cells: Cells): number {
  return cells.count * NOMINAL_MV[cells.chemistry] * BROWN_OUT
}
