/** Topics, lock names and rights, in tables. */
import { type DoorId, idOf, type SiteId } from "@holdfast/base"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { downTopic, lockName, parseLockName, parseTopic, rightsOf, UP_WORDS, upTopic } from "../src/index.ts"

const site: SiteId = idOf(new Uint8Array(16).fill(0x11))
const other: SiteId = idOf(new Uint8Array(16).fill(0x22))
const door: DoorId = idOf(new Uint8Array(16).fill(0xaa))
const next: DoorId = idOf(new Uint8Array(16).fill(0xbb))

test("every topic is read as it was written", () => {
  for (const word of UP_WORDS) deepEqual(parseTopic(upTopic(site, door, word)), { way: "up", site, door, word })
  deepEqual(parseTopic(downTopic(site, door)), { way: "down", site, door })
})

const NO_TOPICS = [
  "",
  "hf",
  "hf/#",
  `hf/${site}/+/down`,
  `hf/${site}/${door}/up`,
  `hf/${site}/${door}/up/`,
  `hf/${site}/${door}/up/order`,
  `hf/${site}/${door}/up/beat/`,
  `hf/${site}/${door}/down/`,
  `HF/${site}/${door}/down`,
  `/hf/${site}/${door}/down`,
  `hf/${site.toUpperCase().replaceAll("1", "A")}/${door}/down`,
  `hf/${site}/${door.slice(1)}/down`,
  "x".repeat(100_000),
]
for (const text of NO_TOPICS)
  test(`no topic: ${text.slice(0, 90)}`, () => {
    equal(parseTopic(text), null)
    deepEqual(rightsOf(site, door, text), { publish: false, subscribe: false })
  })

test("a lock has rights on its own topics only", () => {
  for (const eachSite of [site, other])
    for (const eachDoor of [door, next]) {
      const own = eachSite === site && eachDoor === door
      for (const word of UP_WORDS)
        deepEqual(rightsOf(site, door, upTopic(eachSite, eachDoor, word)), { publish: own, subscribe: false })
      deepEqual(rightsOf(site, door, downTopic(eachSite, eachDoor)), { publish: false, subscribe: own })
    }
})

test("a lock's name is read back, and nothing else is a lock's name", () => {
  equal(parseLockName(lockName(door)), door)
  for (const name of ["", "lock:", `lock:${door}0`, `Lock:${door}`, door, `lock:${"g".repeat(32)}`])
    equal(parseLockName(name), null)
})
