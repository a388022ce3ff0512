/**
 * The index of a door's secrets: which credential has one, and the hash of what was sealed. The manifest signs the index's hash.
 *
 * Rows of 48 bytes, searched in halves:
 *
 *   credential 16 | SHA-256 of its sealed secret 32       strictly ascending by credential
 *
 * The secrets themselves are secret.ts's; no courier can tell from the index what kind of secret a credential has.
 */
import { assert, compareBytes, concat, type CredentialId, ID_SIZE, idBytes } from "@holdfast/base"
import { findId, idAt, rowsAscend } from "./table.ts"

const SECRET_ROW = 48

export type SecretName = { readonly credential: CredentialId; readonly sealedHash: Uint8Array }

export function encodeSecretsIndex(names: readonly SecretName[]): Uint8Array {
  const rows = names.map((name) => concat(idBytes(name.credential), name.sealedHash)).sort(compareBytes)
  const index = concat(...rows)
  assert(index.length === names.length * SECRET_ROW, "every row is 48 bytes")
  return index
}

/** How many secrets the index names, or null unless it is whole rows in strictly ascending order of credentials. */
export function secretsIn(index: Uint8Array): number | null {
  if (index.length % SECRET_ROW !== 0) return null
  return rowsAscend(index, SECRET_ROW, ID_SIZE) ? index.length / SECRET_ROW : null
}

export function secretNameAt(index: Uint8Array, place: number): SecretName {
  const at = place * SECRET_ROW
  assert(at >= 0 && at < index.length, "the place lies inside")
  return { credential: idAt<"CredentialId">(index, at), sealedHash: index.slice(at + ID_SIZE, at + SECRET_ROW) }
}

/** Where the index names this credential, or null. */
export function placeOfSecret(index: Uint8Array, credential: CredentialId): number | null {
  const at = findId(index, SECRET_ROW, credential)
  return at < 0 ? null : at / SECRET_ROW
}
