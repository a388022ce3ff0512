/**
 * Grants: a group may open these doors while a schedule is open; without a schedule, always.
 *
 * It names people only through their group, and says nothing about what a door wants to see.
 */
import { type DoorId, type GrantId, type GroupId, idBytes, type ScheduleId } from "@holdfast/base"
import { type Cbor, readArray, readMap } from "@holdfast/base/cbor"
import { fields, readId } from "../read.ts"
import type { CodecsOf } from "./codec.ts"

export type GrantChange =
  | {
      readonly kind: "grant set"
      readonly grant: GrantId
      readonly group: GroupId
      readonly doors: readonly DoorId[]
      readonly schedule: ScheduleId | null
    }
  | { readonly kind: "grant remove"; readonly grant: GrantId }

/** What 16 KiB of statement hold. */
const DOORS_MAX = 900

/** Undefined for a field that is neither null nor an id. */
function readSchedule(value: Cbor | undefined): ScheduleId | null | undefined {
  return value === null ? null : (readId<"ScheduleId">(value) ?? undefined)
}

export const GRANT_CODECS: CodecsOf<GrantChange> = {
  "grant set": {
    encode: (change) =>
      fields(
        [0, idBytes(change.grant)],
        [1, idBytes(change.group)],
        [2, change.doors.map((door) => idBytes(door))],
        [3, change.schedule === null ? null : idBytes(change.schedule)],
      ),
    decode(value) {
      const map = readMap(value, [0, 1, 2, 3])
      const grant = readId<"GrantId">(map?.get(0))
      const group = readId<"GroupId">(map?.get(1))
      const doors = readArray(map?.get(2), DOORS_MAX, (door) => readId<"DoorId">(door))
      const schedule = readSchedule(map?.get(3))
      if (grant === null || group === null || doors === null || schedule === undefined) return null
      if (new Set(doors).size !== doors.length) return null
      return { kind: "grant set", grant, group, doors, schedule }
    },
  },
  "grant remove": {
    encode: (change) => fields([0, idBytes(change.grant)]),
    decode(value) {
      const grant = readId<"GrantId">(readMap(value, [0])?.get(0))
      return grant === null ? null : { kind: "grant remove", grant }
    },
  },
}
