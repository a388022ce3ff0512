/**
 * The phones that went through a standard phase here, with the lasting key of each: newest first, a few of them.
 *
 * A lasting key says whose phone it is and nothing of rights: whether its credential is still in the policy, and what it may,
 * is looked up at every meeting. It is good at this lock only, because the lock's own name and key went into it. A table that
 * is lost costs one standard phase.
 */
import { assert, equalBytes } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes } from "@holdfast/base/cbor"

/** The x of a P-256 key, and every key derived in a meeting. */
export const KEY_SIZE = 32
export const KNOWN_MAX = 16

/** `x` of the phone's own key, and what both derived. */
export type KnownPhone = { readonly x: Uint8Array; readonly lasting: Uint8Array }

/** With this phone in front; the one that was here longest ago leaves when there is no room. */
export function withPhone(known: readonly KnownPhone[], phone: KnownPhone): readonly KnownPhone[] {
  assert(phone.x.length === KEY_SIZE && phone.lasting.length === KEY_SIZE, "a key and its x are 32 bytes each")
  return [phone, ...known.filter(({ x }) => !equalBytes(x, phone.x))].slice(0, KNOWN_MAX)
}

export function encodeKnown(known: readonly KnownPhone[]): Uint8Array {
  return encodeCbor(known.map(({ x, lasting }) => [x, lasting]))
}

export function decodeKnown(bytes: Uint8Array): readonly KnownPhone[] | null {
  const decoded = decodeCbor(bytes)
  return decoded.ok ? readArray(decoded.value, KNOWN_MAX, readPhone) : null
}

function readPhone(value: Cbor): KnownPhone | null {
  if (!Array.isArray(value) || value.length !== 2) return null
  const [xField, lastingField] = value as readonly Cbor[]
  const x = readBytes(xField, KEY_SIZE)
  const lasting = readBytes(lastingField, KEY_SIZE)
  return x === null || lasting === null ? null : { x, lasting }
}
