/**
 * A change in plain words, as it stands against a state: "Ana may open Lab 2 on weekdays 08:00 to 18:00 (Europe/Berlin) with
 * card and PIN". One sentence a line. What is shown before signing is made here from the statement itself, never from what
 * somebody typed.
 *
 * One switch knows every kind and hands it to its family, so a kind without a sentence does not compile.
 */
import { unreachable } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import type { Change } from "./change.ts"
import type { CredentialChange } from "./change/credential.ts"
import type { DelegationChange } from "./change/delegation.ts"
import type { DoorChange } from "./change/door.ts"
import type { GroupChange } from "./change/group.ts"
import type { OfflineCodeChange } from "./change/offline-code.ts"
import type { OrderChange } from "./change/order.ts"
import type { PersonChange } from "./change/person.ts"
import type { PlanChange } from "./change/plan.ts"
import type { ReceiverChange } from "./change/receiver.ts"
import type { ScheduleChange } from "./change/schedule.ts"
import { CREDENTIAL_WORDS, Describer, type Labels } from "./describer.ts"
import { doorDifference } from "./describe-door.ts"
import { DURATIONS_S } from "./offline-types.ts"
import type { State } from "./state.ts"
import { dayInWords, hoursInWords, instantInWords, listInWords } from "./words.ts"

/** "a timed offline PIN, for 4 h from 2026-11-22 08:00 UTC,". */
function offlineCodeInWords({ type, start, duration }: OfflineCodeChange): string {
  const from = instantInWords(type === "momentary" ? start * 300 : start * 3_600)
  if (type === "erase") return `an offline PIN that ends those begun up to ${from},`
  const length_s = DURATIONS_S[duration]
  const length = type === "timed" && length_s !== undefined ? `, for ${length_s / 3_600} h` : ""
  return `a ${type} offline PIN${length} from ${from},`
}

const TRAITS_SAID = { extended: "has longer to pass", responder: "comes in during a lockdown" } as const

/** "office for 90 min", "threat level 2", "unlock". */
function orderInWords({ act, value }: OrderChange): string {
  if (act === "threat level") return `threat level ${value}`
  return value === 0 ? act : `${act} for ${Math.ceil(value / 60)} min`
}

function describePerson(say: Describer, change: PersonChange): string {
  const who = say.person(change.person)
  switch (change.kind) {
    case "person add":
      return `Add ${who}.`
    case "person label":
      return `Change the name of ${who}.`
    case "person revoke":
      return `Revoke ${who}: no door opens for them any more, and their own keys end.`
    case "person restore":
      return `Restore ${who}: their memberships and credentials count again.`
    case "person traits": {
      const traits = change.traits.map((trait) => TRAITS_SAID[trait])
      return `${who} ${traits.length === 0 ? "has no traits any more" : listInWords(traits)}.`
    }
    default:
      return unreachable(change)
  }
}

function describeCredential(say: Describer, change: CredentialChange): string {
  return change.kind === "credential add"
    ? `Give ${say.person(change.person)} a ${CREDENTIAL_WORDS[change.what]}.`
    : `Remove ${say.credential(change.credential)}.`
}

function describeReceiver(say: Describer, change: ReceiverChange): string {
  const who = say.person(change.person)
  return change.kind === "receiver set"
    ? `${who} is told of silent alarms, by the key ${toHex(change.key).slice(0, 18)}….`
    : `${who} is no longer told of silent alarms.`
}

function describeGroup(say: Describer, state: State, change: GroupChange): readonly string[] {
  const known = state.groups.get(change.group)
  switch (change.kind) {
    case "group set":
      return [
        known === undefined ? `Make the group ${change.name}.` : `Rename the group ${known.name} to ${change.name}.`,
      ]
    case "member add": {
      const from = change.from === null ? "" : ` from ${instantInWords(change.from)}`
      const until = change.until === null ? "" : ` until ${instantInWords(change.until)}`
      const who = say.person(change.person)
      return [`${who} joins ${say.group(change.group)}${from}${until}.`, ...say.grants(who, known?.grants ?? [])]
    }
    case "member remove":
      return [`${say.person(change.person)} leaves ${say.group(change.group)}.`]
    default:
      return unreachable(change)
  }
}

