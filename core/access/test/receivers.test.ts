/** Who is told of silent alarms: named by a fresh key, by somebody else where there is somebody else, and bounded. */
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { RECEIVERS_MAX } from "../src/fold/receivers.ts"
import type { Change } from "../src/index.ts"
import { Building, HPKE_KEY, person, ROOT_VOICE } from "./building.ts"
import { DAY_MS, ENDINGS, furnished, later, START } from "./furnished.ts"

const set = (word: string): Change => ({ kind: "receiver set", person: person(word), key: HPKE_KEY })
const remove = (word: string): Change => ({ kind: "receiver remove", person: person(word) })

test("I-40, I-19: an administrator who would name himself needs another one, if there is another one", () => {
  const { building, ada, max } = furnished()
  equal(building.tries(set("ada"), ada), "needs another person")
  equal(building.tries(set("ada"), max), "ok")
  equal(building.tries(set("ada"), ada), "ok", "a new key for what he is already")
  equal(building.tries(set("max"), ROOT_VOICE), "ok")
  building.says({ kind: "person revoke", person: person("max") })
  building.says(remove("ada"), ada)
  equal(building.tries(set("ada"), ada), "ok", "nobody else is left who could")
})

for (const [how, ending] of ENDINGS)
  test(`I-40, I-19: whoever ${how} the other administrator names himself a day later, and the root names him at once`, () => {
    const { building, ada, max } = furnished()
    building.says(ending(ada), max)
    for (const wait_ms of [0, DAY_MS - 1]) {
      later(building, wait_ms)
      equal(building.tries(set("max"), max), "needs another person")
      equal(building.tries(set("ana"), max), "ok", "somebody else he may name")
    }
    equal(building.copy().tries(set("max"), ROOT_VOICE), "ok")
    later(building, 1)
    equal(building.tries(set("max"), max), "ok")
  })

for (const [how, ending] of ENDINGS)
  test(`whom the root ${how}, and who ${how} himself, leaves nobody waiting to be told`, () => {
    for (const by of ["root", "ada"]) {
      const { building, ada, max } = furnished()
      building.says(ending(ada), by === "ada" ? ada : ROOT_VOICE)
      equal(building.tries(set("max"), max), "ok")
    }
  })

test("the only administrator of a site may be told", () => {
  const building = new Building(START)
  building.addPerson("ada")
  const ada = building.appoint("ada", "passkey")
  equal(building.tries(set("ada"), ada), "ok")
  deepEqual([...building.state.receivers.keys()], [person("ada")])
  equal(building.tries(remove("ada"), ada), "ok")
  equal(building.state.receivers.size, 0)
})

test("receivers are people in good standing, each once, and bounded", () => {
  const building = new Building(START)
  equal(building.tries(set("nobody")), "unknown person")
  for (let at = 0; at <= RECEIVERS_MAX; at++) building.addPerson(`p${at}`, [])
  for (let at = 0; at < RECEIVERS_MAX; at++) equal(building.tries(set(`p${at}`)), "ok")
  equal(building.tries(set(`p${RECEIVERS_MAX}`)), "too many receivers")
  equal(building.tries(set("p0")), "ok", "the same again is no more")
  equal(building.tries(remove(`p${RECEIVERS_MAX}`)), "not a receiver")
  building.says({ kind: "person revoke", person: person("p1") })
  equal(building.tries(set("p1")), "person revoked")
  equal(building.tries(remove("p1")), "ok")
})

test("naming a receiver changes no door's policy", () => {
  const { building } = furnished()
  building.says(set("ana"))
  deepEqual(building.last?.touched, [])
})
