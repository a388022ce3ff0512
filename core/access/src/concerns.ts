/**
 * What a statement gives reason to ask before it is admitted: may its author gain something, may too many PINs come to open one
 * door, does somebody name himself a receiver.
 *
 * Picture whoever stands before the gate and reads the kind on the envelope, so that most need not be opened: a "could" here
 * costs next to nothing, and admit.ts compares policies only for those. Nothing is refused here but who names himself.
 */
import { type DoorId, type PersonId, type ScheduleId, type UnixMillis, unreachable } from "@holdfast/base"
import { isPin } from "./change/credential.ts"
import type { DoorConfig } from "./config.ts"
import { pinAlone } from "./factors.ts"
import { administratorsFor, leftAloneFrom } from "./fold/authority.ts"
import type { Folding } from "./fold/folding.ts"
import type { Statement } from "./statement.ts"

/** The author, where he could come to open something by this himself; null for all other statements, which cost nothing here. */
export function couldGain({ author, change }: Statement): PersonId | null {
  if (author === "root" || author === "keeper") return null
  switch (change.kind) {
    case "person restore":
    case "person traits":
    case "credential add":
    case "member add":
      return change.person === author ? author : null
    case "grant set":
    case "schedule set":
    case "door set":
      return author
    case "person add":
    case "person label":
    case "person revoke":
    case "credential remove":
    case "group set":
    case "member remove":
    case "grant remove":
    case "door remove":
    case "lock pair":
    case "zone table":
    case "delegate":
    case "delegation revoke":
    case "deny":
    case "plan":
    case "order":
    case "receiver set":
    case "receiver remove":
    case "offline code":
      return null
    default:
      return unreachable(change)
  }
}

function hasPin(folding: Folding, person: PersonId): boolean {
  const ids = folding.people.get(person)?.credentials ?? []
  return [...ids].some((id) => {
    const credential = folding.credentials.get(id)
    return credential !== undefined && isPin(credential.what)
  })
}

function opensByPin({ modes }: DoorConfig<ScheduleId>): boolean {
  return modes.some(({ factors }) => pinAlone(factors))
}

/** Whether a change could bring one more PIN to a door that opens by PIN alone. */
export function couldCrowd(folding: Folding, { change }: Statement, doors: readonly DoorId[]): boolean {
  const isPinDoor = (id: DoorId): boolean => {
    const door = folding.doors.get(id)
    return door !== undefined && opensByPin(door.config)
  }
  switch (change.kind) {
    case "door set":
      return opensByPin(change.config)
    case "credential add":
      return isPin(change.what) && doors.some(isPinDoor)
    case "member add":
    case "person restore":
      return doors.some(isPinDoor) && hasPin(folding, change.person)
    case "grant set":
      return doors.some(isPinDoor)
    default:
      return false // Brings nobody and no PIN to a door, nor a way in.
  }
}

/**
 * Whether somebody names himself to be told of silent alarms, where another administrator could name him, or could have until
 * one of them was ended within the day.
 */
export function namesHimself(folding: Folding, { author, change }: Statement, now: UnixMillis): boolean {
  if (change.kind !== "receiver set" || change.person !== author || folding.receivers.has(change.person)) return false
  const isOneOfSeveral = [...administratorsFor(folding, change.kind)].some((person) => person !== author)
  return isOneOfSeveral || now < leftAloneFrom(folding)
}
