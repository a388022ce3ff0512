/** Compiling against a plain reading of the state, and the same bytes whatever the order in which things were said. */
import { test } from "node:test"
import { deepEqual, equal, ok } from "node:assert/strict"
import { unixSeconds } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { decide, NOBODY_DENIED } from "../src/decide.ts"
import { type Change, compile } from "../src/index.ts"
import { decodePolicy, encodePolicy, type Policy } from "../src/policy.ts"
import { admittingDoors, touchedDoors } from "../src/touched.ts"
import { Building, credential, door, group, id, person, schedule } from "./building.ts"
import { OFFICE, START } from "./furnished.ts"

const MON_TEN = unixSeconds(START + 36_000)

function opens(policy: Policy, who: string): string {
  const presented = [{ kind: "card", credential: credential(`${who} card`) }] as const
  const verdict = decide(policy, presented, MON_TEN, NOBODY_DENIED)
  return verdict.open ? "opens" : verdict.because
}

test("two grants over two groups: each person has the rows that their groups give them", () => {
  const building = new Building(START)
  building.says(building.hours("office", [OFFICE]))
  for (const name of ["lab", "hall"]) building.setDoor(name)
  for (const name of ["staff", "guests"]) building.says({ kind: "group set", group: group(name), name })
  building.says(building.grantTo("staff", ["lab", "hall"], "office"))
  building.says(building.grantTo("guests", ["hall"], null))
  for (const name of ["ana", "bo", "cy"]) building.addPerson(name)
  building.says(building.member("staff", "ana"))
  building.says(building.member("guests", "ana"))
  building.says(building.member("guests", "bo"))
  const [lab, hall] = [building.policy("lab"), building.policy("hall")]
  deepEqual([lab.people.length / 16, lab.grants.length / 16, lab.credentials.length / 24], [1, 1, 1])
  deepEqual([hall.people.length / 16, hall.grants.length / 16, hall.credentials.length / 24], [2, 3, 2])
  deepEqual(
    ["ana", "bo", "cy"].map((who) => opens(lab, who)),
    ["opens", "unknown credential", "unknown credential"],
  )
  deepEqual(
    ["ana", "bo", "cy"].map((who) => opens(hall, who)),
    ["opens", "opens", "unknown credential"],
  )
  equal(lab.schedules.length, 1)
  const only = compile(building.state, door("hall"), building.at, person("bo"))
  ok(only.ok)
  deepEqual([only.policy.people.length / 16, only.policy.grants.length / 16], [1, 1])
  deepEqual(compile(building.state, door("none"), building.at), { ok: false, fault: "unknown door" })
})

test("the order in which things were said does not show in the bytes, and what compiles decodes to itself", () => {
  const said = (order: readonly number[]): string => {
    const building = new Building(START)
    building.says(building.hours("office", [OFFICE]))
    building.says(building.hours("night", [{ days: 127, from_min: 0, until_min: 300 }]))
    building.setDoor("lab", {
      modes: [
        { schedule: schedule("night"), factors: "card and pin" },
        { schedule: null, factors: "card" },
      ],
    })
    const names = ["staff", "guests", "night", "tours"]
    for (const at of order) {
      const name = names[at] ?? "none"
      building.says({ kind: "group set", group: group(name), name })
      building.says(building.grantTo(name, ["lab"], at % 2 === 0 ? "office" : "night"))
      building.addPerson(`${name} person`)
      building.says(building.member(name, `${name} person`))
    }
    for (const at of order) building.says(building.member("staff", `${names[at]} person`))
    const policy = building.policy("lab")
    deepEqual(decodePolicy(encodePolicy(policy)), policy)
    return toHex(encodePolicy(policy))
  }
  equal(said([0, 1, 2, 3]), said([3, 1, 0, 2]))
})

