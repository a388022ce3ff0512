/**
 * Whom this lock was told directly to refuse, by somebody whom its policy names, before any policy said so.
 *
 * A denial sticks until a policy contains it. There are at most 64; a full list refuses further ones and says so in the
 * journal, since forgetting an earlier denial would open a door.
 */
import type { Denied, StatementId } from "@holdfast/access/door"
import { statementIdBytes, statementIdOf } from "@holdfast/access/door"
import { type CredentialId, idBytes, idOf, type PersonId } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes } from "@holdfast/base/cbor"

export const DENIES_MAX = 64

export type Deny = {
  readonly id: StatementId
  readonly person: PersonId | null
  readonly credential: CredentialId | null
}
export type Denies = readonly Deny[]

/** The longer list, or null where there is no room. A denial that is known already changes nothing. */
export function addDeny(denies: Denies, deny: Deny): Denies | null {
  if (denies.some(({ id }) => id === deny.id)) return denies
  return denies.length < DENIES_MAX ? [...denies, deny] : null
}

/** What is left once a policy contains some of them. */
export function withoutContained(denies: Denies, contained: readonly StatementId[]): Denies {
  const known = new Set(contained)
  return denies.some(({ id }) => known.has(id)) ? denies.filter(({ id }) => !known.has(id)) : denies
}

export function deniedBy(denies: Denies): Denied {
  const people = new Set<PersonId>()
  const credentials = new Set<CredentialId>()
  for (const { person, credential } of denies) {
    if (person !== null) people.add(person)
    if (credential !== null) credentials.add(credential)
  }
  return { people, credentials }
}

export function encodeDenies(denies: Denies): Uint8Array {
  return encodeCbor(
    denies.map(({ id, person, credential }) => [
      statementIdBytes(id),
      person === null ? null : idBytes(person),
      credential === null ? null : idBytes(credential),
    ]),
  )
}

export function decodeDenies(bytes: Uint8Array): Denies | null {
  const decoded = decodeCbor(bytes)
  return decoded.ok ? readArray(decoded.value, DENIES_MAX, readDeny) : null
}

function readDeny(item: Cbor): Deny | null {
  if (!Array.isArray(item) || item.length !== 3) return null
  const [idField, personField, credentialField] = item as readonly Cbor[]
  const id = readBytes(idField, 32)
  const person = readBytes(personField, 16)
  const credential = readBytes(credentialField, 16)
  if (id === null || (person === null && personField !== null)) return null
  if (credential === null && credentialField !== null) return null
  return {
    id: statementIdOf(id),
    person: person === null ? null : idOf<"PersonId">(person),
    credential: credential === null ? null : idOf<"CredentialId">(credential),
  }
}
