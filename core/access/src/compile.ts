/**
 * Compiling: the state of the site, one door and a time in; that door's policy out.
 *
 * A pure function, so that an outsider can do it again and compare the bytes: everything is sorted, every table has fixed
 * rows, schedules are expanded once each. It encrypts nothing and contains no secret.
 */
import {
  assert,
  byteAt,
  compareBytes,
  concat,
  type CredentialId,
  type DoorId,
  equalBytes,
  type GrantId,
  type PersonId,
  type ScheduleId,
  type UnixSeconds,
} from "@holdfast/base"
import { type Act, NARROWING_ACTS } from "./act.ts"
import { credentialKindNumber, rowKindNumber } from "./change/credential.ts"
import type { DoorConfig } from "./config.ts"
import { pinAlone, pinsAlone_max } from "./factors.ts"
import { encodeIntervals } from "./interval.ts"
import type { Kind } from "./kinds.ts"
import { type Actor, type Denier, encodePolicy, type Policy, SCHEDULES_MAX } from "./policy.ts"
import { expand } from "./schedule.ts"
import type { Delegation, Door, Grant, Group, Person, Schedule, State } from "./state.ts"
import {
  ALWAYS,
  CREDENTIAL_ROW,
  FROM_AT,
  GRANT_ROW,
  idAt,
  KIND_AT,
  OPEN_END,
  OWNER_AT,
  PERSON_ROW,
  PHONE_CREDENTIAL_AT,
  PHONE_ROW,
  putId,
  putU16,
  putU32,
  REF_AT,
  SCHEDULE_AT,
  STANDING_AT,
  STANDING_DENIED,
  STANDING_GOOD,
  STANDING_REVOKED,
  TRAITS_AT,
  UNTIL_AT,
} from "./table.ts"
import { traitBits } from "./traits.ts"
import { zoneTable } from "./zone.ts"

export type CompileFault = "unknown door" | "too many people for PIN only" | "too many schedules"

export type Compiled =
  | { readonly ok: true; readonly policy: Policy; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly fault: CompileFault }

/** A grant of this door with what it refers to, in the order of the policy's tables. */
type Source = { readonly ref: number; readonly schedule: number; readonly group: Group }

type Listed = { readonly id: PersonId; readonly person: Person; readonly index: number }

function grantsOf(state: State, door: Door): readonly (readonly [GrantId, Grant])[] {
  return [...door.grants].sort().map((id) => {
    const grant = state.grants.get(id)
    assert(grant !== undefined, "a door lists only grants that exist")
    return [id, grant] as const
  })
}

