/**
 * Sessions. Signing in is a delegation statement (key kind 3) that a person's own key signed with the login challenge; once
 * the keeper admitted it, the server gives a token. The token only reads and carries: it signs nothing.
 */
import * as Type from "typebox"
import { StatementBytes } from "./statement.ts"
import { Base64, Closed, Count, Id, Millis, Sha256 } from "./words.ts"

export const SignIn = Closed({ statement: StatementBytes })
export type SignIn = Type.Static<typeof SignIn>

export const TOKEN_SIZE = 32
/** The bearer token: 32 random bytes in base64url without padding. */
export const Token = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$", maxLength: 43 })

export const SignedIn = Closed({
  token: Token,
  expires_at_ms: Millis,
  index: Count,
  receipt: Base64(64 * 1024),
})
export type SignedIn = Type.Static<typeof SignedIn>

export const Session = Closed({ person: Id, delegation: Sha256, expires_at_ms: Millis })
export type Session = Type.Static<typeof Session>
