/**
 * What the drafts would do, before anybody signs: folded on top of the proved log and compiled for every door they touch,
 * with the very functions that the keeper and the locks use. Pure; it runs in a worker so that typing never waits for it.
 */
import {
  type Change,
  compile,
  type Difference,
  difference,
  type Policy,
  type State,
  touchedDoors,
} from "@holdfast/access"
import { type DoorId, secondsOf, unixMillis } from "@holdfast/base"
import { type FoldedDrafts, foldDrafts } from "./fold-drafts.ts"

export type DoorDifference = { readonly door: DoorId } & Difference
export type Preview = {
  readonly doors: readonly DoorDifference[]
  /** Drafts that do not fit, by their place, each with its reason. */
  readonly faults: FoldedDrafts["faults"]
}

type Compiled = { readonly policy: Policy | null; readonly fault: string | null }

function compiledAt(state: State, door: DoorId, now: number): Compiled {
  if (!state.doors.has(door)) return { policy: null, fault: null }
  const compiled = compile(state, door, secondsOf(unixMillis(Math.max(now, state.admittedAt))))
  return compiled.ok ? { policy: compiled.policy, fault: null } : { policy: null, fault: compiled.fault }
}

/** The doors that any of the changes touches, each with the place of the last one that does. */
function touchedBy(changes: readonly Change[], folded: FoldedDrafts): ReadonlyMap<DoorId, number> {
  const touched = new Map<DoorId, number>()
  for (const [place, change] of changes.entries()) {
    if (folded.faults.some((fault) => fault.place === place)) continue
    const before = folded.before[place] ?? folded.state
    const after = folded.before[place + 1] ?? folded.state
    for (const door of [...touchedDoors(before, change), ...touchedDoors(after, change)]) touched.set(door, place)
  }
  return touched
}

export function preview(state: State, changes: readonly Change[], now: number): Preview {
  const folded = foldDrafts(state, changes, now)
  const faults = [...folded.faults]
  const doors: DoorDifference[] = []
  for (const [door, place] of touchedBy(changes, folded)) {
    const is = compiledAt(folded.state, door, now)
    if (is.fault !== null) faults.push({ place, says: is.fault })
    else doors.push({ door, ...difference(compiledAt(state, door, now).policy, is.policy) })
  }
  return { doors, faults }
}
