/**
 * One drive of a virtual motor: how much current at which time, when it arrives, what it takes, or where it stalls.
 *
 * A geared direct-current motor on a sagging supply: the current follows the torque, the speed what voltage is left. Friction
 * of the grease (more in the cold), the entry into the strike, and the rub of a misaligned bolt that climbs over the last
 * third. The figures are the ones the field gives for 6 V locks; a real lock is to be measured.
 */
import type { DriveMeasure } from "@holdfast/lock"

export type DriveLoad = {
  readonly drive: "draw" | "throw"
  readonly rest_mv: number
  readonly resistance_mohm: number
  readonly temperature_c: number
  /** 0: the bolt runs free into the strike; 1: it can no longer enter. */
  readonly misalignment: number
  /** Whether there is a strike before the bolt. */
  readonly isInAir: boolean
  /** How this drive differs from the one before, -1 to 1: grease and cogs are never quite the same. */
  readonly ripple: number
}

export type DriveRun = {
  readonly measure: DriveMeasure
  /** Whether the rub of the last third stops the motor before the end. */
  readonly isStalled: boolean
}

const NOMINAL_MV = 6_000
const NOMINAL_MS = 400
const WINDING_MOHM = 4_000
const FREE_MA = 220
const INRUSH_MS = 25
/** Where a drive is cut as stalled as long as nobody learnt better. */
const STALL_MA = 720
const STRIKE = 1.35
const RUB_MA = 620
const RIPPLE = 0.03

/** The drive as the board's current sensor would see it. */
export function runOf(load: DriveLoad, limit_ma: number = STALL_MA): DriveRun {
  const { drive, rest_mv, resistance_mohm, temperature_c, misalignment, ripple } = load
  const cold = 1 + (0.5 * Math.max(0, 20 - temperature_c)) / 40
  const running = FREE_MA * cold * (1 + RIPPLE * ripple)
  const strikes = drive === "throw" && !load.isInAir
  const entry = running * (strikes ? STRIKE : 1)
  const late = running * 1.05 + (strikes ? RUB_MA * misalignment * (1 - RIPPLE * ripple) : 0)
  const peak = rest_mv / ((WINDING_MOHM + resistance_mohm) / 1_000)
  const ends = (ma: number): number => rest_mv - (ma * resistance_mohm) / 1_000
  const thirds = [running, entry, late].map((ma) => {
    const speed = Math.max(
      0.1,
      (ends(ma) - (ma * WINDING_MOHM) / 1_000) / (NOMINAL_MV - (FREE_MA * WINDING_MOHM) / 1_000),
    )
    const ms = NOMINAL_MS / 3 / speed
    return { ms, mj: (ends(ma) * ma * ms) / 1_000_000 }
  })
  const inrush_mj = (ends(peak) * peak * INRUSH_MS) / 1_000_000
  const sum = (of: "ms" | "mj"): number => thirds.reduce((total, third) => total + third[of], 0)
  return {
    isStalled: Math.max(entry, late) > limit_ma,
    measure: {
      drive,
      time_ms: Math.round(sum("ms")),
      energy_mj: Math.round(sum("mj") + inrush_mj),
      peak_ma: Math.round(peak),
      running_ma: Math.round(running),
      entry_ma: Math.round(entry),
      late_ma: Math.round(late),
      rest_mv: Math.round(rest_mv),
      low_mv: Math.round(ends(peak)),
      temperature_c,
    },
  }
}

/** The current over the time of a drive, for people to look at: pairs of milliseconds and milliamperes. */
export function curveOf({ measure }: DriveRun): readonly (readonly [number, number])[] {
  const { time_ms, peak_ma, running_ma, entry_ma, late_ma } = measure
  const third = time_ms / 3
  return [
    [0, 0],
    [5, peak_ma],
    [INRUSH_MS, running_ma],
    [third, running_ma],
    [1.2 * third, entry_ma],
    [1.8 * third, entry_ma],
    [2 * third, running_ma],
    [time_ms - 5, 2 * late_ma - running_ma],
    [time_ms, 0],
  ]
}
