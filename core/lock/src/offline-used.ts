/**
 * Which offline PINs were used at this door, so that a one-time code opens once and a timed one as long as it was sold for.
 *
 * A use is stored before the bolt moves, so that a power cut never gives a code back. It is forgotten when the code could not be
 * entered any more anyway. When the table is full no further code is taken: what cannot be remembered does not open. An
 * erase code takes back every code that was to begin before it, or with it.
 */
import { assert, type CredentialId, equalBytes, idBytes, idOf, type UnixSeconds } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readUint } from "@holdfast/base/cbor"
import { type Descriptor, endOf, OFFLINE_TYPES } from "./offline.ts"

export const USED_MAX = 64
const HANDLE_SIZE = 8
const HOUR_S = 3_600

type Use = {
  readonly credential: CredentialId
  readonly descriptor: Descriptor
  /** Stands for the code: how a timed one is known again when its first day is over. */
  readonly handle: Uint8Array
}
export type Used = readonly Use[]

/** Unix seconds at which the code was to begin. */
function beginOf({ type, start }: Descriptor): number {
  return type === "momentary" ? start * 300 : start * HOUR_S
}

/** When nothing hangs on the use any more: neither could its code be entered, nor one that it erased. */
function forgottenAt({ descriptor }: Use): number {
  const begin = beginOf(descriptor)
  return descriptor.type === "erase" ? begin + 31 * 24 * HOUR_S : Math.max(endOf(descriptor), begin + 24 * HOUR_S)
}

function sameDescriptor(a: Descriptor, b: Descriptor): boolean {
  return (
    a.type === b.type &&
    a.epoch === b.epoch &&
    a.start === b.start &&
    a.duration === b.duration &&
    a.sequence === b.sequence
  )
}

export type UseJudged = "first" | "again" | "used" | "over" | "full"

/** Whether a code may be used now: for the first time, again (a timed one), or no more. */
export function judgeUse(used: Used, credential: CredentialId, descriptor: Descriptor, at: UnixSeconds): UseJudged {
  const mine = used.filter((use) => use.credential === credential)
  const isErased = mine.some((use) => use.descriptor.type === "erase" && beginOf(descriptor) <= beginOf(use.descriptor))
  if (isErased || at >= endOf(descriptor)) return "over"
  if (mine.some((use) => sameDescriptor(use.descriptor, descriptor)))
    return descriptor.type === "timed" ? "again" : "used"
  return used.filter((use) => at < forgottenAt(use)).length < USED_MAX ? "first" : "full"
}

/** A timed code that was begun here, by the handle of what was entered; the whole table is looked at. */
export function begun(used: Used, handle: Uint8Array): Use | null {
  let found: Use | null = null
  for (const use of used) found = use.descriptor.type === "timed" && equalBytes(use.handle, handle) ? use : found
  return found
}

export function withUse(used: Used, use: Use, at: UnixSeconds): Used {
  const kept = used.filter((each) => at < forgottenAt(each))
  assert(kept.length < USED_MAX && use.handle.length === HANDLE_SIZE, "there is room for one more use")
  return [...kept, use]
}

export function encodeUsed(used: Used): Uint8Array {
  return encodeCbor(
    used.map(({ credential, descriptor, handle }) => {
      const { type, epoch, start, duration, sequence } = descriptor
      return [idBytes(credential), handle, OFFLINE_TYPES.indexOf(type), epoch, start, duration, sequence]
    }),
  )
}

export function decodeUsed(bytes: Uint8Array): Used | null {
  const decoded = decodeCbor(bytes)
  return decoded.ok ? readArray(decoded.value, USED_MAX, readUse) : null
}

function readUse(item: Cbor): Use | null {
  if (!Array.isArray(item) || item.length !== 7) return null
  const [idField, handleField, ...rest] = item as readonly Cbor[]
  const credential = readBytes(idField, 16)
  const handle = readBytes(handleField, HANDLE_SIZE)
  const [typeNumber, epoch, start, duration, sequence] = rest.map((field) => readUint(field, 0xffff_ffff) ?? -1)
  const type = OFFLINE_TYPES[typeNumber ?? -1]
  if (credential === null || handle === null || type === undefined) return null
  if (epoch === undefined || start === undefined || duration === undefined || sequence === undefined) return null
  if (epoch < 0 || epoch > 0xffff || start < 0 || duration < 0 || duration > 7 || sequence < 0 || sequence > 0xff)
    return null
  return {
    credential: idOf<"CredentialId">(credential),
    handle,
    descriptor: { type, epoch, start, duration, sequence },
  }
}
