/**
 * Lease tickets and time beacons: small facts about time that the keeper signs for whoever asks, and never unasked.
 *
 * Anybody may carry and ask, since a ticket says only that the keeper still stands by a policy that it issued itself. While
 * its own clock cannot be believed it signs neither: an outage that everybody sees instead of a wrong time that nobody does.
 */
import type { State } from "@holdfast/access"
import { beaconToSign, leaseToSign } from "@holdfast/access/door"
import { type DoorId, secondsOf, unixSeconds } from "@holdfast/base"
import type { Keeping } from "./keeping.ts"

export type TicketFault = "unknown door" | "no policy was issued" | "the keeper's clock stepped"
type Signed<Fault> = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly fault: Fault }
export type Ticket = Signed<TicketFault>
export type NarrowingTicket = Signed<"nothing narrows this door" | "the keeper's clock stepped">

/** A lease for the policy that was issued last for a door, from now on for as long as the door is configured. */
export function leaseTicket(keeping: Keeping, state: State, door: DoorId): Ticket {
  const config = state.doors.get(door)?.config
  const issued = state.issued.get(door)
  if (config === undefined) return { ok: false, fault: "unknown door" }
  if (issued === undefined) return { ok: false, fault: "no policy was issued" }
  const now = keeping.clock.believed()
  if (now === null) return { ok: false, fault: "the keeper's clock stepped" }
  const notBefore = secondsOf(now)
  const notAfter = unixSeconds(notBefore + config.lease_s)
  const { version, policyHash } = issued
  const lease = { site: keeping.site, door, version, policyHash, notBefore, notAfter }
  const { publicKey, sign } = keeping.keys.policy
  const signable = leaseToSign(lease, publicKey, keeping.ports.crypto)
  return { ok: true, bytes: signable.finish(sign(signable.bytes)) }
}

/** The time, bound to a lock's nonce. */
export function beacon(keeping: Keeping, nonce: Uint8Array): Ticket {
  const time = keeping.clock.believed()
  if (time === null) return { ok: false, fault: "the keeper's clock stepped" }
  const { publicKey, sign } = keeping.keys.policy
  const signable = beaconToSign({ site: keeping.site, nonce, time }, publicKey, keeping.ports.crypto)
  return { ok: true, bytes: signable.finish(sign(signable.bytes)) }
}
