/**
 * A virtual door: bolt, motor, leaf, strike, handle and supply, as a pure machine under somebody else's clock.
 *
 * Picture a lock case on a test bench: the board may only drive the motor and read the sensors; people push the leaf, turn
 * the inside handle, put a wedge behind the bolt or pull the plug. The inside handle draws the bolt by steel, whatever the
 * board does (trust: egress never passes through our code). It is not the lock: nothing here decides anything.
 *
 * What a battery gives is in `cells.ts`, what a drive takes in `drive.ts`.
 */
import type { Actuator, FailMode } from "@holdfast/access/door"
import { unreachable } from "@holdfast/base"
import type { BatteryReading, DriveMeasure } from "@holdfast/lock"
import { brownOutOf, type Cells, resistanceOf, restOf, take } from "./cells.ts"
import { type DriveRun, runOf } from "./drive.ts"

/** How far out the bolt is: 1 = thrown into the strike, 0 = drawn back. */
type Travel = number
export const OBSTACLES = ["none", "jam", "short throw"] as const
export type Obstacle = (typeof OBSTACLES)[number]

export type Hardware = {
  readonly failMode: FailMode
  readonly travel: Travel
  readonly motor: "idle" | "drawing" | "throwing"
  /** When the motor was last switched, in the bench's milliseconds. */
  readonly motorSince_ms: number
  readonly leaf: "closed" | "open"
  readonly obstacle: Obstacle
  /** Whether the plug, or the battery, is in. */
  readonly powered: boolean
  /** Whether somebody split the jamb: then the leaf opens whatever the bolt does. */
  readonly split: boolean
  readonly actuator: Actuator
  /** Whether a solenoid's coil carries current. */
  readonly coil: boolean
  /** Whether the motor presses the thrown bolt home. */
  readonly pressing: boolean
  /** The drive that is under way, or was last. */
  readonly run: DriveRun | null
  readonly runs: number
  /** Null: the door is fed by mains, or by a reserve that stands in for them. */
  readonly cells: Cells | null
  readonly mains: boolean
  /** Whether somebody holds a supply to the contact at the front. */
  readonly external: boolean
  readonly temperature_c: number
  /** 0: the bolt meets its strike; 1: it no longer does. */
  readonly misalignment: number
  /** Whether a magnet tells the door's sensor that the leaf is closed. */
  readonly magnet: boolean
  /** Spent since the last reading of the battery, and when that was. */
  readonly spent: BatteryReading["spent"]
  readonly readAt_ms: number
}

/** What of it stands while no program drives it. */
export type Steel = Pick<
  Hardware,
  | "travel"
  | "leaf"
  | "obstacle"
  | "powered"
  | "split"
  | "mains"
  | "external"
  | "temperature_c"
  | "misalignment"
  | "magnet"
>

type Drive = "draw" | "throw" | "stop" | "hold" | "reinforce"
export type Act =
  | { readonly kind: "drive"; readonly motor: Drive; readonly limit_ma?: number }
  | { readonly kind: "open" }
  | { readonly kind: "close" }
  | { readonly kind: "force" }
  | { readonly kind: "handle" }
  /** From outside, past the electronics: the steel moves, and only the bolt's sensor tells. */
  | { readonly kind: "mechanical key" }
  /** A relay in the bolt's own circuit: see `wires.ts`. */
  | { readonly kind: "pull" }
  | { readonly kind: "obstacle"; readonly obstacle: Obstacle }
  | { readonly kind: "power"; readonly on: boolean }
  | { readonly kind: "mains"; readonly on: boolean }
  | { readonly kind: "external"; readonly on: boolean }
  | { readonly kind: "temperature"; readonly celsius: number }
  | { readonly kind: "misalign"; readonly degree: number }
  | { readonly kind: "magnet"; readonly on: boolean }
  /** Other cells, or the same ones in another state. */
  | { readonly kind: "cells"; readonly cells: Cells }
  | { readonly kind: "spend"; readonly feature: Feature; readonly mj: number }
  | { readonly kind: "tick" }
export type Feature = keyof BatteryReading["spent"]

export type BoltSensor = "thrown" | "drawn" | "between"
/** What the sensors told the board, in order. Nothing is told while there is no supply. */
export type Sensed =
  | { readonly kind: "bolt"; readonly is: BoltSensor }
  | { readonly kind: "leaf"; readonly is: "open" | "closed" }
  | { readonly kind: "stalled" }
  | { readonly kind: "handle" }
  | { readonly kind: "measured"; readonly measure: DriveMeasure }
  | { readonly kind: "battery"; readonly reading: BatteryReading }
  | { readonly kind: "external"; readonly on: boolean }
  | { readonly kind: "mains"; readonly on: boolean }
  /** The supply broke down under the motor: whatever ran on it starts anew. */
  | { readonly kind: "brown-out" }