/** The schedules that a door's grants and modes use, ascending by id. */
function schedulesOf(door: Door, grants: readonly (readonly [GrantId, Grant])[]): readonly ScheduleId[] {
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

function sourcesOf(
  state: State,
  grants: readonly (readonly [GrantId, Grant])[],
  schedules: readonly ScheduleId[],
): readonly Source[] {
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

function peopleTable(people: readonly Listed[]): Uint8Array {
  const table = new Uint8Array(people.length * PERSON_ROW)
  for (const { id, index } of people) putId(table, index * PERSON_ROW, id)
  return table
}

function standingOf(person: Person, denied: boolean): number {
  if (person.standing === "revoked") return STANDING_REVOKED
  return person.standing === "denied" || denied ? STANDING_DENIED : STANDING_GOOD
}

function credentialTable(state: State, people: readonly Listed[]): Uint8Array {
  const ids: CredentialId[] = []
  for (const { person } of people) for (const id of person.credentials) ids.push(id)
  ids.sort() // Plain strings: sorting them is most of the work for a large site.
  const owners = new Map(people.map((listed) => [listed.id, listed]))
  const table = new Uint8Array(ids.length * CREDENTIAL_ROW)
  let at = 0
  for (const id of ids) {
    const credential = state.credentials.get(id)
    const owner = credential === undefined ? undefined : owners.get(credential.person)
    assert(credential !== undefined && owner !== undefined, "a person lists only credentials that exist")
    putId(table, at, id)
    putU32(table, at + OWNER_AT, owner.index)
    table[at + KIND_AT] = rowKindNumber(credential.what)
    table[at + STANDING_AT] = standingOf(owner.person, credential.denied)
    putU16(table, at + TRAITS_AT, traitBits(owner.person.traits))
    at += CREDENTIAL_ROW
  }
  return table
}

/** The keys of the phones among the credentials. Of two with one key neither can be told from the other: both are left out. */
function phoneTable(state: State, credentials: Uint8Array): Uint8Array {
  const rows: Uint8Array[] = []
  for (let at = 0; at < credentials.length; at += CREDENTIAL_ROW) {
    if (byteAt(credentials, at + KIND_AT) !== credentialKindNumber("phone")) continue
    const credential = state.credentials.get(idAt<"CredentialId">(credentials, at))
    assert(credential?.what === "phone", "the row says what the credential is")
    const row = new Uint8Array(PHONE_ROW)
    row.set(credential.key.subarray(0, PHONE_CREDENTIAL_AT))
    putU32(row, PHONE_CREDENTIAL_AT, at / CREDENTIAL_ROW)
    rows.push(row)
  }
  const same = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
    a !== undefined && equalBytes(a.subarray(0, PHONE_CREDENTIAL_AT), b.subarray(0, PHONE_CREDENTIAL_AT))
  rows.sort(compareBytes)
  return concat(...rows.filter((row, at) => !same(rows[at - 1], row) && !same(rows[at + 1], row)))
}

/** Each person's rows in the order of the sources; people in bad standing have none. Counted first, then placed. */
function grantTable(people: readonly Listed[], sources: readonly Source[]): Uint8Array {
  const good = people.filter(({ person }) => person.standing === "good")
  const index = new Map(good.map((listed) => [listed.id, listed.index]))
  const next = new Uint32Array(people.length + 1)
  for (const { group } of sources)
    for (const { id, index: at } of good) if (group.members.has(id)) next[at + 1] = 1 + u32Of(next, at + 1)
  for (let i = 0; i < people.length; i++) next[i + 1] = u32Of(next, i + 1) + u32Of(next, i)
  const table = new Uint8Array(u32Of(next, people.length) * GRANT_ROW)
  for (const { group, schedule, ref } of sources) {
    for (const [id, membership] of group.members) {
      const person = index.get(id)
      if (person === undefined) continue
      const row = u32Of(next, person) * GRANT_ROW
      next[person] = u32Of(next, person) + 1
      putU32(table, row, person)
      putU16(table, row + SCHEDULE_AT, schedule)
      putU16(table, row + REF_AT, ref)
      putU32(table, row + FROM_AT, membership.from ?? 0)
      putU32(table, row + UNTIL_AT, membership.until ?? OPEN_END)
    }
  }
  return table
}

function u32Of(numbers: Uint32Array, index: number): number {
  const value = numbers[index]
  assert(value !== undefined, "the index lies inside the array")
  return value
}

function grantIdTable(grants: readonly (readonly [GrantId, Grant])[]): Uint8Array {
  const table = new Uint8Array(grants.length * 16)
  for (const [index, [id]] of grants.entries()) putId(table, index * 16, id)
  return table
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

/** People whose own key may order, and what of all that may be ordered here: who may deny may say what narrows. */
function actorsOf(state: State, at: UnixSeconds, acts: readonly Act[]): readonly Actor[] {
  if (acts.length === 0) return []
  return ownKeys(state, at).flatMap((each) => {
    const narrowing = maySay(each, "deny") ? acts.filter((act) => NARROWING_ACTS.includes(act)) : []
    const may = maySay(each, "order") ? acts : narrowing
    const { person, key, keyKind } = each
    return may.length === 0 ? [] : [{ person, key, keyKind, acts: may }]
  })
}

const PIN = credentialKindNumber("pin")

/** Each PIN is one more that a guess may hit, also where one person has several. */
function pinsIn({ credentials }: Policy): number {
  let pins = 0
  for (let at = 0; at < credentials.length; at += CREDENTIAL_ROW)
    if (byteAt(credentials, at + KIND_AT) === PIN && byteAt(credentials, at + STANDING_AT) === STANDING_GOOD) pins++
  return pins
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
