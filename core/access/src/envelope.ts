/**
 * The envelope of a statement: who says it, through which keys, until when, and what it expects to be unchanged. What it
 * changes is a parameter, because a lock reads only two kinds and should not carry the bytes of all the others.
 *
 * The payload travels in a COSE_Sign1 of type "stmt"; its name is the hash of what was signed, so a second signature over
 * the same words is the same statement. Whether the author may say it is judged elsewhere.
 */
import { type Crypto, compareBytes, idBytes, idOf, type PersonId, type SiteId, type UnixSeconds } from "@holdfast/base"
import {
  type Cbor,
  type CborMap,
  decodeCbor,
  encodeCbor,
  readArray,
  readBytes,
  readMap,
  readUint,
} from "@holdfast/base/cbor"
import { decodeSigned, type Signed } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import type { ObjectId } from "./change.ts"
import { type Kind, kindNumber, readKind } from "./kinds.ts"
import { ascends, fields, readId, readSeconds, readTuple } from "./read.ts"
import { nameStatement, readStatementId, type StatementId, statementIdBytes } from "./statement-id.ts"

export type Author = PersonId | "root" | "keeper"

/** The object was last touched by the statement at this log index; anything later is "changed since". */
export type Expect = { readonly object: ObjectId; readonly index: number }

export type Envelope<Change> = {
  readonly author: Author
  /** From the author's own key to the one that signs; empty for root and keeper. */
  readonly chain: readonly StatementId[]
  /** Information only: nothing is decided by it. */
  readonly issuedAt: UnixSeconds
  readonly notAfter: UnixSeconds
  /** 16 random bytes. */
  readonly nonce: Uint8Array
  /** Ascending by object. */
  readonly expects: readonly Expect[]
  readonly change: Change
}

export const STATEMENT_SIZE_MAX = 16_384
export const CHAIN_MAX = 3
const EXPECTS_MAX = 256
/** What stands for the root and for the keeper in an author's place; no person has one of these ids. */
export const ROOT_AUTHOR = "0".repeat(32)
export const KEEPER_AUTHOR = "f".repeat(32)

/** Who says it as an id: 32 hex digits, which for the root and the keeper are nobody's. */
export function authorId(author: Author): string {
  if (author === "root") return ROOT_AUTHOR
  return author === "keeper" ? KEEPER_AUTHOR : author
}

function authorBytes(author: Author): Uint8Array {
  if (author === "root") return new Uint8Array(16)
  return author === "keeper" ? new Uint8Array(16).fill(0xff) : idBytes(author)
}

function readAuthor(value: Cbor | undefined): Author | null {
  const bytes = readBytes(value, 16)
  if (bytes === null) return null
  const hex = toHex(bytes)
  if (hex === ROOT_AUTHOR) return "root"
  return hex === KEEPER_AUTHOR ? "keeper" : idOf<"PersonId">(bytes)
}

function readExpect(value: Cbor): Expect | null {
  const pair = readTuple(value, 2)
  const object = readId<"PersonId">(pair?.[0])
  const index = readUint(pair?.[1])
  return object === null || index === null ? null : { object, index }
}

/** The payload's bytes. `expects` is put in order here. */
export function encodeEnvelope<Change extends { readonly kind: Kind }>(
  body: Envelope<Change>,
  change: CborMap,
): Uint8Array {
  const expects = body.expects
    .map((expect) => ({ object: idBytes(expect.object), index: expect.index }))
    .sort((a, b) => compareBytes(a.object, b.object))
  return encodeCbor(
    fields(
      [0, kindNumber(body.change.kind)],
      [1, authorBytes(body.author)],
      [2, body.chain.map(statementIdBytes)],
      [3, body.issuedAt],
      [4, body.notAfter],
      [5, body.nonce],
      [6, expects.map((expect) => [expect.object, expect.index])],
      [7, change],
    ),
  )
}

/** Reads the change of one kind; null for a kind that the reader does not know, or bytes that are not it. */
export type ChangeReader<Change> = (kind: Kind, value: Cbor | undefined) => Change | null

/** The payload of a statement, or null for anything malformed. */
export function decodeEnvelope<Change>(payload: Uint8Array, readChange: ChangeReader<Change>): Envelope<Change> | null {
  const decoded = decodeCbor(payload)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5, 6, 7]) : null
  const kind = readKind(map?.get(0))
  const author = readAuthor(map?.get(1))
  const chain = readArray(map?.get(2), CHAIN_MAX, readStatementId)
  const issuedAt = readSeconds(map?.get(3))
  const notAfter = readSeconds(map?.get(4))
  const nonce = readBytes(map?.get(5), 16)
  const expects = readArray(map?.get(6), EXPECTS_MAX, readExpect)
  const change = kind === null ? null : readChange(kind, map?.get(7))
  if (author === null || chain === null || issuedAt === null || notAfter === null) return null
  if (nonce === null || expects === null || change === null) return null
  if (!ascends(expects.map(({ object }) => object))) return null
  return { author, chain, issuedAt, notAfter, nonce, expects, change }
}

export type EnvelopeDecoded<Change> =
  | { readonly ok: true; readonly statement: Envelope<Change> & { readonly id: StatementId }; readonly signed: Signed }
  | { readonly ok: false; readonly fault: "too large" | "malformed" }

/** Takes a signed statement apart. The signature is not checked here: that needs to know whose key it should be. */
export function openEnvelope<Change>(
  site: SiteId,
  bytes: Uint8Array,
  readChange: ChangeReader<Change>,
  crypto: Crypto,
): EnvelopeDecoded<Change> {
  if (bytes.length > STATEMENT_SIZE_MAX) return { ok: false, fault: "too large" }
  const signed = decodeSigned("stmt", site, bytes)
  const body = signed === null ? null : decodeEnvelope(signed.payload, readChange)
  if (signed === null || body === null) return { ok: false, fault: "malformed" }
  return { ok: true, statement: { ...body, id: nameStatement(signed.signed, crypto) }, signed }
}
