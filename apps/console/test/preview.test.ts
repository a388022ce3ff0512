/** What drafts would do at the doors, on a real folded site. */
import type { Change } from "@holdfast/access"
import { statementToSign } from "@holdfast/access/author"
import { idOf, unixSeconds } from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { chance, makeBuilding } from "../dev/building.ts"
import { preview } from "../src/work/preview.ts"

const building = makeBuilding("http://localhost:1", 6)
const { state } = building
const now = Date.now()
const [everybody] = [...state.groups.keys()]
const member = [...(state.groups.get(everybody ?? idOf<"GroupId">(new Uint8Array(16)))?.members.keys() ?? [])][0]
ok(everybody !== undefined && member !== undefined)

function unsigned(changes: readonly Change[]): Uint8Array[] {
  const at = unixSeconds(Math.floor(now / 1000))
  return changes.map((change) => {
    const times = { issuedAt: at, notAfter: at }
    const body = { author: "root" as const, chain: [], ...times, nonce: chance(16), expects: [], change }
    return statementToSign(state.site, body, building.founding.publicKey, "key", nodeCrypto).finish(new Uint8Array(64))
  })
}

test("bytes that are no statement are a fault of their draft, and the others are still told", () => {
  const leave: Change = { kind: "member remove", group: everybody, person: member }
  const told = preview(state, [Uint8Array.of(1, 2, 3), ...unsigned([leave])], now)
  deepEqual(
    told.faults.map((fault) => fault.place),
    [0],
  )
  ok(told.doors.some((door) => door.lose.includes(member)))
})

test("a draft that does not fit says so", () => {
  const unknown: Change = { kind: "member remove", group: everybody, person: idOf<"PersonId">(chance(16)) }
  equal(preview(state, unsigned([unknown]), now).faults.length, 1)
})

test("nothing drafted changes nothing", () => deepEqual(preview(state, [], now), { doors: [], faults: [] }))

test("revoking somebody loses every door they had, and nobody gains", () => {
  const told = preview(state, unsigned([{ kind: "person revoke", person: member }]), now)
  const doors = [...(state.groups.get(everybody)?.grants ?? [])].flatMap(
    (grant) => state.grants.get(grant)?.doors ?? [],
  )
  deepEqual(
    told.doors
      .filter((door) => door.lose.includes(member))
      .map((door) => door.door)
      .sort(),
    [...new Set(doors)].sort(),
  )
  equal(
    told.doors.every((door) => door.gain.length === 0),
    true,
  )
})

test("a new person gains only once they have a group and a card", () => {
  const person = idOf<"PersonId">(chance(16))
  const add: Change = { kind: "person add", person, commitment: chance(32) }
  const join: Change = { kind: "member add", group: everybody, person, from: null, until: null }
  const card: Change = {
    kind: "credential add",
    credential: idOf<"CredentialId">(chance(16)),
    person,
    what: "card",
    commitment: chance(32),
    recipient: building.hpke.publicKey,
  }
  equal(
    preview(state, unsigned([add, join]), now).doors.some((door) => door.gain.includes(person)),
    false,
  )
  equal(
    preview(state, unsigned([add, join, card]), now).doors.some((door) => door.gain.includes(person)),
    true,
  )
})
