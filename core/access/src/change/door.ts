/**
 * Doors: configured, removed, and the lock that is paired with one. A door's name is a commitment, as a person's is.
 *
 * What a configuration says is config.ts's; that pairing may take two administrators is fold/rights.ts's.
 */
import { type DoorId, idBytes, type ScheduleId } from "@holdfast/base"
import { type Cbor, readMap, readText } from "@holdfast/base/cbor"
import { encodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { type DoorConfig, decodeConfig, encodeConfig } from "../config.ts"
import { fields, NAME_LENGTH_MAX, readCoseKey, readDigest, readHpkeKey, readId, readInteger } from "../read.ts"
import type { CodecsOf } from "./codec.ts"

/** Where a door stands on its floor's drawing: centimetres, and degrees clockwise from the drawing's right. */
export type DoorPlace = {
  readonly floor: string
  readonly x_cm: number
  readonly y_cm: number
  readonly angle_deg: number
}

export type DoorChange =
  | {
      readonly kind: "door set"
      readonly door: DoorId
      readonly commitment: Uint8Array
      readonly config: DoorConfig<ScheduleId>
      readonly place: DoorPlace | null
    }
  | { readonly kind: "door remove"; readonly door: DoorId }
  | {
      readonly kind: "lock pair"
      readonly door: DoorId
      readonly journalKey: PublicKey
      readonly hpkeKey: Uint8Array
      readonly serial: string
    }

/** Drawing only, hence an ignorable key (64 and up). */
const PLACE = 64
export const PLACE_CM_MAX = 1_000_000

function encodePlace(place: DoorPlace): Cbor {
  return fields([0, place.floor], [1, place.x_cm], [2, place.y_cm], [3, place.angle_deg])
}

function decodePlace(value: Cbor | undefined): DoorPlace | null {
  const map = readMap(value, [0, 1, 2, 3])
  const floor = readText(map?.get(0), NAME_LENGTH_MAX)
  const x_cm = readInteger(map?.get(1), -PLACE_CM_MAX, PLACE_CM_MAX)
  const y_cm = readInteger(map?.get(2), -PLACE_CM_MAX, PLACE_CM_MAX)
  const angle_deg = readInteger(map?.get(3), 0, 359)
  if (floor === null || x_cm === null || y_cm === null || angle_deg === null) return null
  return { floor, x_cm, y_cm, angle_deg }
}

export const DOOR_CODECS: CodecsOf<DoorChange> = {
  "door set": {
    encode(change) {
      const config = encodeConfig(change.config, (schedule) => idBytes(schedule))
      const known = [
        [0, idBytes(change.door)],
        [1, change.commitment],
        [2, config],
      ] as const
      return change.place === null ? fields(...known) : fields(...known, [PLACE, encodePlace(change.place)])
    },
    decode(value) {
      const map = readMap(value, [0, 1, 2])
      const door = readId<"DoorId">(map?.get(0))
      const commitment = readDigest(map?.get(1))
      const config = decodeConfig(map?.get(2), (schedule) => readId<"ScheduleId">(schedule))
      if (map === null || door === null || commitment === null || config === null) return null
      const place = decodePlace(map.get(PLACE))
      if (place === null && map.has(PLACE)) return null
      return { kind: "door set", door, commitment, config, place }
    },
  },
  "door remove": {
    encode: (change) => fields([0, idBytes(change.door)]),
    decode(value) {
      const door = readId<"DoorId">(readMap(value, [0])?.get(0))
      return door === null ? null : { kind: "door remove", door }
    },
  },
  "lock pair": {
    encode: (change) =>
      fields([0, idBytes(change.door)], [1, encodeCoseKey(change.journalKey)], [2, change.hpkeKey], [3, change.serial]),
    decode(value) {
      const map = readMap(value, [0, 1, 2, 3])
      const door = readId<"DoorId">(map?.get(0))
      const journalKey = readCoseKey(map?.get(1))
      const hpkeKey = readHpkeKey(map?.get(2))
      const serial = readText(map?.get(3), NAME_LENGTH_MAX)
      if (door === null || journalKey === null || hpkeKey === null || serial === null) return null
      return { kind: "lock pair", door, journalKey, hpkeKey, serial }
    },
  },
}
