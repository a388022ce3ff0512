/**
 * The first turn: from what storage kept to a lock that runs.
 *
 * Every part is old or new, or torn. A torn part falls back to less: no policy, no lease, an unknown time, a long wait for
 * codes; never to more. The bolt is unknown until its sensor speaks, and nothing is drawn because of a boot. What was found
 * damaged is journalled.
 */
import { verifyLease } from "@holdfast/access/door"
import { assert, type Crypto, EMPTY, type UnixMillis, type Uptime, unixMillis, uptime } from "@holdfast/base"
import { decodeSigned } from "@holdfast/base/cose"
import type { ResetCause } from "@holdfast/sense"
import { confirmed, decodeAlarms, NO_ALARMS } from "./alarms.ts"
import { type Batch, type ChainHead, decodeBatch, genesis, headAfter } from "./batch.ts"
import { decodeFloor, unknownClock } from "./clock.ts"
import { decodeDenies } from "./denies.ts"
import { type Boots, decodeBoot, encodeBoot } from "./boots.ts"
import { decodeKept, NOTHING_KEPT, newDefence } from "./defence.ts"
import { Draft } from "./draft.ts"
import { READY } from "./egress.ts"
import { NOTHING_SHOWN } from "./factors.ts"
import { CALM } from "./flood.ts"
import { append, decodeHead, emptyJournal, type Journal, lose, withSegment } from "./journal.ts"
import { hasEnded } from "./lease.ts"
import type { Lock, Outstanding, Pairing, Turn } from "./lock.ts"
import { NOTHING_ORDERED } from "./ordering.ts"
import { decodeModes, modeOf, type Modes, QUIET, withOrdered } from "./mode.ts"
import { decodeUsed } from "./offline-used.ts"
import { decodeReadings, NO_READINGS } from "./card/readings.ts"
import { decodeKnown } from "./phone/known.ts"
import { decodeRecord, RECORD_SIZE } from "./record.ts"
import { decodeSentBatch } from "./reporting.ts"
import { type Active, decodeHeldHead, type Held, openSlot } from "./slot.ts"
import { decodeLine, decodePart, type Line, type Part, type Stored } from "./stored.ts"
import { decodeThrottle, encodeThrottle, mistrusted, NO_TRIES, type Throttle } from "./throttle.ts"
import { NEW_MOTOR } from "./motor.ts"
import { isBreakdown } from "./power.ts"
import { newSupply } from "./supply.ts"
import { restAfterBreakdowns } from "./supplying.ts"
import { settle } from "./turn.ts"
import { decodeService, leave } from "./service.ts"
import { decodeUpdate, newUpdate } from "./update.ts"
import { decodeWear } from "./wear.ts"

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

