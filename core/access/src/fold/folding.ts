/**
 * The next state in the making. Each map of the old state is copied on its first write and written in place from then on, so
 * that a run of 10,000 entries copies each map once. Old states stay as they were.
 *
 * Picture tracing paper over a drawing: {@link state} lifts the paper off as a new drawing and lays a fresh one.
 */
import type {
  CredentialId,
  DoorId,
  GrantId,
  GroupId,
  PersonId,
  ScheduleId,
  SiteId,
  UnixMillis,
  UnixSeconds,
} from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import type { ObjectId } from "../change.ts"
import type { Room } from "../change/plan.ts"
import type { ZoneTable } from "../change/zone.ts"
import type { Issued } from "../issued.ts"
import type { Root } from "../root.ts"
import type {
  Credential,
  Delegation,
  Denial,
  Door,
  Grant,
  Group,
  Membership,
  Person,
  Schedule,
  State,
} from "../state.ts"
import type { StatementId } from "../statement-id.ts"

/** A map that is copied from the old state on its first write. */
export class Overlay<Key, Value> {
  #under: ReadonlyMap<Key, Value>
  #own: Map<Key, Value> | null = null

  constructor(under: ReadonlyMap<Key, Value>) {
    this.#under = under
  }

  get(key: Key): Value | undefined {
    return this.now.get(key)
  }

  has(key: Key): boolean {
    return this.now.has(key)
  }

  set(key: Key, value: Value): void {
    this.#own ??= new Map(this.#under)
    this.#own.set(key, value)
  }

  delete(key: Key): void {
    this.#own ??= new Map(this.#under)
    this.#own.delete(key)
  }

  entries(): Iterable<readonly [Key, Value]> {
    return this.now
  }

  /** What a reader sees now. It may still change: only {@link lift} hands it out for good. */
  get now(): ReadonlyMap<Key, Value> {
    return this.#own ?? this.#under
  }

  lift(): ReadonlyMap<Key, Value> {
    this.#under = this.now
    this.#own = null
    return this.#under
  }
}

/** A board that became the lock of a door, by the key of its journal. */
export type PairedKey = { readonly door: DoorId; readonly journalKey: PublicKey }

export class Folding {
  readonly site: SiteId
  root: Root
  size: number
  admittedAt: UnixMillis
  denials: readonly Denial[]
  administratorEndedAt: UnixMillis | null
  readonly people: Overlay<PersonId, Person>
  readonly credentials: Overlay<CredentialId, Credential>
  readonly groups: Overlay<GroupId, Group>
  readonly grants: Overlay<GrantId, Grant>
  readonly schedules: Overlay<ScheduleId, Schedule>
  readonly doors: Overlay<DoorId, Door>
  readonly zones: Overlay<string, ZoneTable>
  readonly delegations: Overlay<StatementId, Delegation>
  readonly plans: Overlay<string, readonly Room[]>
  readonly receivers: Overlay<PersonId, Uint8Array>
  readonly issued: Overlay<DoorId, Issued>
  readonly touched: Overlay<ObjectId, number>
  readonly recent: Overlay<StatementId, UnixSeconds>
  /** The locks that were paired in this folding, oldest first; a board that was only proposed is none. */
  readonly paired: PairedKey[] = []
  /** The member lists that this folding copied already. */
  readonly #members = new Map<GroupId, Map<PersonId, Membership>>()

  constructor(from: State) {
    this.site = from.site
    this.root = from.root
    this.size = from.size
    this.admittedAt = from.admittedAt
    this.denials = from.denials
    this.administratorEndedAt = from.administratorEndedAt
    this.people = new Overlay(from.people)
    this.credentials = new Overlay(from.credentials)
    this.groups = new Overlay(from.groups)
    this.grants = new Overlay(from.grants)
    this.schedules = new Overlay(from.schedules)
    this.doors = new Overlay(from.doors)
    this.zones = new Overlay(from.zones)
    this.delegations = new Overlay(from.delegations)
    this.plans = new Overlay(from.plans)
    this.receivers = new Overlay(from.receivers)
    this.issued = new Overlay(from.issued)
    this.touched = new Overlay(from.touched)
    this.recent = new Overlay(from.recent)
  }

  /** The members of a known group, to be written in place. */
  membersOf(id: GroupId, group: Group): Map<PersonId, Membership> {
    const copied = this.#members.get(id)
    if (copied !== undefined) return copied
    const members = new Map(group.members)
    this.#members.set(id, members)
    this.groups.set(id, { ...group, members })
    return members
  }

  /** The state so far. What is folded from now on no longer changes it. */
  state(): State {
    this.#members.clear()
    return {
      site: this.site,
      root: this.root,
      size: this.size,
      admittedAt: this.admittedAt,
      denials: this.denials,
      administratorEndedAt: this.administratorEndedAt,
      people: this.people.lift(),
      credentials: this.credentials.lift(),
      groups: this.groups.lift(),
      grants: this.grants.lift(),
      schedules: this.schedules.lift(),
      doors: this.doors.lift(),
      zones: this.zones.lift(),
      delegations: this.delegations.lift(),
      plans: this.plans.lift(),
      receivers: this.receivers.lift(),
      issued: this.issued.lift(),
      touched: this.touched.lift(),
      recent: this.recent.lift(),
    }
  }
}
