/**
 * What is found at a door reaches those that heed it: the part of L-05 that goes from lock to lock over the keeper.
 *
 * Only a first finding is waited for: what comes soon after another one, or as the seventh of a day, the keeper tells nobody.
 */
import { type DoorId, secondsOf, unixMillis } from "@holdfast/base"
import { stateOf } from "@holdfast/lock"
import type { SimDoor } from "../world/door.ts"
import type { Step } from "../world/step.ts"
import { isFull } from "./happenings.ts"
import { isGrave } from "./heard.ts"
import { CLOCK_ERROR_MS } from "./i-21.ts"
import type { Building, Watch } from "./rule.ts"

/** A batch that waits for the one before it, and a message that is said again. */
const REACH_MS = 30_000
/** How long lines must have been undisturbed before, so that nothing old is in the way. */
const CALM_MS = 60_000
/** What is told at most once in five minutes may have been found two minutes before, by clocks that may err. */
const AGAIN_MS = 600_000
const A_DAY_MAX = 6
/** Both clocks lie so near to the truth that the lock takes the news for fresh. */
const TIME_ERROR_MS = 20_000

type Found = { readonly door: DoorId; readonly at_ms: number; readonly waits: Set<DoorId> }

function knowsTime({ board }: SimDoor, now_ms: number): boolean {
  const wall_ms = board.lock === null ? null : stateOf(board.lock, board.uptime_ms).wall_ms
  return wall_ms !== null && Math.abs(wall_ms - now_ms) < TIME_ERROR_MS
}

/** Watches that whoever heeds a door, and can be told, is told of what was found there. */
export function heededWatch({ truth, doors, now_ms }: Building): Watch {
  const times_ms = new Map<DoorId, readonly number[]>()
  const waited: Found[] = []
  const isCalm = (door: DoorId, at_ms: number): boolean => {
    return (truth.connectedSince_ms(door) ?? Number.POSITIVE_INFINITY) <= at_ms - CALM_MS
  }

  const note = (step: Step): void => {
    if (!step.lines.some(isGrave)) return
    const { door, at_ms, cut, failed } = step
    const earlier = times_ms.get(door.id) ?? []
    times_ms.set(door.id, [...earlier, at_ms])
    const isFirst = earlier.length < A_DAY_MAX && at_ms - (earlier.at(-1) ?? 0) > AGAIN_MS
    if (!isFirst || cut || failed || isFull(step) || !isCalm(door.id, at_ms) || !knowsTime(door, at_ms)) return
    const heeding = doors.filter(({ id }) => {
      const heeds = truth.now.doors.get(id)?.config.heeds ?? null
      return id !== door.id && heeds !== null && (heeds.doors.length === 0 || heeds.doors.includes(door.id))
    })
    waited.push({ door: door.id, at_ms, waits: new Set(heeding.map(({ id }) => id)) })
  }

  /** Whether this door was told of it by now; true where nobody could tell it. */
  const isTold = ({ id, board: { lock } }: SimDoor, { door, at_ms }: Found): boolean => {
    const heeds = truth.now.doors.get(id)?.config.heeds ?? null
    if (lock === null || heeds === null || !isCalm(door, at_ms) || !isCalm(id, at_ms)) return true
    const end_s = secondsOf(unixMillis(at_ms - CLOCK_ERROR_MS)) + heeds.narrowed_s
    return lock.modes.narrowed !== null && lock.modes.narrowed.end_s >= end_s
  }

  return {
    step(step) {
      note(step)
      return null
    },
    probe(door) {
      for (const found of waited) {
        if (now_ms() <= found.at_ms + REACH_MS || !found.waits.delete(door.id)) continue
        if (knowsTime(door, now_ms()) && !isTold(door, found))
          return "what was found at a door it heeds has not arrived"
      }
      return null
    },
  }
}
