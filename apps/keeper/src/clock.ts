/**
 * The keeper's clock, and the suspicion of it: whoever signs times must stop when its own clock was moved.
 *
 * Two clocks are compared: the wall's, which somebody may set, and a monotonic one, which nobody can. While they agree, time
 * is told; when the wall stepped back or ran ahead by more than a minute against the other, nothing that states a time is
 * signed until the keeper is started again by somebody who looked. Log entries never go back in time: the last one is a floor.
 */
import { assert, type UnixMillis, unixMillis } from "@holdfast/base"

export const CLOCK_STEP_MS_MAX = 60_000

export type ClockPorts = {
  now(): UnixMillis
  /** Milliseconds since some start, never set by anybody. */
  uptime(): number
}

export class Clock {
  readonly #ports: ClockPorts
  /** Wall minus monotonic at the start. */
  readonly #offset_ms: number
  #floor: UnixMillis = unixMillis(0)
  #stepped = false

  constructor(ports: ClockPorts) {
    this.#ports = ports
    this.#offset_ms = ports.now() - ports.uptime()
  }

  /** An entry that is in a log already was admitted at this time. */
  raise(floor: UnixMillis): void {
    this.#floor = unixMillis(Math.max(this.#floor, floor))
  }

  /**
   * The time for an entry: now, or the last entry's time while the clock is behind it. A wall that stepped is not asked, or
   * its wrong time would be a floor for good: the monotonic clock goes on from the start's.
   */
  admission(): UnixMillis {
    const now = this.believed() ?? Math.round(this.#ports.uptime() + this.#offset_ms)
    this.#floor = unixMillis(Math.max(this.#floor, now))
    return this.#floor
  }

  /** The time to sign, or null while the clock cannot be believed. */
  believed(): UnixMillis | null {
    const now = this.#ports.now()
    const step_ms = now - this.#ports.uptime() - this.#offset_ms
    if (Math.abs(step_ms) > CLOCK_STEP_MS_MAX || now + CLOCK_STEP_MS_MAX < this.#floor) this.#stepped = true
    assert(this.#floor >= 0, "the floor is a time")
    return this.#stepped ? null : now
  }
}
