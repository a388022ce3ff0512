/**
 * What a door wants to see before it opens, and whether what was shown is that.
 *
 * The words are for people and programs, the numbers for bytes; this table is the only place where they meet. A bare
 * identifier (the UID that any card tells anybody) proves nothing and is a choice of its own, for doors of grade 1.
 */
import { assert, type Cbor, unreachable } from "@holdfast/base"

export type Factors = "card" | "pin" | "card and pin" | "card or pin" | "identifier"

const NUMBERS: Readonly<Record<Factors, number>> = {
  card: 1,
  pin: 2,
  "card and pin": 3,
  "card or pin": 4,
  identifier: 5,
}
const WORDS: readonly (Factors | null)[] = [null, "card", "pin", "card and pin", "card or pin", "identifier"]

export function factorsNumber(factors: Factors): number {
  assert(WORDS[NUMBERS[factors]] === factors, "the two tables agree")
  return NUMBERS[factors]
}

export function readFactors(value: Cbor | undefined): Factors | null {
  return typeof value === "number" ? (WORDS[value] ?? null) : null
}

/** What was shown: a card that authenticated, a PIN that matched, a UID that anybody could copy. */
export type Shown = { readonly card: boolean; readonly pin: boolean; readonly identifier: boolean }

export function satisfies(shown: Shown, wanted: Factors): boolean {
  switch (wanted) {
    case "card":
      return shown.card
    case "pin":
      return shown.pin
    case "card and pin":
      return shown.card && shown.pin
    case "card or pin":
      return shown.card || shown.pin
    case "identifier":
      return shown.card || shown.identifier
    default:
      return unreachable(wanted)
  }
}

/** Whether a PIN alone opens: such doors bear a bound on their people (trust.md, section 12). */
export function pinAlone(factors: Factors): boolean {
  return factors === "pin" || factors === "card or pin"
}
