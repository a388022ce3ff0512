/**
 * Antipassback: whoever went in cannot go in again before going out, so that a card is not handed back through the gap.
 *
 * It is known inside this one controller alone, by its two readers: hard antipassback refuses, soft antipassback admits and
 * says so (attack 57: nothing is claimed about other doors). Somebody is moved only when the leaf opened for him. What is
 * not known holds nobody: a boot forgets, `forgive_ms` forgives, and of more people than fit the one who passed first is
 * forgotten. The way out is the handle's and asks nobody here.
 */
import type { PersonId, Uptime } from "@holdfast/base"

/** At which of the door's two readers somebody stands. */
export type Direction = "in" | "out"

export const PEOPLE_MAX = 512

type Pass = { readonly direction: Direction; readonly at: Uptime }
/** The last pass of each, in the order of their passing. */
export type Passes = ReadonlyMap<PersonId, Pass>

/** Whether going in this direction now is going it twice. `forgive_ms` 0: nothing is forgiven. */
export function isPassback(
  passes: Passes,
  person: PersonId,
  direction: Direction,
  now: Uptime,
  forgive_ms: number,
): boolean {
  const last = passes.get(person)
  if (last === undefined || last.direction !== direction) return false
  return forgive_ms === 0 || now < last.at + forgive_ms
}

export function passed(passes: Passes, person: PersonId, direction: Direction, now: Uptime): Passes {
  const moved = new Map(passes)
  moved.delete(person)
  moved.set(person, { direction, at: now })
  const [first] = moved.keys()
  if (moved.size > PEOPLE_MAX && first !== undefined) moved.delete(first)
  return moved
}
