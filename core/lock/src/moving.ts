/**
 * What moves: the bolt, the door leaf, the way out, the mains. Joins `bolt.ts`, `door.ts` and `power.ts` and journals what
 * they show, before the motor is told anything.
 *
 * The way out never depends on this file: the request-to-exit hardware draws the bolt by itself. Here it is only heard of,
 * so that leaving is not taken for breaking in.
 */
import { type DoorConfig, defaultConfig } from "@holdfast/access/door"
import { unreachable } from "@holdfast/base"
import { type BoltInput, type BoltSensed, driveOf, heldEnd, nextBolt } from "./bolt.ts"
import { encodeBoot } from "./boots.ts"
import { EXIT_MASK_MS, mayLock, nextDoor } from "./door.ts"
import type { Draft } from "./draft.ts"
import type { Lock } from "./lock.ts"
import { stallLimit } from "./motor.ts"
import { isReleased, withheld } from "./power.ts"
import { passed } from "./antipassback.ts"
import { isHeldDrawn } from "./mode.ts"
import type { Result } from "./result.ts"

/** After each reinforcement the motor rests as long as the longest one lasts. */
const REINFORCED_REST_MS = 30_000
const UNCONFIGURED = defaultConfig("UTC")

/** The door's settings; without a policy it is a fail-secure door with default times. */
export function configOf(lock: Lock): DoorConfig<number> {
  return lock.active?.policy.config ?? UNCONFIGURED
}

/**
 * Whether the bolt may be thrown: the leaf is in its frame, neither a mode nor power nor the way out holds it drawn, and the
 * supply suffices.
 */
export function mayThrow(lock: Lock): boolean {
  if (isHeldDrawn(lock.ruled) || lock.egress.is === "free") return false
  return mayLock(lock.door) && !isReleasedByPower(lock) && withheld(lock.supply) === null
}

function isReleasedByPower(lock: Lock): boolean {
  return isReleased(lock.power, configOf(lock).failMode, lock.supply)
}

/** Whether the supply lets the bolt be drawn. A door that power loss or an alarm opens tries with what is left. */
function mayDraw(lock: Lock): boolean {
  const isUrgent = lock.ruled === "fire" || lock.ruled === "evacuation" || lock.egress.is === "free"
  return withheld(lock.supply) === null || isUrgent || isReleasedByPower(lock)
}

/** How heavy an opening against the rules is: in service, or while everybody is to leave, it is a note. */
function weightOf({ ruled }: Lock): Result {
  if (ruled === "service") return "in service"
  if (ruled === "fire") return "by fire"
  return ruled === "evacuation" ? "by order" : "alarm"
}

/** Moves the bolt's state on, journals what arriving means, then drives the motor. */
export function moveBolt(draft: Draft, input: BoltInput): void {
  const before = draft.lock.bolt
  const after = nextBolt(before, draft.now, input, mayThrow(draft.lock), mayDraw(draft.lock))
  if (after === before) return
  if (after.is !== "thrown") endReinforcement(draft)
  draft.set({ bolt: after })
  if (after.is !== before.is) recordArrival(draft, before.is === "unknown")
  if (after.is === "thrown" && before.is === "throwing") countCycle(draft)
  const { body, failMode } = configOf(draft.lock)
  const drive = driveOf(before, after, heldEnd(body?.actuator ?? "motor", failMode))
  if (drive === null) return
  const { motor, supply } = draft.lock
  // Throws alone were learnt; a draw may need all the force there is, with somebody leaning on the door.
  const limit_ma = drive === "throw" ? stallLimit(motor, supply.temperature_c) : null
  draft.effect({ kind: "drive", drive, ...(limit_ma === null ? {} : { limit_ma }) })
}

/** A throw that arrived: one more cycle of the lock body, and a supply that bore it. */
function countCycle(draft: Draft): void {
  const { motor, supply, boot } = draft.lock
  draft.set({ motor: { ...motor, cycles: motor.cycles + 1 } })
  if (supply.breakdowns === 0) return
  draft.set({ supply: { ...supply, breakdowns: 0 } })
  draft.store("boot", encodeBoot(boot, 0))
}

/** Presses the bolt home no longer. Before anything that moves it, and whenever somebody wants out. */
export function endReinforcement(draft: Draft): void {
  const { until } = draft.lock.reinforced
  if (until === null) return
  draft.set({ reinforced: { until: null, restsUntil: draft.later(REINFORCED_REST_MS) } })
  draft.record("bolt reinforced", "ended")
  const { body, failMode } = configOf(draft.lock)
  const isHeld = heldEnd(body?.actuator ?? "motor", failMode) === "thrown"
  draft.effect({ kind: "drive", drive: isHeld ? "hold" : "stop" })
}

function recordArrival(draft: Draft, wasUnknown: boolean): void {
  const { bolt, drawnBecause } = draft.lock
  switch (bolt.is) {
    case "thrown":
      if (!wasUnknown) draft.record("bolt thrown")
      return draft.set({ drawnBecause: "not commanded", passing: null })
    case "drawn":
      return draft.record("bolt drawn", drawnBecause)
    case "jammed":
      return draft.record("bolt jammed", "alarm", { note: `wanted ${bolt.wanted}` })
    case "not fully thrown":
      return draft.record("bolt not fully thrown", "alarm")
    case "drawing":
    case "throwing":
    case "unknown":
      return
    default:
      return unreachable(bolt)
  }
}

