/** Narrowing, gains and differences against brute force: every person, every credential, every instant that can matter. */
import { test } from "node:test"
import { equal, ok } from "node:assert/strict"
import { type PersonId, type UnixSeconds, unixSeconds } from "@holdfast/base"
import fc from "fast-check"
import { decide, NOBODY_DENIED, type Presented } from "../src/decide.ts"
import { difference } from "../src/difference.ts"
import type { Factors } from "../src/factors.ts"
import { foldStatement } from "../src/fold.ts"
import { Folding } from "../src/fold/folding.ts"
import { type Change, compile, type Policy, type State, type StatementId } from "../src/index.ts"
import { type Intervals, intersect, isSubset, subtract, union } from "../src/interval.ts"
import { gains } from "../src/gains.ts"
import { narrower } from "../src/narrower.ts"
import { findCredential, findId, PERSON_ROW, STANDING_AT, STANDING_GOOD, u32At } from "../src/table.ts"
import { Building, credential, door, group, HPKE_KEY, person, schedule } from "./building.ts"

const START = 1_795_392_000
const PEOPLE = ["ana", "bo", "cy"]
const GROUPS = ["staff", "guests"]
const SCHEDULES = ["day", "night"]
const RULES = [
  [{ days: 127, from_min: 0, until_min: 1440 }],
  [{ days: 127, from_min: 480, until_min: 720 }],
  [{ days: 127, from_min: 480, until_min: 960 }],
  [{ days: 31, from_min: 600, until_min: 960 }],
  [],
]
const TIMES = [null, START + 30_000, START + 86_400, START + 3 * 86_400]
const FACTORS: readonly Factors[] = ["card", "pin", "card and pin", "card or pin"]

function pick<Item>(items: readonly Item[]): fc.Arbitrary<Item> {
  return fc.constantFrom(...items)
}

const building = new Building(START)

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant("person revoke" as const), person: pick(PEOPLE).map(person) }),
  fc.record({ kind: fc.constant("person restore" as const), person: pick(PEOPLE).map(person) }),
  fc.record({
    kind: fc.constant("deny" as const),
    person: fc.constant(null),
    credential: pick(PEOPLE).map((name) => credential(`${name} card`)),
  }),
  fc.tuple(pick(PEOPLE), pick(["card", "pin"] as const)).map(
    ([name, what]): Change => ({
      kind: "credential add",
      credential: credential(`${name} ${what}`),
      person: person(name),
      what,
      commitment: new Uint8Array(32),
      recipient: HPKE_KEY,
    }),
  ),
  fc
    .tuple(pick(PEOPLE), pick(["card", "pin"]))
    .map(([name, what]): Change => ({ kind: "credential remove", credential: credential(`${name} ${what}`) })),
  fc.tuple(pick(GROUPS), pick(PEOPLE), pick(TIMES), pick(TIMES)).map(([where, who, from, until]): Change => {
    const ordered = from === null || until === null || from < until
    return building.member(where, who, ordered ? from : until, ordered ? until : null)
  }),
  fc
    .tuple(pick(GROUPS), pick(PEOPLE))
    .map(([where, who]): Change => ({ kind: "member remove", group: group(where), person: person(who) })),
  fc
    .tuple(pick(GROUPS), pick([null, ...SCHEDULES]), fc.boolean())
    .map(([where, hours, open]): Change => building.grantTo(where, open ? ["lab"] : [], hours)),
  fc.tuple(pick(SCHEDULES), pick(RULES)).map(([name, rules]): Change => building.hours(name, rules)),
  fc.tuple(pick(FACTORS), pick(FACTORS), pick([null, ...SCHEDULES])).map(
    ([day, night, when]): Change =>
      building.doorSet("lab", {
        modes: [
          ...(when === null ? [] : [{ schedule: schedule(when), factors: day }]),
          { schedule: null, factors: night },
        ],
      }),
  ),
)

let said = 0

/** Folds what fits, leaving out what does not: nothing is signed here. */
function after(state: State, list: readonly Change[]): State {
  const folding = new Folding(state)
  for (const change of list) {
    const id = (++said).toString(16).padStart(64, "0") as StatementId
    const statement = { ...building.body(change, { author: "root", chain: [], key: never(), passkey: false }), id }
    foldStatement(folding, statement, building.now)
  }
  return folding.state()
}

