/** Which lease tickets a lock takes, as a table: for which door, for which policy, for how long, beside which that is held. */
import type { Lease } from "@holdfast/access/door"
import { type DoorId, idOf, unixMillis, unixSeconds, uptime } from "@holdfast/base"
import { deepEqual } from "node:assert/strict"
import { test } from "node:test"
import { unknownClock } from "../src/clock.ts"
import { judgeLease, type LeaseJudged } from "../src/lease.ts"

/** Seconds: when the tickets begin, unless their row says otherwise. */
const T = 1_795_420_800
const DAYS_30 = 30 * 86_400
const doorNumber = (number: number): DoorId => idOf<"DoorId">(new Uint8Array(16).fill(number))
const hashNumber = (number: number): Uint8Array => new Uint8Array(32).fill(number)

function ticket(door: number, size: number, hash: number, from_s: number, until_s: number): Lease {
  return {
    site: idOf(new Uint8Array(16)),
    door: doorNumber(door),
    version: { epoch: 1, size },
    policyHash: hashNumber(hash),
    notBefore: unixSeconds(T + from_s),
    notAfter: unixSeconds(T + until_s),
  }
}

/** The lock has the policy of version 5 in force, with hash 5, and the one of version 7 arrives. */
const POLICIES = [5, 7].map((size) => ({ version: { epoch: 1, size }, hash: hashNumber(size) }))

// door | version | hash | from s | until s | the held one ends at s, "-" for none | what becomes of it
const TICKETS = `
  1   5   5   0      3600      -      taken
  1   7   7   0      3600      -      taken
  2   5   5   0      3600      -      wrong door
  1   4   4   0      3600      -      old version
  1   6   6   0      3600      -      old version
  1   8   8   0      3600      -      not expected
  1   5   7   0      3600      -      hash differs
  1   7   5   0      3600      -      hash differs
  1   5   5   0      2592000   -      taken
  1   5   5   0      2592001   -      too early or too late
  1   5   5   -3600  0         -      too early or too late
  1   5   5   -3600  1         -      taken
  1   5   5   300    3600      -      taken
  1   5   5   301    3600      -      too early or too late
  1   5   5   0      3600      3599   taken
  1   5   5   0      3600      3600   refused without a fault
  1   5   5   0      3600      3601   old version
  1   7   7   0      3600      3600   refused without a fault
  2   5   5   0      3600      3599   wrong door
`
for (const row of TICKETS.trim().split("\n")) {
  const [, door, size, hash, from, until, held, outcome = ""] =
    /^(\d) +(\d) +(\d) +(\S+) +(\d+) +(\S+) +(.+)$/.exec(row.trim()) ?? []
  test(`a ticket of door, version, hash, begin, end, held end ${row.trim()}`, () => {
    const clock = { ...unknownClock(unixMillis(T * 1000), uptime(0)), start_ms: T * 1000 }
    const now_held = held === "-" ? null : ticket(1, 5, 5, 0, Number(held))
    const brought = ticket(Number(door), Number(size), Number(hash), Number(from), Number(until))
    const judged = judgeLease(brought, doorNumber(1), now_held, POLICIES, clock, uptime(0))
    const fault = outcome === "refused without a fault" ? null : outcome
    deepEqual(judged, (outcome === "taken" ? { take: true } : { take: false, fault }) as LeaseJudged)
  })
}

test("with no policy at all a ticket is not expected, and never newer policies alone make it so", () => {
  const clock = unknownClock(unixMillis(T * 1000), uptime(0))
  const judge = (policies: typeof POLICIES): LeaseJudged =>
    judgeLease(ticket(1, 6, 6, 0, 3_600), doorNumber(1), null, policies, clock, uptime(0))
  deepEqual(judge([]), { take: false, fault: "not expected" })
  deepEqual(judge(POLICIES.slice(0, 1)), { take: false, fault: "not expected" })
  deepEqual(judge(POLICIES.slice(1)), { take: false, fault: "old version" })
})

test("no ticket runs for longer than thirty days, whatever is held", () => {
  const clock = unknownClock(unixMillis(T * 1000), uptime(0))
  const long = ticket(1, 5, 5, 1, DAYS_30 + 2)
  deepEqual(judgeLease(long, doorNumber(1), ticket(1, 5, 5, 0, 60), POLICIES, clock, uptime(0)), {
    take: false,
    fault: "too early or too late",
  })
})
