/** The list of whom a lock was told to deny: what it holds, what it never forgets, and what it does not read. */
import { statementIdOf } from "@holdfast/access/door"
import { idOf } from "@holdfast/base"
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { addDeny, decodeDenies, deniedBy, type Deny, encodeDenies, withoutContained } from "../src/denies.ts"

const bytes = (number: number, size: number): Uint8Array => new Uint8Array(size).fill(number)
const personNumber = (number: number) => idOf<"PersonId">(bytes(number, 16))
const credentialNumber = (number: number) => idOf<"CredentialId">(bytes(number, 16))

function deny(number: number, whom: "person" | "credential" | "both"): Deny {
  return {
    id: statementIdOf(bytes(number, 32)),
    person: whom === "credential" ? null : personNumber(number),
    credential: whom === "person" ? null : credentialNumber(number),
  }
}
const THREE = [deny(1, "person"), deny(2, "credential"), deny(3, "both")]

test("what does not read as a list of denials is none: bad fields one at a time", () => {
  const fields: readonly Cbor[] = [bytes(7, 32), bytes(7, 16), bytes(8, 16)]
  deepEqual(decodeDenies(encodeCbor([fields]))?.length, 1)
  const wrong: readonly (readonly Cbor[])[] = [
    [null, bytes(7, 31), bytes(7, 33), "x"],
    [0, "x", bytes(7, 15), bytes(7, 17), [], false],
    [0, "x", bytes(7, 15), bytes(7, 17), [], false],
  ]
  for (const [at, shapes] of wrong.entries())
    for (const shape of shapes) equal(decodeDenies(encodeCbor([fields.with(at, shape)])), null, `field ${at}`)
  for (const row of [null, 3, "abc", bytes(7, 3), [], fields.slice(0, 2), [...fields, null]])
    equal(decodeDenies(encodeCbor([row])), null)
  for (const whole of [null, 0, "x", bytes(7, 4), true]) equal(decodeDenies(encodeCbor(whole)), null)
})

test("every list reads back as it was stored, and no truncation of it reads", () => {
  for (const denies of [[], THREE.slice(0, 1), THREE.slice(1), THREE]) {
    const stored = encodeDenies(denies)
    deepEqual(decodeDenies(stored), denies)
    for (let size = 0; size < stored.length; size++) equal(decodeDenies(stored.subarray(0, size)), null)
  }
})

test("I-23: a denial names a person, a credential, or both, and all of them are denied", () => {
  const { people, credentials } = deniedBy(THREE)
  deepEqual([...people], [personNumber(1), personNumber(3)])
  deepEqual([...credentials], [credentialNumber(2), credentialNumber(3)])
})

test("I-23: sixty-four denials have room; a further one is refused and none is forgotten for it", () => {
  const full = Array.from({ length: 64 }, (_, at) => deny(at, "person"))
  deepEqual(addDeny(full.slice(0, 63), deny(63, "person")), full)
  equal(addDeny(full, deny(64, "person")), null)
  equal(addDeny(full, deny(5, "person")), full, "one that is known needs no room")
  deepEqual(decodeDenies(encodeDenies(full)), full)
  equal(decodeDenies(encodeDenies([...full, deny(64, "person")])), null)
})

test("a denial leaves when a policy contains it, and no other does", () => {
  const ids = THREE.map(({ id }) => id)
  deepEqual(withoutContained(THREE, ids.slice(1, 2)), [THREE[0], THREE[2]])
  deepEqual(withoutContained(THREE, ids), [])
  for (const none of [[], [statementIdOf(bytes(9, 32))]]) equal(withoutContained(THREE, none), THREE)
})
