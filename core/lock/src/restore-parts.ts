/**
 * The stored parts as a boot reads them, and what takes the place of one that is torn.
 *
 * Picture a drawer of envelopes, each sealed by itself: one is whole, missing, or torn, and that is all that can be told. A
 * torn one is remembered and falls back to less: no policy, no lease, a long wait for codes; never to more. Records and the
 * batch that was sent are `restore-journal.ts`.
 */
import { verifyLease } from "@holdfast/access/door"
import { type Crypto, EMPTY, type UnixMillis, type Uptime, unixMillis, uptime } from "@holdfast/base"
import type { ResetCause } from "@holdfast/sense"
import { confirmed, decodeAlarms, NO_ALARMS } from "./alarms.ts"
import type { Boots } from "./boots.ts"
import { decodeReadings, NO_READINGS } from "./card/readings.ts"
import { decodeFloor } from "./clock.ts"
import type { Journal } from "./journal.ts"
import { hasEnded } from "./lease.ts"
import type { Lock, Pairing } from "./lock.ts"
import { decodeModes, type Modes, QUIET, withOrdered } from "./mode.ts"
import { decodeUsed } from "./offline-used.ts"
import { isBreakdown } from "./power.ts"
import { decodeRecord } from "./record.ts"
import { type Active, decodeHeldHead, type Held, openSlot } from "./slot.ts"
import { decodeLine, decodePart, type Line, type Part, type Stored } from "./stored.ts"
import { decodeThrottle, mistrusted, NO_TRIES, type Throttle } from "./throttle.ts"
import { decodeWear } from "./wear.ts"

/** Reads parts, and remembers which were there and could not be read. */
export class Reader {
  readonly damaged: string[] = []
  hasBadRecords = false
  readonly #crypto: Crypto
  readonly #stored: Stored

  constructor(crypto: Crypto, stored: Stored) {
    this.#crypto = crypto
    this.#stored = stored
  }

  /** What `decode` makes of a part; null where it was never stored, was given up or is damaged. */
  read<Value>(part: Part, decode: (body: Uint8Array) => Value | null): Value | null {
    const bytes = this.#stored.parts.get(part)
    if (bytes === undefined) return null
    const body = decodePart(this.#crypto, part, bytes)
    if (body?.length === 0) return null
    const value = body === null ? null : decode(body)
    if (value === null) this.damaged.push(part)
    return value
  }

  isDamaged(part: Part): boolean {
    return this.damaged.includes(part)
  }

  /** The records up to the first that does not read. The very last may be torn: then nothing that followed it was done. */
  lines(): Line[] {
    const lines: Line[] = []
    for (const [at, bytes] of this.#stored.records.entries()) {
      const line = decodeLine(this.#crypto, bytes)
      if (line === null || !decodeRecord(line.record).ok) {
        this.hasBadRecords = true
        if (at < this.#stored.records.length - 1) this.damaged.push("records")
        break
      }
      lines.push(line)
    }
    return lines
  }
}

/** The motor's profile and the battery's as they were stored last, and one more breakdown if that is why the board started. */
export function restoreWear(
  reader: Reader,
  { motor, supply }: Pick<Lock, "motor" | "supply">,
  { breakdowns }: Boots,
  cause: ResetCause,
): Pick<Lock, "motor" | "supply"> {
  const wear = reader.read("wear", decodeWear)
  const count = isBreakdown(cause) ? breakdowns + 1 : breakdowns
  return { motor: wear?.motor ?? motor, supply: { ...supply, ...wear?.supply, breakdowns: count } }
}

/** The floor that was stored, or when the newest record was made by the lock's own clock then: that has passed too. */
export function restoreFloor(reader: Reader, lines: readonly Line[]): UnixMillis {
  const decoded = decodeRecord(lines.at(-1)?.record ?? EMPTY)
  const passed = [reader.read("clock", decodeFloor), decoded.ok ? decoded.record.wall_ms : null]
  return unixMillis(Math.max(0, ...passed.filter((time) => time !== null)))
}

/** Alarms whose records the keeper has are over. Lost ones still stand in their records' openings. */
export function restoreAlarms(reader: Reader, journal: Journal): Lock["alarms"] {
  return confirmed(reader.read("alarms", decodeAlarms) ?? NO_ALARMS, journal.head.next)
}

/** Where the used codes are lost, none is taken until it is clear which are older than the loss. */
export function restoreUsed(reader: Reader): Lock["offlineUsed"] {
  const used = reader.read("offline", decodeUsed)
  return used === null && reader.isDamaged("offline") ? null : (used ?? [])
}

export function restoreThrottle(reader: Reader): Throttle {
  const throttle = reader.read("throttle", decodeThrottle)
  if (throttle !== null) return throttle
  return reader.isDamaged("throttle") ? mistrusted() : NO_TRIES
}

/** Where it cannot be told any more what was ordered, a door that can be told otherwise is locked down. */
export function restoreModes(reader: Reader, active: Active | null, now: Uptime, floor: UnixMillis): Modes {
  const modes = reader.read("mode", (body) => decodeModes(body, now))
  const until = modes?.ordered.get("narrowed") ?? null
  if (modes !== null && modes.narrowed !== null && until !== null) {
    const left_ms = Math.max(0, modes.narrowed.end_s * 1000 - floor)
    return withOrdered(modes, "narrowed", uptime(Math.min(until, now + left_ms)))
  }
  if (modes !== null) return modes
  const isAnswerable = active?.policy.config.remoteActs.includes("normal") === true
  return reader.isDamaged("mode") && isAnswerable ? withOrdered(QUIET, "lockdown", null) : QUIET
}

/** The slot that the head names, checked again from its signature on. */
export function restorePolicy(
  reader: Reader,
  pairing: Pairing,
  crypto: Crypto,
): { readonly active: Active | null; readonly held: Held } {
  const head = reader.read("head", decodeHeldHead)
  if (head === null) return { active: null, held: { origin: null, size: 0, root: crypto.sha256(EMPTY) } }
  const { slot, held } = head
  return { active: reader.read(`slot ${slot}`, (body) => openSlot(crypto, pairing, slot, body)), held }
}

/**
 * The ticket, if there is still a policy for it. Lost denials end the lease: whom they named cannot be told any more. So does
 * a lost floor: how much of the lease had passed cannot be told, and by a floor of zero it would never end.
 */
export function restoreLease(reader: Reader, lock: Lock, now: Uptime, crypto: Crypto): Lock["lease"] {
  const { site, door, keeper } = lock.pairing
  const lease = reader.read("lease", (ticket) => {
    const verified = verifyLease(site, ticket, keeper, crypto)
    return verified.ok && verified.value.door === door ? verified.value : null
  })
  if (lock.active === null || reader.isDamaged("clock") || reader.isDamaged("denies")) return null
  return lease !== null && hasEnded(lease, lock.clock, now) ? null : lease
}

export function restoreReadings(reader: Reader): Lock["readings"] {
  return reader.read("readings", decodeReadings) ?? (reader.isDamaged("readings") ? null : NO_READINGS)
}
