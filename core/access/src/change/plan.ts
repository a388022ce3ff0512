/**
 * The drawing of a floor: rooms as rectangles in centimetres, for people to look at. It decides nothing, and where a door stands
 * in it is the door's own statement.
 */
import { type Cbor, readArray, readMap, readText } from "@holdfast/base/cbor"
import { fields, NAME_LENGTH_MAX, readInteger, readTuple } from "../read.ts"
import type { CodecsOf } from "./codec.ts"
import { PLACE_CM_MAX } from "./door.ts"

export type Room = {
  readonly name: string
  readonly x_cm: number
  readonly y_cm: number
  readonly width_cm: number
  readonly height_cm: number
}

export type PlanChange = { readonly kind: "plan"; readonly floor: string; readonly rooms: readonly Room[] }

const ROOMS_MAX = 200

function readRoom(value: Cbor): Room | null {
  const tuple = readTuple(value, 5)
  const name = readText(tuple?.[0], NAME_LENGTH_MAX)
  const x_cm = readInteger(tuple?.[1], -PLACE_CM_MAX, PLACE_CM_MAX)
  const y_cm = readInteger(tuple?.[2], -PLACE_CM_MAX, PLACE_CM_MAX)
  const width_cm = readInteger(tuple?.[3], 1, PLACE_CM_MAX)
  const height_cm = readInteger(tuple?.[4], 1, PLACE_CM_MAX)
  if (name === null || x_cm === null || y_cm === null || width_cm === null || height_cm === null) return null
  return { name, x_cm, y_cm, width_cm, height_cm }
}

export const PLAN_CODECS: CodecsOf<PlanChange> = {
  plan: {
    encode: (change) =>
      fields(
        [0, change.floor],
        [1, change.rooms.map((room) => [room.name, room.x_cm, room.y_cm, room.width_cm, room.height_cm])],
      ),
    decode(value) {
      const map = readMap(value, [0, 1])
      const floor = readText(map?.get(0), NAME_LENGTH_MAX)
      const rooms = readArray(map?.get(1), ROOMS_MAX, readRoom)
      return floor === null || rooms === null ? null : { kind: "plan", floor, rooms }
    },
  },
}
