/**
 * Delegations and denials: whose key may state what, the end of that, and the act that locks take directly.
 */
import { type CredentialId, idBytes, type PersonId, type UnixSeconds } from "@holdfast/base"
import { type Cbor, readArray, readBytes, readMap, readUint } from "@holdfast/base/cbor"
import { encodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { type Kind, kindNumber, readKind } from "../kinds.ts"
import { fields, readCoseKey, readId, readSeconds } from "../read.ts"
import { readStatementId, type StatementId, statementIdBytes } from "../statement-id.ts"
import type { CodecsOf } from "./codec.ts"

/** A passkey in an authenticator; a key of this browser that says so everywhere; a key for one sitting. */
export type KeyKind = "passkey" | "software" | "session"

export type DelegationChange =
  | {
      readonly kind: "delegate"
      readonly person: PersonId
      readonly key: PublicKey
      readonly keyKind: KeyKind
      /** Null: every kind that the delegator has. */
      readonly kinds: readonly Kind[] | null
      /** Null: no end but revocation. */
      readonly notAfter: UnixSeconds | null
      /** WebAuthn credential id, so that a browser can ask for the right passkey. */
      readonly credentialId: Uint8Array | null
      /** The backup flags that the authenticator told: BE is 8, BS is 16 (WebAuthn 3, section 6.1). */
      readonly backupFlags: number
    }
  | { readonly kind: "delegation revoke"; readonly delegation: StatementId }
  | { readonly kind: "deny"; readonly person: PersonId | null; readonly credential: CredentialId | null }

const KEY_KINDS: readonly (KeyKind | null)[] = [null, "passkey", "software", "session"]

export function keyKindNumber(keyKind: KeyKind): number {
  return KEY_KINDS.indexOf(keyKind)
}

export function readKeyKind(value: Cbor | undefined): KeyKind | null {
  return typeof value === "number" ? (KEY_KINDS[value] ?? null) : null
}

/** The field, or null where it is null, or undefined where it is neither. */
function orNull<Field>(value: Cbor | undefined, read: (value: Cbor) => Field | null): Field | null | undefined {
  if (value === undefined) return undefined
  return value === null ? null : (read(value) ?? undefined)
}

const KINDS_MAX = 64
const CREDENTIAL_ID_SIZE_MAX = 1023 // WebAuthn 3, section 4: credential ID.

function decodeDelegate(value: Cbor | undefined): Extract<DelegationChange, { kind: "delegate" }> | null {
  const map = readMap(value, [0, 1, 2, 3, 4, 5, 6])
  const person = readId<"PersonId">(map?.get(0))
  const key = readCoseKey(map?.get(1))
  const keyKind = readKeyKind(map?.get(2))
  const kinds = orNull(map?.get(3), (list) => readArray(list, KINDS_MAX, readKind))
  const notAfter = readSeconds(map?.get(4))
  const credentialId = orNull(map?.get(5), (id) => readBytes(id, 1, CREDENTIAL_ID_SIZE_MAX))
  const backupFlags = readUint(map?.get(6), 255)
  if (person === null || key === null || keyKind === null || notAfter === null || backupFlags === null) return null
  if (kinds === undefined || credentialId === undefined) return null
  const end = notAfter === 0 ? null : notAfter
  return { kind: "delegate", person, key, keyKind, kinds, notAfter: end, credentialId, backupFlags }
}

export const DELEGATION_CODECS: CodecsOf<DelegationChange> = {
  delegate: {
    encode: (change) =>
      fields(
        [0, idBytes(change.person)],
        [1, encodeCoseKey(change.key)],
        [2, keyKindNumber(change.keyKind)],
        [3, change.kinds === null ? null : change.kinds.map(kindNumber)],
        [4, change.notAfter ?? 0],
        [5, change.credentialId],
        [6, change.backupFlags],
      ),
    decode: decodeDelegate,
  },
  "delegation revoke": {
    encode: (change) => fields([0, statementIdBytes(change.delegation)]),
    decode(value) {
      const delegation = readStatementId(readMap(value, [0])?.get(0))
      return delegation === null ? null : { kind: "delegation revoke", delegation }
    },
  },
  deny: {
    encode: (change) =>
      fields(
        [0, change.person === null ? null : idBytes(change.person)],
        [1, change.credential === null ? null : idBytes(change.credential)],
      ),
    decode(value) {
      const map = readMap(value, [0, 1])
      const person = orNull(map?.get(0), (id) => readId<"PersonId">(id))
      const credential = orNull(map?.get(1), (id) => readId<"CredentialId">(id))
      if (person === undefined || credential === undefined || (person === null && credential === null)) return null
      return { kind: "deny", person, credential }
    },
  },
}
