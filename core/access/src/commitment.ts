/**
 * Salted commitments: a log may hold these for ever, and without the opening nobody learns the name behind them.
 *
 * The opening (salt and value) travels beside the statement, sealed to the keeper, which refuses a statement whose opening
 * does not fit. Erasing a person is destroying the openings.
 */
import { assert, concat, type Crypto, equalBytes } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes, readMap, readText } from "@holdfast/base/cbor"
import { utf8 } from "@holdfast/base/text"
import type { Change, ObjectId } from "./change.ts"
import { fields } from "./read.ts"

export const SALT_SIZE = 16
export const LABEL_LENGTH_MAX = 200
const UID_SIZE_MAX = 10 // ISO/IEC 14443-3: triple-size UID.

/** SHA-256("holdfast/label/v1" 0x00 salt text). */
export function labelCommitment(salt: Uint8Array, text: string, crypto: Crypto): Uint8Array {
  assert(salt.length === SALT_SIZE, "a salt is 16 bytes")
  return crypto.sha256(concat(utf8("holdfast/label/v1"), new Uint8Array(1), salt, utf8(text)))
}

/** SHA-256("holdfast/uid/v1" 0x00 salt uid). */
export function uidCommitment(salt: Uint8Array, uid: Uint8Array, crypto: Crypto): Uint8Array {
  assert(salt.length === SALT_SIZE, "a salt is 16 bytes")
  return crypto.sha256(concat(utf8("holdfast/uid/v1"), new Uint8Array(1), salt, uid))
}

/** What opens a commitment: the plaintext of a statement's attachment. */
export type Opening = { readonly salt: Uint8Array; readonly value: string | Uint8Array }

export function encodeOpening(opening: Opening): Uint8Array {
  return encodeCbor(fields([0, opening.salt], [1, opening.value]))
}

export function decodeOpening(bytes: Uint8Array): Opening | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1]) : null
  const salt = readBytes(map?.get(0), SALT_SIZE)
  const named: Cbor | undefined = map?.get(1)
  const value = readText(named, LABEL_LENGTH_MAX) ?? readBytes(named, 1, UID_SIZE_MAX)
  return salt === null || value === null ? null : { salt, value }
}

/** The object whose attachment a change needs, or null when it needs none. */
export function attachmentOf(change: Change): ObjectId | null {
  if (change.kind === "person add" || change.kind === "person label") return change.person
  if (change.kind === "door set") return change.door
  if (change.kind === "credential add" && change.what === "card") return change.credential
  return null
}

/** Whether an opening opens the commitment that the change carries. */
export function opens(change: Change, opening: Opening, crypto: Crypto): boolean {
  const { salt, value } = opening
  if (change.kind === "credential add") {
    if ((change.what !== "card" && change.what !== "pin") || typeof value === "string") return false
    return equalBytes(uidCommitment(salt, value, crypto), change.commitment)
  }
  if (change.kind !== "person add" && change.kind !== "person label" && change.kind !== "door set") return false
  return typeof value === "string" && equalBytes(labelCommitment(salt, value, crypto), change.commitment)
}
