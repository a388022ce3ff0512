/**
 * The event log, entry by entry: did the paired lock sign each batch, and do the batches of each lock fit together?
 *
 * Picture one string of beads a lock, all dropped into one drawer: each bead says which one came before it. Each batch is
 * also held against the authority log: the head that the lock held must have been one of that log's, and the policy in force
 * one that the keeper issued.
 */
import { type Crypto, type DoorId, equalBytes, type UnixMillis } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { decodeEntry } from "@holdfast/ledger"
import {
  type Batch,
  type BatchOpened,
  type ChainHead,
  doorOfBatch,
  follows,
  genesis,
  headAfter,
  openBatch,
} from "@holdfast/lock"
import type { AuthorityFacts } from "./authority.ts"

/** The type of an event entry, from the range that the ledger gives to the lock. */
export const ENTRY_BATCH = 16

export type EventCounts = { readonly batches: number; readonly records: number; readonly locks: number }

export class EventsAudit {
  readonly #crypto: Crypto
  readonly #facts: AuthorityFacts
  /** By door and journal key: where the chain of that lock stands. */
  readonly #chains = new Map<string, ChainHead>()
  #admittedAt = 0
  #taken = 0
  #records = 0

  constructor(crypto: Crypto, facts: AuthorityFacts) {
    this.#crypto = crypto
    this.#facts = facts
  }

  get counts(): EventCounts {
    return { batches: this.#taken, records: this.#records, locks: this.#chains.size }
  }

  /** Where the chain of the lock at `door` with this journal key stands: at its genesis if nothing was heard of it. */
  chainOf(door: DoorId, journalKey: PublicKey): ChainHead {
    const known = this.#chains.get(`${door} ${toHex(journalKey)}`)
    return known ?? genesis(this.#crypto, this.#facts.site, door, journalKey)
  }

  /** Takes the next entry's bytes; answers what is wrong, or null. */
  take(bytes: Uint8Array): string | null {
    const index = this.#taken
    this.#taken += 1
    const decoded = decodeEntry(bytes)
    if (!decoded.ok) return `entry ${index}: ${decoded.fault}`
    const wrong = this.#order(decoded.entry.admittedAt) ?? this.#batch(decoded.entry.type, decoded.entry.bytes)
    return wrong === null ? null : `entry ${index}: ${wrong}`
  }

  /** A lock may fall silent; that is seen elsewhere. */
  finish(): string | null {
    return null
  }

  #order(admittedAt: UnixMillis): string | null {
    if (admittedAt < this.#admittedAt) return "admitted before the last"
    this.#admittedAt = admittedAt
    return null
  }

  #batch(type: number, bytes: Uint8Array): string | null {
    if (type !== ENTRY_BATCH) return `entries of type ${type} do not belong here`
    const door = doorOfBatch(this.#facts.site, bytes)
    if (door === null) return "not a signed batch"
    const opened = this.#open(door, bytes)
    if (opened === null) return `no lock was paired with door ${door}`
    if (!opened.ok) return `door ${door}: ${opened.fault}`
    return this.#fits(opened.batch, opened.key)
  }

  /** Tries the door's keys, newest first: a door whose board was replaced has two strings of beads. */
  #open(
    door: DoorId,
    bytes: Uint8Array,
  ):
    | ({ readonly ok: true; readonly batch: Batch; readonly key: PublicKey } | Exclude<BatchOpened, { ok: true }>)
    | null {
    const keys = this.#facts.journalKeys.get(door)
    if (keys === undefined) return null
    let refused: Exclude<BatchOpened, { ok: true }> = { ok: false, fault: "wrong signature" }
    for (const key of keys.toReversed()) {
      const opened = openBatch(this.#crypto, this.#facts.site, key, bytes)
      if (opened.ok) return { ok: true, batch: opened.batch, key }
      if (opened.fault !== "wrong signature") refused = opened
    }
    return refused
  }

  #fits(batch: Batch, key: PublicKey): string | null {
    const head = this.chainOf(batch.door, key)
    if (!follows(batch, head))
      return `door ${batch.door}: record ${batch.first} does not follow record ${head.next - 1}: records are missing or changed`
    const after = headAfter(batch)
    this.#chains.set(`${batch.door} ${toHex(key)}`, after)
    this.#records += after.next - batch.first
    return this.#testimony(batch)
  }

  #testimony(batch: Batch): string | null {
    const { size, root } = batch.held
    const known = this.#facts.roots[size]
    if (known === undefined)
      return `door ${batch.door}: the lock held an authority log of ${size} entries, longer than this one`
    if (!equalBytes(known, root)) return `door ${batch.door}: the lock held another authority log at size ${size}`
    if (batch.policy === null) return null
    const { version, hash } = batch.policy
    const issued = this.#facts.issued.get(batch.door) ?? []
    const found = issued.some(
      (each) =>
        each.version.epoch === version.epoch && each.version.size === version.size && equalBytes(each.policyHash, hash),
    )
    return found ? null : `door ${batch.door}: the policy in force was never issued`
  }
}
