/**
 * What locks and links say of themselves and no log holds: the newest beat of each lock, its hello, its link.
 *
 * It lives in memory only. After a restart every lock is heard again within a beat's time; until then the log speaks alone.
 */
import type { DoorId } from "@holdfast/base"
import type { BoltWord, PositionWord } from "../projection/door-facts.ts"

/** A beat that the lock's journal key signed. */
export type Beat = {
  readonly bytes: Uint8Array
  readonly heard_at_ms: number
  readonly bolt: BoltWord
  readonly position: PositionWord
  readonly last_sequence: number
  readonly version: { readonly epoch: number; readonly size: number } | null
  /** 0 without a lease. */
  readonly lease_end_s: number
  readonly boot: number
  readonly uptime_ms: number
  readonly authority_size: number
}

export type Reported = {
  readonly link: { readonly up: boolean; readonly since_ms: number | null }
  readonly last_heard_at_ms: number | null
  readonly beat: Beat | null
}

const NOTHING: Reported = { link: { up: false, since_ms: null }, last_heard_at_ms: null, beat: null }

/** Whether `beat` was made after `before`: boots count first, then the uptime. A replayed beat is not newer. */
function isNewer(before: Beat | null, beat: Beat): boolean {
  if (before === null || beat.boot !== before.boot) return before === null || beat.boot > before.boot
  return beat.uptime_ms > before.uptime_ms
}

/** Whether the two beats say the same to somebody who watches. */
function saysTheSame(before: Beat | null, beat: Beat): boolean {
  return (
    before !== null &&
    before.bolt === beat.bolt &&
    before.position === beat.position &&
    before.lease_end_s === beat.lease_end_s &&
    before.version?.epoch === beat.version?.epoch &&
    before.version?.size === beat.version?.size
  )
}

export class ReportedDoors {
  readonly #doors = new Map<DoorId, Reported>()

  of(door: DoorId): Reported {
    return this.#doors.get(door) ?? NOTHING
  }

  heard(door: DoorId, at_ms: number): void {
    this.#doors.set(door, { ...this.of(door), last_heard_at_ms: at_ms })
  }

  linked(door: DoorId, up: boolean, at_ms: number): void {
    this.#doors.set(door, { ...this.of(door), link: { up, since_ms: at_ms } })
  }

  /** Takes a beat; answers whether it says anything new. */
  beat(door: DoorId, beat: Beat): "news" | "same" | "old" {
    const { beat: before } = this.of(door)
    if (!isNewer(before, beat)) return "old"
    this.#doors.set(door, { ...this.of(door), beat, last_heard_at_ms: beat.heard_at_ms })
    return saysTheSame(before, beat) ? "same" : "news"
  }

  get up(): number {
    let count = 0
    for (const { link } of this.#doors.values()) if (link.up) count++
    return count
  }
}
