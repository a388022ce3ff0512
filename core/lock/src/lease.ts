/**
 * The lease: until when this lock may go on deciding by its policy. When it ends, nobody is let in (I-23, R51).
 *
 * A ticket counts only for the policy in force, or for the one that is arriving, and only if it ends later than the ticket
 * that is held. A ticket held for an earlier version goes on counting after a newer policy was applied: its end is what
 * bounds a revocation, and a newer policy does not move it. While the time is unknown, a lease ends by what has certainly
 * passed: that can only be too late, which is the outage that the lease's length accepts.
 */
import { compareVersions, type Lease, type Version } from "@holdfast/access/door"
import { type DoorId, equalBytes, secondsOf, type Uptime } from "@holdfast/base"
import { type Clock, passedBy, STEP_S_MAX, wallSeconds } from "./clock.ts"

/** The longest lease that a door may be configured with: 30 days. */
export const LEASE_S_MAX = 2_592_000

export type PolicyName = { readonly version: Version; readonly hash: Uint8Array }
export type LeaseFault = "wrong door" | "old version" | "not expected" | "hash differs" | "too early or too late"
export type LeaseJudged = { readonly take: true } | { readonly take: false; readonly fault: LeaseFault | null }

const refuse = (fault: LeaseFault | null): LeaseJudged => ({ take: false, fault })

/** Whether a ticket that the keeper signed is taken. A repetition of the one held is refused without a fault. */
export function judgeLease(
  ticket: Lease,
  door: DoorId,
  held: Lease | null,
  policies: readonly PolicyName[],
  clock: Clock,
  now: Uptime,
): LeaseJudged {
  if (ticket.door !== door) return refuse("wrong door")
  const orders = policies.map(({ version }) => Math.sign(compareVersions(version, ticket.version)))
  const policy = policies[orders.indexOf(0)]
  if (policy === undefined) return refuse(orders.includes(1) ? "old version" : "not expected")
  if (!equalBytes(policy.hash, ticket.policyHash)) return refuse("hash differs")
  if (ticket.notAfter - ticket.notBefore > LEASE_S_MAX) return refuse("too early or too late")
  if (hasEnded(ticket, clock, now)) return refuse("too early or too late")
  if (held !== null && ticket.notAfter <= held.notAfter)
    return refuse(ticket.notAfter === held.notAfter ? null : "old version")
  return { take: true }
}

/** Whether the lease gives no right now: it is over, or by a known clock it has not begun. */
export function hasEnded(lease: Lease, clock: Clock, now: Uptime): boolean {
  const at = wallSeconds(clock, now)
  if (at === null) return secondsOf(passedBy(clock, now)) >= lease.notAfter
  return at >= lease.notAfter || at < lease.notBefore - STEP_S_MAX
}
