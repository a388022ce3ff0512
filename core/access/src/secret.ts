/**
 * Secrets beside a policy: what a lock needs to recognise a credential, sealed by the keeper to that one lock; and the index
 * that names each sealed secret by its hash, whose own hash the manifest signs.
 *
 * The plaintext here exists only inside the keeper and the lock. Sealing itself is an adapter's.
 */
import {
  assert,
  type Cbor,
  compareBytes,
  concat,
  type CredentialId,
  decodeCbor,
  encodeCbor,
  idBytes,
  readArray,
  readBytes,
  readMap,
  readText,
} from "@holdfast/base"
import { credentialKindNumber, readSecretKind } from "./change/credential.ts"
import { DIGEST_SIZE, fields, readId } from "./read.ts"
import { findId, idAt } from "./table.ts"

/** For a lock: a PIN in clear (it becomes an HMAC there), or a card's UID and its key for this door's zone. */
export type Secret =
  | { readonly kind: "pin"; readonly credential: CredentialId; readonly pin: string }
  | {
      readonly kind: "card"
      readonly credential: CredentialId
      readonly uid: Uint8Array
      readonly key: Uint8Array | null
    }

const KEY_SIZE = 16
const UID_SIZE_MAX = 10
const ZONES = 4

function readPin(value: Cbor | undefined): string | null {
  const pin = readText(value, 12)
  return pin !== null && /^[0-9]{4,12}$/.test(pin) ? pin : null
}

export function encodeSecret(secret: Secret): Uint8Array {
  const card = secret.kind === "card" ? secret : null
  return encodeCbor(
    fields(
      [0, idBytes(secret.credential)],
      [1, credentialKindNumber(secret.kind)],
      [2, secret.kind === "pin" ? secret.pin : null],
      [3, card?.uid ?? null],
      [4, card?.key ?? null],
    ),
  )
}

export function decodeSecret(bytes: Uint8Array): Secret | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4]) : null
  const credential = readId<"CredentialId">(map?.get(0))
  const kind = readSecretKind(map?.get(1))
  if (map === null || map.size !== 5 || credential === null || kind === null) return null
  if (kind === "pin") {
    const pin = readPin(map.get(2))
    return pin === null || map.get(3) !== null || map.get(4) !== null ? null : { kind, credential, pin }
  }
  const uid = readBytes(map.get(3), 4, UID_SIZE_MAX)
  const named = map.get(4)
  const key = readBytes(named, KEY_SIZE)
  if (uid === null || map.get(2) !== null || (key === null && named !== null)) return null
  return { kind, credential, uid, key }
}

/** For whoever enrols: the PIN to tell, or the four zone keys to write into the card. */
export type IssuedSecret =
  | { readonly kind: "pin"; readonly credential: CredentialId; readonly pin: string }
  | { readonly kind: "card"; readonly credential: CredentialId; readonly keys: readonly Uint8Array[] }

export function encodeIssuedSecret(issued: IssuedSecret): Uint8Array {
  const head = [
    [0, idBytes(issued.credential)],
    [1, credentialKindNumber(issued.kind)],
  ] as const
  return encodeCbor(issued.kind === "pin" ? fields(...head, [2, issued.pin]) : fields(...head, [3, issued.keys]))
}

export function decodeIssuedSecret(bytes: Uint8Array): IssuedSecret | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3]) : null
  const credential = readId<"CredentialId">(map?.get(0))
  const kind = readSecretKind(map?.get(1))
  if (map === null || map.size !== 3 || credential === null || kind === null) return null
  if (kind === "pin") {
    const pin = readPin(map.get(2))
    return pin === null ? null : { kind, credential, pin }
  }
  const keys = readArray(map.get(3), ZONES, (key) => readBytes(key, KEY_SIZE))
  return keys === null || keys.length !== ZONES ? null : { kind, credential, keys }
}

/** Rows of 48 bytes, ascending: credential 16 | SHA-256 of its sealed secret 32. */
export const SECRET_ROW = 48

export type SecretName = { readonly credential: CredentialId; readonly sealedHash: Uint8Array }

export function encodeSecretsIndex(names: readonly SecretName[]): Uint8Array {
  const rows = names.map((name) => concat(idBytes(name.credential), name.sealedHash)).sort(compareBytes)
  const index = concat(...rows)
  assert(index.length === names.length * SECRET_ROW, "every row is 48 bytes")
  return index
}

/** The names in the index, or null unless it is whole rows in strictly ascending order of credentials. */
export function decodeSecretsIndex(bytes: Uint8Array): readonly SecretName[] | null {
  if (bytes.length % SECRET_ROW !== 0) return null
  const names: SecretName[] = []
  for (let at = 0; at < bytes.length; at += SECRET_ROW) {
    const before = bytes.subarray(at - SECRET_ROW, at - SECRET_ROW + 16)
    if (at > 0 && compareBytes(before, bytes.subarray(at, at + 16)) >= 0) return null
    names.push({ credential: idAt<"CredentialId">(bytes, at), sealedHash: bytes.slice(at + 16, at + SECRET_ROW) })
  }
  return names
}

/** The hash that a sealed secret of this credential must have, or null when the index does not name it. */
export function sealedHashOf(index: Uint8Array, credential: CredentialId): Uint8Array | null {
  const row = findId(index, SECRET_ROW, credential)
  return row < 0 ? null : index.slice(row + 16, row + 16 + DIGEST_SIZE)
}
