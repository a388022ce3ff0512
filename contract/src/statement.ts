/**
 * Statements on their way to the keeper and its answers. The server looks at none of it: it carries.
 *
 * A statement is a COSE_Sign1; an attachment opens one of its commitments and is sealed to the keeper; an issued secret is
 * sealed to the recipient that the statement named.
 */
import * as Type from "typebox"
import { Base64, Closed, Count, Id, Slug, Version } from "./words.ts"

export const STATEMENT_SIZE_MAX = 16 * 1024
export const STATEMENTS_MAX = 128
export const ATTACHMENT_SIZE_MAX = 4 * 1024

export const StatementBytes = Base64(STATEMENT_SIZE_MAX)

export const Attachment = Closed({ object: Id, sealed: Base64(ATTACHMENT_SIZE_MAX) })
export type Attachment = Type.Static<typeof Attachment>

export const Submission = Closed({
  statements: Type.Array(StatementBytes, { minItems: 1, maxItems: STATEMENTS_MAX }),
  attachments: Type.Array(Attachment, { maxItems: STATEMENTS_MAX }),
})
export type Submission = Type.Static<typeof Submission>

/** What became of one statement: its place in the authority log with a tlog-proof text, or why not. */
export const Outcome = Type.Union([
  Closed({ admitted: Type.Literal(true), index: Count, receipt: Base64(64 * 1024) }),
  Closed({ admitted: Type.Literal(false), because: Slug, detail: Type.String() }),
])
export type Outcome = Type.Static<typeof Outcome>

/** A secret that the keeper made for a new credential, HPKE-sealed to the recipient key of its statement. */
export const Issued = Closed({ credential: Id, sealed: Base64(4 * 1024) })
export type Issued = Type.Static<typeof Issued>

export const SubmissionAnswer = Closed({
  outcomes: Type.Array(Outcome, { description: "one for each statement, in order" }),
  issued: Type.Array(Issued),
})
export type SubmissionAnswer = Type.Static<typeof SubmissionAnswer>

/** A nonce that a lock made for one order, and the version of the policy that the order must name. */
export const Nonce = Closed({ nonce: Base64(16), version: Version })
/** A statement of kind "order", whose nonce is the lock's. */
export const Order = Closed({ statement: StatementBytes })

/** A look: the COSE object of type "look", and the keeper's answer sealed to the recipient named in it. */
export const Look = Closed({ look: Base64(STATEMENT_SIZE_MAX) })
export const LookAnswer = Closed({ sealed: Base64(3 * 1024 * 1024) })
