/** Values that are well-formed CBOR and still wrong: each is refused by the decoder, and its right neighbour is taken. */
import { test } from "node:test"
import { deepEqual, equal } from "node:assert/strict"
import { unixSeconds } from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"
import { type Change, decodeChange, encodeChange } from "../src/change.ts"
import { type DoorConfig, decodeConfig, encodeConfig } from "../src/config.ts"
import { leaseToSign, manifestToSign, verifyLease, verifyManifest } from "../src/door.ts"
import type { Lease } from "../src/lease.ts"
import type { Manifest } from "../src/manifest.ts"
import { decodePolicy, encodePolicy, type Policy } from "../src/policy.ts"
import { secretsIn } from "../src/secrets-index.ts"
import { putU16, putU32 } from "../src/table.ts"
import { door, group, id, keyOf, person } from "./building.ts"
import { AT, DIGEST, finish, SITE } from "./vector-changes.ts"
import { vectorPolicy } from "./vector-policy.ts"

const policy = vectorPolicy()

/** A copy of a table with some bytes written over. */
function changed(table: Uint8Array, write: (copy: Uint8Array) => void): Uint8Array {
  const copy = table.slice()
  write(copy)
  return copy
}

/** The rows of a table in the opposite order. */
function backwards(table: Uint8Array, row_size: number): Uint8Array {
  const rows = Array.from({ length: table.length / row_size }, (_, at) => [
    ...table.subarray(at * row_size, (at + 1) * row_size),
  ])
  return Uint8Array.from(rows.toReversed().flat())
}

const [day] = policy.schedules
const POLICIES: readonly (readonly [string, Partial<Policy>])[] = [
  ["people out of order", { people: backwards(policy.people, 16) }],
  ["a person twice", { people: Uint8Array.from([...policy.people.slice(0, 16), ...policy.people.slice(0, 16)]) }],
  ["part of a row", { people: policy.people.slice(0, 31) }],
  ["credentials out of order", { credentials: backwards(policy.credentials, 24) }],
  ["a credential of nobody", { credentials: changed(policy.credentials, (table) => putU32(table, 16, 2)) }],
  ["a kind of credential that is none", { credentials: changed(policy.credentials, (table) => table.fill(6, 20, 21)) }],
  ["a standing that is none", { credentials: changed(policy.credentials, (table) => table.fill(3, 21, 22)) }],
  ["a trait that is none", { credentials: changed(policy.credentials, (table) => table.fill(4, 23, 24)) }],
  ["grants out of order", { grants: backwards(policy.grants, 16) }],
  ["a grant for nobody", { grants: changed(policy.grants, (table) => putU32(table, 32, 2)) }],
  ["a schedule that is not there", { grants: changed(policy.grants, (table) => putU16(table, 36, 2)) }],
  ["a grant that is not there", { grants: changed(policy.grants, (table) => putU16(table, 38, 2)) }],
  ["a validity that ends before it begins", { grants: changed(policy.grants, (table) => putU32(table, 12, AT)) }],
  ["grant ids out of order", { grantIds: backwards(policy.grantIds, 16) }],
  ["an interval without length", { schedules: [changed(day ?? DIGEST, (table) => putU32(table, 4, AT + 28_800))] }],
  ["intervals that touch", { schedules: [changed(day ?? DIGEST, (table) => putU32(table, 8, AT + 64_800))] }],
  ["intervals out of order", { schedules: [backwards(day ?? DIGEST, 8)] }],
  ["a mode with a schedule that is not there", { schedules: policy.schedules.slice(0, 1), grants: new Uint8Array(0) }],
]

test("a policy is taken whole and sorted, or not at all", () => {
  deepEqual(decodePolicy(encodePolicy(policy)), policy)
  for (const [what, wrong] of POLICIES) equal(decodePolicy(encodePolicy({ ...policy, ...wrong })), null, what)
})

const CONFIGS: readonly (readonly [string, Partial<DoorConfig<number>>])[] = [
  ["grade 0", { grade: 0 }],
  ["grade 5", { grade: 5 }],
  ["a bare identifier from grade 2 up", { grade: 2, modes: [{ schedule: null, factors: "identifier" }] }],
  ["a fifth zone application", { zoneApplication: 4 }],
  ["no mode", { modes: [] }],
  ["no last mode", { modes: [{ schedule: 0, factors: "card" }] }],
  [
    "a mode behind the last",
    {
      modes: [
        { schedule: null, factors: "card" },
        { schedule: null, factors: "pin" },
      ],
    },
  ],
  ["an unlock time below a second", { unlock_ms: 999 }],
  ["an unlock time above a minute", { unlock_ms: 60_001 }],
  ["a held-open time below five seconds", { heldOpen_ms: 4_999 }],
  ["a lease below an hour", { lease_s: 3_599 }],
  ["a lease above thirty days", { lease_s: 2_592_001 }],
]

