/**
 * One turn of the lock: time passes, one thing happens, and what follows from it.
 *
 * The caller owns the clock, the hardware, the storage and the loop; it carries the effects out in their order, each store
 * durable before the next. Whatever depends on time is looked at in every turn, so a wake that comes late, or twice, changes
 * nothing but the delay. If an assertion breaks, the caller boots the lock again: errors never open.
 */
import { assert, type Crypto, earliest, later, type Uptime, unreachable, uptime } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { boltWakes } from "./bolt.ts"
import { defenceGoesOn } from "./answering.ts"
import { addressRead } from "./card/address.ts"
import { encodeFloor, passedBy, wallAt } from "./clock.ts"
import { defenceWakes } from "./defence.ts"
import { countDenials, watchOver } from "./defence-watch.ts"
import { doorWakes } from "./door.ts"
import { Draft } from "./draft.ts"
import { egressWakes } from "./egress.ts"
import { factorsWake } from "./factors.ts"
import { enrol, enrolmentAsked, enrolmentGoesOn } from "./enrolment.ts"
import { biometricCompared } from "./finger.ts"
import { closeWindows, floodWakes } from "./flood.ts"
import { messageHeard } from "./hearing.ts"
import { judgingGoesOn } from "./judging.ts"
import { hasEnded } from "./lease.ts"
import type { Effect, Input, Lock, Turn } from "./lock.ts"
import { reinforcementGoesOn } from "./reinforce.ts"
import { batteryRead, driveMeasured, externalSupply, supplyGoesOn, supplyWakes } from "./supplying.ts"
import { modesWake } from "./mode.ts"
import { boltSensed, doorSensed, exitRequested, mayThrow, moveBolt, moveOn, powerChanged } from "./moving.ts"
import { meetingGoesOn, phoneHeard } from "./phone/meeting.ts"
import { cardAnswered, cardGone, cardPresented, keyPressed, presentingGoesOn } from "./presenting.ts"
import {
  exitBarPushed,
  fireSensed,
  moveEgress,
  officeWakes,
  partnerSensed,
  relockedByHand,
  ruleAgain,
} from "./ruling.ts"
import { batchSigned, isReportDue, linked, report, reportingGoesOn, reportingWakes, unlinked } from "./reporting.ts"
import { serviceGoesOn, servicePressed, serviceWakes } from "./service.ts"
import { isUpdateDue, updateWakes } from "./update.ts"
import { imageChecked, started, updateGoesOn } from "./updating.ts"

/**
 * How often the floor of time is stored: so much of it, or half of what the lock ran, is lost with the power at most. So
 * nobody holds time still by switching a lock off and on, and a lock that runs writes four times an hour.
 */
const FLOOR_MS_MIN = 60_000
const FLOOR_MS_MAX = 900_000

/** Takes one turn. `now` never goes back within a boot. */
export function turn(lock: Lock, now: Uptime, input: Input, crypto: Crypto): Turn {
  const draft = new Draft(lock, now, crypto)
  watchOver(draft, input)
  timePasses(draft)
  happens(draft, input)
  ruleAgain(draft)
  countDenials(draft)
  return settle(draft)
}

function happens(draft: Draft, input: Input): void {
  switch (input.kind) {
    case "tick":
      return draft.set({ wakeAt: null }) // Even if it came early: what was asked for is spent, and is asked for anew.
    case "sensed":
      return
    case "key":
      return keyPressed(draft, input.key)
    case "card presented":
      return cardPresented(draft, input.uid, input.reader)
    case "card answered":
      return cardAnswered(draft, input.bytes)
    case "card gone":
      return cardGone(draft)
    case "biometric":
      return biometricCompared(draft, input)
    case "enrolment asked":
      return enrolmentAsked(draft)
    case "enrol":
      return enrol(draft, input)
    case "mechanical key turned":
    case "emergency power applied":
      return draft.record(input.kind)
    case "address read":
      return addressRead(draft, input.address)
    case "phone":
      return phoneHeard(draft, input.phone)
    default:
      return boardTells(draft, input)
  }
}

/** What people show at the door; all other inputs are the board's and the courier's. */
type Shown =
  | "tick"
  | "sensed"
  | "key"
  | "card presented"
  | "card answered"
  | "card gone"
  | "biometric"
  | "enrolment asked"
  | "enrol"
  | "mechanical key turned"
  | "emergency power applied"
  | "address read"
  | "phone"

function boardTells(draft: Draft, input: Exclude<Input, { readonly kind: Shown }>): void {
  switch (input.kind) {
    case "bolt sensed":
      return boltSensed(draft, input.bolt)
    case "motor stalled":
      return moveBolt(draft, { kind: "stalled" })
    case "door sensed":
      return doorSensed(draft, input.door)
    case "request to exit":
      return exitRequested(draft)
    case "exit bar":
      return exitBarPushed(draft)
    case "fire":
      return fireSensed(draft, input.alarm)
    case "partner":
      return partnerSensed(draft, input.secure)
    case "relocked by hand":
      return relockedByHand(draft)
    case "power":
      if (input.mains === "lost") moveEgress(draft, { kind: "let go" })
      return powerChanged(draft, input.mains)
    case "battery":
      return batteryRead(draft, input.reading)
    case "drive measured":
      return driveMeasured(draft, input.measure)
    case "external supply":
      return externalSupply(draft, input.on)
    case "linked":
      return linked(draft)
    case "unlinked":
      return unlinked(draft)
    case "message":
      return messageHeard(draft, input.message)
    case "service pressed":
      return servicePressed(draft)
    case "diagnosed":
      return draft.record("diagnosis made", "done", { note: toHex(input.report) })
    case "started":
      return started(draft, input.running)
    case "image checked":
      return imageChecked(draft, input.image, input.fault)
    case "batch signed":
      return batchSigned(draft, input.signature, input.openings)
    default:
      return unreachable(input)
  }
}

