/**
 * How sentences about a site name what they speak of: by its opened label or else by the beginning of its id, with the hours, the
 * factors and the rights that the state knows.
 *
 * Which sentences a change makes is describe.ts's. Nothing decides by any of this.
 */
import type { CredentialId, DoorId, GrantId, GroupId, PersonId, ScheduleId } from "@holdfast/base"
import type { ObjectId } from "./change.ts"
import type { CredentialKind } from "./change/credential.ts"
import type { DoorConfig } from "./config.ts"
import type { Grant, Schedule, State } from "./state.ts"
import { factorsInWords, hoursInWords, listInWords } from "./words.ts"

/** How each kind of credential is named in a sentence. */
export const CREDENTIAL_WORDS: Readonly<Record<CredentialKind, string>> = {
  card: "card",
  pin: "PIN",
  phone: "phone",
  "owner half": "key for offline PINs, the half that makes codes",
  "site half": "key for offline PINs, the half that stays with the site",
}

/** The opened label of an object, or null where it is not known. A label counts only if it opens its commitment. */
export type Labels = (id: ObjectId) => string | null

export class Describer {
  readonly #state: State
  readonly #labels: Labels

  constructor(state: State, labels: Labels) {
    this.#state = state
    this.#labels = labels
  }

  name(noun: string, id: ObjectId): string {
    return this.#labels(id) ?? `${noun} ${id.slice(0, 8)}`
  }

  person(id: PersonId): string {
    return this.name("person", id)
  }

  door(id: DoorId): string {
    return this.name("door", id)
  }

  group(id: GroupId): string {
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
  owner(id: CredentialId): string {
    const person = this.#state.credentials.get(id)?.person
    return person === undefined ? this.name("credential", id) : this.person(person)
  }

  credential(id: CredentialId): string {
    const credential = this.#state.credentials.get(id)
    if (credential === undefined) return this.name("credential", id)
    return `the ${CREDENTIAL_WORDS[credential.what]} of ${this.person(credential.person)}`
  }
}