function describeDelegation(say: Describer, change: DelegationChange): string {
  switch (change.kind) {
    case "delegate": {
      const until = change.notAfter === null ? "" : ` until ${instantInWords(change.notAfter)}`
      const who = say.person(change.person)
      if (change.keyKind === "session") return `${who} signs in${until}.`
      const what = change.kinds === null ? "everything" : listInWords(change.kinds)
      return `${who} may state ${what} with ${change.keyKind === "passkey" ? "a passkey" : "a software key"}${until}.`
    }
    case "delegation revoke":
      return `End the key ${change.delegation.slice(0, 8)} and every sitting that stands on it.`
    case "deny": {
      const whom = [
        ...(change.person === null ? [] : [say.person(change.person)]),
        ...(change.credential === null ? [] : [say.credential(change.credential)]),
      ]
      return `Deny ${listInWords(whom)} at once, at every lock that hears of it.`
    }
    default:
      return unreachable(change)
  }
}

function describeSchedule(change: ScheduleChange): string {
  const days = change.closedDays.map(dayInWords)
  const closed = days.length === 0 ? "" : `; closed on ${listInWords(days)}`
  return `${change.name} means ${hoursInWords(change)}${closed}.`
}

function describeDoor(say: Describer, state: State, change: DoorChange): readonly string[] {
  const where = say.door(change.door)
  switch (change.kind) {
    case "door set":
      return [
        `${where} opens ${say.factors(change.config)}; grade ${change.config.grade}.`,
        ...doorDifference(state.doors.get(change.door)?.config ?? null, change.config, say),
      ]
    case "door remove":
      return [`Remove ${where} and everybody's rights there.`]
    case "lock pair":
      return [`Pair ${where} with the lock ${change.serial}.`]
    default:
      return unreachable(change)
  }
}

function describePlan({ floor, rooms }: PlanChange): string {
  return `Draw the floor ${floor} with ${rooms.length === 1 ? "one room" : `${rooms.length} rooms`}.`
}

function sentencesOf(say: Describer, state: State, change: Change): readonly string[] {
  switch (change.kind) {
    case "person add":
    case "person label":
    case "person revoke":
    case "person restore":
    case "person traits":
      return [describePerson(say, change)]
    case "credential add":
    case "credential remove":
      return [describeCredential(say, change)]
    case "receiver set":
    case "receiver remove":
      return [describeReceiver(say, change)]
    case "group set":
    case "member add":
    case "member remove":
      return describeGroup(say, state, change)
    case "delegate":
    case "delegation revoke":
    case "deny":
      return [describeDelegation(say, change)]
    case "grant set":
      return say.mayOpen(say.group(change.group), change.doors, change.schedule)
    case "grant remove":
      return say.noLonger(change.grant)
    case "schedule set":
      return [describeSchedule(change)]
    case "door set":
    case "door remove":
    case "lock pair":
      return describeDoor(say, state, change)
    case "zone table":
      return [`Take the time zone ${change.table.zone} from edition ${change.table.tzdata}.`]
    case "order":
      return [`Order ${say.door(change.door)}: ${orderInWords(change)}.`]
    case "offline code":
      return [`Ask for ${offlineCodeInWords(change)} of ${say.owner(change.credential)} at ${say.door(change.door)}.`]
    case "plan":
      return [describePlan(change)]
    default:
      return unreachable(change)
  }
}

/** The sentences that say what a change does, given the state before it. Never empty. */
export function describe(change: Change, labels: Labels, state: State): readonly string[] {
  const sentences = sentencesOf(new Describer(state, labels), state, change)
  return sentences.length > 0 ? sentences : ["Nothing at any door."]
}