/** A stall is cut after about twice what a throw takes. */
const STALL_MS = 900
const SOLENOID_MS = 80
/** How often the supply monitor looks, at what load, and what the sleeping board takes. */
const READ_MS = 3_600_000
const READ_MA = 8
const STANDBY_MW = 0.18
/** Mains behind a power supply; a 9 V block behind the contact's regulator. */
const MAINS = { rest_mv: 6_000, resistance_mohm: 50 }
const BLOCK = { rest_mv: 6_000, resistance_mohm: 900 }
const JAM_TRAVEL = 0.5
const SHORT_TRAVEL = 0.8

export function newHardware(failMode: FailMode, cells: Cells | null = null, actuator: Actuator = "motor"): Hardware {
  return {
    failMode,
    travel: 1,
    motor: "idle",
    motorSince_ms: 0,
    leaf: "closed",
    obstacle: "none",
    powered: true,
    split: false,
    actuator,
    coil: false,
    pressing: false,
    run: null,
    runs: 0,
    cells,
    mains: true,
    external: false,
    temperature_c: 20,
    misalignment: 0,
    magnet: false,
    spent: {},
    readAt_ms: 0,
  }
}

/** A coil lets go when the program that drove it ends. */
export function steelOf(hardware: Hardware): Steel {
  const { leaf, obstacle, powered, split, mains, external, temperature_c, misalignment, magnet } = hardware
  const { travel } = springBack(hardware)
  return { travel, leaf, obstacle, powered, split, mains, external, temperature_c, misalignment, magnet }
}

export function boltSensor(hardware: Hardware): BoltSensor {
  if (hardware.travel === 1) return "thrown"
  return hardware.travel === 0 ? "drawn" : "between"
}

/** What the door's sensor says; a magnet can fool it. */
export function leafSensor(hardware: Hardware): "open" | "closed" {
  return hardware.magnet ? "closed" : hardware.leaf
}

/** Whether the leaf can be pushed open: the bolt is out of the strike, or the jamb is split. */
export function opens(hardware: Hardware): boolean {
  return hardware.travel === 0 || hardware.split
}

/** Whether a board can run on what feeds it. */
export function feeds({ powered, cells, external, temperature_c }: Hardware): boolean {
  return external || (powered && (cells === null || restOf(cells, temperature_c) >= brownOutOf(cells)))
}

/** When the hardware wants its next tick, or null while nothing moves and nothing is to be read. */
export function nextTick_ms(hardware: Hardware): number | null {
  if (!feeds(hardware)) return null
  const read_ms = hardware.cells === null ? null : hardware.readAt_ms + READ_MS
  if (hardware.motor === "idle") return read_ms
  const arrives_ms = hardware.motorSince_ms + (isStuck(hardware) ? STALL_MS : driveTime_ms(hardware))
  return read_ms === null ? arrives_ms : Math.min(read_ms, arrives_ms)
}

function driveTime_ms({ actuator, run }: Hardware): number {
  return actuator === "solenoid" || run === null ? SOLENOID_MS : run.measure.time_ms
}

function isStuck(hardware: Hardware): boolean {
  if (hardware.travel === (hardware.motor === "drawing" ? 0 : 1)) return false
  return hardware.obstacle === "jam" || (hardware.actuator === "motor" && hardware.run?.isStalled === true)
}

type Done = { readonly hardware: Hardware; readonly extra: readonly Sensed[] }

function arrive(hardware: Hardware): Done {
  const end = hardware.motor === "drawing" ? 0 : hardware.obstacle === "short throw" ? SHORT_TRAVEL : 1
  const arrived: Hardware = { ...hardware, motor: "idle", travel: end }
  if (hardware.actuator === "solenoid" || hardware.run === null) return { hardware: arrived, extra: [] }
  const { measure } = hardware.run
  return { hardware: taken(arrived, measure.energy_mj), extra: [{ kind: "measured", measure }] }
}

function taken(hardware: Hardware, mj: number): Hardware {
  const { cells, external } = hardware
  return cells === null || external ? hardware : { ...hardware, cells: take(cells, mj) }
}

