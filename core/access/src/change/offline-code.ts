/**
 * One offline PIN asked for: the site's share of the code that stands for a descriptor, for one door.
 *
 * The keeper answers with the share, sealed to the recipient; whoever keeps the owner's half makes the code of both. So each
 * code that was ever made stands in the log, signed, and the code itself stands nowhere. Locks never hear of it.
 */
import { type CredentialId, type DoorId, idBytes } from "@holdfast/base"
import { readMap, readUint } from "@holdfast/base/cbor"
import { DURATIONS_S, OFFLINE_TYPES, type OfflineType } from "../offline-types.ts"
import { fields, readHpkeKey, readId } from "../read.ts"
import type { CodecsOf } from "./codec.ts"

export type OfflineCodeChange = {
  readonly kind: "offline code"
  /** The owner's half that it is made with. */
  readonly credential: CredentialId
  readonly door: DoorId
  readonly type: OfflineType
  /** Hours since 1970 UTC; of a momentary code five-minute steps. */
  readonly start: number
  /** An index into the durations; 0 where the type has none. */
  readonly duration: number
  readonly sequence: number
  /** HPKE public key of whoever shall make the code. */
  readonly recipient: Uint8Array
}

const SEQUENCE_MAX = 0xff
const START_MAX = 0xffff_ffff

export const OFFLINE_CODE_CODECS: CodecsOf<OfflineCodeChange> = {
  "offline code": {
    encode: ({ credential, door, type, start, duration, sequence, recipient }) =>
      fields(
        [0, idBytes(credential)],
        [1, idBytes(door)],
        [2, OFFLINE_TYPES.indexOf(type)],
        [3, start],
        [4, duration],
        [5, sequence],
        [6, recipient],
      ),
    decode(value) {
      const map = readMap(value, [0, 1, 2, 3, 4, 5, 6])
      const credential = readId<"CredentialId">(map?.get(0))
      const door = readId<"DoorId">(map?.get(1))
      const type = OFFLINE_TYPES[readUint(map?.get(2)) ?? -1]
      const start = readUint(map?.get(3), START_MAX)
      const duration = readUint(map?.get(4), DURATIONS_S.length - 1)
      const sequence = readUint(map?.get(5), SEQUENCE_MAX)
      const recipient = readHpkeKey(map?.get(6))
      if (credential === null || door === null || type === undefined || start === null) return null
      if (duration === null || sequence === null || recipient === null) return null
      if (type !== "timed" && duration !== 0) return null
      return { kind: "offline code", credential, door, type, start, duration, sequence, recipient }
    },
  },
}
