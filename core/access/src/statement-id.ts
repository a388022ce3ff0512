/**
 * The name of a statement: SHA-256 of its Sig_structure, as 64 lower-case hex digits, whoever signed it and how.
 *
 * So two signatures under the same words are one statement. It says nothing about whether either of them verifies.
 */
import { assert, type Branded, type Crypto } from "@holdfast/base"
import { type Cbor, readBytes } from "@holdfast/base/cbor"
import { fromHex, toHex } from "@holdfast/base/text"

export type StatementId = Branded<string, "StatementId">

const SIZE = 32

export function statementIdOf(bytes: Uint8Array): StatementId {
  assert(bytes.length === SIZE, "a statement id is 32 bytes")
  return toHex(bytes) as StatementId
}

/** The id of the statement whose Sig_structure (RFC 9052, section 4.4) this is. */
export function nameStatement(structure: Uint8Array, crypto: Crypto): StatementId {
  return statementIdOf(crypto.sha256(structure))
}

export function statementIdBytes(id: StatementId): Uint8Array {
  const bytes = fromHex(id)
  assert(bytes !== null && bytes.length === SIZE, "a statement id is 64 hex digits")
  return bytes
}

export function readStatementId(value: Cbor | undefined): StatementId | null {
  const bytes = readBytes(value, SIZE)
  return bytes === null ? null : statementIdOf(bytes)
}
