/**
 * The first turn: from what storage kept to a lock that runs.
 *
 * Every part is old or new, or torn. A torn part falls back to less: no policy, no lease, an unknown time, a long wait for
 * codes; never to more. The bolt is unknown until its sensor speaks, and nothing is drawn because of a boot. What was found
 * damaged is journalled.
 */
import { assert, type Crypto, EMPTY, type UnixMillis, type Uptime } from "@holdfast/base"
import type { ResetCause } from "@holdfast/sense"
import { type Boots, decodeBoot, encodeBoot } from "./boots.ts"
import { unknownClock } from "./clock.ts"
import { decodeKept, NOTHING_KEPT, newDefence } from "./defence.ts"
import { decodeDenies } from "./denies.ts"
import { Draft } from "./draft.ts"
import { READY } from "./egress.ts"
import { NOTHING_SHOWN } from "./factors.ts"
import { CALM } from "./flood.ts"
import type { Lock, Pairing, Turn } from "./lock.ts"
import { modeOf } from "./mode.ts"
import { NEW_MOTOR } from "./motor.ts"
import { NOTHING_ORDERED } from "./ordering.ts"
import { decodeKnown } from "./phone/known.ts"
import { lastBoot, restoreBatch, restoreJournal } from "./restore-journal.ts"
import {
  Reader,
  restoreAlarms,
  restoreFloor,
  restoreLease,
  restoreModes,
  restorePolicy,
  restoreReadings,
  restoreThrottle,
  restoreUsed,
  restoreWear,
} from "./restore-parts.ts"
import { decodeService, leave } from "./service.ts"
import type { Stored } from "./stored.ts"
import { newSupply } from "./supply.ts"
import { restAfterBreakdowns } from "./supplying.ts"
import { encodeThrottle, mistrusted } from "./throttle.ts"
import { settle } from "./turn.ts"
import { decodeUpdate, newUpdate } from "./update.ts"

/** What a boot finds in storage and always sets, if only to nothing. */
type Restored =
  | "active"
  | "alarms"
  | "boot"
  | "defence"
  | "denies"
  | "held"
  | "journal"
  | "modes"
  | "offlineUsed"
  | "outstanding"
  | "phones"
  | "readings"
  | "ruled"
  | "throttle"

/**
 * Starts a lock. `seed` is 32 bytes of chance that no boot ever had before; `stored` is what the effects of earlier boots
 * left; `cause` is what the board's reset register says. The first effects make the boot durable.
 */
export function boot(
  pairing: Pairing,
  stored: Stored,
  seed: Uint8Array,
  now: Uptime,
  crypto: Crypto,
  cause: ResetCause = "power on",
): Turn {
  assert(seed.length === 32 && pairing.codeKey.length === 32, "seed and code key are 32 bytes each")
  const reader = new Reader(crypto, stored)
  const lock = restoredLock(reader, pairing, seed, now, crypto, cause)
  const leaving = reader.read("service", decodeService)
  const draft = new Draft(lock, now, crypto)
  if (reader.hasBadRecords) draft.effect({ kind: "discard", from: lock.journal.next })
  draft.store("boot", encodeBoot(lock.boot, lock.supply.breakdowns))
  draft.record("boot", "done", { version: lock.active?.name.version ?? null })
  if (reader.damaged.length > 0) draft.record("storage damaged", "alarm", { note: reader.damaged.join(", ") })
  // What took the torn part's place is kept from now on: the next boot finds nothing torn, and the wait goes on where it was.
  if (reader.isDamaged("throttle")) draft.store("throttle", encodeThrottle(lock.throttle, now))
  if (stored.fault !== undefined) disbelieve(draft, stored.fault)
  if (leaving !== null) leave(draft, leaving.what, leaving.sequence)
  restAfterBreakdowns(draft)
  return settle(draft)
}

/** The lock as its parts tell it. The journal comes first: its newest record says which boot made it, and when. */
function restoredLock(
  reader: Reader,
  pairing: Pairing,
  seed: Uint8Array,
  now: Uptime,
  crypto: Crypto,
  cause: ResetCause,
): Lock {
  const lines = reader.lines()
  const sent = restoreBatch(reader, pairing, now)
  const { journal, outstanding } = restoreJournal(reader, pairing, lines, sent, crypto)
  // Each boot that found no room for its record was at least counted.
  const boots: Boots = reader.read("boot", decodeBoot) ?? { boot: lastBoot(lines, sent) + journal.lost, breakdowns: 0 }
  const floor = restoreFloor(reader, lines)
  const { active, held } = restorePolicy(reader, pairing, crypto)
  const fresh = freshLock(pairing, seed, now, floor)
  const modes = restoreModes(reader, active, now, floor)
  const lock: Lock = {
    ...fresh,
    ...restoreWear(reader, fresh, boots, cause),
    boot: boots.boot + 1,
    journal,
    outstanding,
    active,
    held,
    modes,
    // It rules on without moving the bolt: a boot draws nothing.
    ruled: modeOf(modes, active?.policy.config.fireReleases ?? false),
    denies: reader.read("denies", decodeDenies) ?? [],
    throttle: restoreThrottle(reader),
    alarms: restoreAlarms(reader, journal),
    offlineUsed: restoreUsed(reader),
    defence: newDefence(now, reader.read("defence", decodeKept) ?? NOTHING_KEPT),
    update: { ...fresh.update, ...reader.read("update", decodeUpdate) },
    phones: reader.read("phones", decodeKnown) ?? [],
    readings: restoreReadings(reader),
  }
  return { ...lock, lease: restoreLease(reader, lock, now, crypto) }
}

/**
 * Storage that is whole and from another time, or with pieces gone, says nothing against anybody that can be relied upon. So
 * nothing opens until a new lease comes, codes wait as after a long row of failures, and both outlast the next boot.
 */
function disbelieve(draft: Draft, fault: NonNullable<Stored["fault"]>): void {
  draft.set({ lease: null, throttle: mistrusted() })
  draft.store("lease", EMPTY)
  draft.store("throttle", encodeThrottle(draft.lock.throttle, draft.now))
  draft.record(fault === "damaged" ? "storage damaged" : "storage rolled back", "alarm")
}

/** What no boot takes over from the one before. */
function freshLock(pairing: Pairing, seed: Uint8Array, now: Uptime, floor: UnixMillis): Omit<Lock, Restored> {
  return {
    pairing,
    seed,
    drawn: 0,
    linked: false,
    askAgain: now,
    clock: unknownClock(floor, now),
    floorStoredAt: now,
    bolt: { is: "unknown" },
    boltSensed: null,
    drawnBecause: "not commanded",
    door: { is: "unknown" },
    exitMaskUntil: now,
    exitAsked: false,
    egress: READY,
    ordering: NOTHING_ORDERED,
    partner: "unknown",
    reader: "in",
    passing: null,
    passes: new Map(),
    power: "mains",
    supply: newSupply(now),
    motor: NEW_MOTOR,
    reinforced: { until: null, restsUntil: now },
    collecting: NOTHING_SHOWN,
    exchange: null,
    meeting: null,
    update: newUpdate(now),
    codesTried: 0,
    firstPerson: null,
    enrolment: null,
    service: { is: "none" },
    incoming: null,
    wantAgain: now,
    wanted: 0,
    lease: null,
    leaseAhead: null,
    leaseEndNoted: false,
    flood: CALM,
    wakeAt: null,
  }
}
