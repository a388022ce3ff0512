/**
 * Why a door stays shut: the words for people and programs, and the numbers that stand in journals. One table.
 *
 * The person at the door never learns which one it was; the journal and the console do.
 */

/** In order of precedence: the first that holds is the reason. No number is ever given a second meaning. */
export const REFUSALS = {
  "nothing presented": 1,
  "unknown credential": 2,
  "credentials of two people": 3,
  revoked: 4,
  denied: 5,
  "no grant": 6,
  "time unknown": 7,
  "outside schedule": 8,
  "not yet valid": 9,
  expired: 10,
  "another factor needed": 11,
} as const

export type Refusal = keyof typeof REFUSALS
