/** L-05: what is decided reaches the locks that can be reached. */
import type { State } from "@holdfast/access"
import type { DoorId } from "@holdfast/base"
import type { Truth } from "../truth/truth.ts"
import { heededWatch } from "./heeded.ts"
import type { Rule } from "./rule.ts"

const REACH_MS = 5_000

/** Everything in a state of the site that bears on who may open this door, in one text to compare. */
function rightsAt(state: State, door: DoorId): string {
  const grants = [...state.grants.values()].filter(({ doors }) => doors.includes(door))
  const rights = grants.flatMap(({ group, schedule }) => {
    const members = [...(state.groups.get(group)?.members ?? [])]
    const good = members.filter(([id]) => state.people.get(id)?.standing === "good")
    return good.map(([id, times]) => [id, times, schedule === null ? null : state.schedules.get(schedule)])
  })
  const able = new Set(rights.map(([id]) => id))
  const credentials = [...state.credentials].filter(([, { person, denied }]) => !denied && able.has(person))
  const config = state.doors.get(door)?.config
  const modes = config?.modes.map(({ schedule }) => (schedule === null ? null : state.schedules.get(schedule)))
  return JSON.stringify([rights, credentials.map(([id, { person }]) => [id, person]), config, modes])
}

/** Since when the rights at this door have been what they are now. */
function rightsSince_ms({ history, now }: Truth, rightsOf: (state: State) => string): number {
  const rights = rightsOf(now)
  const last = history.findLastIndex(({ state }) => rightsOf(state) !== rights)
  return history[last + 1]?.at_ms ?? 0
}

export const L_05: Rule = {
  id: "L-05",
  words:
    "A lock that has been connected undisturbed decides by the rights as they stand, with a lease, 5 s after they changed; and what was found at a door that it heeds narrows it 30 s later.",
  watch(building) {
    const { truth, now_ms } = building
    const heeded = heededWatch(building)
    const known = new Map<DoorId, WeakMap<State, string>>()
    const rightsFor = (door: DoorId) => {
      const texts = known.get(door) ?? new WeakMap<State, string>()
      known.set(door, texts)
      return (state: State): string => {
        const text = texts.get(state) ?? rightsAt(state, door)
        texts.set(state, text)
        return text
      }
    }
    return {
      step: (step) => heeded.step?.(step) ?? null,
      probe(door) {
        const missed = heeded.probe?.(door) ?? null
        if (missed !== null) return missed
        const told = truth.toldSince_ms(door.id)
        const { lock } = door.board
        if (told === null || lock === null || now_ms() - told <= REACH_MS) return null
        const rightsOf = rightsFor(door.id)
        if (now_ms() - rightsSince_ms(truth, rightsOf) <= REACH_MS) return null
        const held = lock.active === null ? null : truth.history[truth.placeOf(lock.active.name.version.size)]
        if (held == null || rightsOf(held.state) !== rightsOf(truth.now)) return "the newest rights have not arrived"
        return lock.lease === null ? "no lease has arrived" : null
      },
    }
  },
}
