/**
 * Time zones as data: at which second which offset from UTC begins. The keeper states them; nobody decides them.
 *
 * Picture a ruler with a mark at each change of clocks. What a wall clock shows by it is the arithmetic of ../zone.ts.
 */
import { type Cbor, readArray, readMap, readText } from "@holdfast/base/cbor"
import { ascends, fields, NAME_LENGTH_MAX, readInteger, readTuple } from "../read.ts"
import type { CodecsOf } from "./codec.ts"

/** From the second `at_s` (before 1970: negative) a wall clock shows UTC plus `offset_s`. */
export type Transition = { readonly at_s: number; readonly offset_s: number }

export type ZoneTable = {
  readonly zone: string
  /** Which edition of the IANA data it was read from, such as "2026b". */
  readonly tzdata: string
  /** Strictly ascending and never empty; the first offset also holds before its second. */
  readonly transitions: readonly Transition[]
}

export type ZoneChange = { readonly kind: "zone table"; readonly table: ZoneTable }

const TRANSITIONS_MAX = 400
const OFFSET_S_MAX = 26 * 3600
const AT_S_MAX = 0x2_0000_0000

function readTransition(value: Cbor): Transition | null {
  const pair = readTuple(value, 2)
  const at_s = readInteger(pair?.[0], -AT_S_MAX, AT_S_MAX)
  const offset_s = readInteger(pair?.[1], -OFFSET_S_MAX, OFFSET_S_MAX)
  return at_s === null || offset_s === null ? null : { at_s, offset_s }
}

export const ZONE_CODECS: CodecsOf<ZoneChange> = {
  "zone table": {
    encode: ({ table }) =>
      fields(
        [0, table.zone],
        [1, table.tzdata],
        [2, table.transitions.map((transition) => [transition.at_s, transition.offset_s])],
      ),
    decode(value) {
      const map = readMap(value, [0, 1, 2])
      const zone = readText(map?.get(0), NAME_LENGTH_MAX)
      const tzdata = readText(map?.get(1), NAME_LENGTH_MAX)
      const transitions = readArray(map?.get(2), TRANSITIONS_MAX, readTransition)
      if (zone === null || tzdata === null || transitions === null) return null
      if (transitions.length === 0 || !ascends(transitions.map(({ at_s }) => at_s))) return null
      return { kind: "zone table", table: { zone, tzdata, transitions } }
    },
  },
}
