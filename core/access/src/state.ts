/**
 * What a site is after so many entries of its authority log: people, credentials, groups, grants, schedules, doors, zones,
 * delegations. The log is the only truth; this is its sum, and anybody who folds the same entries gets the same sum.
 *
 * A state never changes. fold/folding.ts makes the next one, copying each map at most once for a whole run of entries.
 */
import {
  type CredentialId,
  type DoorId,
  type GrantId,
  type GroupId,
  type PersonId,
  type ScheduleId,
  type SiteId,
  type UnixMillis,
  type UnixSeconds,
  unixMillis,
} from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import type { ObjectId } from "./change.ts"
import type { CredentialMark } from "./change/credential.ts"
import type { KeyKind } from "./change/delegation.ts"
import type { DoorPlace } from "./change/door.ts"
import type { Room } from "./change/plan.ts"
import type { WeekRule } from "./change/schedule.ts"
import type { ZoneTable } from "./change/zone.ts"
import type { DoorConfig } from "./config.ts"
import type { Issued } from "./issued.ts"
import type { Kind } from "./kinds.ts"
import type { Root } from "./root.ts"
import type { StatementId } from "./statement-id.ts"
import type { Trait } from "./traits.ts"

/** Revoked ends delegations too and stands until restored; denied was taken directly by locks and is lifted likewise. */
export type Standing = "good" | "denied" | "revoked"

export type Person = {
  readonly commitment: Uint8Array
  readonly standing: Standing
  readonly credentials: ReadonlySet<CredentialId>
  readonly groups: ReadonlySet<GroupId>
  readonly traits: readonly Trait[]
}

export type Credential = { readonly person: PersonId; readonly denied: boolean } & CredentialMark

/** Half-open; null is open. */
export type Membership = { readonly from: UnixSeconds | null; readonly until: UnixSeconds | null }

export type Group = {
  readonly name: string
  readonly members: ReadonlyMap<PersonId, Membership>
  readonly grants: ReadonlySet<GrantId>
}

export type Grant = {
  readonly group: GroupId
  readonly doors: readonly DoorId[]
  /** Null: always. */
  readonly schedule: ScheduleId | null
}

export type Schedule = {
  readonly name: string
  readonly zone: string
  readonly rules: readonly WeekRule[]
  readonly closedDays: readonly number[]
}

export type PairedLock = { readonly journalKey: PublicKey; readonly hpkeKey: Uint8Array; readonly serial: string }

/** A board that one administrator wants to pair, until another one states the very same. */
export type ProposedLock = PairedLock & { readonly by: PersonId }

export type Door = {
  readonly commitment: Uint8Array
  readonly config: DoorConfig<ScheduleId>
  readonly place: DoorPlace | null
  readonly lock: PairedLock | null
  readonly proposed?: ProposedLock
  readonly grants: ReadonlySet<GrantId>
}

export type Delegation = {
  readonly person: PersonId
  readonly key: PublicKey
  readonly keyKind: KeyKind
  readonly kinds: readonly Kind[] | null
  readonly notAfter: UnixSeconds | null
  readonly credentialId: Uint8Array | null
  readonly backupFlags: number
  /** The own key's delegation that a session stands on; null for an own key, which stands on the root. */
  readonly parent: StatementId | null
  readonly revoked: boolean
}

export type Denial = {
  readonly id: StatementId
  readonly person: PersonId | null
  readonly credential: CredentialId | null
}

export type State = {
  readonly site: SiteId
  readonly root: Root
  /** How many entries were folded; the next one gets this index. */
  readonly size: number
  /** When the last entry was admitted; it never decreases. */
  readonly admittedAt: UnixMillis
  readonly people: ReadonlyMap<PersonId, Person>
  readonly credentials: ReadonlyMap<CredentialId, Credential>
  readonly groups: ReadonlyMap<GroupId, Group>
  readonly grants: ReadonlyMap<GrantId, Grant>
  readonly schedules: ReadonlyMap<ScheduleId, Schedule>
  readonly doors: ReadonlyMap<DoorId, Door>
  /** By IANA name. */
  readonly zones: ReadonlyMap<string, ZoneTable>
  readonly delegations: ReadonlyMap<StatementId, Delegation>
  /**
   * The last ones said, oldest first, lifted or not: a policy lists them so that a lock may forget what it was told directly.
   * Whether somebody is denied is their standing.
   */
  readonly denials: readonly Denial[]
  /** Drawings by floor. */
  readonly plans: ReadonlyMap<string, readonly Room[]>
  /** The keys to which silent alarms are sealed, by their holders. Whoever is not in good standing gets none. */
  readonly receivers: ReadonlyMap<PersonId, Uint8Array>
  /** The last policy that the keeper issued for each door. */
  readonly issued: ReadonlyMap<DoorId, Issued>
  /** When an administrator was last ended by somebody else's word than the root's; null where that never happened. */
  readonly administratorEndedAt: UnixMillis | null
  /** The log index of the last statement that touched an object. */
  readonly touched: ReadonlyMap<ObjectId, number>
  /** Statements that could still come again, with the end of their validity. */
  readonly recent: ReadonlyMap<StatementId, UnixSeconds>
}

/** The state after the first entry, the root metadata that names the site. */
export function foundedState(site: SiteId, root: Root, admittedAt: UnixMillis): State {
  return {
    site,
    root,
    size: 1,
    admittedAt: unixMillis(admittedAt),
    people: new Map(),
    credentials: new Map(),
    groups: new Map(),
    grants: new Map(),
    schedules: new Map(),
    doors: new Map(),
    zones: new Map(),
    delegations: new Map(),
    denials: [],
    plans: new Map(),
    receivers: new Map(),
    issued: new Map(),
    administratorEndedAt: null,
    touched: new Map(),
    recent: new Map(),
  }
}
