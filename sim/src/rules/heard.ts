/**
 * What one door asks of people because of another one, held against the truth: the part of I-41 that goes over the keeper.
 *
 * Picture somebody who stands at every door at once, sees what is truly found at each, and has the configurations in his hand.
 * He knows no ticket and no signature: a door may be narrowed by what another door's lock recorded as grave, and that once.
 */
import type { DoorId } from "@holdfast/base"
import { FLAG_URGENT, stateOf } from "@holdfast/lock"
import { Reader } from "../truth/reader.ts"
import type { Line } from "../truth/line.ts"
import type { SimDoor } from "../world/door.ts"
import type { Step } from "../world/step.ts"
import { CLOCK_ERROR_MS } from "./i-21.ts"
import type { Building, Watch } from "./rule.ts"
import { admittedIn, isWhose, perDoor } from "./verdict.ts"

/** How long after it was found a thing may narrow others, by clocks that may err. */
const LATE_MS = 120_000 + 2 * CLOCK_ERROR_MS
/** An oscillator's share, and a turn. */
const SLACK_MS = 5_000

type Memory = {
  /** By which record the door is narrowed; null while it is not. */
  cause: string | null
  /** Since when, without a boot between. */
  since_ms: number
  /** What narrowed it once, and no longer. */
  readonly over: Set<string>
}

/** Whether everybody can read in a record that somebody attacks the door. */
export function isGrave({ record }: Line): boolean {
  return (record.flags & FLAG_URGENT) !== 0 || (record.kind === "door forced" && record.result === "alarm")
}

function narrowedIn(lock: Step["after"]["lock"]) {
  return lock?.modes.ordered.has("narrowed") === true ? lock.modes.narrowed : null
}

/** Watches what doors hear of each other: only what was found, at a door that is heeded, once, and no longer than allowed. */
export function heardWatch({ truth, now_ms }: Pick<Building, "truth" | "now_ms">): Watch {
  const found_ms = new Map<string, number>()
  const memories = perDoor((): Memory => ({ cause: null, since_ms: 0, over: new Set() }))
  const readers = perDoor(() => new Reader(truth))
  const heedsOf = (door: SimDoor) => truth.now.doors.get(door.id)?.config.heeds ?? null

  const began = (door: SimDoor, other: DoorId, cause: string, { over }: Memory): string | null => {
    const heeds = heedsOf(door)
    const at_ms = found_ms.get(cause)
    if (at_ms === undefined) return "a door is narrowed by what nobody found"
    if (heeds === null || (heeds.doors.length > 0 && !heeds.doors.includes(other)))
      return "a door is narrowed by another that it does not heed"
    return over.has(cause) ? "what narrowed a door once narrows it again" : null
  }

  const follow = (step: Step): string | null => {
    const { before, after, door, at_ms } = step
    const memory = memories(step)
    const narrowed = narrowedIn(after.lock)
    if (after.lock === null) return null
    if (before.lock?.boot !== after.lock.boot) memory.since_ms = at_ms
    const cause = narrowed === null ? null : `${narrowed.door} ${narrowed.sequence}`
    if (cause === memory.cause) return null
    if (memory.cause !== null) memory.over.add(memory.cause)
    memory.cause = cause
    memory.since_ms = at_ms
    return narrowed === null || cause === null ? null : began(door, narrowed.door, cause, memory)
  }

  /** Whether somebody came in with less than a narrowed door asks for. */
  const asks = (step: Step): string | null => {
    const reader = readers(step)
    reader.see(step)
    const known = [...reader.readings(false), ...reader.readings(true)]
    reader.settle(step)
    const admitted = admittedIn(step, truth)
    const config = step.before.lock?.active?.policy.config
    if (admitted === null || step.failed || config === undefined || config.threatFactors.length === 0) return null
    if (narrowedIn(step.before.lock) === null || narrowedIn(step.after.lock) === null) return null
    const whole = known.some((shown) => shown.card !== null && shown.pin !== null && isWhose(admitted, shown))
    return whole ? null : "somebody came in by a narrowed door with less than it asks for"
  }

  return {
    step(step) {
      for (const line of step.lines)
        if (isGrave(line)) found_ms.set(`${step.door.id} ${line.record.sequence}`, step.at_ms)
      return follow(step) ?? asks(step)
    },
    probe(door) {
      const { lock, uptime_ms } = door.board
      const { cause, since_ms } = memories({ door })
      const heeds = heedsOf(door)
      if (cause === null || narrowedIn(lock) === null || lock === null || heeds === null) return null
      const narrowed_ms = heeds.narrowed_s * 1_000
      if (now_ms() > since_ms + narrowed_ms + SLACK_MS) return "a door is narrowed for longer than it allows"
      // While the time is unknown, what is left goes on with each boot.
      const isKnown = stateOf(lock, uptime_ms).wall_ms !== null
      const end_ms = (found_ms.get(cause) ?? 0) + LATE_MS + narrowed_ms
      return isKnown && now_ms() > end_ms ? "what was found long ago still narrows a door" : null
    },
  }
}
