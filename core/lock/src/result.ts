/**
 * How it went: the second word of a journal record, as numbers and words.
 *
 * Numbers below 64 are the refusals of a decision and belong to `access/door`; from 64 on they are the lock's own. They are
 * written into signed records, so a number is never given a second meaning.
 */
import { REFUSALS } from "@holdfast/access/refusal"
import { assert } from "@holdfast/base"

const NUMBERS = {
  ...REFUSALS,
  done: 0,
  "no policy": 64,
  "lease ended": 65,
  "card not authentic": 66,
  "card gone too soon": 67,
  "code throttled": 68,
  "second factor not given": 69,
  "no second person": 70,
  "code used": 71,
  "biometric throttled": 72,
  "no biometric match": 73,
  "not an enroller": 74,
  "no enrolment open": 75,
  unreadable: 80,
  "wrong signature": 81,
  "wrong door": 82,
  "old version": 83,
  "other bytes at this version": 84,
  "inconsistent checkpoint": 85,
  "not expected": 86,
  "hash differs": 87,
  "too early or too late": 88,
  "unknown denier": 89,
  "step too large": 90,
  full: 91,
  "not commanded": 100,
  "by request to exit": 101,
  alarm: 102,
  "in lockdown": 110,
  "partner open": 111,
  "passed back": 112,
  "in service": 113,
  "by fire": 114,
  "by order": 115,
  "by schedule": 116,
  "old nonce": 117,
  "unknown signer": 118,
  "act not allowed": 119,
  "too often": 120,
  "battery low": 130,
  "battery critical": 131,
  "battery empty": 132,
  "supply unsteady": 133,
  "contact corroded": 134,
  "contact intermittent": 135,
  ended: 136,
  drill: 140,
  hammer: 141,
  pry: 142,
  kick: 143,
  picking: 144,
  "case opened": 145,
  tilted: 146,
  "brief interruptions": 147,
  overvoltage: 148,
  "unexpected reset": 149,
  jamming: 150,
  "line cut": 151,
  "line shorted": 152,
  "line shifted": 153,
  "bolt moved by itself": 154,
  "leaf open while thrown": 155,
  "exit held": 156,
  "many attempts": 157,
  "debug port open": 158,
  "phone not authentic": 190,
  "phone gone too soon": 191,
  "holder did not act": 192,
  "address read before": 193,
  "image refused": 160,
  "image withdrawn": 161,
  reset: 175,
  "hand over": 176,
  replace: 177,
} as const satisfies Record<string, number>

export type Result = keyof typeof NUMBERS

export const RESULTS: readonly Result[] = /* @__PURE__ */ Object.keys(NUMBERS) as Result[]

export function resultNumber(result: Result): number {
  const number = NUMBERS[result]
  assert(number >= 0 && number <= 255, "every result has a number of one byte")
  return number
}

/**
 * The words of a table by their numbers. A call of it is marked as pure, so that a small board keeps the tables that it reads,
 * and leaves out those that only others look up.
 */
export function byNumber<Word extends string>(numbers: Readonly<Record<Word, number>>): ReadonlyMap<number, Word> {
  const words = Object.keys(numbers) as Word[]
  return new Map(words.map((word) => [numbers[word], word]))
}

const WORDS = /* @__PURE__ */ byNumber<Result>(NUMBERS)

export function resultOf(number: number): Result | null {
  return WORDS.get(number) ?? null
}
