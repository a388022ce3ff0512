/**
 * A denial that a lock takes straight from a person's key, through any courier: "this person, or this credential, no more".
 *
 * The lock knows from its policy whose own keys may say so. A sitting's session key comes with its delegation by value,
 * signed by such an own key; so no log is needed. Denying only narrows, hence no clock is asked: an old denial that comes again
 * denies again, until a policy that contains it.
 */
import {
  ALG_WEBAUTHN,
  type Cbor,
  type CredentialId,
  type Crypto,
  decodeCbor,
  encodeCbor,
  equalBytes,
  kidOf,
  type PersonId,
  type PublicKey,
  readArray,
  readBytes,
  readMap,
  type Signed,
  type SiteId,
} from "@holdfast/base"
import type { Codec } from "./change/codec.ts"
import { DELEGATION_CODECS, type DelegationChange } from "./change/delegation.ts"
import { type Envelope, openEnvelope, STATEMENT_SIZE_MAX } from "./envelope.ts"
import type { Kind } from "./kinds.ts"
import type { Denier, Policy } from "./policy.ts"
import { fields } from "./read.ts"
import { verifyStatementSignature } from "./signature.ts"
import type { StatementId } from "./statement-id.ts"

export const DENY_SIZE_MAX = 40_960
const DELEGATIONS_MAX = 2

export type DenyFault = "too large" | "malformed" | "unknown denier" | "chain broken" | "wrong signature"

export type DenyVerified =
  | {
      readonly ok: true
      readonly person: PersonId | null
      readonly credential: CredentialId | null
      readonly by: PersonId
      readonly id: StatementId
    }
  | { readonly ok: false; readonly fault: DenyFault }

/** The message that carries a denial to a lock: the statement, and the session delegation where a session key signed it. */
export function encodeDeny(statement: Uint8Array, delegations: readonly Uint8Array[]): Uint8Array {
  return encodeCbor(fields([0, statement], [1, delegations]))
}

function readDelegationChange(kind: Kind, value: Cbor | undefined): DelegationChange | null {
  if (kind !== "delegate" && kind !== "deny") return null
  const codec: Codec<DelegationChange> = DELEGATION_CODECS[kind]
  return codec.decode(value)
}

type Told = { readonly statement: Envelope<DelegationChange> & { readonly id: StatementId }; readonly signed: Signed }

function open(site: SiteId, bytes: Uint8Array, crypto: Crypto): Told | null {
  const opened = openEnvelope(site, bytes, readDelegationChange, crypto)
  return opened.ok ? opened : null
}

function decodeDeny(site: SiteId, bytes: Uint8Array, crypto: Crypto): { deny: Told; delegations: Told[] } | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1]) : null
  const statement = readBytes(map?.get(0), 1, STATEMENT_SIZE_MAX)
  const deny = statement === null ? null : open(site, statement, crypto)
  const delegations = readArray(map?.get(1), DELEGATIONS_MAX, (value) => {
    const delegation = readBytes(value, 1, STATEMENT_SIZE_MAX)
    return delegation === null ? null : open(site, delegation, crypto)
  })
  return deny === null || delegations === null ? null : { deny, delegations }
}

function denierOf(policy: Policy, person: PersonId, signed: Signed, crypto: Crypto): Denier | null {
  return (
    policy.deniers.find((each) => each.person === person && equalBytes(kidOf(each.key, crypto), signed.kid)) ?? null
  )
}

function signedByDenier(policy: Policy, denier: Denier, told: Told, crypto: Crypto): boolean {
  const login = told.statement.change.kind === "delegate"
  const expected = { key: denier.key, passkey: denier.keyKind === "passkey", login }
  return verifyStatementSignature(told.signed, expected, policy.site, policy, crypto)
}

/** The session key that a delegation by value names, if it is this person's own sitting and may deny. */
function sessionKey(told: Told, person: PersonId, id: StatementId | undefined): PublicKey | null {
  const { change } = told.statement
  if (change.kind !== "delegate" || change.keyKind !== "session" || change.person !== person) return null
  if (told.statement.author !== person || told.statement.id !== id) return null
  return change.kinds === null || change.kinds.includes("deny") ? change.key : null
}

function verifyThroughSession(
  policy: Policy,
  deny: Told,
  session: Told,
  person: PersonId,
  crypto: Crypto,
): DenyFault | null {
  const denier = denierOf(policy, person, session.signed, crypto)
  if (denier === null) return "unknown denier"
  const key = sessionKey(session, person, deny.statement.chain[1])
  if (key === null || session.statement.chain[0] !== deny.statement.chain[0]) return "chain broken"
  if (!signedByDenier(policy, denier, session, crypto) || deny.signed.alg === ALG_WEBAUTHN) return "wrong signature"
  const expected = { key, passkey: false, login: false }
  return verifyStatementSignature(deny.signed, expected, policy.site, policy, crypto) ? null : "wrong signature"
}

/** Whether somebody whom the policy names as a denier said this, and whom or what it denies. */
export function verifyDeny(policy: Policy, bytes: Uint8Array, crypto: Crypto): DenyVerified {
  if (bytes.length > DENY_SIZE_MAX) return { ok: false, fault: "too large" }
  const decoded = decodeDeny(policy.site, bytes, crypto)
  if (decoded === null || decoded.deny.statement.change.kind !== "deny") return { ok: false, fault: "malformed" }
  const { deny, delegations } = decoded
  const { author, chain, change, id } = deny.statement
  if (author === "root" || author === "keeper" || change.kind !== "deny") return { ok: false, fault: "unknown denier" }
  const [session, ...more] = delegations
  if (chain.length !== delegations.length + 1 || more.length > 0) return { ok: false, fault: "chain broken" }
  let fault: DenyFault | null = null
  if (session !== undefined) {
    fault = verifyThroughSession(policy, deny, session, author, crypto)
  } else {
    const denier = denierOf(policy, author, deny.signed, crypto)
    if (denier === null) return { ok: false, fault: "unknown denier" }
    if (!signedByDenier(policy, denier, deny, crypto)) fault = "wrong signature"
  }
  if (fault !== null) return { ok: false, fault }
  return { ok: true, person: change.person, credential: change.credential, by: author, id }
}