function tick(hardware: Hardware, now_ms: number): Done {
  const moved = motorTick(hardware, now_ms)
  const { cells, readAt_ms } = moved.hardware
  if (cells === null || now_ms < readAt_ms + READ_MS) return moved
  const read = readBattery(moved.hardware, now_ms)
  return { hardware: read.hardware, extra: [...moved.extra, ...read.extra] }
}

function motorTick(hardware: Hardware, now_ms: number): Done {
  if (hardware.motor === "idle") return { hardware, extra: [] }
  const due = hardware.motorSince_ms + (isStuck(hardware) ? STALL_MS : driveTime_ms(hardware))
  if (now_ms < due) return { hardware, extra: [] }
  if (!isStuck(hardware)) return arrive(hardware)
  // A jammed bolt that was home leaves it half way; one that was half way stays there.
  return { hardware: { ...hardware, motor: "idle", travel: JAM_TRAVEL }, extra: [{ kind: "stalled" }] }
}

/** The supply monitor's reading: what the sleeping board took since the last one goes on the bill. */
export function readBattery(hardware: Hardware, now_ms: number): Done {
  const standby = Math.round(((now_ms - hardware.readAt_ms) * STANDBY_MW) / 1_000)
  const slept = spend(hardware, "standby", standby)
  const { cells, temperature_c } = slept
  if (cells === null) return { hardware, extra: [] }
  const { rest_mv, resistance_mohm } = sourceOf(slept)
  const voltage_mv = Math.round(rest_mv - (READ_MA * resistance_mohm) / 1_000)
  const reading = { voltage_mv, load_ma: READ_MA, temperature_c, spent: slept.spent }
  return { hardware: { ...slept, spent: {}, readAt_ms: now_ms }, extra: [{ kind: "battery", reading }] }
}

function spend(hardware: Hardware, feature: Feature, mj: number): Hardware {
  const spent = { ...hardware.spent, [feature]: (hardware.spent[feature] ?? 0) + mj }
  return { ...taken(hardware, feature === "harvest" ? -mj : mj), spent }
}

/** What feeds the motor now: its voltage at rest, and what stands in the current's way. */
function sourceOf({ cells, external, temperature_c, runs }: Hardware): typeof MAINS {
  if (external) return BLOCK
  if (cells === null) return MAINS
  return {
    rest_mv: restOf(cells, temperature_c),
    resistance_mohm: resistanceOf(cells, temperature_c, scatter(runs + 1)),
  }
}

/** Something between 0 and 1 that differs from run to run. */
function scatter(runs: number): number {
  return ((runs * 7_919) % 211) / 210
}

function drive(hardware: Hardware, now_ms: number, motor: Drive, limit_ma?: number): Done {
  if (!feeds(hardware)) return { hardware: { ...hardware, motor: "idle" }, extra: [] }
  switch (motor) {
    case "draw":
    case "throw":
      return begin(hardware, now_ms, motor, limit_ma)
    case "reinforce":
      return { hardware: { ...hardware, motor: "idle", pressing: true }, extra: [] }
    case "hold":
      return { hardware: { ...hardware, motor: "idle", pressing: false, coil: true }, extra: [] }
    case "stop":
      return { hardware: springBack({ ...hardware, motor: "idle", pressing: false }), extra: [] }
    default:
      return unreachable(motor)
  }
}

/** A motor runs, if the supply bears its inrush; a solenoid is energised, or let go. */
function begin(hardware: Hardware, now_ms: number, motor: "draw" | "throw", limit_ma?: number): Done {
  const started = {
    ...hardware,
    motor: motor === "draw" ? "drawing" : "throwing",
    motorSince_ms: now_ms,
    pressing: false,
    runs: hardware.runs + 1,
  } as const
  if (hardware.actuator === "solenoid")
    return { hardware: { ...started, coil: energisedEnd(hardware) === (motor === "draw" ? 0 : 1) }, extra: [] }
  const { temperature_c, misalignment, leaf, cells, external, runs } = hardware
  const ripple = 2 * scatter(runs) - 1
  const load = { drive: motor, ...sourceOf(hardware), temperature_c, misalignment, isInAir: leaf === "open", ripple }
  const run = runOf(load, limit_ma)
  if (cells === null || external || run.measure.low_mv >= brownOutOf(cells))
    return { hardware: { ...started, run }, extra: [] }
  return { hardware: { ...hardware, motor: "idle" }, extra: [{ kind: "brown-out" }] }
}

