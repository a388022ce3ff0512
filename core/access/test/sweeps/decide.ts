/**
 * All small cases of the decision, for the mutants of decide.ts (`npm run mutate`): 1 where the door opens, 0 where it does not.
 *
 * Three people stand in the policy, ana between two who may always pass, so that a row that is missed by one is somebody's.
 */
import { concat, type CredentialId, idBytes, idOf, type PersonId, unixSeconds } from "@holdfast/base"
import { decide, type Denied, NOBODY_DENIED, type Presented } from "../../src/decide.ts"
import { defaultConfig } from "../../src/door.ts"
import type { FactorKind, Factors } from "../../src/factors.ts"
import type { Policy } from "../../src/policy.ts"
import { ALWAYS, OPEN_END, putU16, putU32 } from "../../src/table.ts"

type Standing = 0 | 1 | 2
type Terms = { readonly schedule: number; readonly from: number; readonly until: number }

const CARD = 1
const PIN = 2
const KINDS: readonly FactorKind[] = ["card", "pin", "phone", "biometric", "identifier"]
/** Credentials ascend: two of each person, and one that nobody has. */
const cardOf = (who: number): CredentialId => idOf<"CredentialId">(new Uint8Array(16).fill(10 + 2 * who))
const pinOf = (who: number): CredentialId => idOf<"CredentialId">(new Uint8Array(16).fill(11 + 2 * who))
const NOBODYS = idOf<"CredentialId">(new Uint8Array(16).fill(99))
const PEOPLE = [0, 1, 2].map((number): PersonId => idOf<"PersonId">(new Uint8Array(16).fill(1 + number)))
const ANA = 1
const FREELY: Terms = { schedule: ALWAYS, from: 0, until: OPEN_END }

function credentialRow(credential: CredentialId, owner: number, kind: number, standing: Standing): Uint8Array {
  const row = new Uint8Array(24)
  row.set(idBytes(credential))
  putU32(row, 16, owner)
  row[20] = kind
  row[21] = standing
  return row
}

function grantRow(owner: number, { schedule, from, until }: Terms): Uint8Array {
  const row = new Uint8Array(16)
  putU32(row, 0, owner)
  putU16(row, 4, schedule)
  putU16(row, 6, owner)
  putU32(row, 8, from)
  putU32(row, 12, until)
  return row
}

const HOURS = new Uint8Array(16)
for (const [at, edge] of [120, 150, 210, 240].entries()) putU32(HOURS, 4 * at, edge)

/** A policy in which ana has these grants, and her card and her PIN stand like this. */
function policyOf(terms: readonly Terms[], card: Standing, pin: Standing, modes: Policy["config"]["modes"]): Policy {
  const grants = [FREELY].map((each) => grantRow(0, each))
  grants.push(...terms.map((each) => grantRow(ANA, each)), grantRow(2, FREELY))
  const credentials = [0, 1, 2].flatMap((who) => [
    credentialRow(cardOf(who), who, CARD, who === ANA ? card : 0),
    credentialRow(pinOf(who), who, PIN, who === ANA ? pin : 0),
  ])
  return {
    site: idOf(new Uint8Array(16)),
    door: idOf(new Uint8Array(16)),
    config: { ...defaultConfig("UTC"), modes },
    schedules: [HOURS],
    credentials: concat(...credentials),
    grants: concat(...grants),
    people: concat(...PEOPLE.map(idBytes)),
    grantIds: concat(...[0, 1, 2].map((number) => idBytes(idOf(new Uint8Array(16).fill(number))))),
    phones: new Uint8Array(0),
    deniers: [],
    actors: [],
    denials: [],
    compiledAt: unixSeconds(0),
    tzdata: "2026b",
    origins: [],
    rpId: "localhost",
  }
}

const TIMES = [null, 0, 99, 100, 101, 119, 120, 149, 150, 199, 200, 201, 210, 239, 240, 5_000]
const card = (who: number): Presented => [{ kind: "card", credential: cardOf(who) }]
const pin = (who: number): Presented => [{ kind: "pin", credential: pinOf(who) }]
const BOTH: Presented = [...card(ANA), ...pin(ANA)]
const CARD_MODE = [{ schedule: null, factors: "card" }] as const

const TERMS: readonly Terms[] = [ALWAYS, 0, 7].flatMap((schedule) =>
  [0, 100].flatMap((from) => [OPEN_END, 200].map((until) => ({ schedule, from, until }))),
)

function asked(policy: Policy, presented: Presented, at: number | null, denied: Denied): () => number {
  return () => (decide(policy, presented, at === null ? null : unixSeconds(at), denied).open ? 1 : 0)
}

/** Every pair of grants at every edge of them. */
function* grants(): Iterable<() => number> {
  const one = TERMS.map((each) => [each])
  const two = TERMS.flatMap((each) => TERMS.map((other) => [each, other]))
  for (const terms of [[], ...one, ...two]) {
    const policy = policyOf(terms, 0, 0, CARD_MODE)
    for (const at of TIMES) yield asked(policy, card(ANA), at, NOBODY_DENIED)
  }
}

/** Every standing of card and PIN beside everything that the lock may have been told to deny. */
function* standings(): Iterable<() => number> {
  const nobody = new Set<never>()
  const told: Denied[] = [NOBODY_DENIED]
  for (const who of PEOPLE) told.push({ people: new Set([who]), credentials: nobody })
  for (const which of [cardOf(ANA), pinOf(ANA), cardOf(0)]) told.push({ people: nobody, credentials: new Set([which]) })
  for (const first of [0, 1, 2] as const)
    for (const second of [0, 1, 2] as const) {
      const policy = policyOf([FREELY], first, second, CARD_MODE)
      for (const denied of told)
        for (const shown of [card(ANA), BOTH, BOTH.toReversed()]) yield asked(policy, shown, 130, denied)
    }
}

const WANTED: readonly Factors[] = [
  "card",
  "pin",
  "card and pin",
  "card or pin",
  "identifier",
  [{ kinds: ["pin", "card"], ordered: true }],
  [{ kinds: ["phone"], ordered: false }],
]

/** Up to two things of any kind, anybody's and nobody's, against all that a door wants at its hours and outside them. */
function* showings(): Iterable<() => number> {
  const things = [...[0, 1, 2].flatMap((who) => [cardOf(who), pinOf(who)]), NOBODYS]
  const single = things.flatMap((credential) => KINDS.map((kind) => ({ kind, credential })))
  const pairs = single.flatMap((first) => single.map((second) => [first, second]))
  const shown: Presented[] = [[], ...single.map((each) => [each]), ...pairs]
  const policy = policyOf([FREELY], 0, 0, CARD_MODE)
  for (const each of shown) yield asked(policy, each, 130, NOBODY_DENIED)
  const some = [
    card(ANA),
    pin(ANA),
    BOTH,
    BOTH.toReversed(),
    [{ kind: "identifier", credential: cardOf(ANA) } as const],
  ]
  const hours = [null, 0, 7].flatMap((schedule) => WANTED.map((factors) => ({ schedule, factors })))
  const modes = [[], ...hours.map((mode) => [mode]), ...hours.flatMap((mode) => hours.map((other) => [mode, other]))]
  for (const each of modes) {
    const moded = { ...policy, config: { ...policy.config, modes: each } }
    for (const at of [null, 119, 120, 149, 150]) for (const what of some) yield asked(moded, what, at, NOBODY_DENIED)
  }
}

export function* admits(): Iterable<() => number> {
  yield* grants()
  yield* standings()
  yield* showings()
}
