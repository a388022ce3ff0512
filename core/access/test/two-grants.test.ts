/** Policies of few grants: two of one person that both refuse, two with hours of their own, one, and none. */
import { unixSeconds } from "@holdfast/base"
import { equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { decide, NOBODY_DENIED } from "../src/decide.ts"
import { decodePolicy, encodePolicy, type Policy } from "../src/policy.ts"
import { Building, credential, id } from "./building.ts"

/** Monday 2026-11-23, 00:00 UTC. */
const MONDAY = 1_795_392_000
const HOUR_S = 3_600
const OFFICE = { days: 0b0011111, from_min: 540, until_min: 1020 }

/** What somebody with card and PIN hears at the door so many hours into Monday. */
function told(policy: Policy, who: string, hour: number): string {
  const shown = [
    { kind: "card", credential: credential(`${who} card`) },
    { kind: "pin", credential: credential(`${who} pin`) },
  ] as const
  const verdict = decide(policy, shown, unixSeconds(MONDAY + hour * HOUR_S), NOBODY_DENIED)
  return verdict.open ? "opens" : verdict.because
}

/** A door with two grants for the office hours and two for always; ivy is in two groups, with the terms given. */
function twoRows(first: readonly [string, number | null, number | null], second: typeof first): Policy {
  const building = new Building(MONDAY - HOUR_S)
  building.says(building.hours("office", [OFFICE]))
  building.setDoor("lab", {})
  for (const name of ["staff", "guards", "cleaners", "porters"]) {
    building.says({ kind: "group set", group: id<"GroupId">(name), name })
    building.says(building.grantTo(name, ["lab"], name === "staff" || name === "guards" ? "office" : null))
  }
  building.addPerson("ivy", ["card", "pin"])
  for (const [group, from, until] of [first, second]) building.says(building.member(group, "ivy", from, until))
  const decoded = decodePolicy(encodePolicy(building.policy("lab")))
  ok(decoded !== null)
  return decoded
}

test("of two grants that refuse, the one that came closest tells why, in whatever order they stand", () => {
  const [past, coming] = [MONDAY + 2 * HOUR_S, MONDAY + 48 * HOUR_S]
  for (const [office, always] of [
    ["staff", "cleaners"],
    ["staff", "porters"],
    ["guards", "cleaners"],
    ["guards", "porters"],
  ] as const) {
    equal(told(twoRows([office, null, null], [always, null, past]), "ivy", 3), "outside schedule")
    equal(told(twoRows([office, null, null], [always, coming, null]), "ivy", 3), "outside schedule")
    equal(told(twoRows([office, coming, null], [always, null, past]), "ivy", 3), "not yet valid")
    equal(told(twoRows([office, null, past], [always, coming, null]), "ivy", 3), "not yet valid")
    equal(told(twoRows([office, null, past], [always, null, past]), "ivy", 3), "expired")
    equal(told(twoRows([office, null, past], [always, null, null]), "ivy", 3), "opens")
  }
  for (const [one, other] of [
    ["staff", "guards"],
    ["guards", "staff"],
  ] as const) {
    equal(told(twoRows([one, coming, null], [other, null, null]), "ivy", 3), "outside schedule")
    equal(told(twoRows([one, coming, null], [other, null, past]), "ivy", 3), "not yet valid")
  }
})

test("attack 27: a refusal looks at some grant all the same, whatever its row says, and answers", () => {
  const coming = MONDAY + 48 * HOUR_S
  const built = twoRows(["staff", coming, null], ["cleaners", coming, null])
  const grants = built.grants.slice()
  for (let row = 0; row < grants.length; row += 16) grants.fill(0xff, row + 4, row + 6)
  equal(told({ ...built, grants }, "ivy", 0), "not yet valid")
})

/** A door with a grant for each of these people, by their own hours or for always, and a card in each hand. */
function doorOf(people: readonly (readonly [string, typeof OFFICE | null])[]): Policy {
  const building = new Building(MONDAY - HOUR_S)
  building.setDoor("lab", {})
  for (const [who, hours] of people) {
    if (hours !== null) building.says(building.hours(who, [hours]))
    building.says({ kind: "group set", group: id<"GroupId">(who), name: who })
    building.says(building.grantTo(who, ["lab"], hours === null ? null : who))
    building.addPerson(who, ["card", "pin"])
    building.says(building.member(who, who))
  }
  return building.policy("lab")
}

test("each grant has its own hours, wherever they stand in the policy", () => {
  const built = doorOf([
    ["day", OFFICE],
    ["night", { ...OFFICE, from_min: 1200, until_min: 1320 }],
  ])
  equal(built.schedules.length, 2)
  equal(told(built, "day", 10), "opens")
  equal(told(built, "night", 10), "outside schedule")
  equal(told(built, "day", 21), "outside schedule")
  equal(told(built, "night", 21), "opens")
})

test("the only grant of a door opens it, and a door without any opens for nobody", () => {
  const [one, none] = [doorOf([["ivy", null]]), doorOf([])]
  equal(one.grants.length, 16)
  equal(told(one, "ivy", 10), "opens")
  equal(none.credentials.length, 0)
  equal(told(none, "ivy", 10), "unknown credential")
})
