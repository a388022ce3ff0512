/**
 * Batteries in a world of their own, for judging the forecast: brands that differ, seasons, habits that change, meters that
 * are a little wrong. The curves are other ones than the lock's own, on the published figures: at 30 % left an alkaline cell
 * shows 1.12 to 1.21 V by its brand, its content strays by 13 to 22 %. A stand-in for real doors, and no more.
 */
import type { BatteryPack } from "@holdfast/access/door"
import { uptime } from "@holdfast/base"
import { type DriveMeasure, measured, type Motor, NEW_MOTOR } from "../src/motor.ts"
import { afterDrive, type Forecast, forecast, levelOf, newSupply, read, type Supply } from "../src/supply.ts"

/** Numbers that look like chance and come again with their seed (mulberry32). */
export function chanceOf(seed: number): { uniform(): number; normal(): number } {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  }
}

type Truth = {
  readonly pack: BatteryPack
  readonly rest_mv: (share: number) => number
  readonly fresh_mohm: number
  readonly cold_loss: number
  readonly shift_mv: number
}

const TRUTHS: readonly Truth[] = [
  {
    pack: { chemistry: "alkaline", cells: 4, capacity_mah: 2_600 },
    rest_mv: (s) => 1_140 + 265 * s - 130 * Math.exp(-13 * s) + 140 * Math.exp(-14 * (1 - s)),
    fresh_mohm: 160,
    cold_loss: 0.4,
    shift_mv: 25,
  },
  {
    pack: { chemistry: "lithium iron disulfide", cells: 4, capacity_mah: 3_200 },
    rest_mv: (s) => 1_445 + 70 * s - 260 * Math.exp(-20 * s) + 230 * Math.exp(-22 * (1 - s)),
    fresh_mohm: 100,
    cold_loss: 0.1,
    shift_mv: 10,
  },
  {
    pack: { chemistry: "lithium manganese dioxide", cells: 2, capacity_mah: 1_500 },
    rest_mv: (s) => 2_690 + 310 * s - 430 * Math.exp(-11 * s) + 160 * Math.exp(-18 * (1 - s)),
    fresh_mohm: 320,
    cold_loss: 0.2,
    shift_mv: 20,
  },
]
const NOMINAL_MV = { alkaline: 1_220, "lithium iron disulfide": 1_450, "lithium manganese dioxide": 2_850 } as const

export type Day = {
  readonly day: number
  readonly share: number
  readonly likely: Forecast
  readonly level: Supply["level"]
}
export type Life = {
  readonly isOutdoors: boolean
  readonly chemistry: BatteryPack["chemistry"]
  readonly days: readonly Day[]
  readonly end: number
  readonly endShare: number
  /** Whether the motor pulled the supply down before the lock had stopped driving. */
  readonly brokeDown: boolean
}

const DAY_MS = 86_400_000
const DAYS_MAX = 3_000

/** One lock from fresh cells to the day on which it no longer drives. */
export function liveOf(seed: number): Life {
  const { uniform, normal } = chanceOf(seed)
  const truth = TRUTHS[seed % TRUTHS.length] ?? TRUTHS[0]
  if (truth === undefined) throw new RangeError("there are truths")
  const { pack } = truth
  const nominal_mv = NOMINAL_MV[pack.chemistry as keyof typeof NOMINAL_MV]
  const promised_mj = (pack.capacity_mah * 3_600 * pack.cells * nominal_mv) / 1_000
  const content_mj = promised_mj * Math.min(1.35, Math.max(0.6, 1 + 0.17 * normal()))
  const [shift_mv, warp] = [truth.shift_mv * normal(), 1 + 0.08 * normal()]
  const meter = 1 + 0.03 * normal()
  const isOutdoors = uniform() < 0.5
  const [firstDay, phase] = [Math.floor(365 * uniform()), uniform()]
  let operations = Math.exp(3.3 + 0.5 * normal())
  let messages = 60 + 300 * uniform()
  const standby_mj = (15 + 35 * uniform()) * 0.52
  const changesAt = 60 + Math.floor(400 * uniform())
  const rubs = 0.002 * uniform()
  let left_mj = content_mj
  let [supply, motor]: [Supply, Motor] = [newSupply(uptime(0)), NEW_MOTOR]
  const days: Day[] = []
  let brokeDown = false
  let [end, endShare] = [0, 1]
  for (let day = 0; day < DAYS_MAX && supply.level !== "empty"; day++) {
    if (day === changesAt) {
      operations *= 0.5 + 1.5 * uniform()
      messages *= 0.5 + 1.5 * uniform()
    }
    const season = Math.cos((2 * Math.PI * (firstDay + day)) / 365)
    const temperature_c = Math.round(isOutdoors ? 9 - 13 * season + 3 * normal() : 21 + normal())
    const cold = Math.max(0, 20 - temperature_c) / 40
    const share = Math.max(0, left_mj / content_mj)
    const usable = Math.max(0, share - truth.cold_loss * cold)
    const over = Math.min(0, left_mj / content_mj) * 20_000
    const rest_mv =
      pack.cells *
      (over + truth.rest_mv(usable ** warp) + shift_mv + 3 * normal() - 0.4 * Math.max(0, 20 - temperature_c))
    const ohm = (pack.cells * truth.fresh_mohm * (1 + 1.3 * (1 - share) ** 2) * (1 + 1.3 * cold)) / 1_000
    const peak_ma = rest_mv / (5 + ohm)
    const low_mv = rest_mv - peak_ma * ohm
    const drives = Math.max(2, 2 * Math.round(operations * ((day + Math.floor(7 * phase)) % 7 < 5 ? 1.2 : 0.5)))
    const drive_mj = 780 * (1 + 0.5 * cold) * (1 + rubs * day) * (1 + 0.04 * normal())
    if (low_mv < pack.cells * nominal_mv * 0.62) brokeDown = true
    const measure: DriveMeasure = {
      drive: "throw",
      time_ms: 450,
      energy_mj: drive_mj * meter,
      peak_ma,
      running_ma: 220,
      entry_ma: 300,
      late_ma: 230,
      rest_mv,
      low_mv,
      temperature_c,
    }
    motor = measured(motor, measure)
    supply = afterDrive(supply, pack, { ...measure, energy_mj: drives * drive_mj * meter })
    const radio = messages * 40 * (1 + 0.1 * normal())
    const spent = { standby: standby_mj * 1_000 * meter, radio: radio * meter }
    const reading = { voltage_mv: rest_mv - 8 * ohm, load_ma: 8, temperature_c, spent }
    supply = read(supply, pack, uptime((day + 1) * DAY_MS), reading)
    supply = { ...supply, level: levelOf(supply, pack, motor) }
    ;[end, endShare] = [day, share]
    left_mj -= drives * drive_mj + radio + standby_mj * 1_000
    if (day % 3 === 0) days.push({ day, share, likely: forecast(supply, pack, motor, "likely"), level: supply.level })
  }
  return { isOutdoors, chemistry: pack.chemistry, days, brokeDown, end, endShare }
}
