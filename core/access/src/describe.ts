/**
 * A change in plain words, as it stands against a state: "Ana may open Lab 2 on weekdays 08:00 to 18:00 (Europe/Berlin) with
 * card and PIN". One sentence a line. What is shown before signing is made here from the statement itself, never from what
 * somebody typed.
 */
import { type DoorId, type GrantId, type ScheduleId, toHex, unreachable } from "@holdfast/base"
import type { Change, ObjectId } from "./change.ts"
import type { CredentialKind } from "./change/credential.ts"
import type { DelegationChange } from "./change/delegation.ts"
import type { OfflineCodeChange } from "./change/offline-code.ts"
import type { OrderChange } from "./change/order.ts"
import type { DoorConfig } from "./config.ts"
import { DURATIONS_S } from "./offline-types.ts"
import type { Grant, Schedule, State } from "./state.ts"
import { doorDifference } from "./describe-door.ts"
import { dayInWords, factorsInWords, hoursInWords, instantInWords, listInWords } from "./words.ts"

const NAMES: Readonly<Record<CredentialKind, string>> = {
  card: "card",
  pin: "PIN",
  phone: "phone",
  "owner half": "key for offline PINs, the half that makes codes",
  "site half": "key for offline PINs, the half that stays with the site",
}

/** The opened label of an object, or null where it is not known. A label counts only if it opens its commitment. */
export type Labels = (id: ObjectId) => string | null

class Describer {
  readonly #state: State
  readonly #labels: Labels

  constructor(state: State, labels: Labels) {
    this.#state = state
    this.#labels = labels
  }

  name(noun: string, id: ObjectId): string {
    return this.#labels(id) ?? `${noun} ${id.slice(0, 8)}`
  }

  person(id: ObjectId): string {
    return this.name("person", id)
  }

  door(id: ObjectId): string {
    return this.name("door", id)
  }

  group(id: Parameters<State["groups"]["get"]>[0]): string {
    return this.#state.groups.get(id)?.name ?? this.name("group", id)
  }

