/** When a door may be called locked: all combinations of what it can say, and what silence does to each. */
import type { Door } from "@holdfast/contract"
import { equal, notEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import { lookOf } from "../src/plan/door-look.ts"

const NOW = 1_000_000_000
const BOLTS = ["thrown", "drawn", "moving", "jammed", "not-fully-thrown", "unknown"] as const
const LEAVES = ["closed", "open", "unknown"] as const
const evidence = { by: "nothing" } as const

type Said = {
  readonly bolt: (typeof BOLTS)[number]
  readonly leaf: (typeof LEAVES)[number]
  readonly alarms?: readonly string[]
  readonly heard_ms?: number | null
  readonly up?: boolean
  readonly lease_ms?: number | null
}

function door({ bolt, leaf, alarms = [], heard_ms = NOW - 5_000, up = true, lease_ms = NOW + 1 }: Said): Door {
  return {
    door: "0".repeat(32),
    paired: true,
    serial: null,
    issued: null,
    applied: null,
    lease_ends_at_ms: lease_ms,
    link: { up, since_ms: null },
    last_heard_at_ms: heard_ms,
    last_sequence: 1,
    beat: null,
    bolt: { is: bolt, since_ms: null, evidence },
    position: { is: leaf, since_ms: null, evidence },
    alarms: alarms.map((kind) => ({ kind, since_ms: NOW, evidence })),
  }
}

test("of all states only a thrown bolt in a closed door that speaks is locked", () => {
  for (const bolt of BOLTS)
    for (const leaf of LEAVES)
      for (const up of [true, false])
        for (const heard_ms of [NOW - 1_000, NOW - 61_000, null]) {
          const look = lookOf(door({ bolt, leaf, up, heard_ms }), NOW)
          const speaks = up && heard_ms === NOW - 1_000
          equal(look.word === "Locked", bolt === "thrown" && leaf === "closed" && speaks)
          equal(look.tone === "secure", look.word === "Locked")
        }
})

/** bolt · door · alarms · tone · words */
const ROWS = `
  thrown            closed   -             secure   Locked
  drawn             closed   -             open     Unlocked
  drawn             open     -             open     Open
  thrown            open     -             open     Open
  moving            closed   -             open     Bolt moving
  not-fully-thrown  closed   -             open     Bolt not fully thrown
  jammed            closed   bolt-jammed   alarm    Bolt jammed
  jammed            open     bolt-jammed   alarm    Bolt jammed
  thrown            open     door-forced   alarm    Forced open
  drawn             open     door-held     open     Held open
  thrown            unknown  -             unknown  Bolt thrown, door position unknown
  unknown           closed   -             unknown  Unknown
`
for (const row of ROWS.trim().split("\n")) {
  const [bolt, leaf, alarm, tone, ...words] = row.trim().split(/\s+/)
  test(`bolt ${bolt}, door ${leaf}, alarm ${alarm}: ${words.join(" ")}`, () => {
    const said = { bolt: BOLTS.find((each) => each === bolt), leaf: LEAVES.find((each) => each === leaf) }
    ok(said.bolt !== undefined && said.leaf !== undefined)
    const look = lookOf(door({ bolt: said.bolt, leaf: said.leaf, alarms: alarm === "-" ? [] : [alarm ?? ""] }), NOW)
    equal(look.word, words.join(" "))
    equal(look.tone, tone)
  })
}

test("a silent door is unknown, and says what it said last", () => {
  const look = lookOf(door({ bolt: "thrown", leaf: "closed", heard_ms: NOW - 180_000 }), NOW)
  equal(look.tone, "unknown")
  equal(look.word, "Not heard; last said: locked")
  equal(look.heardAt_ms, NOW - 180_000)
})

test("an alarm stays loud when the line is cut", () => {
  const look = lookOf(door({ bolt: "thrown", leaf: "open", alarms: ["door-forced"], up: false }), NOW)
  equal(look.tone, "alarm")
})

test("a lease that ended is said at once", () => {
  equal(lookOf(door({ bolt: "thrown", leaf: "closed", lease_ms: NOW - 1 }), NOW).leaseEnded, true)
  equal(lookOf(door({ bolt: "thrown", leaf: "closed", lease_ms: null }), NOW).leaseEnded, false)
})

test("a door that never spoke says so", () => {
  const look = lookOf(door({ bolt: "unknown", leaf: "unknown", heard_ms: null, up: false }), NOW)
  equal(look.word, "Never heard")
  notEqual(look.tone, "secure")
})
