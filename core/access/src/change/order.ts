/**
 * An order: what one lock shall do now. It is signed like every statement and goes to that lock alone, never into the log.
 *
 * The envelope's nonce is the one that the lock made; its times say nothing to a lock.
 */
import { type DoorId, idBytes } from "@holdfast/base"
import { readMap } from "@holdfast/base/cbor"
import { type Act, actNumber, readAct, readActValue } from "../act.ts"
import { fields, readId } from "../read.ts"
import { encodeVersion, readVersion, type Version } from "../version.ts"
import type { CodecsOf } from "./codec.ts"

export type OrderChange = {
  readonly kind: "order"
  readonly door: DoorId
  readonly act: Act
  /** Seconds or a level, as the act says; 0 for acts without one. */
  readonly value: number
  /** The policy that the lock holds, and that whoever signs has seen. */
  readonly version: Version
}

export const ORDER_CODECS: CodecsOf<OrderChange> = {
  order: {
    encode: ({ door, act, value, version }) =>
      fields([0, idBytes(door)], [1, actNumber(act)], [2, value], [3, encodeVersion(version)]),
    decode(given) {
      const map = readMap(given, [0, 1, 2, 3])
      const door = readId<"DoorId">(map?.get(0))
      const act = readAct(map?.get(1))
      const value = act === null ? null : readActValue(act, map?.get(2))
      const version = readVersion(map?.get(3))
      if (door === null || act === null || value === null || version === null) return null
      return { kind: "order", door, act, value, version }
    },
  },
}
