/**
 * People: added with a commitment to their name, renamed, revoked, restored, given traits.
 *
 * The name itself is never here: it travels beside the statement, sealed to the keeper (commitment.ts). What a person may open
 * is said by groups and grants.
 */
import { idBytes, type PersonId } from "@holdfast/base"
import { readMap, readUint } from "@holdfast/base/cbor"
import { fields, readDigest, readId } from "../read.ts"
import { type Trait, TRAIT_BITS_MAX, traitBits, traitsOf } from "../traits.ts"
import type { Codec, CodecsOf } from "./codec.ts"

export type PersonChange =
  | { readonly kind: "person add"; readonly person: PersonId; readonly commitment: Uint8Array }
  | { readonly kind: "person label"; readonly person: PersonId; readonly commitment: Uint8Array }
  | { readonly kind: "person revoke"; readonly person: PersonId }
  | { readonly kind: "person restore"; readonly person: PersonId }
  /** All that the person has from now on. */
  | { readonly kind: "person traits"; readonly person: PersonId; readonly traits: readonly Trait[] }

type Labelled = "person add" | "person label"
type Bare = "person revoke" | "person restore"

function labelled<Kind extends Labelled>(
  kind: Kind,
): Codec<{ readonly kind: Kind; readonly person: PersonId; readonly commitment: Uint8Array }> {
  return {
    encode: (change) => fields([0, idBytes(change.person)], [1, change.commitment]),
    decode(value) {
      const map = readMap(value, [0, 1])
      const person = readId<"PersonId">(map?.get(0))
      const commitment = readDigest(map?.get(1))
      return person === null || commitment === null ? null : { kind, person, commitment }
    },
  }
}

function bare<Kind extends Bare>(kind: Kind): Codec<{ readonly kind: Kind; readonly person: PersonId }> {
  return {
    encode: (change) => fields([0, idBytes(change.person)]),
    decode(value) {
      const person = readId<"PersonId">(readMap(value, [0])?.get(0))
      return person === null ? null : { kind, person }
    },
  }
}

export const PERSON_CODECS: CodecsOf<PersonChange> = {
  "person add": labelled("person add"),
  "person label": labelled("person label"),
  "person revoke": bare("person revoke"),
  "person restore": bare("person restore"),
  "person traits": {
    encode: ({ person, traits }) => fields([0, idBytes(person)], [1, traitBits(traits)]),
    decode(value) {
      const map = readMap(value, [0, 1])
      const person = readId<"PersonId">(map?.get(0))
      const bits = readUint(map?.get(1), TRAIT_BITS_MAX)
      return person === null || bits === null ? null : { kind: "person traits", person, traits: traitsOf(bits) }
    },
  },
}
