/**
 * What one person may do by a state of the site, as a list of plain words: come in here at that hour, alone or with another,
 * order this, hear of silent alarms. Two lists are compared by whoever asks whether somebody gained something.
 *
 * Worked out a second time and in another way than the product does: hour by hour, as {@link mayOpen} asks, over three days.
 */
import type { State } from "@holdfast/access"
import { type Act, NARROWING_ACTS } from "@holdfast/access/rules"
import { type CredentialId, type DoorId, equalBytes, type PersonId } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { mayOpen, type Shown } from "./rights.ts"

/** Not a divisor of an hour, so that in three days most half hours are asked about. */
const STEP_S = 2 * 3_600 + 1_260
const SPAN_S = 3 * 86_400

/** Everything that this person can show at once, in each way. */
function shownBy(state: State, person: PersonId): readonly Shown[] {
  const own = [...state.credentials].filter(([, each]) => each.person === person && !each.denied)
  const first = (what: string): CredentialId | null => own.find(([, each]) => each.what === what)?.[0] ?? null
  const [card, pin] = [first("card"), first("pin")]
  return [
    { card, pin: null },
    { card: null, pin },
    { card, pin },
  ]
}

/** People who may say this kind by keys of their own, which the root named. */
function administrators(state: State, kind: "order" | "receiver set" | "lock pair"): ReadonlySet<PersonId> {
  const own = [...state.delegations.values()].filter(({ parent, revoked, kinds, person }) => {
    const may = kinds === null || kinds.includes(kind)
    return parent === null && !revoked && may && state.people.get(person)?.standing === "good"
  })
  return new Set(own.map(({ person }) => person))
}

function entries(state: State, door: DoorId, person: PersonId, from_s: number): readonly string[] {
  const shown = shownBy(state, person)
  const isAlone = (state.doors.get(door)?.config.twoPerson_ms ?? 0) === 0
  const words: string[] = []
  for (let at_s = from_s; at_s < from_s + SPAN_S; at_s += STEP_S) {
    if (!shown.some((each) => mayOpen(state, door, each, at_s))) continue
    words.push(`opens ${door} with another at ${at_s}`)
    if (isAlone) words.push(`opens ${door} alone at ${at_s}`)
  }
  return words
}

/**
 * All that this person may do. `boardKey` is the journal key of a board of his own: whoever pairs it has the door's secrets.
 * That an only administrator names himself or pairs alone is no gain, since nobody else could do it.
 */
export function powersOf(state: State, person: PersonId, boardKey: PublicKey, from_s: number): ReadonlySet<string> {
  const words: string[] = []
  const isOrdering = administrators(state, "order").has(person)
  for (const [door, { config, lock }] of state.doors) {
    words.push(...entries(state, door, person, from_s))
    const acts: readonly Act[] = isOrdering ? config.remoteActs.filter((act) => !NARROWING_ACTS.includes(act)) : []
    words.push(...acts.map((act) => `orders ${act} at ${door}`))
    if (lock !== null && equalBytes(lock.journalKey, boardKey) && administrators(state, "lock pair").size > 1)
      words.push(`has the board of ${door}`)
  }
  words.push(...(state.people.get(person)?.traits ?? []).map((trait) => `is ${trait}`))
  if (state.receivers.has(person) && administrators(state, "receiver set").size > 1)
    words.push("hears of silent alarms")
  const keys = [...state.delegations.values()].filter((each) => each.person === person && each.parent === null)
  return new Set([...words, ...(keys.length > 1 ? ["has another key"] : [])])
}
