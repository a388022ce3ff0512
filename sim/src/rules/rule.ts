/**
 * What a rule is: words that a person can check, and a watch that compares what happens with the truth record.
 *
 * A watch answers with what broke the rule, or null. It may look at everything, and changes nothing.
 */
import type { Crypto } from "@holdfast/base"
import type { MemoryDisk } from "@holdfast/port-node"
import type { SimDoor } from "../world/door.ts"
import type { Step } from "../world/step.ts"
import type { Truth } from "../truth/truth.ts"

export type RuleId =
  | "I-01"
  | "I-02"
  | "I-03"
  | "I-04"
  | "I-05"
  | "I-06"
  | "I-07"
  | "I-08"
  | "I-09"
  | "I-10"
  | "I-11"
  | "I-12"
  | "I-13"
  | "I-14"
  | "I-15"
  | "I-16"
  | "I-17"
  | "I-18"
  | "I-19"
  | "I-20"
  | "I-21"
  | "I-22"
  | "I-23"
  | "I-24"
  | "I-25"
  | "I-26"
  | "I-27"
  | "I-28"
  | "I-29"
  | "I-30"
  | "I-31"
  | "I-32"
  | "I-33"
  | "I-34"
  | "I-38"
  | "I-39"
  | "I-40"
  | "I-41"
  | "I-42"
  | "L-01"
  | "L-02"
  | "L-03"
  | "L-04"
  | "L-05"
  | "L-07"
  | "L-08"
  | "L-09"
  | "L-10"

/** What every watch is given: the building, its truth, and the true time. */
export type Building = {
  readonly truth: Truth
  readonly doors: readonly SimDoor[]
  now_ms(): number
}

/** What is left at the end: a door with its records in the event log, and the keeper's disk. */
export type Ending = {
  readonly door: SimDoor
  readonly logged: readonly Uint8Array[]
  readonly disk: MemoryDisk
  readonly crypto: Crypto
}

export type Watch = {
  /** After every step of any door. */
  step?(step: Step): string | null
  /** For every door, several times a simulated minute. */
  probe?(door: SimDoor): string | null
  /** For every door, when all is over. */
  finish?(end: Ending): string | null
}

export type Rule = {
  readonly id: RuleId
  readonly words: string
  watch(building: Building): Watch
}
