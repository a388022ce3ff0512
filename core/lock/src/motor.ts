/**
 * What the motor's current tells about the bolt: the profile learnt from its first throws, and how it drifts from there.
 *
 *   current  inrush
 *     |      /\        strike entry                     / a misaligned bolt rubs: the last third climbs
 *     |     /  \___running___/\_____________late_______/
 *     |    /                                           | end stop
 *     +------------------------------------------------------- travel
 *
 * All is judged as a ratio to the running current of the same throw: cold grease and a low battery move both alike and
 * cancel out. The rule for a misaligned bolt: the recent mean of late/running has risen 12 % over the learnt one, and it
 * either stands 35 % above it or, by its slope, will stall within so many throws. It is flagged before the first jam, and
 * cleared when the ratio is back within 6 %. Nothing here moves the bolt; a jam is `bolt.ts`'s business.
 */
import { assert } from "@holdfast/base"

/** One drive as the board's current sensor saw it. */
export type DriveMeasure = {
  readonly drive: "draw" | "throw"
  readonly time_ms: number
  readonly energy_mj: number
  readonly peak_ma: number
  /** Mean currents: running free, entering the strike, in the last third. */
  readonly running_ma: number
  readonly entry_ma: number
  readonly late_ma: number
  /** The supply before the drive, and its lowest during it. */
  readonly rest_mv: number
  readonly low_mv: number
  readonly temperature_c: number
}

export const LEARN_THROWS = 32
const RISEN = 1.12
const HIGH = 1.35
const MENDED = 1.06
/** Where a rubbing bolt stalls: a drive is cut at 1.5 times the running peak it learnt. */
const STALLS = 1.5
const THROWS_AHEAD = 1_000
/** A running mean over 16 throws lags a steady slope by 15 of them, one over 64 by 63: between them lie 48. */
const FAST = 1 / 16
const SLOW = 1 / 64
const LAG_THROWS = 48
/** A strike that shows less than this cannot be told from air. */
const ENTRY_SHOWN = 1.15

export type Motor = {
  /** Throws that arrived, over the whole life of the lock body. */
  readonly cycles: number
  /** Throws that the profile was learnt from, at most {@link LEARN_THROWS}. */
  readonly learnt: number
  /** Learnt ratios to the running current, and the running current itself. */
  readonly entry: number
  readonly late: number
  readonly running_ma: number
  /** Running means of the late ratio. */
  readonly fast: number
  readonly slow: number
  /** What a drive takes from the battery, lately. */
  readonly drive_mj: number
  readonly peak_ma: number
  readonly isMisaligned: boolean
}

export const NEW_MOTOR: Motor = {
  cycles: 0,
  learnt: 0,
  entry: 0,
  late: 0,
  running_ma: 0,
  fast: 0,
  slow: 0,
  drive_mj: 0,
  peak_ma: 0,
  isMisaligned: false,
}

/** Whether a current sensor can have seen this. */
export function isPlausible({ time_ms, running_ma, rest_mv, low_mv, peak_ma, energy_mj }: DriveMeasure): boolean {
  return time_ms > 0 && running_ma > 0 && peak_ma > 0 && energy_mj >= 0 && low_mv > 0 && low_mv <= rest_mv
}

function toward(mean: number, value: number, part: number): number {
  return mean === 0 ? value : mean + (value - mean) * part
}

/** Takes one drive that arrived into the profile. Draws tell what a drive costs; the strike shows in throws only. */
export function measured(motor: Motor, measure: DriveMeasure): Motor {
  assert(isPlausible(measure), "a drive that was measured took time and current")
  const cost = {
    drive_mj: toward(motor.drive_mj, measure.energy_mj, FAST),
    peak_ma: Math.max(measure.peak_ma, toward(motor.peak_ma, measure.peak_ma, FAST)),
  }
  if (measure.drive === "draw") return { ...motor, ...cost }
  const late = measure.late_ma / measure.running_ma
  if (motor.learnt < LEARN_THROWS) return { ...learning(motor, measure, late), ...cost }
  if (isInAir(motor, measure)) return { ...motor, ...cost } // Without a strike nothing rubs: it says nothing of the fit.
  const moved = { ...motor, ...cost, fast: toward(motor.fast, late, FAST), slow: toward(motor.slow, late, SLOW) }
  return { ...moved, isMisaligned: motor.isMisaligned ? moved.fast > moved.late * MENDED : isRising(moved) }
}

function learning(motor: Motor, measure: DriveMeasure, late: number): Motor {
  const learnt = motor.learnt + 1
  const mean = toward(motor.late, late, 1 / learnt)
  return {
    ...motor,
    learnt,
    entry: toward(motor.entry, measure.entry_ma / measure.running_ma, 1 / learnt),
    running_ma: toward(motor.running_ma, measure.running_ma, 1 / learnt),
    late: mean,
    fast: mean,
    slow: mean,
  }
}

/** How much the late ratio rises with each throw. */
export function slopeOf(motor: Motor): number {
  return (motor.fast - motor.slow) / LAG_THROWS
}

function isRising(motor: Motor): boolean {
  const { fast, late } = motor
  if (fast < late * RISEN) return false
  const limit = late * STALLS
  return fast >= late * HIGH || fast + slopeOf(motor) * THROWS_AHEAD >= limit
}

/** Whether a throw met no strike: the bolt stands beside the frame, whatever the door's sensor says. */
export function isInAir(motor: Motor, measure: DriveMeasure): boolean {
  if (measure.drive !== "throw" || motor.learnt < LEARN_THROWS || motor.entry < ENTRY_SHOWN) return false
  return measure.entry_ma / measure.running_ma < 1 + (motor.entry - 1) / 4
}

/** Where the board cuts a drive as stalled, in milliamperes after the inrush; null until a profile is learnt. Cold adds torque. */
export function stallLimit(motor: Motor, temperature_c: number): number | null {
  if (motor.learnt < LEARN_THROWS) return null
  const cold = Math.max(0, 20 - temperature_c) * 0.015
  return Math.round(motor.running_ma * Math.max(motor.entry, motor.late) * STALLS * (1 + cold))
}
