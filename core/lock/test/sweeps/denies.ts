/**
 * What a lock was told to deny, for the mutants of denies.ts (`npm run mutate`): the fewer are denied, the more is admitted.
 */
import { statementIdOf } from "@holdfast/access/door"
import { type CredentialId, idOf, type PersonId } from "@holdfast/base"
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import {
  addDeny,
  decodeDenies,
  deniedBy,
  type Denies,
  DENIES_MAX,
  type Deny,
  encodeDenies,
  withoutContained,
} from "../../src/denies.ts"

const bytes = (number: number, size: number): Uint8Array => new Uint8Array(size).fill(number)

/** Three kinds of denial: of a person, of a credential, of both. */
function deny(number: number): Deny {
  const person = number % 3 === 1 ? null : idOf<"PersonId">(bytes(number, 16))
  const credential = number % 3 === 0 ? null : idOf<"CredentialId">(bytes(number, 16))
  return { id: statementIdOf(bytes(number, 32)), person, credential }
}

const denies = (count: number): Denies => Array.from({ length: count }, (_, at) => deny(at))

/** Whether anybody of so many goes free; a list that is none stops the boot from trusting its lease. */
function* free(make: () => Denies | null): Iterable<() => number> {
  for (let number = 0; number < DENIES_MAX + 2; number++) {
    const { person, credential } = deny(number)
    const isDenied = (set: ReadonlySet<PersonId | CredentialId>, id: PersonId | CredentialId | null): boolean =>
      id === null || set.has(id)
    yield () => {
      const list = make()
      if (list === null) return -1
      const { people, credentials } = deniedBy(list)
      return isDenied(people, person) && isDenied(credentials, credential) ? 0 : 1
    }
  }
}

export function* admits(): Iterable<() => number> {
  for (const count of [0, 1, 2, 3, 63, 64]) {
    yield* free(() => decodeDenies(encodeDenies(denies(count))))
    for (const more of [0, 1, count, 65]) yield* free(() => addDeny(denies(count), deny(more)) ?? denies(count))
    yield () => (addDeny(denies(count), deny(65)) === null ? -1 : 0)
    for (const contained of [[], [0], [1, 2], [65]]) {
      const ids = contained.map((number) => deny(number).id)
      yield* free(() => withoutContained(denies(count), ids))
    }
  }
  const shapes: readonly Cbor[] = [0, "x", null, true, [], ...[0, 15, 16, 17, 31, 32, 33].map((size) => bytes(7, size))]
  const fields: readonly Cbor[] = [bytes(7, 32), bytes(7, 16), bytes(8, 16)]
  const rows: Cbor[] = [...shapes, fields.slice(0, 2), [...fields, 0]]
  for (const [at] of fields.entries()) for (const shape of shapes) rows.push(fields.with(at, shape))
  for (const row of rows) {
    yield () => (decodeDenies(encodeCbor([row])) === null ? 0 : 1)
    yield () => (decodeDenies(encodeCbor(row)) === null ? 0 : 1)
  }
  const whole = encodeDenies(denies(3))
  for (let size = 0; size < whole.length; size++) yield () => (decodeDenies(whole.subarray(0, size)) === null ? 0 : 1)
  yield () => (decodeDenies(encodeCbor(Array.from({ length: DENIES_MAX + 1 }, () => fields))) === null ? 0 : 1)
}