/** Where a solenoid holds the bolt by its current. */
function energisedEnd({ failMode }: Hardware): 0 | 1 {
  return failMode === "safe" ? 1 : 0
}

/** A coil without current lets the spring take the bolt to its other end. A motor stays. */
function springBack(hardware: Hardware): Hardware {
  if (hardware.actuator === "motor" || !hardware.coil) return hardware
  return {
    ...hardware,
    coil: false,
    travel: hardware.obstacle === "jam" ? hardware.travel : 1 - energisedEnd(hardware),
  }
}

/** A fail-safe bolt is held out by current and springs back without it; a fail-secure one stays where it is. */
function cutPower(hardware: Hardware): Hardware {
  const off = springBack({ ...hardware, motor: "idle", pressing: false })
  return hardware.failMode === "safe" ? { ...off, travel: 0 } : off
}

function apply(hardware: Hardware, now_ms: number, act: Act): Done {
  switch (act.kind) {
    case "drive":
      return drive(hardware, now_ms, act.motor, act.limit_ma)
    case "open":
      return { hardware: opens(hardware) ? { ...hardware, leaf: "open" } : hardware, extra: [] }
    case "close":
      // A bolt that stands out hits the strike and springs in: the leaf still closes against it.
      return { hardware: { ...hardware, leaf: "closed" }, extra: [] }
    case "force":
      return { hardware: { ...hardware, split: true, leaf: "open" }, extra: [] }
    case "handle":
      return { hardware: { ...hardware, travel: 0, motor: "idle" }, extra: [{ kind: "handle" }] }
    case "mechanical key":
      return { hardware: { ...hardware, travel: 0, motor: "idle" }, extra: [] }
    case "pull":
      // What the coil held is the relay's now: it springs nowhere when the current goes.
      return { hardware: { ...hardware, travel: 0, motor: "idle", coil: false }, extra: [] }
    case "obstacle":
      return { hardware: { ...hardware, obstacle: act.obstacle }, extra: [] }
    case "power":
    case "external":
    case "cells":
      return supplied(hardware, now_ms, act)
    case "mains":
      return { hardware: { ...hardware, mains: act.on }, extra: [{ kind: "mains", on: act.on }] }
    case "temperature":
      return readBattery({ ...hardware, temperature_c: act.celsius }, now_ms)
    case "misalign":
      return { hardware: { ...hardware, misalignment: act.degree }, extra: [] }
    case "magnet":
      return { hardware: { ...hardware, magnet: act.on }, extra: [] }
    case "spend":
      return { hardware: spend(hardware, act.feature, act.mj), extra: [] }
    case "tick":
      return tick(hardware, now_ms)
    default:
      return unreachable(act)
  }
}

type Supplying = Extract<Act, { kind: "power" | "external" | "cells" }>

/** Something about the supply changes; where nothing feeds the lock any longer, what current held lets go. */
function supplied(hardware: Hardware, now_ms: number, act: Supplying): Done {
  const changed = change(hardware, act)
  if (!feeds(changed)) return { hardware: cutPower(changed), extra: [] }
  const external: readonly Sensed[] = act.kind === "external" ? [{ kind: "external", on: act.on }] : []
  if (act.kind !== "cells") return { hardware: changed, extra: external }
  return readBattery(changed, now_ms)
}

function change(hardware: Hardware, act: Supplying): Hardware {
  switch (act.kind) {
    case "power":
      return { ...hardware, powered: act.on }
    case "external":
      return { ...hardware, external: act.on }
    case "cells":
      return { ...hardware, cells: act.cells }
    default:
      return unreachable(act)
  }
}

/** One step of the bench at `now_ms`. The caller ticks it at {@link nextTick_ms}. */
export function stepHardware(
  before: Hardware,
  now_ms: number,
  act: Act,
): { readonly hardware: Hardware; readonly sensed: readonly Sensed[] } {
  const { hardware, extra } = apply(before, now_ms, act)
  if (!feeds(hardware)) return { hardware, sensed: [] }
  const sensed: Sensed[] = [...extra]
  if (boltSensor(hardware) !== boltSensor(before)) sensed.push({ kind: "bolt", is: boltSensor(hardware) })
  if (leafSensor(hardware) !== leafSensor(before)) sensed.push({ kind: "leaf", is: leafSensor(hardware) })
  return { hardware, sensed }
}

/** Mending what was forced: a new jamb, for the next try at the bench. */
export function mend(hardware: Hardware): Hardware {
  return { ...hardware, split: false, obstacle: "none", misalignment: 0, magnet: false }
}
