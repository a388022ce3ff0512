/**
 * Narrowings: what was found at one door asks more of people at those that heed it, for as long as each of them allows (C82).
 *
 * Picture a porter who calls the other porters. What he believes is a record in a batch that the paired lock signed and that is
 * in the event log; whom he may call, and for how long it counts, stands in the configuration of the door that is called. A
 * call is signed when it is asked for, so any courier may bring it late or again, and none can make one.
 *
 * A lock that lies, or is teased all day, narrows others at most so often; what came late, after a night without a network,
 * narrows nobody. It is kept in memory: a keeper that starts again calls nobody for what it found before.
 */
import type { State } from "@holdfast/access"
import { type Cause, heedsDoor, narrowingToSign } from "@holdfast/access/rules"
import { type DoorId, secondsOf, type UnixMillis, unixSeconds } from "@holdfast/base"
import type { Grave } from "@holdfast/lock/grave"
import type { Keeping } from "./keeping.ts"
import type { NarrowingTicket } from "./tickets.ts"

/** How old a record may be that narrows others; one without a time is too old. */
export const LATE_MS_MAX = 120_000
/** What is found at the same door sooner belongs to what was told already: as long as a finding stands. */
export const AGAIN_MS = 300_000
/** How often one door narrows others. */
export const A_DAY_MAX = 6
const DAY_MS = 86_400_000

/** What narrows a door now. */
type Running = { readonly cause: Cause; readonly result: number; readonly at_ms: UnixMillis }

export class Narrowings {
  readonly #keeping: Keeping
  readonly #running = new Map<DoorId, Running>()
  /** When each door narrowed others within the last day. */
  readonly #told = new Map<DoorId, readonly UnixMillis[]>()

  constructor(keeping: Keeping) {
    this.#keeping = keeping
  }

  /** Grave records of a door's lock that are in the log now; answers whom they narrow. */
  found(state: State, door: DoorId, records: readonly Grave[]): readonly DoorId[] {
    const at_ms = this.#keeping.clock.believed()
    if (at_ms === null) return []
    const record = records.findLast(({ wall_ms }) => wall_ms !== null && Math.abs(at_ms - wall_ms) <= LATE_MS_MAX)
    const told = (this.#told.get(door) ?? []).filter((each) => each > at_ms - DAY_MS)
    const last = told.at(-1)
    if (record === undefined || told.length >= A_DAY_MAX || (last !== undefined && at_ms < last + AGAIN_MS)) return []
    const heeding = [...state.doors].filter(([id, { config, lock }]) => {
      return id !== door && lock !== null && heedsDoor(config.heeds, door)
    })
    if (heeding.length === 0) return []
    this.#told.set(door, [...told, at_ms])
    const running = { cause: { door, sequence: record.sequence }, result: record.result, at_ms }
    for (const [id] of heeding) this.#running.set(id, running)
    return heeding.map(([id]) => id)
  }

  /** What narrows a door now, signed for its lock. */
  ticket(state: State, door: DoorId): NarrowingTicket {
    const { clock, site, keys, ports } = this.#keeping
    const running = this.#running.get(door)
    const heeds = state.doors.get(door)?.config.heeds ?? null
    const now_ms = clock.believed()
    if (now_ms === null) return { ok: false, fault: "the keeper's clock stepped" }
    if (running === undefined || heeds === null || !heedsDoor(heeds, running.cause.door))
      return { ok: false, fault: "nothing narrows this door" }
    const { cause, result, at_ms } = running
    const notBefore = secondsOf(now_ms)
    const notAfter = unixSeconds(secondsOf(at_ms) + heeds.narrowed_s)
    if (notBefore >= notAfter) return { ok: false, fault: "nothing narrows this door" }
    const narrowing = { site, door, cause, result, notBefore, notAfter }
    const { publicKey, sign } = keys.policy
    const signable = narrowingToSign(narrowing, publicKey, ports.crypto)
    return { ok: true, bytes: signable.finish(sign(signable.bytes)) }
  }
}
