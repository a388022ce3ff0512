/**
 * Reading the fields that statements and policies share: ids, keys, commitments, times.
 *
 * Every reader answers null for a missing or wrong field, as those of core/base do, so that a decoder is one line a field
 * and one check at its end.
 */
import { type Id, idOf, type UnixSeconds, unixSeconds } from "@holdfast/base"
import { type Cbor, type CborMap, readBytes, readUint } from "@holdfast/base/cbor"
import { decodeCoseKey, type PublicKey } from "@holdfast/base/cose"

/** A SHA-256 digest or a salted commitment. */
export const DIGEST_SIZE = 32
/** An uncompressed P-256 point, as HPKE carries its public keys: RFC 9180, section 7.1.1. */
export const HPKE_KEY_SIZE = 65
/** Names of groups, schedules, floors and rooms: long enough for people, short enough for a screen. */
export const NAME_LENGTH_MAX = 200

export function readId<Name extends string>(value: Cbor | undefined): Id<Name> | null {
  const bytes = readBytes(value, 16)
  return bytes === null ? null : idOf<Name>(bytes)
}

export function readDigest(value: Cbor | undefined): Uint8Array | null {
  return readBytes(value, DIGEST_SIZE)
}

export function readCoseKey(value: Cbor | undefined): PublicKey | null {
  const bytes = readBytes(value, 1, 128)
  return bytes === null ? null : decodeCoseKey(bytes)
}

export function readHpkeKey(value: Cbor | undefined): Uint8Array | null {
  const bytes = readBytes(value, HPKE_KEY_SIZE)
  return bytes !== null && bytes[0] === 4 ? bytes : null
}

export function readSeconds(value: Cbor | undefined): UnixSeconds | null {
  const seconds = readUint(value)
  return seconds === null ? null : unixSeconds(seconds)
}

export function readInteger(value: Cbor | undefined, min: number, max: number): number | null {
  return typeof value === "number" && value >= min && value <= max ? value : null
}

/** The fixed-length array that `value` is, or null. */
export function readTuple(value: Cbor | undefined, size: number): readonly Cbor[] | null {
  return Array.isArray(value) && value.length === size ? value : null
}

/** Whether each is greater than the one before it, so that a list has one spelling and none comes twice. */
export function ascends(items: readonly (string | number)[]): boolean {
  return items.every((item, at) => {
    const before = items[at - 1]
    return before === undefined || before < item
  })
}

/** A CBOR map from its fields in any order; the encoder sorts them. */
export function fields(...entries: readonly (readonly [number, Cbor])[]): CborMap {
  return new Map(entries)
}
