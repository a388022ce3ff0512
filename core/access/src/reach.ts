/**
 * When each person of a policy may open its door, as sets of instants: the policy read by person instead of by row.
 *
 * Ten thousand people usually share a handful of row patterns, so hours are computed once a pattern. Narrowing, the question
 * whether an author gains something himself, and the difference that a console shows all stand on this.
 */
import { byteAt, type PersonId } from "@holdfast/base"
import { completes, type FactorKind, type Factors, type ShownKind, waysOf } from "./factors.ts"
import { ALL_TIME, decodeIntervals, type Interval, type Intervals, intersect, subtract, union } from "./interval.ts"
import type { Policy } from "./policy.ts"
import {
  ALWAYS,
  CREDENTIAL_ROW,
  findGrants,
  findId,
  FROM_AT,
  GRANT_ROW,
  idAt,
  KIND_AT,
  OPEN_END,
  OWNER_AT,
  PERSON_ROW,
  SCHEDULE_AT,
  STANDING_AT,
  STANDING_GOOD,
  u16At,
  u32At,
  UNTIL_AT,
} from "./table.ts"

/** What somebody can show, by the bit of its kind in a policy's table. A card tells its UID as well. */
const BITS: readonly (readonly [FactorKind, number])[] = [
  ["card", 1],
  ["pin", 2],
  ["phone", 4],
  ["biometric", 8],
  ["identifier", 1],
]

/** All orders of all that somebody can show would be many; an order is his own choice, so each way is asked in its own. */
function canShow(kinds: number, factors: Factors): boolean {
  const shown = BITS.flatMap(([kind, bit]): ShownKind[] => ((kinds & bit) === 0 ? [] : [{ kind }]))
  return waysOf(factors).some((way) => completes(shown, { ...way, ordered: false }))
}

export class Reach {
  readonly policy: Policy
  readonly people_count: number
  readonly #kinds: Uint8Array
  readonly #schedules = new Map<number, Intervals>()
  readonly #hours = new Map<string, Intervals>()
  readonly #opens = new Map<Intervals, Map<number, Intervals>>()
  readonly #satisfied = new Map<number, Intervals>()

  constructor(policy: Policy) {
    this.policy = policy
    this.people_count = policy.people.length / PERSON_ROW
    this.#kinds = new Uint8Array(this.people_count)
    for (let at = 0; at < policy.credentials.length; at += CREDENTIAL_ROW) {
      if (byteAt(policy.credentials, at + STANDING_AT) !== STANDING_GOOD) continue
      const index = u32At(policy.credentials, at + OWNER_AT)
      this.#kinds[index] = byteAt(this.#kinds, index) | (1 << (byteAt(policy.credentials, at + KIND_AT) - 1))
    }
  }

  person(index: number): PersonId {
    return idAt<"PersonId">(this.policy.people, index * PERSON_ROW)
  }

  /** The index of a person, or -1. */
  indexOf(person: PersonId): number {
    const row = findId(this.policy.people, PERSON_ROW, person)
    return row < 0 ? -1 : row / PERSON_ROW
  }

  schedule(index: number): Intervals {
    if (index === ALWAYS) return ALL_TIME
    const known = this.#schedules.get(index)
    if (known !== undefined) return known
    const bytes = this.policy.schedules[index]
    const intervals = bytes === undefined ? [] : decodeIntervals(bytes)
    this.#schedules.set(index, intervals)
    return intervals
  }

  /** What a person's rows say, without who they are or which grants they come from: equal patterns have equal hours. */
  pattern(index: number): string {
    const { grants } = this.policy
    let pattern = ""
    for (let row = findGrants(grants, index); row < grants.length && u32At(grants, row) === index; row += GRANT_ROW)
      pattern += `${u16At(grants, row + SCHEDULE_AT)} ${u32At(grants, row + FROM_AT)} ${u32At(grants, row + UNTIL_AT)};`
    return pattern
  }

  /** The instants at which some grant of this person is open, whatever the door wants to see. */
  hours(index: number): Intervals {
    const pattern = this.pattern(index)
    const known = this.#hours.get(pattern)
    if (known !== undefined) return known
    const { grants } = this.policy
    const open: Interval[] = []
    for (let row = findGrants(grants, index); row < grants.length && u32At(grants, row) === index; row += GRANT_ROW) {
      const valid = [{ from: u32At(grants, row + FROM_AT), until: u32At(grants, row + UNTIL_AT) }]
      open.push(...intersect(this.schedule(u16At(grants, row + SCHEDULE_AT)), valid))
    }
    const hours = union(open)
    this.#hours.set(pattern, hours)
    return hours
  }

  /** Whether a grant of this person opens even when the lock does not know the time. */
  timeless(index: number): boolean {
    return this.pattern(index).includes(`${ALWAYS} 0 ${OPEN_END};`)
  }

  /** The instants at which this person can open: a grant is open and the credentials owned are enough. */
  opens(index: number): Intervals {
    const kinds = byteAt(this.#kinds, index)
    const hours = this.hours(index)
    const row = this.#opens.get(hours) ?? new Map<number, Intervals>()
    this.#opens.set(hours, row)
    const known = row.get(kinds)
    if (known !== undefined) return known
    const opens = intersect(hours, this.#satisfiedBy(kinds))
    row.set(kinds, opens)
    return opens
  }

  /** The instants at which the door is content with these factors: the first mode that matches wins. */
  #satisfiedBy(kinds: number): Intervals {
    const known = this.#satisfied.get(kinds)
    if (known !== undefined) return known
    let left: Intervals = ALL_TIME
    const content: Interval[] = []
    for (const mode of this.policy.config.modes) {
      const here = mode.schedule === null ? left : intersect(left, this.schedule(mode.schedule))
      if (canShow(kinds, mode.factors)) content.push(...here)
      left = subtract(left, here)
    }
    const intervals = union(content)
    this.#satisfied.set(kinds, intervals)
    return intervals
  }
}
