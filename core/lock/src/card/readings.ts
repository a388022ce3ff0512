/**
 * The highest count of readings that this lock has taken from each card's SUN: an address that was seen before, or is older
 * than one that was seen, is never taken again.
 *
 * It is stored before the outcome, so a loss of power gives nobody a second try. A table that is full takes no new card:
 * forgetting one would let its old addresses in.
 */
import { type CredentialId, idBytes, idOf } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readUint } from "@holdfast/base/cbor"
import { READ_COUNT_MAX } from "./sun.ts"

export const READINGS_MAX = 512

export type Readings = ReadonlyMap<CredentialId, number>
export const NO_READINGS: Readings = new Map()

/** With this reading taken; null where its count is not above the last one, or there is no room for one more card. */
export function withReading(readings: Readings, credential: CredentialId, count: number): Readings | null {
  const last = readings.get(credential)
  if (last === undefined ? readings.size >= READINGS_MAX : count <= last) return null
  return new Map(readings).set(credential, count)
}

export function encodeReadings(readings: Readings): Uint8Array {
  return encodeCbor([...readings].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, count]) => [idBytes(id), count]))
}

/** The readings, or null for bytes that are none: then every card has to be mistrusted. */
export function decodeReadings(bytes: Uint8Array): Readings | null {
  const decoded = decodeCbor(bytes)
  const rows = decoded.ok ? readArray(decoded.value, READINGS_MAX, readRow) : null
  if (rows === null) return null
  const ascends = rows.every(([id], at) => at === 0 || (rows[at - 1]?.[0] ?? id) < id)
  return ascends ? new Map(rows) : null
}

function readRow(value: Cbor): readonly [CredentialId, number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null
  const [idField, countField] = value as readonly Cbor[]
  const id = readBytes(idField, 16)
  const count = readUint(countField, READ_COUNT_MAX)
  return id === null || count === null ? null : [idOf<"CredentialId">(id), count]
}
