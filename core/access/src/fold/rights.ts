/**
 * Folding grants, schedules, doors, the locks paired with them, and drawings. Both sides of each link are kept: a grant lists
 * doors, doors and groups their grants. When a schedule is open in real time is not asked here.
 */
import {
  type DoorId,
  equalBytes,
  type GrantId,
  type GroupId,
  type PersonId,
  type UnixMillis,
  unreachable,
} from "@holdfast/base"
import type { DoorChange } from "../change/door.ts"
import type { GrantChange } from "../change/grant.ts"
import type { ScheduleChange } from "../change/schedule.ts"
import { MODES_MAX } from "../config.ts"
import type { Author } from "../envelope.ts"
import { SCHEDULES_MAX } from "../policy.ts"
import type { ProposedLock } from "../state.ts"
import { administratorsFor, aloneFrom } from "./authority.ts"
import type { FoldFault } from "./fault.ts"
import type { Folding } from "./folding.ts"
import { knowsZone } from "../zone.ts"

/** Far above any building; and so that a policy can name the schedules of them all, beside those of the door's modes. */
export const GRANTS_PER_DOOR_MAX = SCHEDULES_MAX - MODES_MAX

function withGrant(ids: ReadonlySet<GrantId>, id: GrantId): ReadonlySet<GrantId> {
  return new Set(ids).add(id)
}

function withoutGrant(ids: ReadonlySet<GrantId>, id: GrantId): ReadonlySet<GrantId> {
  const rest = new Set(ids)
  rest.delete(id)
  return rest
}

function linkDoor(folding: Folding, id: DoorId, grant: GrantId, linked: boolean): void {
  const door = folding.doors.get(id)
  if (door === undefined || door.grants.has(grant) === linked) return
  folding.doors.set(id, { ...door, grants: linked ? withGrant(door.grants, grant) : withoutGrant(door.grants, grant) })
}

function linkGroup(folding: Folding, id: GroupId, grant: GrantId, linked: boolean): void {
  const group = folding.groups.get(id)
  if (group === undefined || group.grants.has(grant) === linked) return
  folding.groups.set(id, {
    ...group,
    grants: linked ? withGrant(group.grants, grant) : withoutGrant(group.grants, grant),
  })
}

/** Takes a grant off its group and doors; the grant itself is the caller's. */
function unlink(folding: Folding, id: GrantId): void {
  const grant = folding.grants.get(id)
  if (grant === undefined) return
  linkGroup(folding, grant.group, id, false)
  for (const door of grant.doors) linkDoor(folding, door, id, false)
}

function setGrant(folding: Folding, change: Extract<GrantChange, { kind: "grant set" }>): FoldFault | null {
  const { grant, group, doors, schedule } = change
  if (!folding.groups.has(group)) return "unknown group"
  if (schedule !== null && !folding.schedules.has(schedule)) return "unknown schedule"
  for (const id of doors) {
    const door = folding.doors.get(id)
    if (door === undefined) return "unknown door"
    if (door.grants.size >= GRANTS_PER_DOOR_MAX && !door.grants.has(grant)) return "too many grants"
  }
  unlink(folding, grant)
  folding.grants.set(grant, { group, doors, schedule })
  linkGroup(folding, group, grant, true)
  for (const door of doors) linkDoor(folding, door, grant, true)
  return null
}

export function foldGrant(folding: Folding, change: GrantChange): FoldFault | null {
  switch (change.kind) {
    case "grant set":
      return setGrant(folding, change)
    case "grant remove":
      if (!folding.grants.has(change.grant)) return "unknown grant"
      unlink(folding, change.grant)
      folding.grants.delete(change.grant)
      return null
    default:
      return unreachable(change)
  }
}

export function foldSchedule(folding: Folding, change: ScheduleChange): FoldFault | null {
  if (!knowsZone(folding.zones.now, change.zone)) return "unknown zone"
  const { name, zone, rules, closedDays } = change
  folding.schedules.set(change.schedule, { name, zone, rules, closedDays })
  return null
}

function setDoor(folding: Folding, change: Extract<DoorChange, { kind: "door set" }>): FoldFault | null {
  const { commitment, config, place } = change
  for (const mode of config.modes)
    if (mode.schedule !== null && !folding.schedules.has(mode.schedule)) return "unknown schedule"
  const door = folding.doors.get(change.door)
  const lock = door?.lock ?? null
  const proposed = door?.proposed === undefined ? {} : { proposed: door.proposed }
  folding.doors.set(change.door, { commitment, config, place, lock, ...proposed, grants: door?.grants ?? new Set() })
  return null
}

/** A removed door leaves its grants too, so that a door of the same id starts with nobody. */
function removeDoor(folding: Folding, id: DoorId): FoldFault | null {
  const door = folding.doors.get(id)
  if (door === undefined) return "unknown door"
  for (const grantId of door.grants) {
    const grant = folding.grants.get(grantId)
    if (grant === undefined) continue
    folding.grants.set(grantId, { ...grant, doors: grant.doors.filter((each) => each !== id) })
  }
  folding.doors.delete(id)
  folding.issued.delete(id)
  return null
}

type LockPair = Extract<DoorChange, { kind: "lock pair" }>

/**
 * A board that is paired gets the secrets of its door. So where somebody else could say it too, one administrator alone only
 * proposes a board, and another one who states the very same pairs it. The root, and who is alone, pair at once; whoever ended
 * the others is alone a day later.
 */
function pairLock(folding: Folding, change: LockPair, author: Author, now: UnixMillis): FoldFault | null {
  const known = folding.doors.get(change.door)
  if (known === undefined) return "unknown door"
  const { proposed, ...door } = known
  const { journalKey, hpkeKey, serial } = change
  const lock = { journalKey, hpkeKey, serial }
  if (author !== "root" && author !== "keeper" && !mayPair(folding, change, author, now, proposed)) {
    folding.doors.set(change.door, { ...door, proposed: { ...lock, by: author } })
    return null
  }
  folding.doors.set(change.door, { ...door, lock })
  folding.paired.push({ door: change.door, journalKey })
  return null
}

function mayPair(
  folding: Folding,
  change: LockPair,
  author: PersonId,
  now: UnixMillis,
  proposed: ProposedLock | undefined,
): boolean {
  const alone = aloneFrom(folding, author)
  if (alone !== null) return now >= alone
  const administrators = administratorsFor(folding, change.kind)
  if (proposed === undefined || proposed.by === author) return false
  if (!administrators.has(author) || !administrators.has(proposed.by)) return false
  const isSameKey = equalBytes(proposed.journalKey, change.journalKey) && equalBytes(proposed.hpkeKey, change.hpkeKey)
  return isSameKey && proposed.serial === change.serial
}

export function foldDoor(folding: Folding, change: DoorChange, author: Author, now: UnixMillis): FoldFault | null {
  switch (change.kind) {
    case "door set":
      return setDoor(folding, change)
    case "door remove":
      return removeDoor(folding, change.door)
    case "lock pair":
      return pairLock(folding, change, author, now)
    default:
      return unreachable(change)
  }
}
