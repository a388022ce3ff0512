/**
 * The places of a policy's credentials, from 0 in the order of its table: a lock keeps beside them what it was told in secret.
 *
 * Picture numbered hooks on a board: the policy says whose each one is, the lock what hangs there. It is no search, which
 * table.ts has, and says nothing about rights.
 */
import type { CredentialId } from "@holdfast/base"
import type { Policy } from "./policy.ts"
import { CREDENTIAL_ROW, idAt, OWNER_AT, u32At } from "./table.ts"

export function placesIn({ credentials }: Policy): number {
  return credentials.length / CREDENTIAL_ROW
}

/** The credential at this place, which is one of the policy's. */
export function credentialAt({ credentials }: Policy, place: number): CredentialId {
  return idAt<"CredentialId">(credentials, place * CREDENTIAL_ROW)
}

/** Whose credential it is, as a row of the policy's people. */
export function personIndexAt({ credentials }: Policy, place: number): number {
  return u32At(credentials, place * CREDENTIAL_ROW + OWNER_AT)
}
