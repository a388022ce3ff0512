/**
 * Compiling: the state of the site, one door and a time in; that door's policy out.
 *
 * A pure function, so that an outsider can do it again and compare the bytes: everything is sorted, every table has fixed
 * rows (policy-tables.ts), schedules are expanded once each. It encrypts nothing and contains no secret.
 */
import { assert, type DoorId, type PersonId, type ScheduleId, type UnixSeconds } from "@holdfast/base"
import { type Act, NARROWING_ACTS } from "./act.ts"
import type { DoorConfig } from "./config.ts"
import { pinAlone, pinsAlone_max } from "./factors.ts"
import { encodeIntervals } from "./interval.ts"
import type { Kind } from "./kinds.ts"
import { type Actor, type Denier, encodePolicy, type Policy, SCHEDULES_MAX } from "./policy.ts"
import {
  credentialTable,
  type Granted,
  grantIdTable,
  grantTable,
  type Listed,
  peopleTable,
  phoneTable,
  pinsIn,
  type Source,
} from "./policy-tables.ts"
import { expand } from "./schedule.ts"
import type { Delegation, Door, Schedule, State } from "./state.ts"
import { ALWAYS } from "./table.ts"
import { zoneTable } from "./zone.ts"

export type CompileFault = "unknown door" | "too many people for PIN only" | "too many schedules"

export type Compiled =
  | { readonly ok: true; readonly policy: Policy; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly fault: CompileFault }

function grantsOf(state: State, door: Door): readonly Granted[] {
  return [...door.grants].sort().map((id) => {
    const grant = state.grants.get(id)
    assert(grant !== undefined, "a door lists only grants that exist")
    return [id, grant] as const
  })
}

/** The schedules that a door's grants and modes use, ascending by id. */
function schedulesOf(door: Door, grants: readonly Granted[]): readonly ScheduleId[] {
  const used = new Set<ScheduleId>()
  for (const [, grant] of grants) if (grant.schedule !== null) used.add(grant.schedule)
  for (const mode of door.config.modes) if (mode.schedule !== null) used.add(mode.schedule)
  return [...used].sort()
}

function scheduleOf(state: State, id: ScheduleId): Schedule {
  const schedule = state.schedules.get(id)
  assert(schedule !== undefined, "grants and doors name only schedules that exist")
  return schedule
}

function expanded(state: State, schedule: Schedule, at: UnixSeconds): Uint8Array {
  const table = zoneTable(state.zones, schedule.zone)
  assert(table !== null, "a schedule's zone is known")
  return encodeIntervals(expand(schedule, table, at))
}

/** Which editions of the time-zone data these hours were computed with. */
function tzdataOf(state: State, ids: readonly ScheduleId[]): string {
  const editions = new Set<string>()
  for (const id of ids) {
    const edition = zoneTable(state.zones, scheduleOf(state, id).zone)?.tzdata
    if (edition !== undefined && edition !== "") editions.add(edition)
  }
  return [...editions].sort().join("+")
}

function sourcesOf(state: State, grants: readonly Granted[], schedules: readonly ScheduleId[]): readonly Source[] {
  const index = new Map(schedules.map((id, at) => [id, at]))
  const sources = grants.map(([, grant], ref) => {
    const group = state.groups.get(grant.group)
    assert(group !== undefined, "a grant's group exists")
    const schedule = grant.schedule === null ? ALWAYS : index.get(grant.schedule)
    assert(schedule !== undefined, "every schedule in use has an index")
    return { ref, schedule, group }
  })
  return sources.sort((a, b) => a.schedule - b.schedule || a.ref - b.ref)
}

/** Everybody with a membership behind one of the grants, whatever their standing, ascending by id. */
function peopleOf(state: State, sources: readonly Source[], only: PersonId | null): readonly Listed[] {
  const ids = new Set<PersonId>()
  for (const { group } of sources) {
    if (only === null) for (const id of group.members.keys()) ids.add(id)
    else if (group.members.has(only)) ids.add(only)
  }
  return [...ids].sort().map((id, index) => {
    const person = state.people.get(id)
    assert(person !== undefined, "a member is a person")
    return { id, person, index }
  })
}

