/**
 * Which firmware a door's lock may take, and at which hours it may change it.
 *
 * Part of a door's configuration under keys of its own; a door that names no image and no hours writes neither. Whether an image
 * is genuine and may run is the board's, which holds the vendor's keys.
 */
import { assert } from "@holdfast/base"
import { type Cbor, type CborMap, readArray, readUint } from "@holdfast/base/cbor"
import { fromHex, toHex } from "@holdfast/base/text"
import { ascends, DIGEST_SIZE, readDigest, readTuple } from "./read.ts"

export type Updating = {
  /** SHA-256 of each firmware image that this lock may take, in hex; none unless it is said. */
  readonly firmware: readonly string[]
  /** Minutes of the UTC day between which the lock may change its firmware, over midnight too; null: at any hour. */
  readonly updateWindow: readonly [from: number, until: number] | null
}

export const NO_UPDATE: Updating = { firmware: [], updateWindow: null }

const FIRMWARE_MAX = 8
const FIRMWARE = 46
const WINDOW = 47

function digestBytes(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  assert(bytes?.length === DIGEST_SIZE, "an image is named by its SHA-256")
  return bytes
}

export function updatingFields({ firmware, updateWindow }: Updating): readonly (readonly [number, Cbor])[] {
  const fields: (readonly [number, Cbor])[] = []
  if (firmware.length > 0) fields.push([FIRMWARE, firmware.map(digestBytes)])
  if (updateWindow !== null) fields.push([WINDOW, updateWindow])
  return fields
}

/** The images that are named, in ascending order without repetition, or null. */
function readFirmware(value: Cbor | undefined): readonly string[] | null {
  const images = readArray(value, FIRMWARE_MAX, readDigest)?.map(toHex) ?? []
  return images.length > 0 && ascends(images) ? images : null
}

function readWindow(value: Cbor | undefined): Updating["updateWindow"] {
  const [from, until] = readTuple(value, 2)?.map((minute) => readUint(minute, 1_439)) ?? []
  return typeof from !== "number" || typeof until !== "number" || from === until ? null : [from, until]
}

/** The fields of a configuration, or null for one out of its range. */
export function readUpdating(map: CborMap): Updating | null {
  const firmware = map.has(FIRMWARE) ? readFirmware(map.get(FIRMWARE)) : NO_UPDATE.firmware
  const updateWindow = readWindow(map.get(WINDOW))
  return firmware === null || (updateWindow === null && map.has(WINDOW)) ? null : { firmware, updateWindow }
}