test("who was revoked or denied stays known and has no rows; a removed credential is unknown", () => {
  const building = new Building(START)
  building.setDoor("lab")
  building.says({ kind: "group set", group: group("staff"), name: "Staff" })
  building.says(building.grantTo("staff", ["lab"], null))
  for (const name of ["ana", "bo", "cy", "dee"]) {
    building.addPerson(name)
    building.says(building.member("staff", name))
  }
  building.says({ kind: "person revoke", person: person("ana") })
  building.says({ kind: "deny", person: person("bo"), credential: null })
  building.says({ kind: "deny", person: null, credential: credential("cy card") })
  building.says({ kind: "credential remove", credential: credential("dee card") })
  const policy = building.policy("lab")
  deepEqual(
    ["ana", "bo", "cy", "dee"].map((who) => opens(policy, who)),
    ["revoked", "denied", "denied", "unknown credential"],
  )
  equal(policy.denials.length, 2)
  building.says({ kind: "person restore", person: person("ana") })
  building.says({ kind: "person restore", person: person("bo") })
  const restored = building.policy("lab")
  deepEqual(
    ["ana", "bo", "cy"].map((who) => opens(restored, who)),
    ["opens", "opens", "denied"],
  )
  equal(restored.denials.length, 2) // A lock that was told directly may forget: this policy knows of the denial.
})

test("the deniers of a policy are the own keys that may deny, and no sitting", () => {
  const building = new Building(START)
  building.setDoor("lab")
  for (const name of ["ada", "max", "eve"]) building.addPerson(name)
  const ada = building.appoint("ada", "passkey")
  building.appoint("max", "software", ["person add"])
  building.appoint("eve", "software", ["deny"])
  building.signIn(ada, "session")
  const named = () =>
    building
      .policy("lab")
      .deniers.map((denier) => denier.person)
      .sort()
  deepEqual(named(), [person("ada"), person("eve")].sort())
  building.says({ kind: "person revoke", person: person("eve") })
  deepEqual(named(), [person("ada")])
})

test("a door that is removed and set again starts with nobody", () => {
  const building = new Building(START)
  building.setDoor("lab")
  building.addPerson("ana")
  building.says({ kind: "group set", group: group("staff"), name: "Staff" })
  building.says(building.grantTo("staff", ["lab"], null))
  building.says(building.member("staff", "ana"))
  equal(opens(building.policy("lab"), "ana"), "opens")
  building.says({ kind: "door remove", door: door("lab") })
  deepEqual(
    [...building.state.grants.values()].map((each) => each.doors),
    [[]],
  )
  building.setDoor("lab")
  equal(opens(building.policy("lab"), "ana"), "unknown credential")
})

test("a change touches the doors whose policy it alters, and admits only where somebody's right may change", () => {
  const building = new Building(START)
  for (const name of ["lab", "hall", "gate"]) building.setDoor(name)
  building.says(building.hours("office", [OFFICE]))
  building.setDoor("gate", {
    modes: [
      { schedule: schedule("office"), factors: "card" },
      { schedule: null, factors: "card and pin" },
    ],
  })
  for (const name of ["ana", "ada"]) building.addPerson(name)
  building.says({ kind: "group set", group: group("staff"), name: "Staff" })
  building.says(building.grantTo("staff", ["lab"], "office"))
  building.says(building.member("staff", "ana"))
  const ada = building.appoint("ada")
  const session = building.signIn(ada, "session")
  const all = ["gate", "hall", "lab"]
  const rows: readonly (readonly [Change, readonly string[], readonly string[]])[] = [
    [{ kind: "person revoke", person: person("ana") }, ["lab"], ["lab"]],
    [{ kind: "person revoke", person: person("ada") }, all, []],
    [{ kind: "credential remove", credential: credential("ana card") }, ["lab"], ["lab"]],
    [building.grantTo("staff", ["hall"], null), ["hall", "lab"], ["hall", "lab"]],
    [building.hours("office", []), ["gate", "lab"], ["gate", "lab"]],
    [{ kind: "delegation revoke", delegation: ada.chain[0] ?? fails() }, all, []],
    [{ kind: "delegation revoke", delegation: session.chain[1] ?? fails() }, [], []],
    [{ kind: "deny", person: person("ana"), credential: null }, ["lab"], ["lab"]],
    [{ kind: "deny", person: null, credential: credential("ana card") }, ["lab"], ["lab"]],
    [{ kind: "plan", floor: "0", rooms: [] }, [], []],
  ]
  const names = (ids: readonly string[]): readonly string[] => all.filter((name) => ids.includes(id<"DoorId">(name)))
  for (const [change, touched, admitting] of rows) {
    deepEqual(names(touchedDoors(building.state, change)), touched, change.kind)
    deepEqual(names(admittingDoors(building.state, change)), admitting, change.kind)
  }
})

function fails(): never {
  throw new TypeError("a voice speaks through a chain")
}
