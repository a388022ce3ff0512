/**
 * What a virtual board is built of when it is screwed to a door: how its bolt is moved, what it does without power, what feeds
 * it. Kept beside the board's keys, because steel does not change with a restart; the pack is fitted full, once.
 */
import type { Actuator, BatteryPack, FailMode } from "@holdfast/access/door"
import { type Cells, newCells, NOMINAL_MV } from "./cells.ts"
import { object, oneOf, type Schema } from "./kept-json.ts"

export type Fitting = {
  readonly failMode: FailMode
  /** Absent: a motor. */
  readonly actuator?: Actuator
  /** Absent: the door is fed by mains. */
  readonly battery?: BatteryPack
}

/** The file in a board's directory; a board without it was never finished. */
export const FITTING = "board.json"
const CELLS_MAX = 12
const CAPACITY_MAH_MAX = 40_000

type Read<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false }

function readPack(value: unknown): Read<BatteryPack | undefined> {
  if (value === undefined || value === null) return { ok: true, value: undefined }
  if (typeof value !== "object") return { ok: false }
  const said = new Map<string, unknown>(Object.entries(value))
  const [cells, capacity_mah] = [Number(said.get("cells")), Number(said.get("capacity_mah"))]
  const chemistries = Object.keys(NOMINAL_MV) as (keyof typeof NOMINAL_MV)[]
  const chemistry = chemistries.find((word) => word === said.get("chemistry"))
  if (chemistry === undefined || !Number.isInteger(cells) || cells < 1 || cells > CELLS_MAX) return { ok: false }
  if (!(capacity_mah >= 1 && capacity_mah <= CAPACITY_MAH_MAX)) return { ok: false }
  return { ok: true, value: { chemistry, cells, capacity_mah } }
}

/** A board as JSON describes it, {fail_mode, actuator, battery: {chemistry, cells, capacity_mah}}; null for no board at all. */
export function readFitting(body: Readonly<Record<string, unknown>>): Fitting | null {
  const { fail_mode = "secure", actuator = "motor" } = body
  const pack = readPack(body["battery"])
  if (!pack.ok || (fail_mode !== "secure" && fail_mode !== "safe")) return null
  if (actuator !== "motor" && actuator !== "solenoid") return null
  return {
    failMode: fail_mode,
    ...(actuator === "motor" ? {} : { actuator }),
    ...(pack.value === undefined ? {} : { battery: pack.value }),
  }
}

/** A fitting as it is kept. */
export const STORED_FITTING: Schema<Fitting> = (said) => {
  const failMode = object({ failMode: oneOf(["secure", "safe"]) })(said)?.failMode
  if (failMode === undefined) return undefined
  return readFitting({ ...(said as object), fail_mode: failMode }) ?? undefined
}

/** The pack, fresh out of its box; nothing for a board on mains. */
export function cellsOf({ battery }: Fitting): { readonly cells?: Cells } {
  return battery === undefined ? {} : { cells: newCells(battery.chemistry, battery.cells, battery.capacity_mah) }
}
