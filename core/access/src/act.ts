/**
 * What a lock can be told to do from afar: the acts of an order, in one table, with their numbers and what they may say.
 *
 * A *narrowing* act lets nobody in who could not have come in without it, so a sitting's session key is enough for it, and
 * whoever may deny may say it. Every other act takes a person's own key and the right to order. Who may do what at which door
 * is compiled into the policy; what an act does is the lock's.
 */
import { type Cbor, readUint } from "@holdfast/base/cbor"

/** number, word, least and greatest value, what the value counts; narrowing */
const ROWS = [
  [1, "unlock", 0, 0, false],
  [2, "normal", 0, 0, false],
  [3, "lockdown", 0, 604_800, true], // seconds; 0: until it is ended
  [4, "evacuation", 0, 604_800, false], // seconds; 0: until it is ended
  [5, "office", 60, 86_400, false], // seconds
  [6, "service", 60, 28_800, false], // seconds: service always has an end (attack 126)
  [7, "threat level", 0, 4, true], // the level; to lower it takes what "normal" takes
  [8, "locate", 0, 0, true],
  [9, "reset", 0, 0, false], // these three wait for the button inside the case
  [10, "hand over", 0, 0, false],
  [11, "replace", 0, 0, false],
] as const

export type Act = (typeof ROWS)[number][1]

export const ACTS: readonly Act[] = ROWS.map(([, act]) => act)
/** Who may deny may say these. */
export const NARROWING_ACTS: readonly Act[] = ROWS.filter((row) => row[4]).map(([, act]) => act)

export function actNumber(act: Act): number {
  return ACTS.indexOf(act) + 1
}

export function readAct(value: Cbor | undefined): Act | null {
  return ROWS.find(([number]) => number === value)?.[1] ?? null
}

/** The value if an act may say it, or null. */
export function readActValue(act: Act, value: Cbor | undefined): number | null {
  const row = ROWS.find((each) => each[1] === act)
  const said = readUint(value, row?.[3])
  return said === null || row === undefined || said < row[2] ? null : said
}

/** A set of acts as one number: bit n for the act with number n. */
export function actBits(acts: readonly Act[]): number {
  return acts.reduce((bits, act) => bits | (1 << actNumber(act)), 0)
}

/** The acts in the order of their numbers, or null for bits that are no set of acts. */
export function readActBits(value: Cbor | undefined): readonly Act[] | null {
  const bits = readUint(value, 2 ** (ACTS.length + 1) - 1)
  return bits === null || bits % 2 === 1 ? null : ACTS.filter((act) => (bits >> actNumber(act)) % 2 === 1)
}
