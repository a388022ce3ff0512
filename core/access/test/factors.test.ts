/** What a door may want to see at all: by its grade, and by how many PINs a stranger could guess. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { type FactorKind, GUESSES_A_DAY_MAX, pinsAlone_max, suitsGrade, type Way } from "../src/factors.ts"

const way = (...kinds: readonly FactorKind[]): Way => ({ kinds, ordered: false })

// what the door wants | whether grade 4 does
const WANTED: readonly (readonly [string, readonly Way[], boolean])[] = [
  ["a card", [way("card")], false],
  ["card and PIN", [way("card", "pin")], false],
  ["finger and PIN", [way("pin", "biometric")], false],
  ["a phone", [way("phone")], true],
  ["phone and PIN", [way("pin", "phone")], true],
  ["a phone, or card and PIN", [way("phone"), way("card", "pin")], false],
  ["a phone with a card or a finger", [way("card", "phone"), way("phone", "biometric")], true],
]
for (const [words, ways, suits] of WANTED)
  test(`I-09: at grade 4 every way in needs a phone, whose key no lock has a copy of: ${words}: ${suits}`, () =>
    deepEqual([suitsGrade(ways, 3), suitsGrade(ways, 4)], [true, suits]))

// digits | PINs that may open a door alone
const ALONE: readonly (readonly [number, number])[] = [
  [4, 0],
  [5, 0],
  [6, 8],
  [7, 83],
  [8, 833],
  [9, 8_333],
]
for (const [digits, pins] of ALONE)
  test(`R20, attack 26: of ${digits} digits ${pins} PINs may open a door alone, and one more is one too many`, () => {
    equal(pinsAlone_max(digits), pins)
    const chance = (count: number): number => (count * GUESSES_A_DAY_MAX * 30) / 10 ** digits
    ok(chance(pins) <= 0.01 && chance(pins + 1) > 0.01)
  })