/**
 * What time alone changes. A part that says when it wakes is not asked before: on a small board it is not even there.
 */
function timePasses(draft: Draft): void {
  assert(draft.now >= draft.lock.clock.floorAt, "uptime never goes back")
  const isDue = (at: Uptime | null | undefined): boolean => at !== null && at !== undefined && draft.now >= at
  const { flood, due } = closeWindows(draft.lock.flood, draft.now)
  draft.set({ flood })
  for (const { kind, result, count } of due) draft.recordCollapsed(kind, result, count)
  if (isDue(defenceWakes(draft.lock.defence))) defenceGoesOn(draft)
  noteLeaseEnd(draft)
  if (draft.now >= floorDueAt(draft.lock)) {
    draft.set({ floorStoredAt: draft.now })
    draft.store("clock", encodeFloor(draft.lock.clock, draft.now))
  }
  if (isDue(supplyWakes(draft.lock.supply))) supplyGoesOn(draft)
  moveEgress(draft, { kind: "tick" })
  ruleAgain(draft)
  moveOn(draft)
  if (draft.lock.reinforced.until !== null) reinforcementGoesOn(draft)
  presentingGoesOn(draft)
  judgingGoesOn(draft)
  if (draft.lock.enrolment !== null) enrolmentGoesOn(draft)
  if (isDue(draft.lock.meeting?.until)) meetingGoesOn(draft)
  if (isDue(reportingWakes(draft.lock))) reportingGoesOn(draft)
  if (isUpdateDue(draft.lock, draft.now)) updateGoesOn(draft)
  if (isDue(serviceWakes(draft.lock, draft.now))) serviceGoesOn(draft)
}

function noteLeaseEnd(draft: Draft): void {
  const { lease, leaseEndNoted, clock } = draft.lock
  if (lease === null || leaseEndNoted || !hasEnded(lease, clock, draft.now)) return
  draft.set({ leaseEndNoted: true })
  draft.record("lease ended", "done", { version: lease.version })
}

/** Reports what was journalled, and asks to be woken when time alone will change something. */
export function settle(draft: Draft): Turn {
  // Where somebody waits for what this turn asks of the board, the batch is made in the next one, which begins at once.
  if (isReportDue(draft.lock) && !draft.effects.some(isAwaited)) report(draft)
  const at = nextWake(draft.lock, draft.now)
  if (at !== draft.lock.wakeAt) {
    draft.set({ wakeAt: at })
    draft.effect({ kind: "wake", at })
  }
  return draft.turn()
}

/** Whether a person, or the card or phone in his hand, waits for this. */
function isAwaited({ kind }: Effect): boolean {
  return kind === "drive" || kind === "show" || kind === "card send" || kind === "phone send" || kind === "phone ask"
}

function nextWake(lock: Lock, now: Uptime): Uptime | null {
  return earliest([
    boltWakes(lock.bolt, mayThrow(lock)),
    doorWakes(lock.door),
    supplyWakes(lock.supply),
    lock.reinforced.until,
    egressWakes(lock.egress),
    lock.exitAsked ? lock.exitMaskUntil : null,
    modesWake(lock.modes),
    officeWakes(lock, now),
    factorsWake(lock.collecting),
    lock.firstPerson?.until ?? null,
    lock.enrolment?.until ?? null,
    lock.exchange?.until ?? null,
    lock.meeting?.until ?? null,
    floodWakes(lock.flood),
    defenceWakes(lock.defence),
    leaseEndsAt(lock, now),
    reportingWakes(lock),
    isReportDue(lock) ? now : null,
    floorDueAt(lock),
    updateWakes(lock),
    serviceWakes(lock, now),
  ])
}

/** When the lock ran twice as long as at the last time, and at every quarter of an hour. */
function floorDueAt({ floorStoredAt }: Pick<Lock, "floorStoredAt">): Uptime {
  const quarters = Math.floor(floorStoredAt / FLOOR_MS_MAX)
  const doubled = later(floorStoredAt, Math.max(FLOOR_MS_MIN, floorStoredAt))
  return uptime(Math.min(doubled, (quarters + 1) * FLOOR_MS_MAX))
}

/** Where the time is not known a lease ends by what has certainly passed. */
function leaseEndsAt({ lease, leaseEndNoted, clock }: Lock, now: Uptime): Uptime | null {
  if (lease === null || leaseEndNoted) return null
  return later(now, Math.max(0, lease.notAfter * 1000 - (wallAt(clock, now) ?? passedBy(clock, now))))
}