test("a door's configuration stays within its bounds", () => {
  const again = (config: DoorConfig<number>) =>
    decodeConfig(
      encodeConfig(config, (index) => index),
      (value) => (typeof value === "number" ? value : null),
    )
  deepEqual(again(policy.config), policy.config)
  const loose: DoorConfig<number> = { ...policy.config, grade: 1, modes: [{ schedule: null, factors: "identifier" }] }
  deepEqual(again(loose), loose)
  for (const [what, wrong] of CONFIGS) equal(again({ ...policy.config, ...wrong }), null, what)
})

const CHANGES: readonly (readonly [string, Change])[] = [
  [
    "a membership that ends before it begins",
    { kind: "member add", group: group("a"), person: person("a"), from: unixSeconds(2), until: unixSeconds(2) },
  ],
  ["a deny of nobody", { kind: "deny", person: null, credential: null }],
  [
    "a PIN with a commitment",
    {
      kind: "credential add",
      credential: id<"CredentialId">("a"),
      person: person("a"),
      what: "pin",
      commitment: DIGEST,
      recipient: Uint8Array.of(4, ...new Uint8Array(64)),
    },
  ],
  [
    "a recipient that is no uncompressed point",
    {
      kind: "credential add",
      credential: id<"CredentialId">("a"),
      person: person("a"),
      what: "card",
      commitment: DIGEST,
      recipient: Uint8Array.of(2, ...new Uint8Array(64)),
    },
  ],
  [
    "a door twice",
    { kind: "grant set", grant: id<"GrantId">("a"), group: group("a"), doors: [door("a"), door("a")], schedule: null },
  ],
  ["a rule on no day", week({ days: 0, from_min: 0, until_min: 1 })],
  ["a rule on an eighth day", week({ days: 128, from_min: 0, until_min: 1 })],
  ["a rule over midnight", week({ days: 1, from_min: 1380, until_min: 60 })],
  ["a rule past midnight", week({ days: 1, from_min: 0, until_min: 1441 })],
  ["closed days out of order", { ...week({ days: 1, from_min: 0, until_min: 1 }), closedDays: [2, 1] }],
  ["an empty zone table", { kind: "zone table", table: { zone: "A/B", tzdata: "", transitions: [] } }],
  [
    "transitions out of order",
    {
      kind: "zone table",
      table: { zone: "A/B", tzdata: "", transitions: [2, 1].map((at_s) => ({ at_s, offset_s: 0 })) },
    },
  ],
]

function week(rule: { days: number; from_min: number; until_min: number }): Change & { kind: "schedule set" } {
  return {
    kind: "schedule set",
    schedule: id<"ScheduleId">("a"),
    name: "A",
    zone: "UTC",
    rules: [rule],
    closedDays: [],
  }
}

test("changes that cannot be meant are refused", () => {
  for (const [what, change] of CHANGES) equal(decodeChange(change.kind, encodeChange(change)), null, what)
})

test("a lease runs forward, and a manifest agrees with itself", () => {
  const keeper = keyOf("keeper")
  const bytes = encodePolicy(policy)
  const named = { site: SITE, door: door("lab"), version: { epoch: 0, size: 42 }, policyHash: nodeCrypto.sha256(bytes) }
  const lease: Lease = { ...named, notBefore: unixSeconds(AT), notAfter: unixSeconds(AT + 1) }
  const leased = (wrong: Partial<Lease>): boolean => {
    const signed = finish(leaseToSign({ ...lease, ...wrong }, keeper.publicKey, nodeCrypto), keeper)
    return verifyLease(SITE, signed, keeper.publicKey, nodeCrypto).ok
  }
  deepEqual([leased({}), leased({ notAfter: unixSeconds(AT) })], [true, false])
  const manifest: Manifest = {
    ...named,
    authority: { size: 42, root: DIGEST },
    tzdata: "",
    compiledAt: unixSeconds(AT),
    chunks: [DIGEST, DIGEST],
    policySize: 4_097,
    secretsHash: DIGEST,
  }
  const issued = (wrong: Partial<Manifest>): boolean => {
    const signed = finish(manifestToSign({ ...manifest, ...wrong }, keeper.publicKey, nodeCrypto), keeper)
    return verifyManifest(SITE, signed, keeper.publicKey, nodeCrypto).ok
  }
  equal(issued({}), true)
  equal(issued({ authority: { size: 41, root: DIGEST } }), false)
  equal(issued({ policySize: 4_096 }), true, "the second chunk is the index of secrets")
  equal(issued({ policySize: 8_193 }), false)
})

test("an index of secrets is whole rows in order", () => {
  const rows = [1, 2].map((first) => [first, ...new Uint8Array(47)])
  equal(secretsIn(Uint8Array.from(rows.flat())), 2)
  equal(secretsIn(Uint8Array.from(rows.toReversed().flat())), null)
  equal(secretsIn(new Uint8Array(47)), null)
})