function never() {
  return { publicKey: new Uint8Array(64) as never, sign: () => new Uint8Array(64), derSign: () => new Uint8Array(0) }
}

const base = after(building.state, [
  ...PEOPLE.map((name): Change => ({ kind: "person add", person: person(name), commitment: new Uint8Array(32) })),
  ...PEOPLE.flatMap((name) => [building.credentialFor(name, "card"), building.credentialFor(name, "pin")]),
  ...GROUPS.map((name): Change => ({ kind: "group set", group: group(name), name })),
  ...SCHEDULES.map((name) => building.hours(name, RULES[1] ?? [])),
  building.doorSet("lab"),
  building.grantTo("staff", ["lab"], "day"),
  building.grantTo("guests", ["lab"], "night"),
  building.member("staff", "ana"),
  building.member("guests", "bo"),
  building.member("staff", "cy", TIMES[1] ?? null, TIMES[3] ?? null),
])

function policyOf(state: State): Policy | null {
  const compiled = compile(state, door("lab"), building.at)
  return compiled.ok ? compiled.policy : null
}

/** Every instant at which some verdict can change, each with the second before it. */
function instantsOf(policies: readonly Policy[]): readonly UnixSeconds[] {
  const ends = new Set<number>([START])
  for (const { schedules, grants } of policies) {
    for (const table of schedules) for (let at = 0; at < Math.min(table.length, 96); at += 4) ends.add(u32At(table, at))
    for (const table of schedules)
      for (let at = Math.max(0, table.length - 16); at < table.length; at += 4) ends.add(u32At(table, at))
    for (let at = 0; at < grants.length; at += 16) ends.add(u32At(grants, at + 8)).add(u32At(grants, at + 12))
  }
  const instants = [...ends].flatMap((at) => [at, at - 1]).filter((at) => at >= 0 && at < 0xffff_fff0)
  return instants.map((at) => unixSeconds(at))
}

function shown(name: string): readonly Presented[] {
  const card = { kind: "card", credential: credential(`${name} card`) } as const
  const pin = { kind: "pin", credential: credential(`${name} pin`) } as const
  return [[card], [pin], [card, pin]]
}

function opens(policy: Policy, presented: Presented, at: UnixSeconds | null): boolean {
  return decide(policy, presented, at, NOBODY_DENIED).open
}

/** Somebody, somehow, at some instant (or at an unknown time) whom only `is` lets in. */
function widened(was: Policy, is: Policy): string | null {
  for (const at of [null, ...instantsOf([was, is])])
    for (const name of PEOPLE)
      for (const presented of shown(name))
        if (opens(is, presented, at) && !opens(was, presented, at)) return `${name} at ${at}`
  return null
}

function couldOpen(policy: Policy, name: string, at: UnixSeconds): boolean {
  return shown(name).some((presented) => opens(policy, presented, at))
}

const RUNS = { numRuns: 300, seed: 2_026_1122 }

test("narrower is never wrong: no instant, credential or person is admitted that was not before", () => {
  const seen = { narrow: 0, wide: 0 }
  fc.assert(
    fc.property(
      fc.array(changes, { maxLength: 8 }),
      fc.array(changes, { minLength: 1, maxLength: 2 }),
      (first, then) => {
        const before = after(base, first)
        const [was, is] = [policyOf(before), policyOf(after(before, then))]
        if (was === null || is === null) return
        const wider = widened(was, is)
        if (!narrower(was, is)) seen.wide++
        else {
          seen.narrow++
          equal(wider, null)
        }
      },
    ),
    RUNS,
  )
  ok(seen.narrow > 50 && seen.wide > 50, `both answers occur: ${JSON.stringify(seen)}`)
})

/** Whether everybody whom the policy names has a credential that counts. */
function isEquipped({ people, credentials }: Policy): boolean {
  return PEOPLE.every((name) => {
    const rows = ["card", "pin"].map((what) => findCredential(credentials, credential(`${name} ${what}`)))
    return (
      findId(people, PERSON_ROW, person(name)) < 0 ||
      rows.some((row) => credentials[row + STANDING_AT] === STANDING_GOOD)
    )
  })
}

