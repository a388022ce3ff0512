/**
 * All small cases of the lease, for the mutants of lease.ts (`npm run mutate`): 1 where a ticket is taken or a lease still
 * gives a right, 0 where not. Each limit is tried at, before and behind it.
 */
import type { Lease } from "@holdfast/access/door"
import { type DoorId, idOf, unixMillis, unixSeconds, uptime } from "@holdfast/base"
import { type Clock, unknownClock } from "../../src/clock.ts"
import { hasEnded, judgeLease, LEASE_S_MAX } from "../../src/lease.ts"

const T = 1_795_420_800
const doorNumber = (number: number): DoorId => idOf<"DoorId">(new Uint8Array(16).fill(number))
const hashNumber = (number: number): Uint8Array => new Uint8Array(32).fill(number)

function ticket(door: number, epoch: number, size: number, hash: number, from_s: number, until_s: number): Lease {
  return {
    site: idOf(new Uint8Array(16)),
    door: doorNumber(door),
    version: { epoch, size },
    policyHash: hashNumber(hash),
    notBefore: unixSeconds(T + from_s),
    notAfter: unixSeconds(T + until_s),
  }
}

const POLICIES = [5, 7].map((size) => ({ version: { epoch: 1, size }, hash: hashNumber(size) }))
const CLOCKS: readonly Clock[] = [0, -1, 1, 300_000, -300_000].flatMap((off_ms) => {
  const unknown = unknownClock(unixMillis(T * 1000 + off_ms), uptime(0))
  return [unknown, { ...unknown, start_ms: T * 1000 + off_ms }]
})

/** Whose tickets are taken. */
function* names(): Iterable<() => number> {
  for (const door of [1, 2])
    for (const epoch of [0, 1, 2])
      for (const size of [4, 5, 6, 7, 8])
        for (const hash of [4, 5, 7])
          for (const policies of [[], POLICIES.slice(0, 1), POLICIES.slice(1), POLICIES, POLICIES.toReversed()])
            for (const clock of CLOCKS.slice(0, 2)) {
              const brought = ticket(door, epoch, size, hash, 0, 3_600)
              yield () => (judgeLease(brought, doorNumber(1), null, policies, clock, uptime(0)).take ? 1 : 0)
            }
}

/** For how long, from when on, and beside which that is held. */
function* times(): Iterable<() => number> {
  const edges = [0, 1, 300, 301, 302, -1]
  for (const from_s of [...edges, -3_600])
    for (const length_s of [...edges, 3_599, 3_600, 3_601, LEASE_S_MAX - 1, LEASE_S_MAX, LEASE_S_MAX + 1])
      for (const clock of CLOCKS) {
        const brought = ticket(1, 1, 5, 5, from_s, from_s + length_s)
        for (const beside of [null, -1, 0, 1]) {
          const held = beside === null ? null : ticket(1, 1, 5, 5, 0, from_s + length_s + beside)
          yield () => (judgeLease(brought, doorNumber(1), held, POLICIES, clock, uptime(0)).take ? 1 : 0)
        }
        for (const now of [0, 999, 1_000, 3_600_000, 3_600_360, 3_601_000])
          yield () => (hasEnded(brought, clock, uptime(now)) ? 0 : 1)
      }
}

export function* admits(): Iterable<() => number> {
  yield* names()
  yield* times()
}
