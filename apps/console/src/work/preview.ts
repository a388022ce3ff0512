/**
 * What the drafts would do, before anybody signs: folded on top of the proved log and compiled for every door they touch,
 * with the very functions that the keeper and the locks use. Pure; it runs in a worker so that typing never waits for it.
 */
import {
  compile,
  decodeStatement,
  type Difference,
  difference,
  ENTRY_STATEMENT,
  fold,
  type Policy,
  type State,
  touchedDoors,
} from "@holdfast/access"
import { type DoorId, secondsOf, type UnixMillis, unixMillis } from "@holdfast/base"
import { webCrypto } from "@holdfast/port-web"

export type DoorDifference = { readonly door: DoorId } & Difference
export type Preview = {
  readonly doors: readonly DoorDifference[]
  /** Drafts that do not fit, by their place, each with its reason. */
  readonly faults: readonly { readonly place: number; readonly says: string }[]
}

function policyOf(state: State, door: DoorId, now_ms: UnixMillis): Policy | { fault: string } | null {
  if (!state.doors.has(door)) return null
  const compiled = compile(state, door, secondsOf(now_ms))
  return compiled.ok ? compiled.policy : { fault: compiled.fault }
}

/** `statements` are the drafts as statements whose signature nobody looks at. */
export function preview(state: State, statements: readonly Uint8Array[], now: number): Preview {
  const now_ms = unixMillis(Math.max(now, state.admittedAt))
  const faults: { place: number; says: string }[] = []
  const touched = new Map<DoorId, number>()
  let after = state
  for (const [place, bytes] of statements.entries()) {
    const decoded = decodeStatement(state.site, bytes, webCrypto)
    if (!decoded.ok) {
      faults.push({ place, says: decoded.fault })
      continue
    }
    const before = after
    const folded = fold(before, [{ type: ENTRY_STATEMENT, admittedAt: now_ms, bytes }], webCrypto)
    if (!folded.ok) {
      faults.push({ place, says: folded.fault })
      continue
    }
    after = folded.state
    for (const door of touchedDoors(before, decoded.statement.change)) touched.set(door, place)
    for (const door of touchedDoors(after, decoded.statement.change)) touched.set(door, place)
  }
  const doors: DoorDifference[] = []
  for (const [door, place] of touched) {
    const was = policyOf(state, door, now_ms)
    const is = policyOf(after, door, now_ms)
    if (is !== null && "fault" in is) faults.push({ place, says: is.fault })
    else doors.push({ door, ...difference(was !== null && "fault" in was ? null : was, is) })
  }
  return { doors, faults }
}
