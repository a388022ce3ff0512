/**
 * Credentials: a card, a PIN or a phone of one person. The secret of a card or a PIN is made and sealed by the keeper, and a
 * statement only says that the credential exists, whose it is, and to whom its secret may be told. A phone made its own key
 * and nobody else holds it: its statement carries the public half, and no secret is issued.
 *
 * Offline PINs take two credentials of one person: the owner's half, whose key the keeper tells whoever
 * shall make codes, and the site's half, whose key it never tells. Locks get both.
 */
import { type CredentialId, idBytes, type PersonId } from "@holdfast/base"
import { type Cbor, readMap } from "@holdfast/base/cbor"
import { encodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { fields, readCoseKey, readDigest, readHpkeKey, readId } from "../read.ts"
import type { CodecsOf } from "./codec.ts"

const NUMBERS = { card: 1, pin: 2, phone: 3, "owner half": 6, "site half": 7 } as const satisfies Record<string, number>
const KINDS = Object.keys(NUMBERS) as readonly CredentialKind[]

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
      readonly what: "owner half"
      /** HPKE public key of whoever shall make codes. */
      readonly recipient: Uint8Array
    }
  | { readonly what: "site half" }
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

/** In a policy's table: a credential that nobody can show. */
export const SHOWN_BY_NOBODY = 5

/** How a policy's table names it: what is typed at a keypad is a PIN there. */
export function rowKindNumber(what: CredentialKind): number {
  if (what === "site half") return SHOWN_BY_NOBODY
  return isPin(what) ? NUMBERS.pin : NUMBERS[what]
}

/**
 * Whether it stands for what is typed at a keypad. Of one person's offline PINs 650 open at a time, of a thousand million: a
 * guess hits one of them about as seldom as it hits a PIN.
 */
export function isPin(what: CredentialKind): boolean {
  return what === "pin" || what === "owner half"
}

export function readCredentialKind(value: Cbor | undefined): CredentialKind | null {
  return KINDS.find((kind) => NUMBERS[kind] === value) ?? null
}

/** The kind of a secret, or null where no such credential has one. */
export function readSecretKind(value: Cbor | undefined): SecretKind | null {
  const what = readCredentialKind(value)
  return what === "card" || what === "pin" ? what : null
}

function readMark(map: ReadonlyMap<number, Cbor> | null): CredentialMark | null {
  const what = readCredentialKind(map?.get(2))
  const key = readCoseKey(map?.get(5))
  if (map === null || what === null) return null
  if (what === "phone") return key === null || map.has(3) || map.has(4) ? null : { what, key }
  if (what === "owner half" || what === "site half") return readHalfMark(map, what)
  const commitment = readDigest(map.get(3))
  const recipient = readHpkeKey(map.get(4))
  if (commitment === null || recipient === null || map.has(5)) return null
  return what === "pin" && commitment.some((byte) => byte !== 0) ? null : { what, commitment, recipient }
}

function readHalfMark(map: ReadonlyMap<number, Cbor>, what: "owner half" | "site half"): CredentialMark | null {
  if (map.has(3) || map.has(5)) return null
  if (what === "site half") return map.has(4) ? null : { what }
  const recipient = readHpkeKey(map.get(4))
  return recipient === null ? null : { what, recipient }
}

function markFields(mark: CredentialMark): readonly (readonly [number, Cbor])[] {
  switch (mark.what) {
    case "phone":
      return [[5, encodeCoseKey(mark.key)]]
    case "owner half":
      return [[4, mark.recipient]]
    case "site half":
      return []
    default:
      return [
        [3, mark.commitment],
        [4, mark.recipient],
      ]
  }
}

export const CREDENTIAL_CODECS: CodecsOf<CredentialChange> = {
  "credential add": {
    encode: (change) =>
      fields(
        [0, idBytes(change.credential)],
        [1, idBytes(change.person)],
        [2, credentialKindNumber(change.what)],
        ...markFields(change),
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
