/**
 * Writing the tables of a policy: people, their credentials and phones, their grants, each row in the place where a lock will
 * look for it.
 *
 * What each row is made of stands in table.ts, which reads them too; whose rows there are is compile.ts's to gather. Everything
 * here comes sorted, so the same people always give the same bytes.
 */
import {
  assert,
  byteAt,
  compareBytes,
  concat,
  type CredentialId,
  equalBytes,
  type GrantId,
  type PersonId,
} from "@holdfast/base"
import { credentialKindNumber, rowKindNumber } from "./change/credential.ts"
import type { Policy } from "./policy.ts"
import type { Grant, Group, Person, State } from "./state.ts"
import {
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

/** A grant with its id. */
export type Granted = readonly [id: GrantId, grant: Grant]

/** A grant of this door with what it refers to, in the order of the policy's tables. */
export type Source = { readonly ref: number; readonly schedule: number; readonly group: Group }

export type Listed = { readonly id: PersonId; readonly person: Person; readonly index: number }

export function peopleTable(people: readonly Listed[]): Uint8Array {
  const table = new Uint8Array(people.length * PERSON_ROW)
  for (const { id, index } of people) putId(table, index * PERSON_ROW, id)
  return table
}

function standingOf(person: Person, denied: boolean): number {
  if (person.standing === "revoked") return STANDING_REVOKED
  return person.standing === "denied" || denied ? STANDING_DENIED : STANDING_GOOD
}

export function credentialTable(state: State, people: readonly Listed[]): Uint8Array {
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
export function phoneTable(state: State, credentials: Uint8Array): Uint8Array {
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
export function grantTable(people: readonly Listed[], sources: readonly Source[]): Uint8Array {
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

export function grantIdTable(grants: readonly Granted[]): Uint8Array {
  const table = new Uint8Array(grants.length * 16)
  for (const [index, [id]] of grants.entries()) putId(table, index * 16, id)
  return table
}

const PIN = credentialKindNumber("pin")

/** Each PIN is one more that a guess may hit, also where one person has several. */
export function pinsIn({ credentials }: Policy): number {
  let pins = 0
  for (let at = 0; at < credentials.length; at += CREDENTIAL_ROW)
    if (byteAt(credentials, at + KIND_AT) === PIN && byteAt(credentials, at + STANDING_AT) === STANDING_GOOD) pins++
  return pins
}
