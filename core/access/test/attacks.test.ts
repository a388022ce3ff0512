/** What one stolen key, or one administrator alone, tries at the gate; each title says what must not come of it. */
import { equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { ACTS } from "../src/act.ts"
import { MODES_MAX } from "../src/config.ts"
import { GRANTS_PER_DOOR_MAX } from "../src/fold/rights.ts"
import { type Change, compile } from "../src/index.ts"
import { SCHEDULES_MAX } from "../src/policy.ts"
import { door, grant, group, HPKE_KEY, person, schedule } from "./building.ts"
import { furnished, OFFICE, START } from "./furnished.ts"

const DAY_S = 86_400
const ALL_WEEK = { days: 127, from_min: 0, until_min: 1440 }

test("attack 11: a session unlocks no door by narrowing the hours that keep it locked", () => {
  const { building, session } = furnished()
  building.says(building.hours("strict", [ALL_WEEK]))
  building.says(building.hours("open", [OFFICE]))
  building.setDoor("entrance", {
    modes: [
      { schedule: schedule("strict"), factors: "card" },
      { schedule: schedule("open"), factors: "card", office: "by schedule" },
      { schedule: null, factors: "card" },
    ],
  })
  equal(building.tries(building.hours("strict", []), session), "needs a fresh signature", "nobody has a grant there")
})

test("attack 11: a session opens no day that was closed, however far it lies ahead", () => {
  const { building, session } = furnished()
  const closed = Math.floor(START / DAY_S) + 500
  building.says(building.hours("office", [OFFICE], "UTC", [closed]))
  equal(building.tries(building.hours("office", [OFFICE]), session), "needs a fresh signature")
  building.says(building.hours("other", [OFFICE]))
  equal(building.tries(building.grantTo("staff", ["lab"], "other"), session), "needs a fresh signature")
  equal(
    building.tries(building.hours("office", [OFFICE], "UTC", [closed, closed + 1]), session),
    "ok",
    "one more is fewer hours",
  )
})

test("attack 11: whoever is denied orders nothing at any door, and again when he is restored", () => {
  const { building, ada } = furnished()
  building.setDoor("lab", { remoteActs: ACTS })
  const orders = () => building.policy("lab").actors.some((actor) => actor.person === person("max"))
  ok(orders())
  building.says({ kind: "deny", person: person("max"), credential: null }, ada)
  ok(!orders())
  ok(building.last?.touched.includes(door("lab")), "the door's policy is made again")
  building.says({ kind: "person restore", person: person("max") })
  ok(orders())
  ok(building.last?.touched.includes(door("lab")))
})

test("attack 1: a policy can name the schedules of all the grants and modes that its door may have", () => {
  const { building } = furnished()
  const lab = building.state.doors.get(door("lab"))
  ok(lab !== undefined)
  const words = Array.from({ length: SCHEDULES_MAX }, (_, at) => `s${at}`)
  const office = building.state.schedules.get(schedule("office"))
  ok(office !== undefined)
  const grants = words.slice(0, GRANTS_PER_DOOR_MAX).map((word) => {
    return [grant(word), { group: group("staff"), doors: [door("lab")], schedule: schedule(word) }] as const
  })
  const timed = words.slice(GRANTS_PER_DOOR_MAX).slice(0, MODES_MAX - 1)
  const modes = [...timed.map(schedule), null].map((each) => ({ schedule: each, factors: "card" as const }))
  const full = { ...lab, config: { ...lab.config, modes }, grants: new Set(grants.map(([id]) => id)) }
  const schedules = new Map(words.map((word) => [schedule(word), { ...office, rules: [] }]))
  building.state = { ...building.state, schedules, grants: new Map(grants), doors: new Map([[door("lab"), full]]) }
  equal(compile(building.state, door("lab"), building.at).ok, true)
  const more = { kind: "grant set", grant: grant("more"), group: group("staff"), doors: [door("lab")] } as const
  equal(building.tries({ ...more, schedule: null }), "too many grants")
})

test("I-40: nobody adds himself to a group from a day on that no policy tells of yet, nor for longer than one tells", () => {
  const { building, ada } = furnished()
  const later = START + 401 * DAY_S
  equal(building.tries(building.member("staff", "ada", later), ada), "needs another person")
  building.says(building.member("staff", "ada", null, later))
  equal(building.tries(building.member("staff", "ada", null, later + 7 * DAY_S), ada), "needs another person")
  equal(building.tries(building.member("staff", "ada"), ada), "needs another person")
  equal(building.tries(building.member("staff", "ada", null, later - DAY_S), ada), "ok", "for less long")
})

test("I-40: nobody opens a day for himself that was closed, however far it lies ahead", () => {
  const { building, ada } = furnished()
  const closed = [0, 500, 1_000].map((ahead) => Math.floor(START / DAY_S) + ahead)
  building.says(building.hours("office", [{ ...OFFICE, days: 127 }], "UTC", closed))
  building.says(building.member("staff", "ada"))
  const opens = (days: readonly number[]) => building.hours("office", [{ ...OFFICE, days: 127 }], "UTC", days)
  equal(building.tries(opens(closed.slice(0, 2)), ada), "needs another person")
  equal(building.tries(opens([...closed, 49_000]), ada), "ok", "one day more is closed")
  equal(building.tries(opens(closed.slice(0, 2)), ada), "needs another person", "beyond several windows")
})

test("I-40: whoever was denied does not restore himself to order again", () => {
  const { building, ada, max } = furnished()
  building.setDoor("gate", { remoteActs: ["unlock"] })
  building.says({ kind: "deny", person: person("max"), credential: null }, ada)
  equal(building.tries({ kind: "person restore", person: person("max") }, max), "needs another person")
  equal(building.tries({ kind: "person restore", person: person("max") }, ada), "ok")
})

test("attack 124: a session takes nobody away from those who hear of a silent alarm", () => {
  const { building, ada, max, session } = furnished()
  building.says({ kind: "receiver set", person: person("max"), key: HPKE_KEY })
  const [own] = max.chain
  ok(own !== undefined)
  const sitting = building.signIn(max, "max's session")
  const changes: readonly Change[] = [
    { kind: "person revoke", person: person("max") },
    { kind: "deny", person: person("max"), credential: null },
    { kind: "delegation revoke", delegation: own },
  ]
  for (const change of changes) {
    equal(building.tries(change, session), "needs a fresh signature", change.kind)
    equal(building.copy().tries(change, ada), "ok", change.kind)
  }
  const [, session_id] = sitting.chain
  ok(session_id !== undefined)
  equal(building.tries({ kind: "delegation revoke", delegation: session_id }, session), "ok", "he signs in again")
  equal(building.tries({ kind: "person revoke", person: person("ana") }, session), "ok", "she hears of nothing")
})
