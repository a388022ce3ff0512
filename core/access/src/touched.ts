/**
 * Which doors a change concerns: those where it can alter who may open, and those whose policy it can alter at all. No others
 * are compiled again.
 *
 * Asked before the change is folded; it errs on the side of one door too many, never of one too few.
 */
import {
  type CredentialId,
  type DoorId,
  type GrantId,
  type GroupId,
  type PersonId,
  type ScheduleId,
  unreachable,
} from "@holdfast/base"
import { type Change, isLogin } from "./change.ts"
import type { Credential, Delegation, Door, Grant, Group, Person, Schedule } from "./state.ts"
import type { StatementId } from "./statement-id.ts"

type Lookup<Key, Value> = { get(key: Key): Value | undefined; entries(): Iterable<readonly [Key, Value]> }

/** A state, or one in the making. */
export type Site = {
  readonly people: Lookup<PersonId, Person>
  readonly credentials: Lookup<CredentialId, Credential>
  readonly groups: Lookup<GroupId, Group>
  readonly grants: Lookup<GrantId, Grant>
  readonly schedules: Lookup<ScheduleId, Schedule>
  readonly doors: Lookup<DoorId, Door>
  readonly delegations: Lookup<StatementId, Delegation>
}

function ofGrant(site: Site, id: GrantId): readonly DoorId[] {
  return site.grants.get(id)?.doors ?? []
}

function ofGroup(site: Site, id: GroupId): readonly DoorId[] {
  return [...(site.groups.get(id)?.grants ?? [])].flatMap((grant) => ofGrant(site, grant))
}

function ofPerson(site: Site, id: PersonId | undefined): readonly DoorId[] {
  const person = id === undefined ? undefined : site.people.get(id)
  return [...(person?.groups ?? [])].flatMap((group) => ofGroup(site, group))
}

function ofSchedules(site: Site, ids: ReadonlySet<ScheduleId>): readonly DoorId[] {
  const doors: DoorId[] = []
  for (const [, grant] of site.grants.entries())
    if (grant.schedule !== null && ids.has(grant.schedule)) doors.push(...grant.doors)
  for (const [id, door] of site.doors.entries())
    if (door.config.modes.some((mode) => mode.schedule !== null && ids.has(mode.schedule))) doors.push(id)
  return doors
}

function ofZone(site: Site, zone: string): readonly DoorId[] {
  const ids = new Set<ScheduleId>()
  for (const [id, schedule] of site.schedules.entries()) if (schedule.zone === zone) ids.add(id)
  return ofSchedules(site, ids)
}

function allDoors(site: Site): readonly DoorId[] {
  return [...site.doors.entries()].map(([id]) => id)
}

/** Whether somebody has a key of their own that stands: such people every policy may name. */
function hasOwnKey(site: Site, person: PersonId | null): boolean {
  for (const [, delegation] of site.delegations.entries())
    if (delegation.person === person && delegation.parent === null && !delegation.revoked) return true
  return false
}

function admitting(site: Site, change: Change): readonly DoorId[] {
  switch (change.kind) {
    case "person add":
    case "person label":
    case "group set":
    case "plan":
    case "order":
    case "offline code":
    case "receiver set":
    case "receiver remove":
      return []
    case "person restore": // Whoever may order again comes in by order.
      return hasOwnKey(site, change.person) ? allDoors(site) : ofPerson(site, change.person)
    case "person revoke":
    case "person traits":
      return ofPerson(site, change.person)
    case "credential add":
      return ofPerson(site, change.person)
    case "credential remove":
      return ofPerson(site, site.credentials.get(change.credential)?.person)
    case "member add":
    case "member remove":
      return ofGroup(site, change.group)
    case "grant set":
      return [...ofGrant(site, change.grant), ...change.doors]
    case "grant remove":
      return ofGrant(site, change.grant)
    case "schedule set":
      return ofSchedules(site, new Set([change.schedule]))
    case "door set":
    case "door remove":
    case "lock pair":
      return [change.door]
    case "zone table":
      return ofZone(site, change.table.zone)
    case "deny": {
      const owner = change.credential === null ? undefined : site.credentials.get(change.credential)?.person
      return [...ofPerson(site, change.person ?? undefined), ...ofPerson(site, owner)]
    }
    case "delegate":
    case "delegation revoke":
      return []
    default:
      return unreachable(change)
  }
}

/** Whether the people whose own keys may deny or order become others: every policy names them. */
function altersSpeakers(site: Site, change: Change): boolean {
  switch (change.kind) {
    case "delegate":
      return !isLogin(change)
    case "delegation revoke":
      return site.delegations.get(change.delegation)?.parent === null
    case "person revoke":
    case "deny":
      return hasOwnKey(site, change.person)
    default:
      return false
  }
}

/** The doors at which a change can alter who may open, each once. */
export function admittingDoors(site: Site, change: Change): readonly DoorId[] {
  return [...new Set(admitting(site, change))]
}

/** The doors whose policy a change can alter, each once. */
export function touchedDoors(site: Site, change: Change): readonly DoorId[] {
  if (altersSpeakers(site, change)) return allDoors(site)
  return admittingDoors(site, change)
}
