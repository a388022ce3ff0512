/**
 * Why a door stays shut: the words for people and programs, and the numbers that stand in journals. One table.
 *
 * The person at the door never learns which one it was; the journal and the console do.
 */
import { assert } from "@holdfast/base"

const ROWS = [
  [1, "nothing presented"],
  [2, "unknown credential"],
  [3, "credentials of two people"],
  [4, "revoked"],
  [5, "denied"],
  [6, "no grant"],
  [7, "time unknown"],
  [8, "outside schedule"],
  [9, "not yet valid"],
  [10, "expired"],
  [11, "another factor needed"],
] as const satisfies readonly (readonly [number, string])[]

/** In order of precedence: the first that holds is the reason. */
export type Refusal = (typeof ROWS)[number][1]

export const REFUSALS: readonly Refusal[] = ROWS.map(([, refusal]) => refusal)

/** The number of a refusal, from 1 up. */
export function refusalNumber(refusal: Refusal): number {
  const number = REFUSALS.indexOf(refusal) + 1
  assert(number >= 1 && ROWS[number - 1]?.[0] === number, "the numbers of refusals run from 1 up")
  return number
}

export function refusalOf(number: number): Refusal | null {
  return REFUSALS[number - 1] ?? null
}
