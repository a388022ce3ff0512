/**
 * A virtual door: bolt, motor, leaf, strike, handle and supply, as a pure machine under somebody else's clock.
 *
 * Picture a lock case on a test bench: the board may only drive the motor and read the sensors; people push the leaf, turn
 * the inside handle, put a wedge behind the bolt or pull the plug. The inside handle draws the bolt by steel, whatever the
 * board does (trust: egress never passes through our code). It is not the lock: nothing here decides anything.
 */
import { unreachable } from "@holdfast/base"

export type FailMode = "secure" | "safe"
/** How far out the bolt is: 1 = thrown into the strike, 0 = drawn back. */
type Travel = number
export type Obstacle = "none" | "jam" | "short throw"

export type Hardware = {
  readonly failMode: FailMode
  readonly travel: Travel
  readonly motor: "idle" | "drawing" | "throwing"
  /** When the motor was last switched, in the bench's milliseconds. */
  readonly motorSince_ms: number
  readonly leaf: "closed" | "open"
  readonly obstacle: Obstacle
  readonly powered: boolean
  /** Whether somebody split the jamb: then the leaf opens whatever the bolt does. */
  readonly split: boolean
}

type Drive = "draw" | "throw" | "stop" | "hold" | "reinforce"
export type Act =
  | { readonly kind: "drive"; readonly motor: Drive }
  | { readonly kind: "open" }
  | { readonly kind: "close" }
  | { readonly kind: "force" }
  | { readonly kind: "handle" }
  | { readonly kind: "obstacle"; readonly obstacle: Obstacle }
  | { readonly kind: "power"; readonly on: boolean }
  | { readonly kind: "tick" }

export type BoltSensor = "thrown" | "drawn" | "between"
/** What the sensors told the board, in order. Nothing is told while there is no supply. */
export type Sensed =
  | { readonly kind: "bolt"; readonly is: BoltSensor }
  | { readonly kind: "leaf"; readonly is: "open" | "closed" }
  | { readonly kind: "stalled" }
  | { readonly kind: "handle" }

/** A geared motor's throw takes 0.3 to 1.2 s (docs: sensing); a stall is cut after twice that. */
export const THROW_MS = 400
export const STALL_MS = 900
const JAM_TRAVEL = 0.5
const SHORT_TRAVEL = 0.8

export function newHardware(failMode: FailMode): Hardware {
  return {
    failMode,
    travel: 1,
    motor: "idle",
    motorSince_ms: 0,
    leaf: "closed",
    obstacle: "none",
    powered: true,
    split: false,
  }
}

export function boltSensor(hardware: Hardware): BoltSensor {
  if (hardware.travel === 1) return "thrown"
  return hardware.travel === 0 ? "drawn" : "between"
}

/** Whether the leaf can be pushed open: the bolt is out of the strike, or the jamb is split. */
export function opens(hardware: Hardware): boolean {
  return hardware.travel === 0 || hardware.split
}

/** When the hardware wants its next tick, or null while nothing moves. */
export function nextTick_ms(hardware: Hardware): number | null {
  if (hardware.motor === "idle" || !hardware.powered) return null
  return hardware.motorSince_ms + (isStuck(hardware) ? STALL_MS : THROW_MS)
}

function isStuck(hardware: Hardware): boolean {
  return hardware.obstacle === "jam" && hardware.travel !== (hardware.motor === "drawing" ? 0 : 1)
}

function arrive(hardware: Hardware): Hardware {
  const end = hardware.motor === "drawing" ? 0 : hardware.obstacle === "short throw" ? SHORT_TRAVEL : 1
  return { ...hardware, motor: "idle", travel: end }
}

function tick(hardware: Hardware, now_ms: number): { hardware: Hardware; stalled: boolean } {
  const due = nextTick_ms(hardware)
  if (due === null || now_ms < due) return { hardware, stalled: false }
  if (!isStuck(hardware)) return { hardware: arrive(hardware), stalled: false }
  // A jammed bolt that was home leaves it half way; one that was half way stays there.
  return { hardware: { ...hardware, motor: "idle", travel: JAM_TRAVEL }, stalled: true }
}

function drive(hardware: Hardware, now_ms: number, motor: Drive): Hardware {
  if (!hardware.powered || (motor !== "draw" && motor !== "throw")) return { ...hardware, motor: "idle" }
  return { ...hardware, motor: motor === "draw" ? "drawing" : "throwing", motorSince_ms: now_ms }
}

/** A fail-safe bolt is held out by current and springs back without it; a fail-secure one stays where it is. */
function cutPower(hardware: Hardware): Hardware {
  const travel = hardware.failMode === "safe" ? 0 : hardware.travel
  return { ...hardware, powered: false, motor: "idle", travel }
}

function apply(hardware: Hardware, now_ms: number, act: Act): { hardware: Hardware; extra: readonly Sensed[] } {
  switch (act.kind) {
    case "drive":
      return { hardware: drive(hardware, now_ms, act.motor), extra: [] }
    case "open":
      return { hardware: opens(hardware) ? { ...hardware, leaf: "open" } : hardware, extra: [] }
    case "close":
      // A bolt that stands out hits the strike and springs in: the leaf still closes against it.
      return { hardware: { ...hardware, leaf: "closed" }, extra: [] }
    case "force":
      return { hardware: { ...hardware, split: true, leaf: "open" }, extra: [] }
    case "handle":
      return { hardware: { ...hardware, travel: 0, motor: "idle" }, extra: [{ kind: "handle" }] }
    case "obstacle":
      return { hardware: { ...hardware, obstacle: act.obstacle }, extra: [] }
    case "power":
      return { hardware: act.on ? { ...hardware, powered: true } : cutPower(hardware), extra: [] }
    case "tick": {
      const ticked = tick(hardware, now_ms)
      return { hardware: ticked.hardware, extra: ticked.stalled ? [{ kind: "stalled" }] : [] }
    }
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
  if (!hardware.powered) return { hardware, sensed: [] }
  const sensed: Sensed[] = [...extra]
  if (boltSensor(hardware) !== boltSensor(before)) sensed.push({ kind: "bolt", is: boltSensor(hardware) })
  if (hardware.leaf !== before.leaf) sensed.push({ kind: "leaf", is: hardware.leaf })
  return { hardware, sensed }
}

/** Mending what was forced: a new jamb, for the next try at the bench. */
export function mend(hardware: Hardware): Hardware {
  return { ...hardware, split: false, obstacle: "none" }
}
