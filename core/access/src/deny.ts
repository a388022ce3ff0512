/**
 * A denial that a lock takes straight from a person's key, through any courier: "this person, or this credential, no more".
 *
 * Denying only narrows, hence no clock is asked: an old denial that comes again denies again, until a policy that contains it.
 */
import type { CredentialId, Crypto, PersonId } from "@holdfast/base"
import { DELEGATION_CODECS, type DelegationChange } from "./change/delegation.ts"
import type { ChangeReader } from "./envelope.ts"
import type { Policy } from "./policy.ts"
import type { StatementId } from "./statement-id.ts"
import { encodeTold, type ToldFault, verifyTold } from "./told.ts"

export type DenyFault = Exclude<ToldFault, "unknown signer"> | "unknown denier"

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
export const encodeDeny = encodeTold

const readDeny: ChangeReader<Extract<DelegationChange, { kind: "deny" }>> = (kind, value) =>
  kind === "deny" ? DELEGATION_CODECS.deny.decode(value) : null

/** Whether somebody whom the policy names as a denier said this, and whom or what it denies. */
export function verifyDeny(policy: Policy, bytes: Uint8Array, crypto: Crypto): DenyVerified {
  const told = verifyTold(policy, policy.deniers, ["deny"], bytes, readDeny, crypto)
  if (!told.ok) return { ok: false, fault: told.fault === "unknown signer" ? "unknown denier" : told.fault }
  const { change, id } = told.statement
  return { ok: true, person: change.person, credential: change.credential, by: told.by.person, id }
}
