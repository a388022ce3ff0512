/**
 * Whether a door heeds others: what is found at one of them lets the keeper ask more of people here, for a bounded time (C82).
 *
 * Part of a door's configuration under a key of its own; a door that heeds nobody does not write it.
 */
import { type DoorId, idBytes } from "@holdfast/base"
import { type Cbor, type CborMap, readArray } from "@holdfast/base/cbor"
import { ascends, readId, readInteger, readTuple } from "./read.ts"

export type Heeds = {
  /** How long one finding may narrow this door at most. */
  readonly narrowed_s: number
  /** Whose findings count, in ascending order; empty: those of every other door of the site. */
  readonly doors: readonly DoorId[]
}
export type Heeding = { readonly heeds: Heeds | null }

const NARROWED_S_MIN = 60
const NARROWED_S_MAX = 3_600
export const HEEDED_MAX = 32
const HEEDS = 38

export function heedingFields({ heeds }: Heeding): readonly (readonly [number, Cbor])[] {
  return heeds === null ? [] : [[HEEDS, [heeds.narrowed_s, heeds.doors.map(idBytes)]]]
}

/** The field of a configuration, or null where it is out of its range. */
export function readHeeding(map: CborMap): Heeding | null {
  if (!map.has(HEEDS)) return { heeds: null }
  const [seconds, named] = readTuple(map.get(HEEDS), 2) ?? []
  const narrowed_s = readInteger(seconds, NARROWED_S_MIN, NARROWED_S_MAX)
  const doors = readArray(named, HEEDED_MAX, (id) => readId<"DoorId">(id))
  if (narrowed_s === null || doors === null || !ascends(doors)) return null
  return { heeds: { narrowed_s, doors } }
}

/** Whether a door with these words heeds `other`, which is not itself. */
export function heedsDoor(heeds: Heeds | null, other: DoorId): boolean {
  return heeds !== null && (heeds.doors.length === 0 || heeds.doors.includes(other))
}
