/**
 * Putting a person's name under changes: statements are made, their key signs, signed statements come out.
 *
 * Two keys may sign. The person's own (passkey or software key) signs anything, and a passkey signs a whole sitting with one
 * tap. The session's key signs quietly, and the keeper takes from it only what narrows.
 */
import type { Change, Expect, StatementId, StatementToSign } from "@holdfast/access"
import { isLogin, statementToSign, tapToSign } from "@holdfast/access/author"
import { assert, unixSeconds } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { findSigningKey, randomBytes, type SigningKey, usePasskey, webCrypto } from "@holdfast/port-web"
import { type Identity, personKeyName } from "./identity.ts"
import type { Site } from "./site.ts"

/** The keeper admits a statement for at most 5 min; a little less, in case its clock is ahead. */
const VALID_S = 240

/** This browser no longer holds the key it should; its storage was cleared. */
export class KeyGoneError extends Error {
  override readonly name = "KeyGoneError"
}

export type ChangeToState = { readonly change: Change; readonly expects: readonly Expect[] }

function prepare(
  site: Site,
  author: Identity["person"],
  chain: readonly StatementId[],
  key: PublicKey,
  by: "key" | "passkey",
  changes: readonly ChangeToState[],
  nonce: Uint8Array | null,
): StatementToSign[] {
  const now_s = Math.floor(Date.now() / 1000)
  return changes.map(({ change, expects }) => {
    const times = { issuedAt: unixSeconds(now_s), notAfter: unixSeconds(now_s + VALID_S) }
    const body = { author, chain, ...times, nonce: nonce ?? randomBytes(16), expects, change }
    return statementToSign(site.id, body, key, by, webCrypto)
  })
}

async function signEach(key: SigningKey, statements: readonly StatementToSign[]): Promise<Uint8Array[]> {
  const signed: Uint8Array[] = []
  for (const statement of statements) signed.push(statement.finish(await key.sign(statement.bytes)))
  return signed
}

export type SignedStatement = { readonly id: StatementId; readonly bytes: Uint8Array }

function together(statements: readonly StatementToSign[], signed: readonly Uint8Array[]): SignedStatement[] {
  return statements.map(({ id }, index) => {
    const bytes = signed[index]
    assert(bytes !== undefined, "every statement was signed")
    return { id, bytes }
  })
}

/**
 * Signs with the person's own key: one tap for a passkey, however many changes there are. An order bears the `nonce` of its
 * lock; everything else bears chance.
 */
export async function signAsPerson(
  site: Site,
  identity: Identity,
  changes: readonly ChangeToState[],
  nonce: Uint8Array | null = null,
): Promise<SignedStatement[]> {
  assert(nonce === null || changes.length === 1, "a nonce serves one statement")
  assert(changes.length > 0, "there is something to sign")
  assert(changes.length === 1 || !changes.some(({ change }) => isLogin(change)), "a sign-in is signed alone")
  const by = identity.key.kind === "passkey" ? "passkey" : "key"
  const statements = prepare(site, identity.person, [identity.delegation], identity.publicKey, by, changes, nonce)
  if (identity.key.kind === "passkey") {
    const tap = tapToSign(site.id, statements, webCrypto)
    const assertion = await usePasskey(site.root.rpId, tap.challenge, identity.key.credentialId)
    return together(statements, tap.finish(assertion))
  }
  const kept = await findSigningKey(personKeyName(site.id))
  if (kept === null) throw new KeyGoneError("This browser no longer holds your software key. Ask for a new link.")
  return together(statements, await signEach(kept.key, statements))
}

export type SessionSigner = {
  readonly person: Identity["person"]
  readonly chain: readonly StatementId[]
  readonly key: SigningKey
}

/** Signs with the session's key, for what only narrows. */
export async function signInSession(
  site: Site,
  signer: SessionSigner,
  changes: readonly ChangeToState[],
  nonce: Uint8Array | null = null,
): Promise<SignedStatement[]> {
  const statements = prepare(site, signer.person, signer.chain, signer.key.publicKey, "key", changes, nonce)
  return together(statements, await signEach(signer.key, statements))
}
