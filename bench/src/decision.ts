/**
 * How long one decision takes in core alone, and what it costs to compile a policy and to fold a bulk import.
 *
 * The policy is compiled from a made-up site, encoded and decoded as a lock would hold it; presentations are a mix of people
 * who may open, people outside their hours and cards that nobody knows. Percentiles are medians of five rounds.
 */
import {
  type Credential,
  compile,
  ENTRY_STATEMENT,
  fold,
  type Grant,
  type Group,
  type LogEntry,
  type Membership,
  type Person,
  type Policy,
  type Presented,
  type Root,
  type Schedule,
  type State,
} from "@holdfast/access"
import { encodeRoot, siteIdOf, statementToSign } from "@holdfast/access/author"
import { decide, decodePolicy, defaultConfig } from "@holdfast/access/door"
import {
  assert,
  type CredentialId,
  type DoorId,
  type GrantId,
  type GroupId,
  type Id,
  idOf,
  type PersonId,
  type ScheduleId,
  unixMillis,
  unixSeconds,
} from "@holdfast/base"
import { newEs256, nodeCrypto } from "@holdfast/port-node"
import { availableParallelism } from "node:os"
import { chance } from "./chance.ts"
import { type Figure, median, percentile } from "./figure.ts"

const SEED = 20_261_122
const ROUNDS = 5
const DECISIONS = 40_000
/** Monday 2026-11-23, 00:00 UTC. */
const MONDAY_S = 1_795_392_000

const nobodyDenied = { people: new Set<PersonId>(), credentials: new Set<CredentialId>() }

function newId<Name extends string>(random: () => number): Id<Name> {
  return idOf<Name>(Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256)))
}

type Site = { readonly state: State; readonly door: DoorId; readonly cards: readonly CredentialId[] }

function rootOf(): Root {
  const key = newEs256().publicKey
  return {
    version: 1,
    keys: [key],
    threshold: 1,
    keeper: key,
    logKey: new Uint8Array(32),
    keeperHpke: Uint8Array.of(4, ...key),
    origins: ["http://localhost:8080"],
    rpId: "localhost",
    epoch: 0,
    createdAt: unixSeconds(MONDAY_S),
  }
}

/** Four groups with hours of their own at one door, and `count` people with a card each, some of them in two groups. */
function siteOf(count: number): Site {
  const random = chance(SEED)
  const door = newId<"DoorId">(random)
  const root = rootOf()
  const people = new Map<PersonId, Person>()
  const credentials = new Map<CredentialId, Credential>()
  const schedules = new Map<ScheduleId, Schedule>()
  const grants = new Map<GrantId, Grant>()
  const members = [0, 1, 2, 3].map(() => ({ id: newId<"GroupId">(random), list: new Map<PersonId, Membership>() }))
  const groups = new Map<GroupId, Group>()
  for (const [index, { id, list }] of members.entries()) {
    const schedule = newId<"ScheduleId">(random)
    const grant = newId<"GrantId">(random)
    const rules = [{ days: 0b0011111, from_min: 300 + 60 * index, until_min: 1080 }]
    schedules.set(schedule, { name: `Hours ${index}`, zone: "UTC", rules, closedDays: [] })
    grants.set(grant, { group: id, doors: [door], schedule: index === 3 ? null : schedule })
    groups.set(id, { name: `Group ${index}`, members: list, grants: new Set([grant]) })
  }
  const cards: CredentialId[] = []
  for (let i = 0; i < count; i++) {
    const person = newId<"PersonId">(random)
    const card = newId<"CredentialId">(random)
    const joined = members.filter((_, index) => index === i % 4 || (i % 10 === 0 && index === 0))
    for (const { list } of joined) list.set(person, { from: null, until: null })
    const commitment = new Uint8Array(32)
    people.set(person, {
      commitment,
      standing: i % 50 === 0 ? "revoked" : "good",
      credentials: new Set([card]),
      groups: new Set(joined.map(({ id }) => id)),
      traits: [],
    })
    credentials.set(card, { person, what: "card", commitment, recipient: root.keeperHpke, denied: false })
    cards.push(card)
  }
  const doors: State["doors"] = new Map([
    [
      door,
      {
        commitment: new Uint8Array(32),
        config: defaultConfig("UTC"),
        place: null,
        lock: null,
        grants: new Set(grants.keys()),
      },
    ],
  ])
  const state: State = {
    ...emptyState(root),
    people,
    credentials,
    groups,
    grants,
    schedules,
    doors,
  }
  return { state, door, cards }
}