/** Draws the bolt for a reason that is already journalled. Answers false where the supply does not suffice. */
export function drawFor(
  draft: Draft,
  because: Result = "done",
  unlock_ms: number = configOf(draft.lock).unlock_ms,
): boolean {
  const shortage = mayDraw(draft.lock) ? null : withheld(draft.lock.supply)
  if (shortage !== null && draft.lock.bolt.is !== "drawn") {
    draft.record("drive withheld", shortage)
    draft.show("battery low")
    return false
  }
  draft.set({ drawnBecause: because })
  moveBolt(draft, { kind: "draw", unlock_ms })
  return true
}

export function boltSensed(draft: Draft, at: BoltSensed): void {
  const masked = draft.now < draft.lock.exitMaskUntil
  // A delayed way out that is found drawn was freed while nobody ran here.
  if (draft.lock.boltSensed === null && at !== "thrown" && configOf(draft.lock).delayedEgress_s > 0)
    draft.set({ egress: { is: "free" } })
  draft.set({ boltSensed: at })
  if (draft.lock.bolt.is === "thrown" && at !== "thrown")
    draft.set({ drawnBecause: masked ? "by request to exit" : "not commanded" })
  moveBolt(draft, { kind: "sensed", bolt: at, unlock_ms: configOf(draft.lock).unlock_ms })
}

/** Whether the bolt was out of the frame, or on its way out for somebody, when the leaf moved. */
function isOpeningExpected(lock: Lock): boolean {
  return lock.boltSensed !== "thrown" || lock.bolt.is === "drawing"
}

export function doorSensed(draft: Draft, door: "open" | "closed"): void {
  const before = draft.lock.door
  const config = configOf(draft.lock)
  const heldOpen_ms = draft.lock.passing?.extended === true ? config.extendedHeldOpen_ms : config.heldOpen_ms
  const expected = isOpeningExpected(draft.lock) || draft.now < draft.lock.exitMaskUntil
  const after = nextDoor(before, draft.now, { kind: "sensed", door, expected, heldOpen_ms })
  if (after === before) return
  endReinforcement(draft)
  draft.set({ door: after })
  if (door === "open") leafOpened(draft)
  if (after.is === "forced") draft.record("door forced", weightOf(draft.lock))
  else if (after.is === "open") draft.record("door opened")
  else if (before.is !== "unknown") draft.record("door closed")
  if (before.is === "held") draft.record("door held ended")
  if (door === "closed") return lockAgain(draft)
  // A throw that had begun must not run into the empty air beside the frame.
  if (draft.lock.bolt.is === "throwing") moveBolt(draft, { kind: "let go", unlock_ms: 0 })
}

/** Whoever was let in went through, and whoever asked to leave did. */
function leafOpened(draft: Draft): void {
  const { passing, passes } = draft.lock
  draft.set({ exitAsked: false, passing: null })
  if (passing === null || configOf(draft.lock).antipassback === "none") return
  draft.set({ passes: passed(passes, passing.person, passing.direction, draft.now) })
}

/**
 * The door came to: what was drawn for somebody is thrown behind him, and what jammed is tried again. Whoever just asked to
 * leave keeps the time that he was given, whatever rules now (I-31).
 */
export function lockAgain(draft: Draft): void {
  const { bolt, exitAsked } = draft.lock
  if (!exitAsked && bolt.is !== "unknown") moveBolt(draft, { kind: "throw" })
}

export function exitRequested(draft: Draft): void {
  draft.set({ exitMaskUntil: draft.later(EXIT_MASK_MS), exitAsked: draft.lock.door.is === "closed" })
  draft.record("request to exit")
  endReinforcement(draft)
  if (draft.lock.bolt.is === "throwing") draft.set({ drawnBecause: "by request to exit" })
  moveBolt(draft, { kind: "let go", unlock_ms: configOf(draft.lock).unlock_ms })
}

export function powerChanged(draft: Draft, mains: "lost" | "returned"): void {
  const power = mains === "lost" ? "reserve" : "mains"
  if (power === draft.lock.power) return
  draft.set({ power })
  draft.record(mains === "lost" ? "power lost" : "power returned")
  if (configOf(draft.lock).failMode === "secure") return // R4, I-05: neither loss nor return moves the bolt.
  const { holdUp_s } = configOf(draft.lock)
  const heldUpUntil = mains === "lost" && holdUp_s !== undefined ? draft.later(holdUp_s * 1_000) : null
  draft.set({ supply: { ...draft.lock.supply, heldUpUntil } })
  if (mains === "returned") lockAgain(draft)
  else if (heldUpUntil === null) drawFor(draft)
}

/** Lets time pass for the bolt and the leaf. */
export function moveOn(draft: Draft): void {
  const { bolt, boltSensed: at } = draft.lock
  // A sensor that stood at the goal before the drive began says nothing new: what it said last is the answer.
  const arrived = (bolt.is === "throwing" && at === "thrown") || (bolt.is === "drawing" && at === "drawn")
  if (arrived && draft.now >= bolt.until) boltSensed(draft, at)
  moveBolt(draft, { kind: "tick" })
  if (draft.lock.exitAsked && draft.now >= draft.lock.exitMaskUntil) {
    draft.set({ exitAsked: false })
    draft.record("exit not taken")
  }
  const before = draft.lock.door
  const after = nextDoor(before, draft.now, { kind: "tick" })
  if (after === before) return
  draft.set({ door: after })
  if (after.is === "open long") draft.record("door open long")
  else draft.record("door held", weightOf(draft.lock))
  draft.show("close the door")
}
