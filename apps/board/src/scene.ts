/**
 * The scene at a virtual door: what stands there whatever its board's program does. Steel, plugs, wires, weather, fingers.
 *
 * Picture a photograph of the bench. A program that ends and starts again finds the door as it was left: open, jammed, in the
 * cold, with the fire panel's wire pulled. What only a running program has (memory, motion, the answer at the reader) is not in
 * it; a bolt that was moving stands where it last stood.
 */
import { type CredentialId, parseId } from "@holdfast/base"
import { shareLeft, withShare } from "./cells.ts"
import { type Hardware, OBSTACLES, type Steel, steelOf } from "./hardware.ts"
import { flag, integerIn, listOf, made, numberIn, object, oneOf, orNull, type Schema, text } from "./kept-json.ts"
import type { Matcher } from "./matcher.ts"
import { LINE_STATES, type SensorsAre, type VirtualSensors } from "./sensors.ts"
import type { Wires, WiresAre } from "./wires.ts"

/** What the cells hold, and what their contacts add. */
type PackIs = { readonly left_permille: number; readonly contact_mohm: number }

/** As far as it is the board's own door. */
export type BoardScene = {
  readonly steel: Steel
  /** Null at a door on mains. */
  readonly pack: PackIs | null
  readonly sensors: SensorsAre
  readonly wires: WiresAre
  /** What the finger reader captured. */
  readonly fingers: Matcher["fingers"]
}

export type Scene = {
  readonly board: BoardScene
  /** Whether the cable of the line is plugged in. */
  readonly isCableIn: boolean
  readonly humidity_percent: number
}

/** The file in a board's directory. */
export const SCENE = "scene.json"

const credential: Schema<CredentialId> = made(text, (name) => parseId<"CredentialId">(name))
const PART = numberIn(0, 1)

export const STORED_SCENE: Schema<Scene> = object({
  board: object({
    steel: object({
      travel: PART,
      leaf: oneOf(["closed", "open"]),
      obstacle: oneOf(OBSTACLES),
      powered: flag,
      split: flag,
      mains: flag,
      external: flag,
      temperature_c: numberIn(-273, 1_000),
      misalignment: PART,
      magnet: flag,
    }),
    pack: orNull(object({ left_permille: integerIn(0, 1_000), contact_mohm: numberIn(0, 1_000_000) })),
    sensors: object({ caseOpen: flag, line: oneOf(LINE_STATES), debugOpen: flag, jammed: flag }),
    wires: object({
      fire: flag,
      firePulls: flag,
      delay_s: integerIn(0, 86_400),
      partnerOpen: flag,
      free: flag,
    }),
    fingers: listOf(object({ name: text, credential })),
  }),
  isCableIn: flag,
  humidity_percent: numberIn(0, 100),
})

/** The door as it stands now. */
export function sceneOf(hardware: Hardware, sensors: VirtualSensors, wires: Wires, matcher: Matcher): BoardScene {
  const { cells } = hardware
  const pack =
    cells === null ? null : { left_permille: Math.round(1_000 * shareLeft(cells)), contact_mohm: cells.contact_mohm }
  return { steel: steelOf(hardware), pack, sensors: sensors.are, wires: wires.are, fingers: matcher.fingers }
}

/** Puts everything at a new door as it was left; the hardware with it. */
export function restore(
  { steel, pack, sensors, wires, fingers }: BoardScene,
  fresh: Hardware,
  ...[freshSensors, freshWires, freshMatcher]: [VirtualSensors, Wires, Matcher]
): Hardware {
  freshSensors.are = sensors
  freshWires.stand(wires)
  freshMatcher.remember(fingers)
  if (fresh.cells === null || pack === null) return { ...fresh, ...steel }
  const cells = { ...withShare(fresh.cells, pack.left_permille / 1_000), contact_mohm: pack.contact_mohm }
  return { ...fresh, ...steel, cells }
}
