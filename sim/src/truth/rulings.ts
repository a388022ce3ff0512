/**
 * What may hold a door's bolt drawn, though nobody was let in: an order that was taken, a fire, office hours, a way out that is
 * free. Worked out a second time, from what was done at the door and what its lock recorded.
 *
 * It allows a little too much: an order that was not taken, or was lost with the power, still counts here until its end.
 */
import { secondsOf } from "@holdfast/base"
import { stateOf } from "@holdfast/lock"
import type { SimDoor } from "../world/door.ts"
import { linesOf, type Step } from "../world/step.ts"
import { scheduleOpen } from "./rights.ts"
import type { Truth } from "./truth.ts"

/** An oscillator's share, and a turn. */
const SLACK_MS = 5_000
/** A keeper's clock may err so much, and a lock's with it. */
const CLOCK_ERROR_S = 75

export class Rulings {
  readonly #truth: Truth
  /** Until when an evacuation, or office hours by order, may hold the bolt. */
  #ordered = new Map<string, number>()
  fire: "quiet" | "alarm" | "waiting" = "quiet"
  /** A delayed way out may be free. */
  #free = false

  constructor(truth: Truth) {
    this.#truth = truth
  }

  /** To be called for every step of the door, before anything is asked about it. */
  see(step: Step): void {
    const { what, before, after, at_ms, door, cut, failed } = step
    const order = what.kind === "message" ? this.#truth.orderIn(what.bytes) : null
    if (order?.act === "evacuation" || order?.act === "office") {
      const ends_ms = order.value === 0 ? Number.POSITIVE_INFINITY : at_ms + order.value * 1_000 + SLACK_MS
      this.#ordered.set(order.act, ends_ms)
    }
    const isTaken = linesOf(step, "order taken").length > 0 && !cut && !failed
    if (order?.act === "normal" && isTaken) this.#ordered.clear()
    const heard = after.lock !== null && before.lock !== null && !cut && !failed
    if (what.kind === "wire") {
      if (what.act.kind === "fire") this.fire = what.act.on ? "alarm" : this.fire === "quiet" ? "quiet" : "waiting"
      if (what.act.kind === "relock" && this.fire === "waiting" && heard) this.fire = "quiet"
      if (what.act.kind === "relock" && this.fire === "quiet" && heard) this.#free = false
      if (what.act.kind === "bar" || what.act.kind === "fire") this.#free = true
    }
    // A bolt that was out when the lock came to itself: somebody was leaving.
    const delayed = door.options.delayedEgress_s > 0
    if (delayed && before.lock?.boot !== after.lock?.boot && step.acted.travel < 1) this.#free = true
    if (delayed && !before.hardware.powered) this.#free ||= after.hardware.travel < 1
  }

  /** Whether the door may stand unlocked now. */
  mayBeDrawn(door: SimDoor, now_ms: number): boolean {
    const config = this.#truth.now.doors.get(door.id)?.config
    if (door.board.wires.pulls || (this.fire !== "quiet" && config?.fireReleases === true)) return true
    if (this.#free && door.options.delayedEgress_s > 0) return true
    return [...this.#ordered.values()].some((ends_ms) => now_ms < ends_ms) || this.#isOffice(door)
  }

  /** Whether the policy that the lock has gives it office hours about now. */
  #isOffice(door: SimDoor): boolean {
    const { lock, uptime_ms } = door.board
    if (lock?.active == null) return false
    const { state } = this.#truth.history[this.#truth.placeOf(lock.active.name.version.size)] ?? {}
    const { wall_ms } = stateOf(lock, uptime_ms)
    if (state === undefined || wall_ms === null) return false
    const modes = state.doors.get(door.id)?.config.modes ?? []
    const times_s = [-CLOCK_ERROR_S, 0, CLOCK_ERROR_S].map((error_s) => secondsOf(wall_ms) + error_s)
    return modes.some(
      ({ schedule, office }) => office !== undefined && times_s.some((at_s) => scheduleOpen(state, schedule, at_s)),
    )
  }
}
