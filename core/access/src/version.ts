/**
 * The version of a policy: the epoch of the keeper, then the size of the authority log it was compiled at.
 *
 * A lock takes no version that is not newer than the one it has. That the log it was compiled at continues the one that the
 * lock knows, a proof says and not this number.
 */
import { type Cbor, readUint } from "@holdfast/base/cbor"
import { readTuple } from "./read.ts"

export type Version = { readonly epoch: number; readonly size: number }

const EPOCH_MAX = 0xffff_ffff

export function encodeVersion(version: Version): Cbor {
  return [version.epoch, version.size]
}

export function readVersion(value: Cbor | undefined): Version | null {
  const pair = readTuple(value, 2)
  const epoch = readUint(pair?.[0], EPOCH_MAX)
  const size = readUint(pair?.[1])
  return epoch === null || size === null ? null : { epoch, size }
}

/** Lexicographic: negative when `a` is older, zero when they are equal. */
export function compareVersions(a: Version, b: Version): number {
  return a.epoch - b.epoch || a.size - b.size
}
