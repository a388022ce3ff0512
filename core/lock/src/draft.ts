/**
 * One turn while it is being taken: the state as it stands so far, and the effects in the order in which they must happen.
 *
 * Only `turn.ts` and `boot.ts` make one, and nobody keeps it: from outside a turn is a function. Whatever is recorded is put
 * before whatever it permits, simply by being called first.
 */
import { assert, type Crypto, later, type Uptime } from "@holdfast/base"
import { type Alarms, encodeAlarms, isUnrecorded, recorded } from "./alarms.ts"
import { wallAt } from "./clock.ts"
import { noticeEvent } from "./flood.ts"
import { append, encodeHead, gapIsDue, hasRoom, lose } from "./journal.ts"
import type { Effect, Lock, Signal, Turn } from "./lock.ts"
import {
  commitmentTo,
  encodeDetail,
  encodeRecord,
  FLAG_COLLAPSED,
  FLAG_ON_RESERVE,
  FLAG_UNLINKED,
  FLAG_URGENT,
  type GivenDetail,
  type RecordKind,
  SALT_SIZE,
} from "./record.ts"
import type { Result } from "./result.ts"
import { encodeLine, encodePart, type Part } from "./stored.ts"

export class Draft {
  lock: Lock
  readonly now: Uptime
  readonly crypto: Crypto
  readonly effects: Effect[] = []

  constructor(lock: Lock, now: Uptime, crypto: Crypto) {
    this.lock = lock
    this.now = now
    this.crypto = crypto
  }

  set(changed: Partial<Lock>): void {
    this.lock = { ...this.lock, ...changed }
  }

  effect(effect: Effect): void {
    this.effects.push(effect)
  }

  show(signal: Signal): void {
    this.effect({ kind: "show", signal })
  }

  store(part: Part, body: Uint8Array): void {
    this.effect({ kind: "store", part, bytes: encodePart(this.crypto, part, body) })
  }

  /** Bytes that nobody can foretell and that never come twice: HMAC of a count under this boot's seed. */
  chance(size: number): Uint8Array {
    assert(size <= 32, "one draw is at most 32 bytes")
    const count = new Uint8Array(8)
    new DataView(count.buffer).setUint32(4, this.lock.drawn)
    this.set({ drawn: this.lock.drawn + 1 })
    assert(this.lock.drawn <= 0xffff_ffff, "a boot draws fewer than 2^32 times")
    return this.crypto.hmacSha256(this.lock.seed, count).slice(0, size)
  }

  later(ms: number): Uptime {
    return later(this.now, ms)
  }

  /** Journals an event, durable before any effect that follows. In a storm it is counted instead, see `flood.ts`. */
  record(kind: RecordKind, result: Result = "done", detail: GivenDetail = {}, flags: number = 0): void {
    this.recordNumbered(kind, result, detail, flags)
  }

  /** The same, and answers with the record's sequence; 0 where the event was only counted. */
  recordNumbered(kind: RecordKind, result: Result, detail: GivenDetail, flags: number = 0): number {
    const noticed = noticeEvent(this.lock.flood, this.now, kind, result)
    this.set({ flood: noticed.flood })
    return noticed.single ? this.#record(kind, result, detail, flags) : 0
  }

  /** Journals many events of one kind as one record. */
  recordCollapsed(kind: RecordKind, result: Result, count: number): void {
    this.#markAlarms(this.#record(kind, result, { count, ...this.#mark() }, FLAG_COLLAPSED))
  }

  /** Writes the gap record as soon as there is room for it. */
  settleGap(isAlarm: boolean = false): void {
    const { journal } = this.lock
    if (!gapIsDue(journal, isAlarm)) return
    this.#markAlarms(this.#append("gap", "full", { count: journal.lost, ...this.#mark() }, FLAG_COLLAPSED, true))
    this.store("journal", encodeHead(this.lock.journal))
  }

  /** Stores the alarms, at one size whether there are any or not. */
  setAlarms(alarms: Alarms): void {
    this.set({ alarms })
    this.store("alarms", encodeAlarms(alarms))
  }

  /** What stands for several events stands for those under duress among them. */
  #mark(): Pick<GivenDetail, "mark"> {
    return { mark: isUnrecorded(this.lock.alarms) ? 1 : 0 }
  }

  #markAlarms(sequence: number): void {
    this.setAlarms(sequence === 0 ? this.lock.alarms : recorded(this.lock.alarms, sequence))
  }

  #record(kind: RecordKind, result: Result, detail: GivenDetail, flags: number): number {
    const isAlarm = result === "alarm" || flags === FLAG_URGENT
    this.settleGap(isAlarm)
    if (hasRoom(this.lock.journal, isAlarm)) return this.#append(kind, result, detail, flags, false)
    this.set({ journal: lose(this.lock.journal) })
    this.store("journal", encodeHead(this.lock.journal))
    return 0
  }

  #append(kind: RecordKind, result: Result, detail: GivenDetail, flags: number, settlesGap: boolean): number {
    const salt = this.chance(SALT_SIZE)
    const { journal, boot, clock, linked, power } = this.lock
    const bytes = encodeDetail(detail)
    const record = encodeRecord({
      sequence: journal.next,
      boot,
      kind,
      result,
      flags: flags | (linked ? 0 : FLAG_UNLINKED) | (power === "reserve" ? FLAG_ON_RESERVE : 0),
      uptime_ms: this.now,
      wall_ms: wallAt(clock, this.now),
      commitment: commitmentTo(this.crypto, salt, detail, bytes),
    })
    const line = { record, salt, detail: bytes }
    this.effect({ kind: "append", sequence: journal.next, bytes: encodeLine(this.crypto, line) })
    this.set({ journal: append(journal, line, settlesGap) })
    return journal.next
  }

  turn(): Turn {
    return { state: this.lock, effects: this.effects }
  }
}