function emptyState(root: Root): State {
  return {
    site: siteIdOf(encodeRoot(root), nodeCrypto),
    root,
    size: 1,
    admittedAt: unixMillis(MONDAY_S * 1000),
    people: new Map(),
    credentials: new Map(),
    groups: new Map(),
    grants: new Map(),
    schedules: new Map(),
    doors: new Map(),
    zones: new Map(),
    delegations: new Map(),
    denials: [],
    plans: new Map(),
    receivers: new Map(),
    issued: new Map(),
    administratorEndedAt: null,
    touched: new Map(),
    recent: new Map(),
  }
}

function roundOf(policy: Policy, cards: readonly CredentialId[], random: () => number): number[] {
  const samples: number[] = []
  for (let i = 0; i < DECISIONS; i++) {
    const known = cards[Math.floor(random() * cards.length)]
    assert(known !== undefined, "there are cards")
    const card = random() < 0.05 ? newId<"CredentialId">(random) : known
    const presented: Presented = [{ kind: "card", credential: card }]
    const at = unixSeconds(MONDAY_S + Math.floor(random() * 14 * 86_400))
    const began = process.hrtime.bigint()
    decide(policy, presented, at, nobodyDenied)
    samples.push(Number(process.hrtime.bigint() - began) / 1000)
  }
  return samples
}

/** Milliseconds of one call. */
function timed<Value>(call: () => Value): { readonly value: Value; readonly ms: number } {
  const began = performance.now()
  const value = call()
  return { value, ms: performance.now() - began }
}

/** A log of people, cards and memberships, signed by nobody: folding does not ask. */
function importLog(count: number): { readonly state: State; readonly entries: readonly LogEntry[] } {
  const random = chance(SEED)
  const key = newEs256().publicKey
  const state = emptyState(rootOf())
  const group = newId<"GroupId">(random)
  const at = unixSeconds(MONDAY_S)
  const admittedAt = unixMillis(MONDAY_S * 1000)
  const entry = (change: Parameters<typeof statementToSign>[1]["change"]): LogEntry => {
    const nonce = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256))
    const body = { author: "root", chain: [], issuedAt: at, notAfter: at, nonce, expects: [], change } as const
    const bytes = statementToSign(state.site, body, key, "key", nodeCrypto).finish(new Uint8Array(64))
    return { type: ENTRY_STATEMENT, admittedAt, bytes }
  }
  const entries = [entry({ kind: "group set", group, name: "Staff" })]
  const commitment = new Uint8Array(32)
  const recipient = Uint8Array.of(4, ...key)
  for (let i = 0; i < count; i++) {
    const person = newId<"PersonId">(random)
    const credential = newId<"CredentialId">(random)
    entries.push(entry({ kind: "person add", person, commitment }))
    entries.push(entry({ kind: "credential add", credential, person, what: "card", commitment, recipient }))
    entries.push(entry({ kind: "member add", group, person, from: null, until: null }))
  }
  return { state, entries }
}

/** Figures of `npm run bench -- decision`. */
export async function decision(): Promise<Figure[]> {
  const setting = `Node ${process.version}, ${process.platform}-${process.arch}, ${availableParallelism()} cores`
  const figures: Figure[] = []
  const note = (figure: string, value: number, unit: string, n: number): void => {
    const rounded = Math.round(value * 1000) / 1000
    figures.push({ bench: "decision", figure, value: rounded, unit, n, seed: SEED, with: setting })
  }
  for (const count of [500, 10_000, 250_000]) {
    const site = siteOf(count)
    const compiles = Array.from({ length: count > 10_000 ? 1 : ROUNDS }, () =>
      timed(() => compile(site.state, site.door, unixSeconds(MONDAY_S))),
    )
    const compiled = compiles[0]?.value
    assert(compiled !== undefined && compiled.ok, "the site compiles")
    const decoded = timed(() => decodePolicy(compiled.bytes))
    assert(decoded.value !== null, "what compiles decodes")
    const policy = decoded.value
    const random = chance(SEED + count)
    roundOf(policy, site.cards, random) // A first round for the compiler of the language.
    const rounds = Array.from({ length: ROUNDS }, () => roundOf(policy, site.cards, random))
    note(`p50_us_${count}`, median(rounds.map((round) => percentile(round, 0.5))), "us", ROUNDS * DECISIONS)
    note(`p99_us_${count}`, median(rounds.map((round) => percentile(round, 0.99))), "us", ROUNDS * DECISIONS)
    note(`compile_ms_${count}`, median(compiles.map((each) => each.ms)), "ms", compiles.length)
    note(`decode_ms_${count}`, decoded.ms, "ms", 1)
    note(`policy_kib_${count}`, compiled.bytes.length / 1024, "KiB", 1)
  }
  const { state, entries } = importLog(10_000)
  const folded = timed(() => fold(state, entries, nodeCrypto))
  assert(folded.value.ok, "the import folds")
  note("import_s_10000", folded.ms / 1000, "s", entries.length)
  return figures
}
