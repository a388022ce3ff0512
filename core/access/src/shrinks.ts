/**
 * Whether a change only takes away from the thing that it replaces.
 *
 * Comparing compiled policies is not enough for a session key: a group without a grant, or a schedule that nobody uses yet,
 * stands in no policy, and a thief of a session could fill it in advance of the grant that an administrator gives later.
 * So what a session replaces must exist and become smaller in itself, whoever uses it.
 */
import { type UnixSeconds, unreachable } from "@holdfast/base"
import type { Change } from "./change.ts"
import { isSubset } from "./interval.ts"
import { expand } from "./schedule.ts"
import type { Grant, Membership, Schedule, State } from "./state.ts"
import { civilDayAt, zoneTable } from "./zone.ts"

function membershipShrinks(was: Membership | undefined, is: Membership): boolean {
  if (was === undefined) return false
  const from = was.from === null || (is.from !== null && is.from >= was.from)
  return from && (was.until === null || (is.until !== null && is.until <= was.until))
}

/** Its weeks and its closed days apart: together they are compared no further ahead than a policy looks. */
function scheduleShrinks(state: State, was: Schedule | undefined, is: Schedule, at: UnixSeconds): boolean {
  const table = zoneTable(state.zones, is.zone)
  if (was === undefined || table === null || was.zone !== is.zone) return false
  const today = civilDayAt(table, at)
  const staysClosed = was.closedDays.every((day) => day < today || is.closedDays.includes(day))
  const weeks = (schedule: Schedule) => expand({ ...schedule, closedDays: [] }, table, at)
  return staysClosed && isSubset(weeks(is), weeks(was))
}

/** Whether a grant's hours only become fewer, whoever is in its group today. Null: always. */
function hoursShrink(state: State, was: Grant["schedule"], is: Grant["schedule"], at: UnixSeconds): boolean {
  if (was === null || was === is) return true
  const schedule = is === null ? undefined : state.schedules.get(is)
  return schedule !== undefined && scheduleShrinks(state, state.schedules.get(was), schedule, at)
}

/**
 * Whether somebody who is told of silent alarms would be told no more: revoked, denied, or without the key by which he signs in.
 * To take away who hears a call for help takes what naming him took, whatever it is called.
 */
export function silences(state: State, change: Change): boolean {
  if (change.kind === "person revoke") return state.receivers.has(change.person)
  if (change.kind === "deny") return change.person !== null && state.receivers.has(change.person)
  if (change.kind !== "delegation revoke") return false
  const ended = state.delegations.get(change.delegation)
  return ended?.parent === null && state.receivers.has(ended.person)
}

/** True for kinds that can only take away; for those that could do either, whether this one does. */
export function shrinks(state: State, change: Change, at: UnixSeconds): boolean {
  switch (change.kind) {
    case "member add":
      return membershipShrinks(state.groups.get(change.group)?.members.get(change.person), change)
    case "grant set": {
      const was = state.grants.get(change.grant)
      if (was === undefined || was.group !== change.group) return false
      if (!hoursShrink(state, was.schedule, change.schedule, at)) return false
      return change.doors.every((door) => was.doors.includes(door))
    }
    case "schedule set":
      return scheduleShrinks(state, state.schedules.get(change.schedule), change, at)
    case "person revoke":
    case "credential remove":
    case "member remove":
    case "grant remove":
    case "delegation revoke":
    case "deny":
      return true
    case "person add":
    case "person label":
    case "person restore":
    case "person traits":
    case "credential add":
    case "group set":
    case "door set":
    case "door remove":
    case "lock pair":
    case "zone table":
    case "delegate":
    case "plan":
    case "order":
    case "receiver set":
    case "receiver remove":
    case "offline code":
      return false // Not of the narrow level: a session never states these.
    default:
      return unreachable(change)
  }
}
