/**
 * A door's policy: everything that one lock needs to decide, compiled from the authority log, with no secret in it.
 *
 * Think of it as a printed list at the door, sorted so that it can be searched in halves: people, their credentials, their
 * grants, the hours as plain UTC intervals. It is a pure function of the log, the door, the compile time and the zone tables;
 * anybody can print it again and compare. The manifest that signs it is manifest.ts's business.
 */
import {
  assert,
  byteAt,
  type DoorId,
  EMPTY,
  type CredentialId,
  idBytes,
  type PersonId,
  type SiteId,
  type UnixSeconds,
} from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readMap, readText } from "@holdfast/base/cbor"
import { encodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { credentialKindNumber, SHOWN_BY_NOBODY } from "./change/credential.ts"
import { type Act, actBits, readActBits } from "./act.ts"
import { type KeyKind, keyKindNumber, readKeyKind } from "./change/delegation.ts"
import { type DoorConfig, decodeConfig, encodeConfig } from "./config.ts"
import { fields, NAME_LENGTH_MAX, readCoseKey, readId, readInteger, readSeconds, readTuple } from "./read.ts"
import { readStatementId, type StatementId, statementIdBytes } from "./statement-id.ts"
import {
  ALWAYS,
  CREDENTIAL_ROW,
  findPhone,
  FROM_AT,
  GRANT_ROW,
  idAt,
  INTERVAL_ROW,
  KIND_AT,
  OWNER_AT,
  PERSON_ROW,
  PHONE_CREDENTIAL_AT,
  PHONE_ROW,
  REF_AT,
  rowsAscend,
  SCHEDULE_AT,
  STANDING_AT,
  STANDING_DENIED,
  TRAITS_AT,
  u16At,
  u32At,
  UNTIL_AT,
} from "./table.ts"
import { TRAIT_BITS_MAX } from "./traits.ts"

/** Somebody whose own key this lock obeys when it says "deny". */
export type Denier = { readonly person: PersonId; readonly key: PublicKey; readonly keyKind: KeyKind }

/** Somebody whose own key this lock obeys when it orders one of these acts. */
export type Actor = Denier & { readonly acts: readonly Act[] }

export type Policy = {
  readonly site: SiteId
  readonly door: DoorId
  /** Schedules by their index in {@link schedules}. */
  readonly config: DoorConfig<number>
  readonly schedules: readonly Uint8Array[]
  /** Tables: their rows stand in table.ts. */
  readonly credentials: Uint8Array
  readonly grants: Uint8Array
  readonly people: Uint8Array
  readonly grantIds: Uint8Array
  readonly phones: Uint8Array
  readonly deniers: readonly Denier[]
  readonly actors: readonly Actor[]
  /** The denials that this policy already contains: a lock may forget what it was told directly. */
  readonly denials: readonly StatementId[]
  readonly compiledAt: UnixSeconds
  readonly tzdata: string
  readonly origins: readonly string[]
  readonly rpId: string
}

export const SCHEDULES_MAX = 4_096
export const DENIERS_MAX = 256
export const DENIALS_MAX = 64
const ORIGINS_MAX = 16
const NOBODY: readonly Actor[] = []

function denierFields({ person, key, keyKind }: Denier): readonly Cbor[] {
  return [idBytes(person), encodeCoseKey(key), keyKindNumber(keyKind)]
}

function actorFields(actor: Actor): readonly Cbor[] {
  return [...denierFields(actor), actBits(actor.acts)]
}

export function encodePolicy(policy: Policy): Uint8Array {
  return encodeCbor(
    fields(
      [0, idBytes(policy.site)],
      [1, idBytes(policy.door)],
      [2, encodeConfig(policy.config, (index) => index)],
      [3, policy.schedules],
      [4, policy.credentials],
      [5, policy.grants],
      [6, policy.people],
      [7, policy.grantIds],
      [8, policy.deniers.map(denierFields)],
      [9, policy.denials.map(statementIdBytes)],
      [10, policy.compiledAt],
      [11, policy.tzdata],
      [12, policy.origins],
      [13, policy.rpId],
      ...(policy.phones.length === 0 ? [] : [[14, policy.phones] as const]),
      ...(policy.actors.length === 0 ? [] : [[15, policy.actors.map(actorFields)] as const]),
    ),
  )
}

/** Whole rows only. */
function readTable(value: Cbor | undefined, row_size: number): Uint8Array | null {
  const table = readBytes(value, 0, Number.MAX_SAFE_INTEGER)
  return table !== null && table.length % row_size === 0 ? table : null
}

function readDenier(value: Cbor): Denier | null {
  const triple = readTuple(value, 3)
  const person = readId<"PersonId">(triple?.[0])
  const key = readCoseKey(triple?.[1])
  const keyKind = readKeyKind(triple?.[2])
  return person === null || key === null || keyKind === null ? null : { person, key, keyKind }
}

/** One without an act is none. */
function readActor(value: Cbor): Actor | null {
  const four = readTuple(value, 4)
  const denier = four === null ? null : readDenier(four.slice(0, 3))
  const acts = readActBits(four?.[3])
  return denier === null || acts === null || acts.length === 0 ? null : { ...denier, acts }
}

const PHONE = credentialKindNumber("phone")

/** Each row names a phone's credential. An empty table is not written, so that a policy has one spelling. */
function phonesHold(phones: Uint8Array, credentials: Uint8Array): boolean {
  for (let at = 0; at < phones.length; at += PHONE_ROW) {
    const row = u32At(phones, at + PHONE_CREDENTIAL_AT) * CREDENTIAL_ROW
    if (row >= credentials.length || byteAt(credentials, row + KIND_AT) !== PHONE) return false
  }
  return rowsAscend(phones, PHONE_ROW, PHONE_CREDENTIAL_AT)
}

function credentialsHold(credentials: Uint8Array, people_count: number): boolean {
  for (let at = 0; at < credentials.length; at += CREDENTIAL_ROW) {
    const kind = byteAt(credentials, at + KIND_AT)
    if (u32At(credentials, at + OWNER_AT) >= people_count || kind < 1 || kind > SHOWN_BY_NOBODY) return false
    if (byteAt(credentials, at + STANDING_AT) > STANDING_DENIED || u16At(credentials, at + TRAITS_AT) > TRAIT_BITS_MAX)
      return false
  }
  return rowsAscend(credentials, CREDENTIAL_ROW, 16)
}

function grantsHold(grants: Uint8Array, people_count: number, schedule_count: number, grant_count: number): boolean {
  for (let at = 0; at < grants.length; at += GRANT_ROW) {
    const schedule = u16At(grants, at + SCHEDULE_AT)
    if (u32At(grants, at) >= people_count || u16At(grants, at + REF_AT) >= grant_count) return false
    if (schedule !== ALWAYS && schedule >= schedule_count) return false
    if (u32At(grants, at + FROM_AT) >= u32At(grants, at + UNTIL_AT)) return false
  }
  return rowsAscend(grants, GRANT_ROW, 8)
}

/** Intervals have a length, ascend, and were merged where they touched. */
function scheduleHolds(schedule: Uint8Array): boolean {
  for (let at = 0; at < schedule.length; at += INTERVAL_ROW) {
    if (u32At(schedule, at) >= u32At(schedule, at + 4)) return false
    if (at > 0 && u32At(schedule, at - 4) >= u32At(schedule, at)) return false
  }
  return true
}

function tablesHold(policy: Policy): boolean {
  const people_count = policy.people.length / PERSON_ROW
  const schedule_count = policy.schedules.length
  if (!policy.config.modes.every((mode) => mode.schedule === null || mode.schedule < schedule_count)) return false
  if (!policy.schedules.every(scheduleHolds) || !rowsAscend(policy.people, PERSON_ROW, 16)) return false
  if (!rowsAscend(policy.grantIds, 16, 16) || !credentialsHold(policy.credentials, people_count)) return false
  if (!phonesHold(policy.phones, policy.credentials)) return false
  return grantsHold(policy.grants, people_count, schedule_count, policy.grantIds.length / 16)
}

/** The policy, or null unless every table is whole, sorted and refers only to what is there. The caller caps the size. */
export function decodePolicy(bytes: Uint8Array): Policy | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]) : null
  const site = readId<"SiteId">(map?.get(0))
  const door = readId<"DoorId">(map?.get(1))
  const config = decodeConfig(map?.get(2), (index) => readInteger(index, 0, SCHEDULES_MAX - 1))
  const schedules = readArray(map?.get(3), SCHEDULES_MAX, (schedule) => readTable(schedule, INTERVAL_ROW))
  const credentials = readTable(map?.get(4), CREDENTIAL_ROW)
  const grants = readTable(map?.get(5), GRANT_ROW)
  const people = readTable(map?.get(6), PERSON_ROW)
  const grantIds = readTable(map?.get(7), 16)
  const phones = map?.has(14) === true ? readTable(map.get(14), PHONE_ROW) : EMPTY
  const deniers = readArray(map?.get(8), DENIERS_MAX, readDenier)
  const actors = map?.has(15) === true ? readArray(map.get(15), DENIERS_MAX, readActor) : NOBODY
  const denials = readArray(map?.get(9), DENIALS_MAX, readStatementId)
  const compiledAt = readSeconds(map?.get(10))
  const tzdata = readText(map?.get(11), NAME_LENGTH_MAX)
  const origins = readArray(map?.get(12), ORIGINS_MAX, (origin) => readText(origin, NAME_LENGTH_MAX))
  const rpId = readText(map?.get(13), NAME_LENGTH_MAX)
  if (site === null || door === null || config === null || schedules === null || credentials === null) return null
  if (grants === null || people === null || grantIds === null || deniers === null || denials === null) return null
  if (phones === null || (map?.has(14) === true && phones.length === 0)) return null
  if (actors === null || (map?.has(15) === true && actors.length === 0)) return null
  if (compiledAt === null || tzdata === null || origins === null || rpId === null) return null
  const tables = { config, schedules, credentials, grants, people, grantIds, phones }
  const policy: Policy = { site, door, ...tables, deniers, actors, denials, compiledAt, tzdata, origins, rpId }
  if (!tablesHold(policy)) return null
  assert(policy.people.length % PERSON_ROW === 0, "a decoded table has whole rows")
  return policy
}

/** Whose phone has a key with this x, or null. It says nothing about rights, and nothing was proven yet. */
export function phoneOf(policy: Policy, x: Uint8Array): CredentialId | null {
  const row = findPhone(policy.phones, x)
  return row < 0
    ? null
    : idAt<"CredentialId">(policy.credentials, u32At(policy.phones, row + PHONE_CREDENTIAL_AT) * CREDENTIAL_ROW)
}