/** The keys of their own by which people speak now, ascending by delegation: sessions come to a lock by value. */
function ownKeys(state: State, at: UnixSeconds): readonly Delegation[] {
  const live = [...state.delegations].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, delegation]) => delegation)
  return live.filter(
    ({ revoked, keyKind, notAfter }) => !revoked && keyKind !== "session" && (notAfter === null || notAfter >= at),
  )
}

function maySay({ kinds }: Delegation, kind: Kind): boolean {
  return kinds === null || kinds.includes(kind)
}

/** People whose own key may say "deny" to a lock. */
function deniersOf(state: State, at: UnixSeconds): readonly Denier[] {
  const deniers = ownKeys(state, at).filter((each) => maySay(each, "deny"))
  return deniers.map(({ person, key, keyKind }) => ({ person, key, keyKind }))
}

/**
 * People in good standing whose own key may order, and what of all that may be ordered here: who may deny may say what narrows.
 */
function actorsOf(state: State, at: UnixSeconds, acts: readonly Act[]): readonly Actor[] {
  if (acts.length === 0) return []
  return ownKeys(state, at).flatMap((each) => {
    if (state.people.get(each.person)?.standing !== "good") return []
    const narrowing = maySay(each, "deny") ? acts.filter((act) => NARROWING_ACTS.includes(act)) : []
    const may = maySay(each, "order") ? acts : narrowing
    const { person, key, keyKind } = each
    return may.length === 0 ? [] : [{ person, key, keyKind, acts: may }]
  })
}

function indexedConfig(config: DoorConfig<ScheduleId>, schedules: readonly ScheduleId[]): DoorConfig<number> {
  const modes = config.modes.map((mode) => ({
    ...mode,
    schedule: mode.schedule === null ? null : schedules.indexOf(mode.schedule),
  }))
  return { ...config, modes }
}

/**
 * The policy of one door at `compiledAt`. With `only`, the same policy as if that person alone existed: what a statement
 * changes for its author is asked that way.
 */
export function compile(state: State, doorId: DoorId, compiledAt: UnixSeconds, only: PersonId | null = null): Compiled {
  const door = state.doors.get(doorId)
  if (door === undefined) return { ok: false, fault: "unknown door" }
  const grants = grantsOf(state, door)
  const schedules = schedulesOf(door, grants)
  if (schedules.length > SCHEDULES_MAX) return { ok: false, fault: "too many schedules" }
  const sources = sourcesOf(state, grants, schedules)
  const people = peopleOf(state, sources, only)
  const credentials = credentialTable(state, people)
  const policy: Policy = {
    site: state.site,
    door: doorId,
    config: indexedConfig(door.config, schedules),
    schedules: schedules.map((id) => expanded(state, scheduleOf(state, id), compiledAt)),
    credentials,
    grants: grantTable(people, sources),
    people: peopleTable(people),
    grantIds: grantIdTable(grants),
    phones: phoneTable(state, credentials),
    deniers: deniersOf(state, compiledAt),
    actors: actorsOf(state, compiledAt, door.config.remoteActs),
    denials: state.denials.map((denial) => denial.id),
    compiledAt,
    tzdata: tzdataOf(state, schedules),
    origins: state.root.origins,
    rpId: state.root.rpId,
  }
  const pin_max = Math.min(pinsAlone_max(), door.config.pinOnlyPeople_max) // A door may set a lower bound of its own.
  const pin_only = door.config.modes.some((mode) => pinAlone(mode.factors))
  if (pin_only && pinsIn(policy) > pin_max) return { ok: false, fault: "too many people for PIN only" }
  return { ok: true, policy, bytes: encodePolicy(policy) }
}
