/** What a record means to a shown door, as a table. */
import { deepEqual } from "node:assert/strict"
import { test } from "node:test"
import { unixMillis, uptime } from "@holdfast/base"
import type { RecordKind } from "@holdfast/lock"
import { type DoorFacts, NO_FACTS, takeRecord } from "../src/projection/door-facts.ts"

function after(kinds: readonly RecordKind[]): DoorFacts {
  let facts = NO_FACTS
  for (const [at, kind] of kinds.entries()) {
    const sequence = at + 1
    const times = { uptime_ms: uptime(sequence), wall_ms: unixMillis(1_000 * sequence) }
    const record = {
      sequence,
      boot: 1,
      kind,
      result: "done" as const,
      flags: 0,
      ...times,
      commitment: new Uint8Array(32),
    }
    facts = takeRecord(facts, record, 5_000_000, { sequence, period: "2026Q4", entry: 0, position: at })
  }
  return facts
}

/** Records, then bolt since, position since, and the alarms. */
const TABLE = `
  boot                                              |                   |            |
  bolt thrown                                       | thrown 1          |            |
  bolt drawn                                        | drawn 1           |            |
  bolt drawn, bolt drawn                            | drawn 1           |            |
  bolt drawn, bolt thrown                           | thrown 2          |            |
  bolt thrown, bolt jammed                          | jammed 2          |            | bolt jammed 2
  bolt jammed, bolt jammed                          | jammed 1          |            | bolt jammed 1
  bolt jammed, bolt thrown                          | thrown 2          |            |
  bolt not fully thrown                             | not-fully-thrown 1 |           | bolt not fully thrown 1
  door opened                                       |                   | open 1     |
  door opened, door closed                          |                   | closed 2   |
  door opened, door held                            |                   | open 1     | door held 2
  door opened, door held, door held ended           |                   | open 1     |
  door opened, door held, door closed               |                   | closed 3   |
  door forced                                       |                   | open 1     | door forced 1
  door forced, door closed                          |                   | closed 2   |
  power lost                                        |                   |            | power lost 1
  power lost, power returned                        |                   |            |
  throttled, refused                                |                   |            | throttled 1
  throttled, admitted                               |                   |            |
  lease ended                                       |                   |            | lease ended 1
  lease ended, lease taken                          |                   |            |
  equivocation, door closed                         |                   | closed 2   | equivocation 1
  equivocation, policy applied                      |                   |            |
`
const said = (fact: { is: string; since_ms: number } | null) =>
  fact === null ? "" : `${fact.is} ${fact.since_ms / 1_000}`

for (const row of TABLE.trim().split("\n")) {
  const [records = "", bolt, position, alarms] = row.split("|").map((cell) => cell.trim())
  test(records, () => {
    const facts = after(records.split(", ") as RecordKind[])
    const raised = facts.alarms.map(({ kind, since_ms }) => `${kind} ${since_ms / 1_000}`).join(", ")
    deepEqual([said(facts.bolt), said(facts.position), raised], [bolt, position, alarms])
  })
}

test("a record made while the clock was unknown is dated by the log", () => {
  const place = { sequence: 1, period: "2026Q4", entry: 0, position: 0 }
  const times = { uptime_ms: uptime(1), wall_ms: null }
  const record = { sequence: 1, boot: 1, kind: "bolt drawn" as const, result: "done" as const, flags: 0, ...times }
  const facts = takeRecord(NO_FACTS, { ...record, commitment: new Uint8Array(32) }, 5_000_000, place)
  deepEqual([facts.bolt?.since_ms, facts.last_at_ms], [5_000_000, 5_000_000])
})
