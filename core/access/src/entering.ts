/**
 * How a door takes what people show, beyond which factors: two people together, decoy digits around a PIN, who may enrol.
 *
 * Part of a door's configuration under keys of its own; at its plainest none of it is written.
 */
import { idBytes, type PersonId } from "@holdfast/base"
import { type Cbor, type CborMap, readArray } from "@holdfast/base/cbor"
import { readId, readInteger } from "./read.ts"

export type Entering = {
  /** R17: two different people within this time; 0: one is enough. */
  readonly twoPerson_ms: number
  /** How many digits may stand around a PIN; 0: none, the entry is the PIN. Every place where it could stand is a guess. */
  readonly decoyDigits_max: number
  /** Who may open a session of enrolment at this door (C47). */
  readonly enrollers: readonly PersonId[]
}

export const PLAIN_ENTERING: Entering = { twoPerson_ms: 0, decoyDigits_max: 0, enrollers: [] }

const ENROLLERS_MAX = 16
const DECOY_DIGITS_MAX = 8

export function enteringFields({
  twoPerson_ms,
  decoyDigits_max,
  enrollers,
}: Entering): readonly (readonly [number, Cbor])[] {
  const fields: (readonly [number, Cbor])[] = []
  if (twoPerson_ms > 0) fields.push([10, twoPerson_ms])
  if (decoyDigits_max > 0) fields.push([11, decoyDigits_max])
  if (enrollers.length > 0) fields.push([12, enrollers.map(idBytes)])
  return fields
}

/** The fields of a configuration, or null for one out of its range. */
export function readEntering(map: CborMap): Entering | null {
  const twoPerson_ms = map.has(10) ? readInteger(map.get(10), 2_000, 30_000) : 0
  const decoyDigits_max = map.has(11) ? readInteger(map.get(11), 1, DECOY_DIGITS_MAX) : 0
  const enrollers = map.has(12) ? readArray(map.get(12), ENROLLERS_MAX, (id) => readId<"PersonId">(id)) : []
  if (twoPerson_ms === null || decoyDigits_max === null || enrollers === null) return null
  return map.has(12) && enrollers.length === 0 ? null : { twoPerson_ms, decoyDigits_max, enrollers }
}
