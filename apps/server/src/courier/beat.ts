/**
 * A lock's beat, opened: a COSE object of type "state" that its journal key signed.
 *
 *   {0: door, 1: uptime ms, 2: wall ms, 3: bolt, 4: door position, 5: flags, 6: last sequence, 7: [epoch, size] or null,
 *    8: lease end s, 9: boot, 10: authority size}
 */
import {
  type Crypto,
  type DoorId,
  decodeCbor,
  decodeSigned,
  idOf,
  type PublicKey,
  readArray,
  readBytes,
  readMap,
  readUint,
  type SiteId,
  verifySigned,
} from "@holdfast/base"
import type { Beat } from "../doors/reported.ts"
import type { BoltWord, PositionWord } from "../projection/door-facts.ts"

export const BEAT_SIZE_MAX = 1_024

const BOLTS: readonly BoltWord[] = ["unknown", "thrown", "drawn", "moving", "jammed", "not-fully-thrown"]
const POSITIONS: readonly PositionWord[] = ["unknown", "closed", "open"]

export type BeatFault =
  | "too large"
  | "not a signed state"
  | "wrong signature"
  | "fields missing or wrong"
  | "wrong door"
export type BeatOpened = { readonly ok: true; readonly beat: Beat } | { readonly ok: false; readonly fault: BeatFault }

/** Checks and reads what the lock of `door` says of itself. */
export function openBeat(
  crypto: Crypto,
  site: SiteId,
  door: DoorId,
  journalKey: PublicKey,
  bytes: Uint8Array,
  heard_at_ms: number,
): BeatOpened {
  if (bytes.length > BEAT_SIZE_MAX) return { ok: false, fault: "too large" }
  const signed = decodeSigned("state", site, bytes)
  if (signed === null) return { ok: false, fault: "not a signed state" }
  if (!verifySigned(signed, journalKey, crypto)) return { ok: false, fault: "wrong signature" }
  const decoded = decodeCbor(signed.payload)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) : null
  const id = readBytes(map?.get(0), 16)
  const bolt = BOLTS[readUint(map?.get(3)) ?? -1]
  const position = POSITIONS[readUint(map?.get(4)) ?? -1]
  const [epoch, size] = readArray(map?.get(7), 2, (part) => readUint(part)) ?? []
  const numbers = readArray(
    [1, 6, 8, 9, 10].map((key) => map?.get(key) ?? null),
    5,
    (value) => readUint(value),
  )
  const [uptime_ms, last_sequence, lease_end_s, boot, authority_size] = numbers ?? []
  if (id === null || bolt === undefined || position === undefined)
    return { ok: false, fault: "fields missing or wrong" }
  if (
    uptime_ms === undefined ||
    last_sequence === undefined ||
    lease_end_s === undefined ||
    boot === undefined ||
    authority_size === undefined
  )
    return { ok: false, fault: "fields missing or wrong" }
  if (idOf<"DoorId">(id) !== door) return { ok: false, fault: "wrong door" }
  const version = epoch === undefined || size === undefined ? null : { epoch, size }
  return {
    ok: true,
    beat: { bytes, heard_at_ms, bolt, position, last_sequence, version, lease_end_s, boot, uptime_ms, authority_size },
  }
}
