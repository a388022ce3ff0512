/**
 * What a door wants to see before it opens, and whether what was shown is that.
 *
 * A door names one or more *ways* in; a way is one to three kinds of factor, all of them, in any order or in one order. Five
 * words stand for the usual ways and are written as numbers 1 to 5, all else as
 *
 *   [ [ordered, kind, kind ...], ... ]      kinds: 1 card  2 PIN  3 phone  4 biometric  5 identifier
 *
 * Two showings of one kind count once. A bare identifier (the UID that any card tells anybody) proves nothing and is for doors
 * of grade 1. Whose factors they are, and at what hour, is decide.ts's business.
 */
import { assert } from "@holdfast/base"
import { type Cbor, readArray, readBoolean, readUint } from "@holdfast/base/cbor"

export type FactorKind = "card" | "pin" | "phone" | "biometric" | "identifier"
export type FactorsWord = "card" | "pin" | "card and pin" | "card or pin" | "identifier"
/** All of these kinds, shown in this order where it is ordered. */
export type Way = { readonly kinds: readonly FactorKind[]; readonly ordered: boolean }
/** One of the ways is enough. */
export type Factors = FactorsWord | readonly Way[]

const WAYS_MAX = 4
const KINDS_MAX = 3
const KINDS: readonly FactorKind[] = ["card", "pin", "phone", "biometric", "identifier"]

const way = (...kinds: FactorKind[]): Way => ({ kinds, ordered: false })
/** In the order of their numbers, from 1 up. */
const WORDS: readonly (readonly [FactorsWord, readonly Way[]])[] = [
  ["card", [way("card")]],
  ["pin", [way("pin")]],
  ["card and pin", [way("card", "pin")]],
  ["card or pin", [way("card"), way("pin")]],
  ["identifier", [way("identifier")]],
]
const NO_WAYS: readonly Way[] = []

export function waysOf(factors: Factors): readonly Way[] {
  if (typeof factors !== "string") return factors
  for (const [word, ways] of WORDS) if (word === factors) return ways
  return NO_WAYS
}

export function encodeFactors(factors: Factors): Cbor {
  if (typeof factors === "string") return WORDS.findIndex(([word]) => word === factors) + 1
  assert(factors.length > 0 && factors.length <= WAYS_MAX, "a door that is told ways has one to four")
  return factors.map(({ ordered, kinds }) => [ordered, ...kinds.map((kind) => KINDS.indexOf(kind) + 1)])
}

export function readFactors(value: Cbor | undefined): Factors | null {
  if (typeof value === "number") return WORDS[value - 1]?.[0] ?? null
  const ways = readArray(value, WAYS_MAX, readWay)
  return ways === null || ways.length === 0 ? null : ways
}

/** Kinds come once each; where their order says nothing they ascend, so that a way has one spelling. */
function readWay(value: Cbor): Way | null {
  if (!Array.isArray(value)) return null
  const [first, ...rest] = value as readonly Cbor[]
  const ordered = readBoolean(first)
  const numbers = readArray(rest, KINDS_MAX, (number) => readUint(number, KINDS.length))
  if (ordered === null || numbers === null || numbers.length < (ordered ? 2 : 1)) return null
  const kinds: FactorKind[] = []
  let before = 0
  for (const number of numbers) {
    const kind = KINDS[number - 1]
    if (kind === undefined || kinds.includes(kind) || (!ordered && number <= before)) return null
    kinds.push(kind)
    before = number
  }
  // A card tells its UID too: to want both would count one thing twice.
  return kinds.includes("card") && kinds.includes("identifier") ? null : { kinds, ordered }
}

/**
 * Whether a door of this grade may want these: R27, no bare identifier from grade 2 up, and at grade 4 a phone in every way:
 * its key is the only one that no lock has a copy of (I-09).
 */
export function suitsGrade(factors: Factors, grade: number): boolean {
  return waysOf(factors).every(({ kinds }) => {
    if (grade >= 3 && kinds.every((kind) => kind === "biometric")) return false
    if (grade === 4 && !kinds.includes("phone")) return false
    return grade === 1 || !kinds.includes("identifier")
  })
}

