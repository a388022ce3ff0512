/**
 * The locks' journals: each lock's chain of batches, checked and put into the event log.
 *
 * A batch is taken when the lock that is paired with its door signed it and it goes on exactly where that lock's chain
 * stands; so there is one history for each lock, and a gap can only be a record in it. A batch that comes again gets the same
 * place. What opens the records comes sealed beside the batch and is durable here before the receipt, since the lock then
 * forgets it.
 */
import type { PairedLock } from "@holdfast/access"
import { type DoorId, equalBytes, type UnixMillis } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { encodeEntry } from "@holdfast/ledger"
import {
  type BatchFault,
  type ChainHead,
  doorOfBatch,
  encodeAdmittedAt,
  follows,
  genesis,
  headAfter,
  openBatch,
} from "@holdfast/lock"
import type { Grave } from "@holdfast/lock/grave"
import type { Alarms } from "./alarms.ts"
import {
  type BatchChecked,
  type BatchChecks,
  checkBatch,
  type OpenedOpenings,
  type OpeningsFault,
  openOpenings,
} from "./batch-check.ts"
import type { Keeping } from "./keeping.ts"
import type { Log } from "./log/log.ts"

export const ENTRY_BATCH = 16

export type JournalFault =
  | BatchFault
  | "no lock is paired with this door"
  | "other records are in the log at this place"
  | "records before these are missing"
  | OpeningsFault

export type BatchAnswer =
  | { readonly ok: true; readonly index: number; readonly receipt: Uint8Array }
  | { readonly ok: false; readonly fault: JournalFault }

type Place = {
  readonly index: number
  readonly admittedAt: UnixMillis
  /** Sequences of the batch: from `first` up to, not including, `next`. */
  readonly first: number
  readonly next: number
  /** Null once everything about it is durable. */
  durable: Promise<void> | null
}

/** The chain of one door's lock with one journal key: a board that comes back goes on with its own. */
type Chain = {
  readonly door: DoorId
  readonly key: PublicKey
  head: ChainHead
  readonly places: Map<string, Place>
  /** Done when the batch that came last was taken or refused: they are taken in the order in which they came. */
  arriving: Promise<void>
}

type Sound = BatchChecked & { readonly ok: true }
type NotTaken = BatchAnswer & { readonly ok: false }

function ignored(): void {
  // Whoever brought the batch hears of it; the next one only waits for its end.
}

function isHead(a: ChainHead, b: ChainHead): boolean {
  return a.next === b.next && equalBytes(a.chain, b.chain)
}

export class Journals {
  readonly #keeping: Keeping
  readonly #alarms: Alarms
  readonly #checks: BatchChecks
  /** By door and journal key. */
  readonly #chains = new Map<string, Chain>()
  /** Hears of records that other doors may be narrowed for, once they are in the log for good. */
  onGrave: (door: DoorId, records: readonly Grave[]) => void = () => undefined

