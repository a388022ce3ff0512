/**
 * What may be asked of the keeper, each by its number on the socket, and the fields that questions and answers are made of.
 *
 * Everything the keeper is asked to believe is signed by somebody else; the socket itself is no authority. Statements,
 * batches, receipts and sealed values are opaque bytes here. A body is a map whose keys count its fields from 0 on.
 */
import { type Id, idOf } from "@holdfast/base"
import { type Cbor, type CborMap, readBytes } from "@holdfast/base/cbor"

export const OPERATIONS = {
  status: 1,
  submit: 2,
  batch: 3,
  policy: 4,
  secret: 5,
  lease: 6,
  beacon: 7,
  look: 8,
  pairing: 9,
  beat: 10,
  sheets: 11,
  narrowing: 12,
} as const
export type Operation = keyof typeof OPERATIONS

export function operationOf(number: number): Operation | null {
  for (const [word, value] of Object.entries(OPERATIONS)) if (value === number) return word as Operation
  return null
}

const BYTES_MAX = 1024 * 1024
export const ITEMS_MAX = 4096

export function fields(...values: readonly Cbor[]): CborMap {
  return new Map(values.map((value, key) => [key, value]))
}

export const anyBytes = (value: Cbor | undefined): Uint8Array | null => readBytes(value, 0, BYTES_MAX)
export const anyId = <Name extends string>(value: Cbor | undefined): Id<Name> | null => {
  const bytes = readBytes(value, 16)
  return bytes === null ? null : idOf<Name>(bytes)
}

/** A pair [id, sealed bytes], in whichever role. */
export function readSealed<Name extends string>(item: Cbor): { id: Id<Name>; sealed: Uint8Array } | null {
  if (!Array.isArray(item) || item.length !== 2) return null
  const [first, second] = item as readonly Cbor[]
  const id = anyId<Name>(first)
  const sealed = anyBytes(second)
  return id === null || sealed === null ? null : { id, sealed }
}
