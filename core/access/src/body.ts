/**
 * What stands in the door: how its bolt is moved, how the lock body is hardened, and what feeds it.
 *
 * An asset record that the lock also works by: the actuator says when a coil must be held, the battery pack what its voltage
 * means, the hold-up how long a fail-safe door stays locked without mains. All of it may be absent: then it is a motor in a
 * full replacement on mains, without reserve.
 */
import { type Cbor, type CborMap, readMap, readUint } from "@holdfast/base/cbor"
import { fields, readInteger, readTuple } from "./read.ts"

const ACTUATORS = ["motor", "solenoid"] as const
/** A motor moves the bolt and leaves it there; a solenoid holds it at one end only while it is energised. */
export type Actuator = (typeof ACTUATORS)[number]

const DEVICE_CLASSES = ["full replacement", "retrofit", "stand-alone controller"] as const
export type DeviceClass = (typeof DEVICE_CLASSES)[number]

const HARDENED_PARTS = ["bolt", "strike", "anti-drill plate", "pins", "anti-pick"] as const
export type HardenedPart = (typeof HARDENED_PARTS)[number]

export type LockBody = {
  readonly actuator: Actuator
  readonly deviceClass: DeviceClass
  readonly hardened: readonly HardenedPart[]
  /** Whether a key opens it past the electronics. */
  readonly mechanicalKey: boolean
  /** Security grade of the body after EN 14846, 1 to 7; 0 where nobody stated one. */
  readonly bodyGrade: number
}

export const LOCK_BODY_DEFAULT: LockBody = {
  actuator: "motor",
  deviceClass: "full replacement",
  hardened: [],
  mechanicalKey: false,
  bodyGrade: 0,
}

const CHEMISTRIES = [
  "alkaline",
  "lithium iron disulfide",
  "lithium manganese dioxide",
  "lithium thionyl chloride",
] as const
export type Chemistry = (typeof CHEMISTRIES)[number]

/** Cells in series, and what one of them holds by its data sheet. */
export type BatteryPack = { readonly chemistry: Chemistry; readonly cells: number; readonly capacity_mah: number }

/** What a door's configuration says of all this. An absent field is not written. */
export type Fitted = {
  /** Absent: a motor in a full replacement. */
  readonly body?: LockBody
  /** Absent: the door is fed by mains. */
  readonly battery?: BatteryPack
  /** How long a fail-safe door stays locked on its reserve once mains are lost; absent: not at all. */
  readonly holdUp_s?: number
}

const HOLD_UP_S_MAX = 86_400

function encodeBody(body: LockBody): Cbor {
  return fields(
    [0, ACTUATORS.indexOf(body.actuator)],
    [1, DEVICE_CLASSES.indexOf(body.deviceClass)],
    [2, body.hardened.reduce((bits, part) => bits | (1 << HARDENED_PARTS.indexOf(part)), 0)],
    [3, body.mechanicalKey ? 1 : 0],
    [4, body.bodyGrade],
  )
}

function readWord<Word>(value: Cbor | undefined, words: readonly Word[]): Word | null {
  const number = readUint(value, words.length - 1)
  return number === null ? null : (words[number] ?? null)
}

function readBody(value: Cbor | undefined): LockBody | null {
  const map = readMap(value, [0, 1, 2, 3, 4])
  const actuator = readWord(map?.get(0), ACTUATORS)
  const deviceClass = readWord(map?.get(1), DEVICE_CLASSES)
  const bits = readUint(map?.get(2), 2 ** HARDENED_PARTS.length - 1)
  const key = readUint(map?.get(3), 1)
  const bodyGrade = readUint(map?.get(4), 7)
  if (actuator === null || deviceClass === null || bits === null || key === null || bodyGrade === null) return null
  const hardened = HARDENED_PARTS.filter((_, at) => (bits >> at) % 2 === 1)
  return { actuator, deviceClass, hardened, mechanicalKey: key === 1, bodyGrade }
}

function encodePack(pack: BatteryPack): Cbor {
  return [CHEMISTRIES.indexOf(pack.chemistry), pack.cells, pack.capacity_mah]
}

function readPack(value: Cbor | undefined): BatteryPack | null {
  const tuple = readTuple(value, 3)
  const chemistry = readWord(tuple?.[0], CHEMISTRIES)
  const cells = readInteger(tuple?.[1], 1, 12)
  const capacity_mah = readInteger(tuple?.[2], 100, 40_000)
  if (chemistry === null || cells === null || capacity_mah === null) return null
  return { chemistry, cells, capacity_mah }
}

/** The keys and values of a configuration that say something. */
export function fittedFields({ body, battery, holdUp_s }: Fitted): readonly (readonly [number, Cbor])[] {
  const written: (readonly [number, Cbor])[] = []
  if (body !== undefined) written.push([30, encodeBody(body)])
  if (battery !== undefined) written.push([31, encodePack(battery)])
  if (holdUp_s !== undefined) written.push([32, holdUp_s])
  return written
}

/** What is there of it; null for a field that does not read. */
export function readFitted(map: CborMap): Fitted | null {
  const body = readBody(map.get(30))
  const battery = readPack(map.get(31))
  const holdUp_s = readInteger(map.get(32), 1, HOLD_UP_S_MAX)
  const read = [body, battery, holdUp_s]
  if (read.some((field, at) => field === null && map.has(30 + at))) return null
  return {
    ...(body === null ? {} : { body }),
    ...(battery === null ? {} : { battery }),
    ...(holdUp_s === null ? {} : { holdUp_s }),
  }
}
