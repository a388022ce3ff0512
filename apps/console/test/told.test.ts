/** What live events tell of doors: each changes its own door and no other, and none makes one up. */
import type { Door, LiveEvent } from "@holdfast/contract"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { toldAfter } from "../src/data/told.ts"

const [FIRST, SECOND, UNKNOWN] = ["11".repeat(16), "22".repeat(16), "33".repeat(16)] as const
const UNSAID = { since_ms: null, evidence: { by: "nothing" } } as const

function doorOf(door: string): Door {
  return {
    door,
    paired: true,
    serial: null,
    issued: null,
    applied: null,
    lease_ends_at_ms: null,
    link: { up: false, since_ms: null },
    last_heard_at_ms: null,
    last_sequence: 0,
    beat: null,
    bolt: { is: "unknown", ...UNSAID },
    position: { is: "unknown", ...UNSAID },
    alarms: [],
  }
}

const [first, second] = [doorOf(FIRST), doorOf(SECOND)]
const DOORS: ReadonlyMap<string, Door> = new Map([
  [FIRST, first],
  [SECOND, second],
])

const EVENTS: readonly (readonly [what: string, event: LiveEvent, after: readonly Door[]])[] = [
  ["a door changed", { event: "door", door: { ...second, paired: false } }, [first, { ...second, paired: false }]],
  ["a door is new", { event: "door", door: doorOf(UNKNOWN) }, [first, second, doorOf(UNKNOWN)]],
  ["a door is gone", { event: "door-gone", door: FIRST }, [second]],
  ["a door is gone that never was", { event: "door-gone", door: UNKNOWN }, [first, second]],
  [
    "two doors were heard, and one that never was",
    { event: "heard", doors: [FIRST, UNKNOWN, SECOND].map((door, at) => ({ door, at_ms: 1_000 + at })) },
    [
      { ...first, last_heard_at_ms: 1_000 },
      { ...second, last_heard_at_ms: 1_002 },
    ],
  ],
  [
    "a line is up",
    { event: "link", door: FIRST, up: true, since_ms: 1_000 },
    [{ ...first, link: { up: true, since_ms: 1_000 } }, second],
  ],
  ["a line of no door", { event: "link", door: UNKNOWN, up: true, since_ms: 1_000 }, [first, second]],
]
for (const [what, event, after] of EVENTS)
  test(what, () => {
    deepEqual([...toldAfter(DOORS, event).values()], after)
  })

test("what tells nothing of a door leaves the very same map, so that nobody draws it again", () => {
  const events: readonly LiveEvent[] = [
    { event: "begin-again" },
    { event: "log", class: "authority", period: "2026Q4", size: 7 },
    { event: "records", door: FIRST, records: [], left_out: 0 },
    { event: "sheet", sealed: "" },
  ]
  for (const event of events) equal(toldAfter(DOORS, event), DOORS)
})