  schedule(id: ScheduleId | null): Schedule | null {
    return id === null ? null : (this.#state.schedules.get(id) ?? null)
  }

  hours(id: ScheduleId): string {
    return hoursInWords(this.schedule(id))
  }

  factors(config: DoorConfig<ScheduleId>): string {
    const modes = config.modes.map(({ schedule, factors }) => {
      const when = schedule === null ? "" : ` ${hoursInWords(this.schedule(schedule))}`
      return `${factorsInWords(factors)}${when}`
    })
    return modes.join(", otherwise ")
  }

  /** "may open Lab 2 ... with card and PIN", once for each way in which the doors want to be opened. */
  mayOpen(who: string, doors: readonly DoorId[], schedule: ScheduleId | null): readonly string[] {
    const ways = new Map<string, string[]>()
    for (const id of doors) {
      const door = this.#state.doors.get(id)
      const way = door === undefined ? "" : ` ${this.factors(door.config)}`
      ways.set(way, [...(ways.get(way) ?? []), this.door(id)])
    }
    const hours = hoursInWords(this.schedule(schedule))
    return [...ways].map(([way, names]) => `${who} may open ${listInWords(names)} ${hours}${way}.`)
  }

  grants(who: string, ids: Iterable<GrantId>): readonly string[] {
    const known = [...ids]
      .map((id) => this.#state.grants.get(id))
      .filter((grant): grant is Grant => grant !== undefined)
    return known.flatMap((grant) => this.mayOpen(who, grant.doors, grant.schedule))
  }

  /** What a grant that goes away allowed. */
  noLonger(id: GrantId): readonly string[] {
    const grant = this.#state.grants.get(id)
    if (grant === undefined) return []
    return this.mayOpen(this.group(grant.group), grant.doors, grant.schedule).map((each) => `No longer: ${each}`)
  }

  /** Whose credential it is. */
  owner(id: ObjectId & Parameters<State["credentials"]["get"]>[0]): string {
    const person = this.#state.credentials.get(id)?.person
    return person === undefined ? this.name("credential", id) : this.person(person)
  }

  credential(id: ObjectId & Parameters<State["credentials"]["get"]>[0]): string {
    const credential = this.#state.credentials.get(id)
    if (credential === undefined) return this.name("credential", id)
    return `the ${NAMES[credential.what]} of ${this.person(credential.person)}`
  }
}

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

function describePeople(say: Describer, state: State, change: Change): readonly string[] | null {
  switch (change.kind) {
    case "person add":
      return [`Add ${say.person(change.person)}.`]
    case "person label":
      return [`Change the name of ${say.person(change.person)}.`]
    case "person revoke":
      return [`Revoke ${say.person(change.person)}: no door opens for them any more, and their own keys end.`]
    case "person restore":
      return [`Restore ${say.person(change.person)}: their memberships and credentials count again.`]
    case "person traits": {
      const traits = change.traits.map((trait) => TRAITS_SAID[trait])
      return [`${say.person(change.person)} ${traits.length === 0 ? "has no traits any more" : listInWords(traits)}.`]
    }
    case "credential add":
      return [`Give ${say.person(change.person)} a ${NAMES[change.what]}.`]
    case "receiver set":
      return [`${say.person(change.person)} is told of silent alarms, by the key ${toHex(change.key).slice(2, 18)}.`]
    case "receiver remove":
      return [`${say.person(change.person)} is no longer told of silent alarms.`]
    case "credential remove":
      return [`Remove ${say.credential(change.credential)}.`]
    case "group set": {
      const known = state.groups.get(change.group)
      return [
        known === undefined ? `Make the group ${change.name}.` : `Rename the group ${known.name} to ${change.name}.`,
      ]
    }
    case "member add": {
      const from = change.from === null ? "" : ` from ${instantInWords(change.from)}`
      const until = change.until === null ? "" : ` until ${instantInWords(change.until)}`
      const who = say.person(change.person)
      const grants = state.groups.get(change.group)?.grants ?? []
      return [`${who} joins ${say.group(change.group)}${from}${until}.`, ...say.grants(who, grants)]
    }
    case "member remove":
      return [`${say.person(change.person)} leaves ${say.group(change.group)}.`]
    default:
      return null
  }
}

function describeDelegation(say: Describer, change: DelegationChange): readonly string[] {
  switch (change.kind) {
    case "delegate": {
      const until = change.notAfter === null ? "" : ` until ${instantInWords(change.notAfter)}`
      const who = say.person(change.person)
      if (change.keyKind === "session") return [`${who} signs in${until}.`]
      const what = change.kinds === null ? "everything" : listInWords(change.kinds)
      return [`${who} may state ${what} with ${change.keyKind === "passkey" ? "a passkey" : "a software key"}${until}.`]
    }
    case "delegation revoke":
      return [`End the key ${change.delegation.slice(0, 8)} and every sitting that stands on it.`]
    case "deny": {
      const whom = [
        ...(change.person === null ? [] : [say.person(change.person)]),
        ...(change.credential === null ? [] : [say.credential(change.credential)]),
      ]
      return [`Deny ${listInWords(whom)} at once, at every lock that hears of it.`]
    }
    default:
      return unreachable(change)
  }
}

function describePlaces(say: Describer, state: State, change: Change): readonly string[] | null {
  switch (change.kind) {
    case "grant set":
      return say.mayOpen(say.group(change.group), change.doors, change.schedule)
    case "grant remove":
      return say.noLonger(change.grant)
    case "schedule set": {
      const closed =
        change.closedDays.length === 0 ? "" : `; closed on ${listInWords(change.closedDays.map(dayInWords))}`
      return [`${change.name} means ${hoursInWords(change)}${closed}.`]
    }
    case "door set":
      return [
        `${say.door(change.door)} opens ${say.factors(change.config)}; grade ${change.config.grade}.`,
        ...doorDifference(state.doors.get(change.door)?.config ?? null, change.config, say),
      ]
    case "door remove":
      return [`Remove ${say.door(change.door)} and everybody's rights there.`]
    case "lock pair":
      return [`Pair ${say.door(change.door)} with the lock ${change.serial}.`]
    case "zone table":
      return [`Take the time zone ${change.table.zone} from edition ${change.table.tzdata}.`]
    case "order":
      return [`Order ${say.door(change.door)}: ${orderInWords(change)}.`]
    case "offline code":
      return [`Ask for ${offlineCodeInWords(change)} of ${say.owner(change.credential)} at ${say.door(change.door)}.`]
    case "plan":
      return [
        `Draw the floor ${change.floor} with ${change.rooms.length === 1 ? "one room" : `${change.rooms.length} rooms`}.`,
      ]
    default:
      return null
  }
}

/** The sentences that say what a change does, given the state before it. Never empty. */
export function describe(change: Change, labels: Labels, state: State): readonly string[] {
  const say = new Describer(state, labels)
  if (change.kind === "delegate" || change.kind === "delegation revoke" || change.kind === "deny")
    return describeDelegation(say, change)
  const sentences = describePeople(say, state, change) ?? describePlaces(say, state, change) ?? []
  return sentences.length > 0 ? sentences : ["Nothing at any door."]
}
