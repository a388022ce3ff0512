/**
 * Access groups: named sets of people, each membership with its own validity (half-open; null is open).
 *
 * A group opens nothing by itself: that is a grant's, which names it.
 */
import { type GroupId, idBytes, type PersonId, type UnixSeconds } from "@holdfast/base"
import { type Cbor, readMap, readText } from "@holdfast/base/cbor"
import { fields, NAME_LENGTH_MAX, readId, readSeconds } from "../read.ts"
import type { CodecsOf } from "./codec.ts"

export type GroupChange =
  | { readonly kind: "group set"; readonly group: GroupId; readonly name: string }
  | {
      readonly kind: "member add"
      readonly group: GroupId
      readonly person: PersonId
      readonly from: UnixSeconds | null
      readonly until: UnixSeconds | null
    }
  | { readonly kind: "member remove"; readonly group: GroupId; readonly person: PersonId }

/** Validity is kept in 32 bits by the policy's tables: until 2106. */
const SECONDS_MAX = 0xffff_fffe

/** Zero stands for open; undefined for a field that is not a time. */
function readOpen(value: Cbor | undefined): UnixSeconds | null | undefined {
  const seconds = readSeconds(value)
  if (seconds === null || seconds > SECONDS_MAX) return undefined
  return seconds === 0 ? null : seconds
}

export const GROUP_CODECS: CodecsOf<GroupChange> = {
  "group set": {
    encode: (change) => fields([0, idBytes(change.group)], [1, change.name]),
    decode(value) {
      const map = readMap(value, [0, 1])
      const group = readId<"GroupId">(map?.get(0))
      const name = readText(map?.get(1), NAME_LENGTH_MAX)
      return group === null || name === null ? null : { kind: "group set", group, name }
    },
  },
  "member add": {
    encode: (change) =>
      fields([0, idBytes(change.group)], [1, idBytes(change.person)], [2, change.from ?? 0], [3, change.until ?? 0]),
    decode(value) {
      const map = readMap(value, [0, 1, 2, 3])
      const group = readId<"GroupId">(map?.get(0))
      const person = readId<"PersonId">(map?.get(1))
      const from = readOpen(map?.get(2))
      const until = readOpen(map?.get(3))
      if (group === null || person === null || from === undefined || until === undefined) return null
      if (from !== null && until !== null && from >= until) return null
      return { kind: "member add", group, person, from, until }
    },
  },
  "member remove": {
    encode: (change) => fields([0, idBytes(change.group)], [1, idBytes(change.person)]),
    decode(value) {
      const map = readMap(value, [0, 1])
      const group = readId<"GroupId">(map?.get(0))
      const person = readId<"PersonId">(map?.get(1))
      return group === null || person === null ? null : { kind: "member remove", group, person }
    },
  },
}