  constructor(keeping: Keeping, alarms: Alarms) {
    const { ports, keys } = keeping
    this.#keeping = keeping
    this.#alarms = alarms
    this.#checks = ports.batchChecks?.(keys.hpke) ?? {
      check: async (batch) => checkBatch(ports.crypto, keys.hpke, batch),
      close: async () => undefined,
    }
  }

  close(): Promise<void> {
    return this.#checks.close()
  }

  /**
   * Takes a batch that is in the log already, while a start reads it; a text says why it cannot be there. `keysOf` answers
   * every key that was ever paired with a door. Signatures were checked at admission, and the tree shows that no byte changed.
   */
  replay(
    bytes: Uint8Array,
    index: number,
    admittedAt: UnixMillis,
    keysOf: (door: DoorId) => readonly PublicKey[],
  ): string | null {
    const { site, ports } = this.#keeping
    const trusting = { ...ports.crypto, verifyEs256: () => true }
    const door = doorOfBatch(site, bytes)
    if (door === null) return "is not a batch of this site"
    let fault: string = "does not follow the lock's chain"
    for (const key of keysOf(door)) {
      const opened = openBatch(trusting, site, key, bytes)
      if (!opened.ok) fault = opened.fault
      const chain = this.#chain(door, key)
      if (!opened.ok || !follows(opened.batch, chain.head)) continue
      const head = headAfter(opened.batch)
      const place = { index, admittedAt, durable: null, first: opened.batch.first, next: head.next }
      this.#extend(chain, head, this.#nameOf(bytes), place)
      return null
    }
    return fault
  }

  /** Who signed a door's record, and when it came into the log; null where it did not. The newest lock of the door counts. */
  placeOf(
    door: DoorId,
    keys: readonly PublicKey[],
    sequence: number,
  ): { key: PublicKey; admittedAt: UnixMillis } | null {
    for (const key of keys.toReversed())
      for (const { first, next, admittedAt } of this.#chain(door, key).places.values())
        if (first <= sequence && sequence < next) return { key, admittedAt }
    return null
  }

  /** Takes a batch from a courier, with what opens its records. */
  async accept(
    log: Log,
    lockOf: (door: DoorId) => PairedLock | null,
    bytes: Uint8Array,
    sealed: Uint8Array,
  ): Promise<BatchAnswer> {
    const { site } = this.#keeping
    const door = doorOfBatch(site, bytes)
    if (door === null) return { ok: false, fault: "not a signed batch" }
    const lock = lockOf(door)
    if (lock === null) return { ok: false, fault: "no lock is paired with this door" }
    const chain = this.#chain(door, lock.journalKey)
    const name = this.#nameOf(bytes)
    const known = chain.places.get(name)
    if (known !== undefined) return this.#again(log, chain, known, bytes, sealed)
    const checking = this.#checks.check({ site, journalKey: lock.journalKey, entry: bytes, sealed })
    const answer = chain.arriving.then(async () => {
      const checked = await checking
      return checked.ok ? this.#take(log, chain, name, bytes, checked) : checked
    })
    chain.arriving = answer.then(ignored, ignored)
    const taken = await answer
    return "fault" in taken ? taken : this.#receipt(log, taken)
  }

  /** Puts a batch that holds by itself where it belongs, or says why it belongs nowhere. */
  #take(log: Log, chain: Chain, name: string, bytes: Uint8Array, checked: Sound): Place | NotTaken {
    const { before, after, openings, grave } = checked
    const known = chain.places.get(name)
    if (known !== undefined) return known // It came twice, and both were checked at once.
    if (before.next > chain.head.next) return { ok: false, fault: "records before these are missing" }
    if (!isHead(before, chain.head)) return { ok: false, fault: "other records are in the log at this place" }
    if (typeof openings === "string") return { ok: false, fault: openings }
    const admittedAt = this.#keeping.clock.admission()
    const { index, durable } = log.append(encodeEntry({ type: ENTRY_BATCH, admittedAt, bytes }))
    const place: Place = { index, admittedAt, durable: null, first: before.next, next: after.next }
    this.#extend(chain, after, name, place)
    this.#keep(chain, place, openings, durable)
    if (grave.length > 0) place.durable?.then(() => this.onGrave(chain.door, grave), ignored)
    return place
  }

  /** A batch that is in the log: its openings are kept where a power cut lost them, and the answer is as before. */
  async #again(log: Log, chain: Chain, place: Place, bytes: Uint8Array, sealed: Uint8Array): Promise<BatchAnswer> {
    const { keys, site, ports, vault } = this.#keeping
    if (!vault.hasOpenings(chain.door, place.first)) {
      const opened = openBatch(ports.crypto, site, chain.key, bytes)
      if (!opened.ok) return opened
      const openings = openOpenings(ports.crypto, keys.hpke, site, opened.batch, sealed)
      if (typeof openings === "string") return { ok: false, fault: openings }
      this.#keep(chain, place, openings, Promise.resolve())
    }
    return this.#receipt(log, place)
  }

  #keep({ door, key }: Chain, place: Place, openings: OpenedOpenings, durable: Promise<void>): void {
    const { vault } = this.#keeping
    vault.putOpenings(door, place.first, place.next - 1, openings.plain)
    this.#alarms.marked(door, key, place.admittedAt, openings.marked)
    const both = Promise.all([durable, vault.syncOpenings()]).then(() => {
      place.durable = null
    })
    both.catch(() => undefined) // Whoever waits for the receipt hears of it.
    place.durable = both
  }

  async #receipt(log: Log, place: Place): Promise<BatchAnswer> {
    await place.durable
    const receipt = log.receipt(place.index, encodeAdmittedAt(place.admittedAt))
    return { ok: true, index: place.index, receipt }
  }

  /** The chain of a door's lock with this key; a new one where the key is new. */
  #chain(door: DoorId, key: PublicKey): Chain {
    const { ports, site } = this.#keeping
    const name = `${door} ${toHex(key)}`
    const known = this.#chains.get(name)
    if (known !== undefined) return known
    const head = genesis(ports.crypto, site, door, key)
    const chain: Chain = { door, key, head, places: new Map(), arriving: Promise.resolve() }
    this.#chains.set(name, chain)
    return chain
  }

  #extend(chain: Chain, head: ChainHead, name: string, place: Place): void {
    chain.head = head
    chain.places.set(name, place)
  }

  #nameOf(bytes: Uint8Array): string {
    return toHex(this.#keeping.ports.crypto.sha256(bytes))
  }
}
