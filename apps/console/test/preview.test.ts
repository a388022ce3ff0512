/** What drafts would do at the doors, on a real folded site. */
import { type Change, offsetAt } from "@holdfast/access"
import { idOf } from "@holdfast/base"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { chance, makeBuilding } from "../dev/building.ts"
import { browserZoneTable } from "../src/work/zone-table.ts"
import { preview } from "../src/work/preview.ts"

const building = makeBuilding("http://localhost:1", 6)
const { state } = building
const now = Date.now()
const [everybody] = [...state.groups.keys()]
const member = [...(state.groups.get(everybody ?? idOf<"GroupId">(new Uint8Array(16)))?.members.keys() ?? [])][0]
ok(everybody !== undefined && member !== undefined)

test("a draft that does not fit is a fault of its own, and the others are still told", () => {
  const unknown: Change = { kind: "member remove", group: everybody, person: idOf<"PersonId">(chance(16)) }
  const leave: Change = { kind: "member remove", group: everybody, person: member }
  const told = preview(state, [unknown, leave], now)
  deepEqual(told.faults, [{ place: 0, says: "not a member" }])
  ok(told.doors.some((door) => door.lose.includes(member)))
})

test("a schedule in a zone that the site does not know is rehearsed with the browser's table", () => {
  const schedule = idOf<"ScheduleId">(chance(16))
  const rules = [{ days: 127, from_min: 0, until_min: 1440 }]
  const set: Change = { kind: "schedule set", schedule, name: "Always", zone: "Asia/Tokyo", rules, closedDays: [] }
  const [door] = [...state.doors.keys()]
  ok(door !== undefined)
  const grant: Change = {
    kind: "grant set",
    grant: idOf<"GrantId">(chance(16)),
    group: everybody,
    doors: [door],
    schedule,
  }
  deepEqual(preview(state, [set, grant], now).faults, [])
  const nowhere = { ...set, zone: "Asia/Atlantis" }
  equal(preview(state, [nowhere], now).faults.length, 1)
})

test("nothing drafted changes nothing", () => deepEqual(preview(state, [], now), { doors: [], faults: [] }))

test("revoking somebody loses every door they had, and nobody gains", () => {
  const told = preview(state, [{ kind: "person revoke", person: member }], now)
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
    preview(state, [add, join], now).doors.some((door) => door.gain.includes(person)),
    false,
  )
  equal(
    preview(state, [add, join, card], now).doors.some((door) => door.gain.includes(person)),
    true,
  )
})

/** Two independent tellings of a zone: this browser's offsets and the zone's own clock, over three years by the hour. */
for (const zone of [
  "Europe/Berlin",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
  "Africa/Casablanca",
  "UTC",
])
  test(`the browser's table of ${zone} tells the offset of every hour`, () => {
    const from_s = Math.floor(Date.UTC(2026, 0, 1) / 1000)
    const table = browserZoneTable(zone, from_s)
    const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" })
    for (let at_s = from_s; at_s < from_s + 400 * 86_400; at_s += 3_600) {
      const shown_s = Date.parse(`${clock.format(at_s * 1000).replace(" ", "T")}Z`) / 1000
      equal(offsetAt(table, at_s), shown_s - at_s)
    }
  })
