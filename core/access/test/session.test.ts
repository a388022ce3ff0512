/** What a session key may say, and what nobody may say for themselves. */
import { test } from "node:test"
import { equal } from "node:assert/strict"
import { unixMillis } from "@holdfast/base"
import type { Change } from "../src/index.ts"
import { grant, group, person, schedule } from "./building.ts"
import { furnished, OFFICE, START } from "./furnished.ts"

test("a session may narrow what it may not widen", () => {
  const { building, session } = furnished()
  const until = (minute: number): Change => building.hours("office", [{ ...OFFICE, until_min: minute }])
  equal(building.tries(until(1021), session), "needs a fresh signature")
  equal(building.tries(until(1000), session), "ok")
  const tuesdayTen = START + 86_400 + 36_000
  equal(building.tries(building.member("staff", "ana", null, tuesdayTen), session), "ok")
  equal(building.tries(building.member("staff", "ana", null, tuesdayTen + 1), session), "needs a fresh signature")
  equal(building.tries(building.member("staff", "ana", START, tuesdayTen), session), "ok") // Before Monday nothing was open.
  equal(building.tries(building.grantTo("staff", [], "office"), session), "ok")
  equal(building.tries(building.grantTo("staff", ["lab"], "office"), session), "needs a fresh signature")
})

test("a session fills nothing in advance: what no policy shows yet must become smaller too", () => {
  const { building, session } = furnished()
  const later = building.hours("later", [OFFICE])
  building.says({ kind: "group set", group: group("empty"), name: "Empty" })
  building.says(later)
  building.says(building.grantTo("empty", [], "later"))
  building.says(building.member("empty", "ana", START))
  equal(building.tries(building.member("empty", "bo"), session), "needs a fresh signature")
  equal(building.tries(building.member("empty", "ana"), session), "needs a fresh signature")
  equal(building.tries(building.member("empty", "ana", START + 60), session), "ok")
  equal(building.tries(building.hours("later", [{ ...OFFICE, days: 127 }]), session), "needs a fresh signature")
  equal(building.tries(building.hours("brand new", [OFFICE]), session), "needs a fresh signature")
  equal(building.tries(building.hours("later", [{ ...OFFICE, days: 3 }]), session), "ok")
  equal(building.tries(building.grantTo("empty", [], null), session), "needs a fresh signature")
  equal(building.tries(building.grantTo("another", [], "later"), session), "unknown group")
  building.says({ kind: "group set", group: group("nobody yet"), name: "Nobody yet" })
  building.says({ ...building.grantTo("nobody yet", [], "later") })
  equal(building.tries(building.grantTo("nobody yet", ["lab"], "later"), session), "needs a fresh signature")
  const moved: Change = {
    kind: "grant set",
    grant: grant("empty"),
    group: group("staff"),
    doors: [],
    schedule: schedule("later"),
  }
  equal(building.tries(moved, session), "needs a fresh signature")
  equal(building.tries(building.grantTo("empty", [], "later"), session), "ok")
})

test("a session gives no grant other hours in advance, though nobody in its group notices yet", () => {
  const { building, session } = furnished()
  const nights = { days: 127, from_min: 0, until_min: 1440 }
  building.says(building.hours("nights", [nights]))
  building.says(building.hours("mornings", [{ ...OFFICE, until_min: 720 }]))
  building.says({ kind: "member remove", group: group("staff"), person: person("ana") }, session)
  equal(building.tries(building.grantTo("staff", ["lab"], null), session), "needs a fresh signature")
  equal(building.tries(building.grantTo("staff", ["lab"], "nights"), session), "needs a fresh signature")
  equal(building.tries(building.grantTo("staff", ["lab"], "mornings"), session), "ok")
  equal(building.tries(building.grantTo("staff", ["lab"], "office"), session), "needs a fresh signature")
})

test("a statement that was taken does not come again in the last second of its time", () => {
  const { building, max } = furnished()
  const { bytes } = building.sign(building.body(building.member("staff", "bo"), max), max)
  equal(building.bring(bytes).ok, true)
  building.says({ kind: "member remove", group: group("staff"), person: person("bo") })
  building.now = unixMillis(building.now + 300_500)
  building.says({ kind: "group set", group: group("others"), name: "Others" })
  const again = building.bring(bytes)
  equal(again.ok ? "ok" : again.fault, "already in the log")
  building.now = unixMillis(building.now + 1_000)
  building.says({ kind: "group set", group: group("others"), name: "Others" })
  const late = building.bring(bytes)
  equal(late.ok ? "ok" : late.fault, "expired")
})

test("nobody gains a right by their own statement, directly or through a group", () => {
  const { building, ada, max } = furnished()
  equal(building.tries(building.member("staff", "ada"), ada), "needs another person")
  equal(building.tries(building.member("staff", "ada"), max), "ok")
  equal(building.tries(building.grantTo("staff", ["lab"], null), ada), "needs another person")
  equal(building.tries(building.hours("office", [{ ...OFFICE, days: 127 }]), ada), "needs another person")
  equal(building.tries(building.hours("office", [{ ...OFFICE, days: 1 }]), ada), "ok")
  equal(building.tries(building.hours("office", [OFFICE]), max), "ok")
  equal(building.tries(building.doorSet("lab", { modes: [{ schedule: null, factors: "card and pin" }] }), ada), "ok")
  equal(building.tries(building.doorSet("lab"), ada), "needs another person")
  equal(building.tries(building.credentialFor("ada", "pin"), ada), "needs another person")
  equal(building.tries(building.doorSet("lab"), max), "ok")
  equal(building.tries(building.credentialFor("ada", "pin"), ada), "ok") // A second credential opens nothing new.
  equal(building.tries({ kind: "deny", person: person("ada"), credential: null }, max), "ok")
  equal(building.tries({ kind: "person restore", person: person("ada") }, ada), "needs another person")
})
