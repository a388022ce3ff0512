/**
 * The authority log, entry by entry: may each statement have been admitted, and is each policy what anybody would compile?
 *
 * It goes through the very gate that the keeper used (`admitAll`), so there is no second opinion to drift. Entries that were
 * admitted at one time are judged together, as the keeper did. The hashes of the log are the ledger's business.
 */
import {
  type Admission,
  admitAll,
  type Candidate,
  compile,
  decodeIssued,
  ENTRY_ISSUED,
  foundSite,
  type Issued,
  type State,
} from "@holdfast/access"
import { assert, type Crypto, type DoorId, equalBytes, type SiteId, type UnixMillis } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { decodeEntry, type Entry, Frontier, leafHash } from "@holdfast/ledger"

/** States that a policy may still be issued for; the keeper signs right after it admitted. */
const STATES_KEPT = 64

/** What the other logs are held against. */
export type AuthorityFacts = {
  readonly site: SiteId
  readonly state: State
  /** By size, from 0 on: the root of the log when it had that many entries. */
  readonly roots: readonly Uint8Array[]
  /** Every journal key that a door was ever paired with, oldest first. */
  readonly journalKeys: ReadonlyMap<DoorId, readonly PublicKey[]>
  readonly issued: ReadonlyMap<DoorId, readonly Issued[]>
}

export class AuthorityAudit {
  readonly #crypto: Crypto
  readonly #frontier: Frontier
  readonly #roots: Uint8Array[]
  readonly #journalKeys = new Map<DoorId, PublicKey[]>()
  readonly #issued = new Map<DoorId, Issued[]>()
  /** Newest last. */
  readonly #states: State[] = []
  #waiting: Entry[] = []
  #taken = 0

  constructor(crypto: Crypto) {
    this.#crypto = crypto
    this.#frontier = new Frontier(crypto)
    this.#roots = [this.#frontier.root()]
  }

  /** Takes the next entry's bytes; answers what is wrong with the log so far, or null. */
  take(bytes: Uint8Array): string | null {
    this.#frontier.append(leafHash(this.#crypto, bytes))
    this.#roots.push(this.#frontier.root())
    const decoded = decodeEntry(bytes)
    if (!decoded.ok) return `entry ${this.#taken}: ${decoded.fault}`
    const { entry } = decoded
    const [first] = this.#waiting
    const wrong = first !== undefined && first.admittedAt !== entry.admittedAt ? this.#judge() : null
    this.#waiting.push(entry)
    this.#taken += 1
    return wrong
  }

  /** Judges what is left. The facts are whole only after it answered null. */
  finish(): string | null {
    const wrong = this.#waiting.length > 0 ? this.#judge() : null
    if (wrong !== null) return wrong
    return this.#states.length > 0 ? null : "the log is empty: a site begins with its root metadata"
  }

  get facts(): AuthorityFacts {
    const state = this.#states.at(-1)
    assert(state !== undefined, "a site was founded")
    return { site: state.site, state, roots: this.#roots, journalKeys: this.#journalKeys, issued: this.#issued }
  }

  #judge(): string | null {
    const group = this.#waiting
    const [first] = group
    assert(first !== undefined, "a group has an entry")
    this.#waiting = []
    const latest = this.#states.at(-1)
    if (latest !== undefined) return this.#admit(latest, group, first.admittedAt)
    const founded = foundSite(first, this.#crypto)
    if (!founded.ok) return `entry 0: ${founded.fault}`
    this.#states.push(founded.state)
    return group.length === 1 ? null : this.#admit(founded.state, group.slice(1), first.admittedAt)
  }

  /** Policies stand behind the statements that they were compiled from, so a group is cut in front of each. */
  #admit(from: State, entries: readonly Entry[], at: UnixMillis): string | null {
    let state = from
    for (let next = 0; next < entries.length; ) {
      const policy = entries[next]?.type === ENTRY_ISSUED
      let end = next + 1
      while (end < entries.length && (entries[end]?.type === ENTRY_ISSUED) === policy) end++
      const wrong = this.#admitRun(state, entries.slice(next, end), at)
      if (wrong !== null) return wrong
      state = this.facts.state
      next = end
    }
    return null
  }

  #admitRun(before: State, run: readonly Candidate[], at: UnixMillis): string | null {
    const admission: Admission = admitAll(before, run, at, this.#crypto)
    for (const [place, outcome] of admission.outcomes.entries()) {
      const index = before.size + place
      if (!outcome.ok) return `entry ${index}: should not have been admitted: ${outcome.fault}`
      const wrong = run[place]?.type === ENTRY_ISSUED ? this.#checkPolicy(run[place].bytes, index) : null
      if (wrong !== null) return `entry ${index}: ${wrong}`
    }
    for (const { door, journalKey } of admission.paired)
      this.#journalKeys.set(door, [...(this.#journalKeys.get(door) ?? []), journalKey])
    this.#states.push(admission.state)
    if (this.#states.length > STATES_KEPT) this.#states.shift()
    return null
  }

  /** Compiles again and compares: a policy must be exactly what the statements before it, the entry `index`, make. */
  #checkPolicy(bytes: Uint8Array, index: number): string | null {
    const issued = decodeIssued(bytes)
    if (issued === null) return "malformed"
    if (issued.version.size > index) return "the policy names a state that was not there yet"
    const state = this.#states.findLast((each) => each.size <= issued.version.size)
    if (state === undefined) return "the policy names a state that lies too far back"
    if (issued.version.epoch !== state.root.epoch) return "the policy names another epoch"
    const last = this.#issued.get(issued.door)?.at(-1)
    if (last !== undefined && last.version.size > issued.version.size) return "the policy's version went down"
    const compiled = compile(state, issued.door, issued.compiledAt)
    if (!compiled.ok) return `the policy cannot be compiled: ${compiled.fault}`
    if (!equalBytes(this.#crypto.sha256(compiled.bytes), issued.policyHash))
      return "the policy is not what the statements before it compile to"
    this.#issued.set(issued.door, [...(this.#issued.get(issued.door) ?? []), issued])
    return null
  }
}
