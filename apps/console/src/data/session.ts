/**
 * The sitting: signing in, what this browser holds while it lasts, signing out.
 *
 * Signing in is a delegation that the person's own key signs: for at most 8 h a key made here may read, and may state what
 * narrows. The token that comes back only opens the API's doors; it signs nothing.
 */
import type { StatementId } from "@holdfast/access"
import { type PersonId, type SiteId, unixSeconds } from "@holdfast/base"
import { toBase64 } from "@holdfast/base/text"
import type { Client, ClientFault } from "@holdfast/contract"
import { findSigningKey, forgetKey, newSigningKey, type SigningKey } from "@holdfast/port-web"
import { type Identity, readStatementIdText } from "./identity.ts"
import type { Site } from "./site.ts"
import { type SessionSigner, signAsPerson } from "./signing.ts"

export type Session = {
  readonly token: string
  readonly person: PersonId
  readonly expiresAt_ms: number
  readonly signer: SessionSigner
}

export type SignInFault = { readonly fault: ClientFault; readonly detail: string | null }
export type SignedInAnswer =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly because: SignInFault }

const SESSION_S = 8 * 3600
const slot = (site: SiteId): string => `holdfast.session.${site}`
const keyName = (site: SiteId): string => `session.${site}`

function sessionOf(
  identity: Identity,
  delegation: StatementId,
  key: SigningKey,
  token: string,
  expiresAt_ms: number,
): Session {
  const signer = { person: identity.person, chain: [identity.delegation, delegation], key }
  return { token, person: identity.person, expiresAt_ms, signer }
}

export async function signIn(site: Site, client: Client, identity: Identity): Promise<SignedInAnswer> {
  const key = await newSigningKey(keyName(site.id))
  const change = {
    kind: "delegate",
    person: identity.person,
    key: key.publicKey,
    keyKind: "session",
    kinds: null,
    notAfter: unixSeconds(Math.floor(Date.now() / 1000) + SESSION_S - 60),
    credentialId: null,
    backupFlags: 0,
  } as const
  const [statement] = await signAsPerson(site, identity, [{ change, expects: [] }])
  if (statement === undefined) return { ok: false, because: { fault: "answer-not-understood", detail: null } }
  const answered = await client.ask("signIn", { body: { statement: toBase64(statement.bytes) } })
  if (!answered.ok) return { ok: false, because: { fault: answered.fault, detail: answered.detail } }
  const { token, expires_at_ms } = answered.answer
  localStorage.setItem(slot(site.id), JSON.stringify({ token, expires_at_ms, delegation: statement.id }))
  return { ok: true, session: sessionOf(identity, statement.id, key, token, expires_at_ms) }
}

/** The sitting that an earlier page of this browser began, if it still lasts. */
export async function findSession(site: Site, identity: Identity): Promise<Session | null> {
  const text = localStorage.getItem(slot(site.id))
  const kept = await findSigningKey(keyName(site.id)).catch(() => null)
  if (text === null || kept === null) return null
  try {
    const facts = JSON.parse(text) as { token?: unknown; expires_at_ms?: unknown; delegation?: unknown }
    const delegation = readStatementIdText(facts.delegation)
    if (typeof facts.token !== "string" || typeof facts.expires_at_ms !== "number" || delegation === null) return null
    if (facts.expires_at_ms <= Date.now()) return null
    return sessionOf(identity, delegation, kept.key, facts.token, facts.expires_at_ms)
  } catch {
    return null
  }
}

/** Forgets the sitting in this browser. Telling the server is a courtesy; the key is gone either way. */
export async function signOut(site: Site, client: Client, session: Session | null): Promise<void> {
  localStorage.removeItem(slot(site.id))
  await forgetKey(keyName(site.id)).catch(() => undefined)
  if (session !== null) await client.ask("signOut", {}, { token: session.token })
}
