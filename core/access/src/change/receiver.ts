/**
 * Receivers of silent alarms: each a person with a key of his own, to which the keeper seals what was called for.
 *
 * That somebody is a receiver everybody may read; what he is told nobody else can. One key a person: naming him again replaces it.
 */
import { idBytes, type PersonId } from "@holdfast/base"
import { readMap } from "@holdfast/base/cbor"
import { fields, readHpkeKey, readId } from "../read.ts"
import type { CodecsOf } from "./codec.ts"

export type ReceiverChange =
  | { readonly kind: "receiver set"; readonly person: PersonId; readonly key: Uint8Array }
  | { readonly kind: "receiver remove"; readonly person: PersonId }

export const RECEIVER_CODECS: CodecsOf<ReceiverChange> = {
  "receiver set": {
    encode: ({ person, key }) => fields([0, idBytes(person)], [1, key]),
    decode(value) {
      const map = readMap(value, [0, 1])
      const person = readId<"PersonId">(map?.get(0))
      const key = readHpkeKey(map?.get(1))
      return person === null || key === null ? null : { kind: "receiver set", person, key }
    },
  },
  "receiver remove": {
    encode: ({ person }) => fields([0, idBytes(person)]),
    decode(value) {
      const person = readId<"PersonId">(readMap(value, [0])?.get(0))
      return person === null ? null : { kind: "receiver remove", person }
    },
  },
}
