/** Who may give a door its lock: the root, who is alone, or two administrators who state the very same. */
import { nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { pairsAloneFrom } from "../src/author.ts"
import { admitAll, type Change, ENTRY_STATEMENT, fold } from "../src/index.ts"
import { Building, door, HPKE_KEY, keyOf, person, ROOT_VOICE } from "./building.ts"
import { DAY_MS, ENDINGS, furnished, later, START } from "./furnished.ts"

const pair = (board: string, hpkeKey = HPKE_KEY): Change => ({
  kind: "lock pair",
  door: door("lab"),
  journalKey: keyOf(board).publicKey,
  hpkeKey,
  serial: board,
})
const serialAt = ({ state }: Building) => state.doors.get(door("lab"))?.lock?.serial ?? null
const proposedAt = ({ state }: Building) => state.doors.get(door("lab"))?.proposed ?? null

test("I-40: one of two administrators cannot pair a board of his own; another one who states the very same can", () => {
  const { building, ada, max } = furnished()
  const before = serialAt(building)
  for (let again = 0; again < 2; again++) {
    equal(building.tries(pair("board"), ada), "ok")
    equal(serialAt(building), before, "his own word, said twice, is one word")
  }
  equal(proposedAt(building)?.by, person("ada"))
  equal(building.tries(pair("board", HPKE_KEY.with(-1, 0)), max), "ok")
  equal(serialAt(building), before, "secrets would be sealed to another key")
  equal(building.tries(pair("board"), ada), "ok")
  equal(serialAt(building), before)
  equal(building.tries(pair("board"), max), "ok")
  equal(serialAt(building), "board")
  equal(proposedAt(building), null)
  equal(building.tries(pair("other"), max), "ok")
  equal(serialAt(building), "board", "nor does a lock that is paired give way to one word")
  equal(building.tries(building.doorSet("lab"), ROOT_VOICE), "ok")
  equal(proposedAt(building)?.serial, "other", "configuring the door takes nothing back")
})

test("a key that somebody was lent by an administrator is no second one", () => {
  const { building, ada, session } = furnished()
  equal(building.tries(pair("board"), ada), "ok")
  equal(building.tries(pair("board"), session), "needs a fresh signature")
  equal(serialAt(building), null)
})

test("I-40: the word of who is no administrator any more is none of two, and who was denied is not alone", () => {
  const { building, ada, max } = furnished()
  building.addPerson("eve")
  const eve = building.appoint("eve", "passkey")
  equal(building.tries(pair("board"), max), "ok")
  building.says({ kind: "person revoke", person: person("max") })
  equal(building.tries(pair("board"), ada), "ok")
  equal(serialAt(building), null, "his word went with him")
  equal(building.tries(pair("board"), eve), "ok")
  equal(serialAt(building), "board")
  for (const name of ["ada", "eve"]) building.says({ kind: "deny", person: person(name), credential: null })
  equal(building.tries(pair("other"), eve), "ok")
  equal(serialAt(building), "board")
})

test("who was paired in one breath is told, and not who was only proposed in it", () => {
  const { building, ada, max } = furnished()
  const said = [
    [pair("first"), ada],
    [pair("second"), ada],
    [pair("second"), max],
    [pair("third"), ROOT_VOICE],
    [pair("fourth"), max],
  ] as const
  const candidates = said.map(([change, voice]) => {
    return { type: ENTRY_STATEMENT, bytes: building.sign(building.body(change, voice), voice).bytes }
  })
  const { outcomes, paired } = admitAll(building.state, candidates, building.now, nodeCrypto)
  ok(outcomes.every((outcome) => outcome.ok))
  const keys = ["second", "third"].map((board) => ({ door: door("lab"), journalKey: keyOf(board).publicKey }))
  deepEqual(paired, keys)
  const entries = candidates.map((candidate) => ({ ...candidate, admittedAt: building.now }))
  const folded = fold(building.state, entries, nodeCrypto)
  deepEqual(folded.ok && folded.paired, keys)
})

test("the root pairs at once, and so does who is alone or left alone", () => {
  const { building, ada } = furnished()
  equal(building.tries(pair("first"), ROOT_VOICE), "ok")
  equal(serialAt(building), "first")
  building.says({ kind: "person revoke", person: person("max") })
  equal(building.tries(pair("second"), ada), "ok")
  equal(serialAt(building), "second")
  const alone = new Building(START)
  alone.addPerson("ada")
  const only = alone.appoint("ada", "passkey")
  alone.says(alone.doorSet("lab"))
  equal(alone.tries(pair("third"), only), "ok")
  deepEqual([serialAt(alone), proposedAt(alone)], ["third", null])
})

for (const [how, ending] of ENDINGS)
  test(`I-40: whoever ${how} the other administrator pairs alone, a day later`, () => {
    const { building, ada, max } = furnished()
    equal(pairsAloneFrom(building.state, person("max")), null)
    building.says(ending(ada), max)
    equal(pairsAloneFrom(building.state, person("max")), building.now + DAY_MS)
    for (const wait_ms of [0, DAY_MS - 1, 1]) {
      equal(serialAt(building), null)
      later(building, wait_ms)
      equal(building.tries(pair("board"), max), "ok")
    }
    deepEqual([serialAt(building), proposedAt(building)], ["board", null])
  })

for (const [how, ending] of ENDINGS)
  test(`whom the root ${how}, and who ${how} himself, leaves nobody waiting`, () => {
    for (const by of ["root", "ada"]) {
      const { building, ada, max } = furnished()
      building.says(ending(ada), by === "ada" ? ada : ROOT_VOICE)
      equal(building.tries(pair(by), max), "ok")
      equal(serialAt(building), by)
    }
  })

test("I-40: what was proposed before is no word for the one who is left, and each ending begins a day of its own", () => {
  const { building, ada } = furnished()
  building.addPerson("eve")
  const eve = building.appoint("eve")
  building.says(pair("board"), ada)
  building.says({ kind: "person revoke", person: person("ada") }, eve)
  building.says(pair("board"), eve)
  equal(serialAt(building), null)
  later(building, DAY_MS)
  building.says({ kind: "person revoke", person: person("max") }, eve)
  building.says(pair("board"), eve)
  equal(serialAt(building), null)
  later(building, DAY_MS)
  building.says(pair("board"), eve)
  equal(serialAt(building), "board")
})

test("L-10: while the one who is left waits, the root pairs, and another one whom it names agrees at once", () => {
  const { building, max } = furnished()
  building.says({ kind: "deny", person: person("ada"), credential: null }, max)
  building.says(pair("of the root"))
  equal(serialAt(building), "of the root")
  const ana = building.appoint("ana")
  building.says(pair("of two"), max)
  equal(serialAt(building), "of the root")
  building.says(pair("of two"), ana)
  equal(serialAt(building), "of two")
})
