/**
 * What is always so for a person, at every door: needs longer to pass (*extended*), comes in during a lockdown (*responder*).
 *
 * A policy carries the traits with each of the person's credentials, in the last two bytes of its row.
 */
import type { CredentialId } from "@holdfast/base"
import type { Policy } from "./policy.ts"
import { findCredential, TRAITS_AT, u16At } from "./table.ts"

export type Trait = "extended" | "responder"
export const TRAITS: readonly Trait[] = ["extended", "responder"]
/** Every trait at once, as bits. */
export const TRAIT_BITS_MAX = 2 ** TRAITS.length - 1

export function traitBits(traits: readonly Trait[]): number {
  return traits.reduce((bits, trait) => bits | (1 << TRAITS.indexOf(trait)), 0)
}

export function traitsOf(bits: number): readonly Trait[] {
  return TRAITS.filter((_, index) => (bits >> index) % 2 === 1)
}

/** Whether the holder of a credential has a trait, by the policy of this door. */
export function hasTrait(policy: Policy, credential: CredentialId, trait: Trait): boolean {
  const row = findCredential(policy.credentials, credential)
  return row >= 0 && traitsOf(u16At(policy.credentials, row + TRAITS_AT)).includes(trait)
}