test("and it is exact for all who have a credential while the door's own configuration and hours stay as they are", () => {
  const people = changes.filter((change) => change.kind !== "door set" && change.kind !== "schedule set")
  let exact = 0
  fc.assert(
    fc.property(fc.array(people, { maxLength: 8 }), fc.array(people, { minLength: 1, maxLength: 2 }), (first, then) => {
      const before = after(
        after(base, [building.doorSet("lab", { modes: [{ schedule: null, factors: "card or pin" }] })]),
        first,
      )
      const [was, is] = [policyOf(before), policyOf(after(before, then))]
      if (was === null || is === null || !isEquipped(is)) return
      equal(narrower(was, is), widened(was, is) === null)
      exact++
    }),
    RUNS,
  )
  ok(exact > 150, `${exact} compared`)
})

test("gains and differences name exactly the people who can open at new or lost instants", () => {
  fc.assert(
    fc.property(
      fc.array(changes, { maxLength: 8 }),
      fc.array(changes, { minLength: 1, maxLength: 3 }),
      (first, then) => {
        const before = after(base, first)
        const [was, is] = [policyOf(before), policyOf(after(before, then))]
        if (was === null || is === null) return
        const instants = instantsOf([was, is])
        const ahead = (one: Policy, other: Policy): readonly PersonId[] =>
          PEOPLE.filter((name) => instants.some((at) => couldOpen(one, name, at) && !couldOpen(other, name, at)))
            .map(person)
            .sort()
        const { gain, lose } = difference(was, is)
        equal(String(gain), String(ahead(is, was)))
        equal(String(lose), String(ahead(was, is)))
        for (const name of PEOPLE) equal(gains(was, is, person(name)), gain.includes(person(name)))
      },
    ),
    RUNS,
  )
})

test("two halves of all time are not always: a lock that does not know the time refuses both", () => {
  const halves = after(base, [
    building.grantTo("staff", ["lab"], null),
    building.grantTo("guests", ["lab"], null),
    building.member("staff", "ana", null, START + 60),
    building.member("guests", "ana", START + 60),
  ])
  const whole = after(halves, [building.member("guests", "ana")])
  const [was, is] = [policyOf(halves), policyOf(whole)]
  ok(was !== null && is !== null)
  ok(narrower(is, was) && !narrower(was, is))
})

test("no policy admits nobody", () => {
  const policy = policyOf(base)
  ok(policy !== null)
  ok(narrower(policy, null) && narrower(null, null) && !narrower(null, policy) && narrower(policy, policy))
  ok(narrower(null, { ...policy, grants: new Uint8Array(0) }))
  equal(difference(null, policy).gain.length, 3)
  equal(difference(policy, null).lose.length, 3)
})

const intervals: fc.Arbitrary<Intervals> = fc
  .array(fc.tuple(fc.nat(40), fc.nat(10)), { maxLength: 6 })
  .map((list) => union(list.map(([from, length]) => ({ from, until: from + length }))))

function has(set: Intervals, at: number): boolean {
  return set.some((each) => each.from <= at && at < each.until)
}

test("sets of instants: union, intersection, difference and subset against plain membership", () => {
  fc.assert(
    fc.property(intervals, intervals, (a, b) => {
      const both = intersect(a, b)
      const rest = subtract(a, b)
      const all = union([...a, ...b])
      let subset = true
      for (let at = 0; at < 52; at++) {
        equal(has(both, at), has(a, at) && has(b, at))
        equal(has(rest, at), has(a, at) && !has(b, at))
        equal(has(all, at), has(a, at) || has(b, at))
        if (has(a, at) && !has(b, at)) subset = false
      }
      equal(isSubset(a, b), subset)
      for (const set of [all, both, rest])
        for (const [index, each] of set.entries()) {
          ok(each.from < each.until)
          if (index > 0) ok(each.from >= (set[index - 1]?.until ?? each.from))
        }
    }),
    { numRuns: 2_000, seed: 7 },
  )
})
