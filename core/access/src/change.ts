/**
 * What a statement changes: the closed union of all kinds, its bytes, and which objects a change touches.
 *
 * Each family of kinds has a file in change/ with its types and its codec; numbers and levels stand in kinds.ts.
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
import type { Cbor, CborMap } from "@holdfast/base/cbor"
import type { Codec, CodecsOf } from "./change/codec.ts"
import { CREDENTIAL_CODECS, type CredentialChange } from "./change/credential.ts"
import { DELEGATION_CODECS, type DelegationChange } from "./change/delegation.ts"
import { DOOR_CODECS, type DoorChange } from "./change/door.ts"
import { GRANT_CODECS, type GrantChange } from "./change/grant.ts"
import { GROUP_CODECS, type GroupChange } from "./change/group.ts"
import { ORDER_CODECS, type OrderChange } from "./change/order.ts"
import { PERSON_CODECS, type PersonChange } from "./change/person.ts"
import { PLAN_CODECS, type PlanChange } from "./change/plan.ts"
import { OFFLINE_CODE_CODECS, type OfflineCodeChange } from "./change/offline-code.ts"
import { RECEIVER_CODECS, type ReceiverChange } from "./change/receiver.ts"
import { SCHEDULE_CODECS, type ScheduleChange } from "./change/schedule.ts"
import { ZONE_CODECS, type ZoneChange } from "./change/zone.ts"
import type { Kind } from "./kinds.ts"

export type Change =
  | PersonChange
  | CredentialChange
  | GroupChange
  | GrantChange
  | ScheduleChange
  | DoorChange
  | ZoneChange
  | DelegationChange
  | PlanChange
  | OrderChange
  | ReceiverChange
  | OfflineCodeChange

/** Whatever a statement can touch and `expects` can name. */
export type ObjectId = PersonId | CredentialId | GroupId | GrantId | ScheduleId | DoorId

const CODECS: CodecsOf<Change> = {
  ...PERSON_CODECS,
  ...CREDENTIAL_CODECS,
  ...GROUP_CODECS,
  ...GRANT_CODECS,
  ...SCHEDULE_CODECS,
  ...DOOR_CODECS,
  ...ZONE_CODECS,
  ...DELEGATION_CODECS,
  ...PLAN_CODECS,
  ...ORDER_CODECS,
  ...RECEIVER_CODECS,
  ...OFFLINE_CODE_CODECS,
}

export function encodeChange(change: Change): CborMap {
  const codec: Codec<Change> = CODECS[change.kind]
  return codec.encode(change)
}

export function decodeChange(kind: Kind, value: Cbor | undefined): Change | null {
  const codec: Codec<Change> = CODECS[kind]
  return codec.decode(value)
}

/**
 * The objects that a change touches: each remembers the log index of the last statement that did, and a statement whose
 * `expects` names an older one is refused as "changed since".
 */
export function objectsOf(change: Change): readonly ObjectId[] {
  switch (change.kind) {
    case "person add":
    case "person label":
    case "person revoke":
    case "person restore":
    case "person traits":
    case "receiver set":
    case "receiver remove":
      return [change.person]
    case "delegate":
      return isLogin(change) ? [] : [change.person] // Who signs in changes nothing that somebody else expects.
    case "credential add":
      return [change.credential, change.person]
    case "credential remove":
      return [change.credential]
    case "group set":
      return [change.group]
    case "member add":
    case "member remove":
      return [change.group, change.person]
    case "grant set":
    case "grant remove":
      return [change.grant]
    case "schedule set":
      return [change.schedule]
    case "door set":
    case "door remove":
    case "lock pair":
      return [change.door]
    case "deny":
      return [change.person, change.credential].filter((id) => id !== null)
    case "delegation revoke":
    case "zone table":
    case "plan":
    case "order":
    case "offline code":
      return []
    default:
      return unreachable(change)
  }
}

/** A sign-in is the delegation of a session key; a passkey's tap for it has a purpose of its own. */
export function isLogin(change: Change): boolean {
  return change.kind === "delegate" && change.keyKind === "session"
}
