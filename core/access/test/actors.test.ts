/** Who may order what at a door, compiled from delegations and the door's own word; and who would gain a right by it (I-40). */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { type Act, ACTS, NARROWING_ACTS } from "../src/act.ts"
import { compile, type Kind, type Policy, type State } from "../src/index.ts"
import { gains } from "../src/gains.ts"
import { narrower } from "../src/narrower.ts"
import { hasTrait } from "../src/traits.ts"
import { unixSeconds } from "@holdfast/base"
import { credential, door, keyOf, person } from "./building.ts"
import { furnished, START } from "./furnished.ts"

function policyOf(state: State): Policy {
  const compiled = compile(state, door("lab"), unixSeconds(START + 60))
  ok(compiled.ok)
  return compiled.policy
}

function told(state: State, remoteActs: readonly Act[], kinds: readonly Kind[] | null): State {
  const lab = state.doors.get(door("lab"))
  ok(lab !== undefined)
  const doors = new Map(state.doors).set(door("lab"), { ...lab, config: { ...lab.config, remoteActs } })
  const delegations = new Map(
    [...state.delegations].map(([id, each]) => [id, each.person === person("max") ? { ...each, kinds } : each]),
  )
  return { ...state, doors, delegations }
}

// what the door takes | what Max may state | what Max may order
const ROWS: readonly (readonly [readonly Act[], readonly Kind[] | null, readonly Act[]])[] = [
  [[], null, []],
  [ACTS, null, ACTS],
  [["unlock"], null, ["unlock"]],
  [ACTS, ["order"], ACTS],
  [ACTS, ["deny"], NARROWING_ACTS],
  [["unlock", "lockdown"], ["deny"], ["lockdown"]],
  [["unlock"], ["deny"], []],
  [ACTS, ["person revoke"], []],
]
for (const [remoteActs, kinds, may] of ROWS)
  test(`a door that takes [${remoteActs.join(", ")}], Max who may state ${kinds?.join(", ") ?? "everything"}: orders [${may.join(", ")}]`, () => {
    const { building } = furnished()
    const { actors } = policyOf(told(building.state, remoteActs, kinds))
    deepEqual(
      actors.filter((actor) => actor.person === person("max")).flatMap(({ acts }) => acts),
      may,
    )
    ok(
      actors.every(({ keyKind }) => keyKind !== "session"),
      "sittings come to a lock by value",
    )
  })

test("a revoked administrator orders nothing any more", () => {
  const { building } = furnished()
  building.says({ kind: "person revoke", person: person("max") })
  deepEqual(
    policyOf(told(building.state, ACTS, null)).actors.map((actor) => actor.person),
    [person("ada")],
  )
})

test("I-40: nobody lets himself order an opening, nor makes himself a responder; a lockdown is no gain", () => {
  const { building, max, ada } = furnished()
  const lab = building.state.doors.get(door("lab"))
  ok(lab !== undefined)
  const set = (remoteActs: readonly Act[]) => ({
    kind: "door set" as const,
    door: door("lab"),
    commitment: lab.commitment,
    config: { ...lab.config, remoteActs },
    place: null,
  })
  equal(building.tries(set(["unlock"]), max), "needs another person")
  equal(building.tries(set(["lockdown"]), max), "ok")
  building.says(building.member("staff", "ada"))
  const responder = { kind: "person traits", person: person("ada"), traits: ["responder"] } as const
  equal(building.tries(responder, ada), "needs another person")
  equal(building.tries(responder, max), "ok")
})

test("I-40: nobody takes a trait by his own word alone, though no door knows him yet; another one may give it", () => {
  const { building, max, ada } = furnished()
  const traits = { kind: "person traits", person: person("ada"), traits: ["extended"] } as const
  equal(building.tries(traits, ada), "needs another person")
  equal(building.tries(traits, max), "ok")
  equal(building.tries({ ...traits, traits: [] }, ada), "ok")
})

test("I-40: nobody opens alone, by his own word alone, a door that wanted two people; another one may say it, or ask for two", () => {
  const { building, max, ada } = furnished()
  const lab = building.state.doors.get(door("lab"))
  ok(lab !== undefined)
  building.says(building.member("staff", "ada"))
  const set = (twoPerson_ms: number) => ({
    kind: "door set" as const,
    door: door("lab"),
    commitment: lab.commitment,
    config: { ...lab.config, twoPerson_ms },
    place: null,
  })
  equal(building.tries(set(10_000), ada), "ok")
  equal(building.tries(set(30_000), ada), "ok")
  equal(building.tries(set(0), ada), "needs another person")
  equal(building.tries(set(0), max), "ok")
})

test("a trait stands with each credential of its person, and to add one widens", () => {
  const { building } = furnished()
  building.addPerson("cy", ["card", "pin"])
  building.says(building.member("staff", "cy"))
  const plain = policyOf(building.state)
  building.says({ kind: "person traits", person: person("cy"), traits: ["responder"] })
  const responder = policyOf(building.state)
  for (const each of ["cy card", "cy pin"].map(credential)) {
    equal(hasTrait(plain, each, "responder"), false)
    equal(hasTrait(responder, each, "responder"), true)
    equal(hasTrait(responder, each, "extended"), false)
  }
  equal(hasTrait(responder, credential("nobody"), "responder"), false)
  deepEqual([narrower(plain, responder), narrower(responder, plain)], [false, true])
  deepEqual([gains(plain, responder, person("cy")), gains(responder, plain, person("cy"))], [true, false])
})

test("one more actor, or one more act of his, widens", () => {
  const policy: Policy = { ...policyOf(furnished().building.state), actors: [] }
  const actor = { person: person("max"), key: keyOf("max").publicKey, keyKind: "software" } as const
  const some: Policy = { ...policy, actors: [{ ...actor, acts: ["unlock"] }] }
  const more: Policy = { ...policy, actors: [{ ...actor, acts: ["unlock", "office"] }] }
  deepEqual(
    [narrower(policy, some), narrower(some, more), narrower(more, some), narrower(some, policy)],
    [false, false, true, true],
  )
})
