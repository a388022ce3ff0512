/**
 * An opening by somebody's decision, held against the truth: who was let in, by which rights, on what evidence.
 *
 * What I-01, I-02, I-04, I-22 and I-23 have in common.
 */
import type { State } from "@holdfast/access"
import { type PersonId, secondsOf } from "@holdfast/base"
import { stateOf } from "@holdfast/lock"
import { mayOpen, ownerOf, type Shown } from "../truth/rights.ts"
import type { Truth } from "../truth/truth.ts"
import { linesOf, type Step } from "../world/step.ts"
import { isFull } from "./happenings.ts"

export type Admitted = {
  /** Whom the record names; null where it names nobody. */
  readonly person: PersonId | null
  /** Whether there is a record: a full journal only counts, and then it may have been anybody with a right. */
  readonly recorded: boolean
  /** The site as the lock's policy knows it, and its place in the history. */
  readonly state: State
  readonly place: number
  /** What time the lock believes it is, in unix seconds; null where it does not know. */
  readonly lock_s: number | null
}

/** The admission in a step, if there was one by a lock that has a policy. */
export function admittedIn(step: Step, truth: Truth): Admitted | null {
  const [line] = linesOf(step, "admitted")
  const lock = step.before.lock
  if (lock?.active == null) return null
  const isCounted = isFull(step) && step.what.kind !== "message" && step.shown.includes("granted")
  if (line === undefined && !isCounted) return null
  const place = truth.placeOf(lock.active.name.version.size)
  const state = truth.history[place]?.state ?? truth.now
  const { wall_ms } = stateOf(lock, step.after.lock === null ? step.before.uptime_ms : step.after.uptime_ms)
  return {
    person: line?.detail.person ?? null,
    recorded: line !== undefined,
    state,
    place,
    lock_s: wall_ms === null ? null : secondsOf(wall_ms),
  }
}

/** Whether what was shown belongs to whom was let in, as far as that was recorded. */
export function isWhose({ person, recorded, state }: Admitted, shown: Shown): boolean {
  const owner = ownerOf(state, shown)
  return owner !== null && (owner === person || !recorded)
}

/** The reading of the evidence by which this person could be let in then; null where there is none. */
export function readingFor(
  readings: readonly Shown[],
  admitted: Admitted,
  step: Step,
  at_s: number | null,
): Shown | null {
  const { state } = admitted
  return readings.find((shown) => isWhose(admitted, shown) && mayOpen(state, step.door.id, shown, at_s)) ?? null
}

/** A reader's memory for each door. */
export function perDoor<Value>(make: () => Value): (step: Pick<Step, "door">) => Value {
  const values = new Map<string, Value>()
  return ({ door }) => {
    const known = values.get(door.id)
    if (known !== undefined) return known
    const made = make()
    values.set(door.id, made)
    return made
  }
}