/** Something shown, in the order of showing. */
export type ShownKind = { readonly kind: FactorKind }

/** Whether this showing counts as that kind: a card that proved itself has told its UID as well. */
function countsAs(shown: FactorKind, kind: FactorKind): boolean {
  return shown === kind || (kind === "identifier" && shown === "card")
}

/** Whether the whole way was gone. */
export function completes(shown: readonly ShownKind[], { kinds, ordered }: Way): boolean {
  let after = -1
  for (const kind of kinds) {
    const place = shown.findIndex((each, at) => at > after && countsAs(each.kind, kind))
    if (place < 0) return false
    if (ordered) after = place
  }
  return true
}

export function satisfies(shown: readonly ShownKind[], wanted: Factors): boolean {
  return waysOf(wanted).some((each) => completes(shown, each))
}

/** Whether something more could make it enough: all that was shown lies on one way, and the way goes on. */
export function mayContinue(shown: readonly ShownKind[], wanted: Factors): boolean {
  return waysOf(wanted).some(({ kinds, ordered }) => {
    if (shown.length >= kinds.length) return false
    return shown.every((each, at) => {
      const place = kinds.findIndex((kind) => countsAs(each.kind, kind))
      return place >= 0 && (!ordered || place === at)
    })
  })
}

/** Whether a PIN alone opens: such doors bear a bound on their people (R20). An identifier adds nothing. */
export function pinAlone(factors: Factors): boolean {
  return waysOf(factors).some(
    ({ kinds }) => kinds.includes("pin") && kinds.every((kind) => kind === "pin" || kind === "identifier"),
  )
}

/** A lock looks at so many wrong codes of its keypad a day: `core/lock` keeps to it, over boots too. */
export const GUESSES_A_DAY_MAX = 40
export const ISSUED_DIGITS = 6
const GUESSED_DAYS = 30
/** In one month of so many, a stranger may get in. */
const MONTHS = 100

/**
 * How many PINs may open one door alone, so that whoever guesses at it for a month, as often as its lock lets, gets in with a
 * chance of one in a hundred at most: PINs x 40 x 30 / 10^digits (R20). A code for duress opens too and
 * is not counted: who guesses one has called for help.
 */
export function pinsAlone_max(digits: number = ISSUED_DIGITS): number {
  return Math.floor(10 ** digits / (MONTHS * GUESSES_A_DAY_MAX * GUESSED_DAYS))
}

/** A way on which both are gone; null where their orders exclude each other. */
function joined(a: Way, b: Way): Way | null {
  const [first, then] = b.ordered ? [b, a] : [a, b]
  const all = [...first.kinds, ...then.kinds.filter((kind) => !first.kinds.includes(kind))]
  const kinds = all.includes("card") ? all.filter((kind) => kind !== "identifier") : all
  if (!first.ordered) return { kinds: KINDS.filter((kind) => kinds.includes(kind)), ordered: false }
  const shown = kinds.map((kind) => ({ kind }))
  return completes(shown, a) && completes(shown, b) ? { kinds, ordered: true } : null
}

const spelling = (ways: readonly Way[]): string =>
  ways.map(({ kinds, ordered }) => [ordered, ...kinds].join()).join(";")

/**
 * What is enough for the one and for the other: for a lock that cannot tell which of them holds. Ways that ask for more than
 * another one does are left out. No way at all is possible, where both want an order that the other forbids.
 */
export function enoughForBoth(a: Factors, b: Factors): Factors {
  const ways: Way[] = []
  for (const one of waysOf(a))
    for (const other of waysOf(b)) {
      const both = joined(one, other)
      if (both !== null) ways.push(both)
    }
  const needed = ways.filter((each, at) => {
    const shown = each.kinds.map((kind) => ({ kind }))
    return !ways.some((other, place) => {
      if (place === at || !completes(shown, other)) return false
      const same = spelling([other]) === spelling([each])
      return same ? place < at : other.kinds.length < each.kinds.length || !other.ordered
    })
  })
  const known = WORDS.find(([, named]) => spelling(named) === spelling(needed))
  return known?.[0] ?? needed
}
