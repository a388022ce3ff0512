/**
 * Credentials: a card or a PIN of one person. The secret itself is made and sealed by the keeper; a statement only says that
 * the credential exists, whose it is, and to whom its secret may be told.
 */
import { type Cbor, type CredentialId, idBytes, type PersonId, readMap } from "@holdfast/base"
import { fields, readDigest, readHpkeKey, readId } from "../read.ts"
import type { CodecsOf } from "./codec.ts"

export type CredentialKind = "card" | "pin"

export type CredentialChange =
  | {
      readonly kind: "credential add"
      readonly credential: CredentialId
      readonly person: PersonId
      readonly what: CredentialKind
      /** Of the card's UID; 32 zero bytes for a PIN. */
      readonly commitment: Uint8Array
      /** HPKE public key of whoever enrols: the issued secret is sealed to it. */
      readonly recipient: Uint8Array
    }
  | { readonly kind: "credential remove"; readonly credential: CredentialId }

export function credentialKindNumber(what: CredentialKind): number {
  return what === "card" ? 1 : 2
}

export function readCredentialKind(value: Cbor | undefined): CredentialKind | null {
  return value === 1 ? "card" : value === 2 ? "pin" : null
}

export const CREDENTIAL_CODECS: CodecsOf<CredentialChange> = {
  "credential add": {
    encode: (change) =>
      fields(
        [0, idBytes(change.credential)],
        [1, idBytes(change.person)],
        [2, credentialKindNumber(change.what)],
        [3, change.commitment],
        [4, change.recipient],
      ),
    decode(value) {
      const map = readMap(value, [0, 1, 2, 3, 4])
      const credential = readId<"CredentialId">(map?.get(0))
      const person = readId<"PersonId">(map?.get(1))
      const what = readCredentialKind(map?.get(2))
      const commitment = readDigest(map?.get(3))
      const recipient = readHpkeKey(map?.get(4))
      if (credential === null || person === null || what === null) return null
      if (commitment === null || recipient === null) return null
      if (what === "pin" && commitment.some((byte) => byte !== 0)) return null
      return { kind: "credential add", credential, person, what, commitment, recipient }
    },
  },
  "credential remove": {
    encode: (change) => fields([0, idBytes(change.credential)]),
    decode(value) {
      const credential = readId<"CredentialId">(readMap(value, [0])?.get(0))
      return credential === null ? null : { kind: "credential remove", credential }
    },
  },
}
