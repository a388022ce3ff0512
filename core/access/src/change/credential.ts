/**
 * Credentials: a card, a PIN or a phone of one person. The secret of a card or a PIN is made and sealed by the keeper, and a
 * statement only says that the credential exists, whose it is, and to whom its secret may be told. A phone made its own key
 * and nobody else holds it: its statement carries the public half, and no secret is issued.
 */
import {
  type Cbor,
  type CredentialId,
  encodeCoseKey,
  idBytes,
  type PersonId,
  type PublicKey,
  readMap,
} from "@holdfast/base"
import { fields, readCoseKey, readDigest, readHpkeKey, readId } from "../read.ts"
import type { CodecsOf } from "./codec.ts"

const NUMBERS = { card: 1, pin: 2, phone: 3 } as const satisfies Record<string, number>

export type CredentialKind = keyof typeof NUMBERS
/** The kinds whose secret the keeper makes. */
export type SecretKind = "card" | "pin"

/** How a credential of each kind is told apart from all others. */
export type CredentialMark =
  | {
      readonly what: SecretKind
      /** Of the card's UID; 32 zero bytes for a PIN. */
      readonly commitment: Uint8Array
      /** HPKE public key of whoever enrols: the issued secret is sealed to it. */
      readonly recipient: Uint8Array
    }
  | {
      readonly what: "phone"
      /** ES256: what the phone signs with at a door. */
      readonly key: PublicKey
    }

export type CredentialChange =
  | ({ readonly kind: "credential add"; readonly credential: CredentialId; readonly person: PersonId } & CredentialMark)
  | { readonly kind: "credential remove"; readonly credential: CredentialId }

export function credentialKindNumber(what: CredentialKind): number {
  return NUMBERS[what]
}

export function readCredentialKind(value: Cbor | undefined): CredentialKind | null {
  return value === 1 ? "card" : value === 2 ? "pin" : value === 3 ? "phone" : null
}

/** The kind of a secret, or null where no such credential has one. */
export function readSecretKind(value: Cbor | undefined): SecretKind | null {
  const what = readCredentialKind(value)
  return what === "phone" ? null : what
}

function readMark(map: ReadonlyMap<number, Cbor> | null): CredentialMark | null {
  const what = readCredentialKind(map?.get(2))
  const key = readCoseKey(map?.get(5))
  if (map === null || what === null) return null
  if (what === "phone") return key === null || map.has(3) || map.has(4) ? null : { what, key }
  const commitment = readDigest(map.get(3))
  const recipient = readHpkeKey(map.get(4))
  if (commitment === null || recipient === null || map.has(5)) return null
  return what === "pin" && commitment.some((byte) => byte !== 0) ? null : { what, commitment, recipient }
}

export const CREDENTIAL_CODECS: CodecsOf<CredentialChange> = {
  "credential add": {
    encode: (change) =>
      fields(
        [0, idBytes(change.credential)],
        [1, idBytes(change.person)],
        [2, credentialKindNumber(change.what)],
        ...(change.what === "phone"
          ? ([[5, encodeCoseKey(change.key)]] as const)
          : ([
              [3, change.commitment],
              [4, change.recipient],
            ] as const)),
      ),
    decode(value) {
      const map = readMap(value, [0, 1, 2, 3, 4, 5])
      const credential = readId<"CredentialId">(map?.get(0))
      const person = readId<"PersonId">(map?.get(1))
      const mark = readMark(map)
      if (credential === null || person === null || mark === null) return null
      return { kind: "credential add", credential, person, ...mark }
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
