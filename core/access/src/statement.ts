/**
 * A statement: an envelope around any change. The bytes of the envelope are envelope.ts's, those of the change change.ts's, and
 * whether it may be said is judge.ts's.
 */
import type { Crypto, SiteId } from "@holdfast/base"
import { type Change, decodeChange, encodeChange } from "./change.ts"
import { decodeEnvelope, type Envelope, type EnvelopeDecoded, encodeEnvelope, openEnvelope } from "./envelope.ts"
import type { StatementId } from "./statement-id.ts"

export type StatementBody = Envelope<Change>
export type Statement = StatementBody & { readonly id: StatementId }
export type StatementDecoded = EnvelopeDecoded<Change>

/** The payload's bytes. */
export function encodeStatement(body: StatementBody): Uint8Array {
  return encodeEnvelope(body, encodeChange(body.change))
}

/** The payload of a statement, or null for anything malformed. */
export function decodeStatementBody(payload: Uint8Array): StatementBody | null {
  return decodeEnvelope(payload, decodeChange)
}

/** Takes a signed statement apart. The signature is not checked here: that needs to know whose key it should be. */
export function decodeStatement(site: SiteId, bytes: Uint8Array, crypto: Crypto): StatementDecoded {
  return openEnvelope(site, bytes, decodeChange, crypto)
}
