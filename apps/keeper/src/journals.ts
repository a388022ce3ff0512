/**
 * The locks' journals: each lock's chain of batches, checked and put into the event log.
 *
 * A batch is taken when the lock that is paired with its door signed it and it goes on exactly where that lock's chain
 * stands; so there is one history for each lock, and a gap can only be a record in it. A batch that comes again gets the same
 * place. What opens the records comes sealed beside the batch and is durable here before the receipt, since the lock then
 * forgets it.
 */
import type { PairedLock } from "@holdfast/access"
import { type DoorId, type PublicKey, toHex, type UnixMillis } from "@holdfast/base"
import { encodeEntry } from "@holdfast/ledger"
import {
  type Batch,
  type BatchFault,
  type ChainHead,
  decodeOpenings,
  doorOfBatch,
  encodeAdmittedAt,
  follows,
  genesis,
  headAfter,
  openBatch,
} from "@holdfast/lock"
import { hpkeInfo, openSealed } from "@holdfast/port-node"
import type { Keeping } from "./keeping.ts"
import type { Log } from "./log/log.ts"

export const ENTRY_BATCH = 16

export type JournalFault =
  | BatchFault
  | "no lock is paired with this door"
  | "other records are in the log at this place"
  | "records before these are missing"
  | "openings do not open"
  | "openings are not those of the batch"

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
type Chain = { readonly name: string; head: ChainHead; readonly places: Map<string, Place> }

export class Journals {
  readonly #keeping: Keeping
  /** By door and journal key. */
  readonly #chains = new Map<string, Chain>()

  constructor(keeping: Keeping) {
    this.#keeping = keeping
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
      this.#extend(chain, opened.batch, this.#nameOf(bytes), { index, admittedAt, durable: null })
      return null
    }
    return fault
  }

  /** Takes a batch from a courier, with what opens its records. */
  async accept(
    log: Log,
    lockOf: (door: DoorId) => PairedLock | null,
    bytes: Uint8Array,
    sealed: Uint8Array,
  ): Promise<BatchAnswer> {
    const { site, ports, clock } = this.#keeping
    const door = doorOfBatch(site, bytes)
    if (door === null) return { ok: false, fault: "not a signed batch" }
    const lock = lockOf(door)
    if (lock === null) return { ok: false, fault: "no lock is paired with this door" }
    const chain = this.#chain(door, lock.journalKey)
    const name = this.#nameOf(bytes)
    const known = chain.places.get(name)
    if (known !== undefined) return this.#again(log, door, known, sealed)
    const opened = openBatch(ports.crypto, site, lock.journalKey, bytes)
    if (!opened.ok) return opened
    const { batch } = opened
    if (batch.first > chain.head.next) return { ok: false, fault: "records before these are missing" }
    if (!follows(batch, chain.head)) return { ok: false, fault: "other records are in the log at this place" }
    const openings = this.#openings(batch.first, headAfter(batch).next, sealed)
    if (typeof openings === "string") return { ok: false, fault: openings }
    const admittedAt = clock.admission()
    const { index, durable } = log.append(encodeEntry({ type: ENTRY_BATCH, admittedAt, bytes }))
    const place = this.#extend(chain, batch, name, { index, admittedAt, durable: null })
    this.#keep(door, place, openings, durable)
    return this.#receipt(log, place)
  }

  /** A batch that is in the log: its openings are kept where a power cut lost them, and the answer is as before. */
  async #again(log: Log, door: DoorId, place: Place, sealed: Uint8Array): Promise<BatchAnswer> {
    if (!this.#keeping.vault.hasOpenings(door, place.first)) {
      const openings = this.#openings(place.first, place.next, sealed)
      if (typeof openings === "string") return { ok: false, fault: openings }
      this.#keep(door, place, openings, Promise.resolve())
    }
    return this.#receipt(log, place)
  }

  #keep(door: DoorId, place: Place, openings: Uint8Array, durable: Promise<void>): void {
    const { vault } = this.#keeping
    vault.putOpenings(door, place.first, place.next - 1, openings)
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

  /** The openings' plain bytes: one for each record of the batch, so that no courier can leave any out. */
  #openings(first: number, next: number, sealed: Uint8Array): Uint8Array | JournalFault {
    const { keys, site } = this.#keeping
    const plain = openSealed(keys.hpke, hpkeInfo("openings", site), sealed)
    const openings = plain === null ? null : decodeOpenings(plain)
    if (plain === null || openings === null) return "openings do not open"
    const all = openings.every(({ sequence }, at) => sequence === first + at)
    return all && openings.length === next - first ? plain : "openings are not those of the batch"
  }

  /** The chain of a door's lock with this key; a new one where the key is new. */
  #chain(door: DoorId, key: PublicKey): Chain {
    const { ports, site } = this.#keeping
    const name = `${door} ${toHex(key)}`
    return this.#chains.get(name) ?? { name, head: genesis(ports.crypto, site, door, key), places: new Map() }
  }

  #extend(chain: Chain, batch: Batch, name: string, at: Pick<Place, "index" | "admittedAt" | "durable">): Place {
    const head = headAfter(batch)
    const place: Place = { ...at, first: batch.first, next: head.next }
    chain.head = head
    chain.places.set(name, place)
    this.#chains.set(chain.name, chain)
    return place
  }

  #nameOf(bytes: Uint8Array): string {
    return toHex(this.#keeping.ports.crypto.sha256(bytes))
  }
}
