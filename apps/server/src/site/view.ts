/**
 * What the server must know of the site to carry and to show: the state that the authority log folds to, and when what of it
 * entered the log.
 *
 * It folds with the same `core/access` as keeper, console and auditor. The keeper judged every statement before it entered the
 * log, so nothing is judged again here, and no decision about a door is made from it.
 */
import {
  type Change,
  decodeIssued,
  decodeStatement,
  type Door,
  ENTRY_ISSUED,
  ENTRY_STATEMENT,
  fold,
  foundSite,
  type Issued,
  type State,
  type Statement,
  type StatementId,
} from "@holdfast/access"
import type { DoorId, PersonId, SiteId } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { decodeEntry, type Entry } from "@holdfast/ledger"
import { nodeCrypto } from "@holdfast/port-node"

/** The authority log does not fold: a changed file, or a log written by a newer release. */
export class AuthorityLogError extends Error {
  override readonly name = "AuthorityLogError"
}

/** A policy, and its entry in the authority log. */
export type IssuedPolicy = Issued & { readonly index: number; readonly issued_at_ms: number }

export type DoorView = { readonly id: DoorId; readonly door: Door; readonly issued: IssuedPolicy | null }

/** A statement as the log holds it. */
export type Admitted = {
  readonly period: string
  readonly index: number
  readonly admitted_at_ms: number
  readonly statement: Statement
  readonly bytes: Uint8Array
}

export type StatementPlace = { readonly period: string; readonly index: number }

/** What a run of entries brought. */
export type SiteChange = { readonly statements: readonly Admitted[]; readonly doors: ReadonlySet<DoorId> }

export class SiteView {
  readonly #site: SiteId
  #state: State | null = null
  /** Of locks that were paired, newest first. Kept when a door goes or gets another lock, since old records stay in the log. */
  readonly #journalKeys = new Map<DoorId, readonly PublicKey[]>()
  readonly #issued = new Map<DoorId, IssuedPolicy>()
  /** Where the log holds a delegation: its bytes go with what its key signs. */
  readonly #delegations = new Map<StatementId, StatementPlace>()
  /** Of each person who is revoked now: the statement that says so. */
  readonly #revocations = new Map<PersonId, Admitted>()

  constructor(site: SiteId) {
    this.#site = site
  }

  get size(): number {
    return this.#state?.size ?? 0
  }

  *doors(): Generator<DoorView, void> {
    for (const [id, door] of this.#state?.doors ?? []) yield { id, door, issued: this.#issued.get(id) ?? null }
  }

  door(id: DoorId): DoorView | null {
    const door = this.#state?.doors.get(id)
    return door === undefined ? null : { id, door, issued: this.#issued.get(id) ?? null }
  }

  readonly journalKeys = (door: DoorId): readonly PublicKey[] => this.#journalKeys.get(door) ?? []

  /** The statement by which this person is revoked, or null. */
  revocation(person: PersonId): Admitted | null {
    return this.#revocations.get(person) ?? null
  }

  delegationPlace(id: StatementId): StatementPlace | null {
    return this.#delegations.get(id) ?? null
  }

  /** Whether a delegation stands at this time: it is there, was not revoked, has not ended, and its parent stands too. */
  stands(id: StatementId, now_ms: number): boolean {
    const delegation = this.#state?.delegations.get(id)
    if (delegation === undefined || delegation.revoked) return false
    if (delegation.notAfter !== null && now_ms >= delegation.notAfter * 1000) return false
    return delegation.parent === null || this.stands(delegation.parent, now_ms)
  }

  /** Takes the entries from `first` on. Entries that were taken before are passed over. */
  take(period: string, first: number, entries: readonly Uint8Array[]): SiteChange {
    const skipped = Math.max(0, this.size - first)
    const fresh = entries.slice(skipped).map((bytes, at) => readEntry(bytes, first + skipped + at))
    const statements: Admitted[] = []
    const doors = new Set<DoorId>()
    if (fresh.length === 0) return { statements, doors }
    this.#fold(fresh)
    for (const [at, entry] of fresh.entries()) {
      const index = first + skipped + at
      if (entry.type === ENTRY_ISSUED) this.#takeIssued(index, entry, doors)
      const read = entry.type === ENTRY_STATEMENT ? decodeStatement(this.#site, entry.bytes, nodeCrypto) : null
      if (read === null || !read.ok) continue
      const { statement } = read
      const admitted = { period, index, admitted_at_ms: entry.admittedAt, statement, bytes: entry.bytes }
      statements.push(admitted)
      this.#takeChange(admitted, statement.change, doors)
    }
    return { statements, doors }
  }

  #fold(entries: readonly Entry[]): void {
    let rest = entries
    if (this.#state === null) {
      const [root, ...others] = entries
      const founded = root === undefined ? null : foundSite(root, nodeCrypto)
      if (founded === null || !founded.ok) throw new AuthorityLogError("authority log: entry 0 is no root metadata")
      if (founded.state.site !== this.#site) throw new AuthorityLogError("authority log: it is another site's")
      this.#state = founded.state
      rest = others
    }
    const folded = fold(this.#state, rest, nodeCrypto)
    if (!folded.ok) throw new AuthorityLogError(`authority log: entry ${folded.index}: ${folded.fault}`)
    this.#state = folded.state
    for (const { door, journalKey } of folded.paired)
      this.#journalKeys.set(door, [journalKey, ...this.journalKeys(door)])
  }

  #takeIssued(index: number, { admittedAt, bytes }: Entry, doors: Set<DoorId>): void {
    const issued = decodeIssued(bytes)
    if (issued === null) return
    this.#issued.set(issued.door, { ...issued, index, issued_at_ms: admittedAt })
    doors.add(issued.door)
  }

  #takeChange(admitted: Admitted, change: Change, doors: Set<DoorId>): void {
    switch (change.kind) {
      case "lock pair":
      case "door set":
        doors.add(change.door)
        return
      case "door remove":
        this.#issued.delete(change.door)
        doors.add(change.door)
        return
      case "delegate":
        this.#delegations.set(admitted.statement.id, { period: admitted.period, index: admitted.index })
        return
      case "person revoke":
        this.#revocations.set(change.person, admitted)
        return
      case "person restore":
        this.#revocations.delete(change.person)
        return
      default:
        return // What else statements change is in the state.
    }
  }
}

function readEntry(bytes: Uint8Array, index: number): Entry {
  const decoded = decodeEntry(bytes)
  if (!decoded.ok) throw new AuthorityLogError(`authority log: entry ${index}: ${decoded.fault}`)
  return decoded.entry
}