/** Reads parts, and remembers which were there and could not be read. */
class Reader {
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
  const lines = reader.lines()
  const sent = restoreBatch(reader, pairing, now)
  const { journal, outstanding } = restoreJournal(reader, pairing, lines, sent, crypto)
  // Each boot that found no room for its record was at least counted.
  const boots = reader.read("boot", decodeBoot) ?? { boot: lastBoot(lines, sent) + journal.lost, breakdowns: 0 }
  const floor = restoreFloor(reader, lines)
  const { active, held } = restorePolicy(reader, pairing, crypto)
  const denies = reader.read("denies", decodeDenies) ?? []
  const fresh = freshLock(pairing, seed, now, floor)
  const throttle = restoreThrottle(reader)
  const alarms = restoreAlarms(reader, journal)
  const offlineUsed = restoreUsed(reader)
  const worn = restoreWear(reader, fresh, boots, cause)
  const modes = restoreModes(reader, active, now, floor)
  // It rules on without moving the bolt: a boot draws nothing.
  const ruled = modeOf(modes, active?.policy.config.fireReleases ?? false)
  const defence = newDefence(now, reader.read("defence", decodeKept) ?? NOTHING_KEPT)
  const update = { ...fresh.update, ...reader.read("update", decodeUpdate) }
  const leaving = reader.read("service", decodeService)
  const phones = reader.read("phones", decodeKnown) ?? []
  const readings = reader.read("readings", decodeReadings) ?? (reader.isDamaged("readings") ? null : NO_READINGS)
  const kept = {
    update,
    phones,
    readings,
    active,
    held,
    denies,
    journal,
    outstanding,
    throttle,
    modes,
    ruled,
    defence,
    alarms,
    offlineUsed,
  }
  const lock: Lock = { ...fresh, ...worn, ...kept, boot: boots.boot + 1 }
  const draft = new Draft({ ...lock, lease: restoreLease(reader, lock, now, crypto) }, now, crypto)
  if (reader.hasBadRecords) draft.effect({ kind: "discard", from: journal.next })
  draft.store("boot", encodeBoot(draft.lock.boot, draft.lock.supply.breakdowns))
  draft.record("boot", "done", { version: active?.name.version ?? null })
  if (reader.damaged.length > 0) draft.record("storage damaged", "alarm", { note: reader.damaged.join(", ") })
  // What took the torn part's place is kept from now on: the next boot finds nothing torn, and the wait goes on where it was.
  if (reader.isDamaged("throttle")) draft.store("throttle", encodeThrottle(draft.lock.throttle, now))
  if (stored.fault !== undefined) disbelieve(draft, stored.fault)
  if (leaving !== null) leave(draft, leaving.what, leaving.sequence)
  restAfterBreakdowns(draft)
  return settle(draft)
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

/** The motor's profile and the battery's as they were stored last, and one more breakdown if that is why the board started. */
function restoreWear(
  reader: Reader,
  { motor, supply }: Pick<Lock, "motor" | "supply">,
  { breakdowns }: Boots,
  cause: ResetCause,
): Pick<Lock, "motor" | "supply"> {
  const wear = reader.read("wear", decodeWear)
  const count = isBreakdown(cause) ? breakdowns + 1 : breakdowns
  return { motor: wear?.motor ?? motor, supply: { ...supply, ...wear?.supply, breakdowns: count } }
}

/** Where the counter is lost, the newest record still says which boot made it: one in storage, or in the last signed batch. */
function lastBoot(lines: readonly Line[], sent: Outstanding | null): number {
  const newest = [lines.at(-1)?.record, sent?.batch.records.slice(-RECORD_SIZE)]
  const boots = newest.map((bytes) => {
    const decoded = bytes === undefined ? null : decodeRecord(bytes)
    return decoded?.ok ? decoded.record.boot : 0
  })
  return Math.max(...boots)
}

/** The floor that was stored, or when the newest record was made by the lock's own clock then: that has passed too. */
function restoreFloor(reader: Reader, lines: readonly Line[]): UnixMillis {
  const decoded = decodeRecord(lines.at(-1)?.record ?? EMPTY)
  const passed = [reader.read("clock", decodeFloor), decoded.ok ? decoded.record.wall_ms : null]
  return unixMillis(Math.max(0, ...passed.filter((time) => time !== null)))
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

/** Alarms whose records the keeper has are over. Lost ones still stand in their records' openings. */
function restoreAlarms(reader: Reader, journal: Journal): Lock["alarms"] {
  return confirmed(reader.read("alarms", decodeAlarms) ?? NO_ALARMS, journal.head.next)
}

/** Where the used codes are lost, none is taken until it is clear which are older than the loss. */
function restoreUsed(reader: Reader): Lock["offlineUsed"] {
  const used = reader.read("offline", decodeUsed)
  return used === null && reader.isDamaged("offline") ? null : (used ?? [])
}

function restoreThrottle(reader: Reader): Throttle {
  const throttle = reader.read("throttle", decodeThrottle)
  if (throttle !== null) return throttle
  return reader.isDamaged("throttle") ? mistrusted() : NO_TRIES
}

/** Where it cannot be told any more what was ordered, a door that can be told otherwise is locked down. */
function restoreModes(reader: Reader, active: Active | null, now: Uptime, floor: UnixMillis): Modes {
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
function restorePolicy(
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
function restoreLease(reader: Reader, lock: Lock, now: Uptime, crypto: Crypto): Lock["lease"] {
  const { site, door, keeper } = lock.pairing
  const lease = reader.read("lease", (ticket) => {
    const verified = verifyLease(site, ticket, keeper, crypto)
    return verified.ok && verified.value.door === door ? verified.value : null
  })
  if (lock.active === null || reader.isDamaged("clock") || reader.isDamaged("denies")) return null
  return lease !== null && hasEnded(lease, lock.clock, now) ? null : lease
}

function restoreJournal(
  reader: Reader,
  pairing: Pairing,
  lines: readonly Line[],
  sent: Outstanding | null,
  crypto: Crypto,
): { readonly journal: Journal; readonly outstanding: Outstanding | null } {
  const kept = reader.read("journal", decodeHead)
  const isLost = sent !== null && reader.isDamaged("journal")
  const bySent = isLost ? headBySent(sent.batch, lines.at(-1), pairing) : null
  const head = kept?.head ?? bySent ?? genesis(crypto, pairing.site, pairing.door, pairing.journalKey)
  const empty = emptyJournal(head, pairing.journal_records_max, pairing.journal_bytes_max)
  const outstanding = sent?.batch.first === head.next ? sent : null
  // What was signed may be in the log already: those records stand as they were signed, whatever storage says of them.
  const resumed = outstanding === null ? empty : withSegment(empty, outstanding.batch.records)
  const journal = withLines(reader, resumed, lines)
  return { journal: kept === null ? journal : lose(journal, kept.lost), outstanding }
}

function restoreBatch(reader: Reader, pairing: Pairing, now: Uptime): Outstanding | null {
  const sent = reader.read("batch", decodeSentBatch)
  const signed = sent === null ? null : decodeSigned("batch", pairing.site, sent.entry)
  const batch = signed === null ? null : decodeBatch(signed.payload)
  return sent === null || batch === null ? null : { batch, sent: { ...sent, again: now } }
}

/**
 * Where the head is lost, the last signed batch says where the chain stood; to send it again does no harm. But where more
 * records are kept than would fit beside it, its receipt had come, and its room was used again.
 */
function headBySent(batch: Batch, last: Line | undefined, { journal_records_max }: Pairing): ChainHead {
  const fits = last === undefined || sequenceOf(last) < batch.first + journal_records_max
  return fits ? { next: batch.first, chain: batch.before } : headAfter(batch)
}

function sequenceOf({ record }: Line): number {
  const decoded = decodeRecord(record)
  assert(decoded.ok, "a record that does not read ends what is kept")
  return decoded.record.sequence
}

/** The records that go on where the journal stands. One that does not, and all behind it, are lost. */
function withLines(reader: Reader, resumed: Journal, lines: readonly Line[]): Journal {
  let journal = resumed
  for (const line of lines) {
    const sequence = sequenceOf(line)
    if (sequence < journal.next) continue // Signed already, or safe elsewhere and its room not used again yet.
    if (sequence > journal.next) {
      reader.hasBadRecords = true
      reader.damaged.push("records")
      break
    }
    journal = append(journal, line, false)
  }
  return journal
}
