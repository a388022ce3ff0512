/**
 * The firmware's part in a turn: asks for what the policy names, writes pieces as they come, and lets the board try a good
 * image when the door has been quiet, the hour is right and the battery would last (attack 131). It never moves the bolt.
 *
 * Each step is recorded before it is done. A running image that was on trial confirms itself after a minute in which the lock
 * booted, read its storage and heard its bolt; a lock that does not get there is taken back by its launcher.
 */
import type { Uptime } from "@holdfast/base"
import { fromHex, toHex } from "@holdfast/base/text"
import { contentOf, leftIn } from "./battery.ts"
import { wallAt } from "./clock.ts"
import type { Draft } from "./draft.ts"
import type { Lock } from "./lock.ts"
import {
  encodeUpdate,
  firmwareOf,
  IMAGE_BYTES_MAX,
  isBelieved,
  isInWindow,
  isWhole,
  PIECE_SIZE,
  PIECES,
  type Running,
  type Task,
  type Update,
  wantedImage,
  withPassed,
} from "./update.ts"

/** How long a door must have been quiet before its board restarts. */
export const QUIET_MS = 60_000
/** How long a new image must run before it is believed. */
export const HEALTH_MS = 60_000
const ASK_MS = 20_000
/** After a file that was not what its name says: nobody can keep a lock busy writing. */
const SPOILED_MS = 3_600_000
/** How often progress is stored; what came since is asked for again after a loss of power. */
const PROGRESS_SIZE = PIECES * PIECE_SIZE
const SHARE_MIN = 0.3

function change(draft: Draft, changed: Partial<Update>): void {
  draft.set({ update: { ...draft.lock.update, ...changed } })
}

/** Sets the task and stores it. */
function setTask(draft: Draft, task: Task): void {
  change(draft, { task, askAgain: draft.now })
  draft.store("update", encodeUpdate(draft.lock.update))
}

/** The launcher said what it started. */
export function started(draft: Draft, running: Running): void {
  const { update } = draft.lock
  change(draft, { running, confirmAt: draft.later(HEALTH_MS) })
  const { failed } = running
  if (failed !== null && !update.passed.includes(failed)) {
    draft.record("update reverted", "alarm", { note: failed })
    change(draft, { passed: withPassed(update.passed, failed) })
    setTask(draft, { is: "none" })
  } else if (update.task.is !== "none" && update.task.image === running.image) setTask(draft, { is: "none" })
}

/** A piece from any courier. One that does not continue the file is passed over in silence: couriers repeat themselves. */
export function pieceBrought(draft: Draft, image: Uint8Array, size: number, offset: number, bytes: Uint8Array): void {
  const { task } = draft.lock.update
  if (task.is !== "gathering" || task.image !== toHex(image) || offset !== task.done) return
  const known = task.size === 0 ? size : task.size
  const length = Math.min(PIECE_SIZE, known - offset)
  if (size !== known || size > IMAGE_BYTES_MAX || bytes.length !== length || length === 0)
    return draft.record("message refused", "unreadable")
  draft.effect({ kind: "image write", offset, bytes })
  const done = offset + length
  const further = { ...task, size: known, done }
  if (done % PROGRESS_SIZE === 0 || done === known) setTask(draft, further)
  else change(draft, { task: further })
  if (done === known) check(draft)
}

function check(draft: Draft): void {
  const { task } = draft.lock.update
  if (task.is !== "gathering") return
  change(draft, { task: { is: "checking", image: task.image, size: task.size } })
  draft.effect({ kind: "image check", image: fromHex(task.image) ?? new Uint8Array(0), size: task.size })
}

/** What the board found in the slot: null is good. */
export function imageChecked(draft: Draft, image: Uint8Array, fault: string | null): void {
  const { task, passed } = draft.lock.update
  if (task.is !== "checking" || task.image !== toHex(image)) return
  if (fault === null) {
    draft.record("update taken", "done", { note: task.image })
    return setTask(draft, { is: "waiting", image: task.image, size: task.size, tryAt: null })
  }
  const spoiled = fault === "hash differs"
  draft.record("update refused", spoiled ? "hash differs" : "image refused", { note: `${fault}: ${task.image}` })
  if (!spoiled) change(draft, { passed: withPassed(passed, task.image) })
  setTask(draft, { is: "none" })
  if (spoiled) change(draft, { askAgain: draft.later(SPOILED_MS) })
}

/** Whether somebody is at the door, or the bolt or the leaf is on its way. */
function isInUse(lock: Lock, now: Uptime): boolean {
  const { bolt, door, exchange, collecting, exitMaskUntil } = lock
  if (bolt.is !== "thrown" || (door.is !== "closed" && door.is !== "unknown")) return true
  const typing = collecting.digitsUntil !== null || collecting.until !== null
  return exchange !== null || typing || now < exitMaskUntil
}

/** Whether the supply would last through an update: mains, or a battery with at least 30 %. */
function isSupplied({ power, active, supply }: Lock): boolean {
  const pack = active?.policy.config.battery
  if (pack === undefined) return power === "mains"
  return supply.level === "good" && leftIn(supply.gauge, pack).mean_mj >= SHARE_MIN * contentOf(pack)
}

function mayRestart(lock: Lock, now: Uptime): boolean {
  const config = lock.active?.policy.config
  return config !== undefined && isInWindow(config, wallAt(lock.clock, now)) && isSupplied(lock)
}

/** Lets time pass for the update. */
export function updateGoesOn(draft: Draft): void {
  const { update } = draft.lock
  if (update.confirmAt !== null && draft.now >= update.confirmAt) confirmHealth(draft)
  if (isBelieved(draft.lock.update)) fetchAndTry(draft)
}

function fetchAndTry(draft: Draft): void {
  const { update } = draft.lock
  const { task } = update
  if (task.is === "waiting") return waitForQuiet(draft, task)
  if (task.is === "checking" || draft.now < update.askAgain) return
  const wanted = wantedImage(update, firmwareOf(draft.lock))
  if (task.is === "gathering" && task.image === wanted) return ask(draft)
  if (wanted !== null) {
    draft.record("update begun", "done", { note: wanted })
    setTask(draft, { is: "gathering", image: wanted, size: 0, done: 0 })
    ask(draft)
  } else if (task.is === "gathering") setTask(draft, { is: "none" })
}

function ask(draft: Draft): void {
  const { task } = draft.lock.update
  if (task.is !== "gathering") return
  change(draft, { askAgain: draft.later(ASK_MS) })
  if (isWhole(task)) return check(draft)
  if (!draft.lock.linked) return
  const image = fromHex(task.image) ?? new Uint8Array(0)
  const message = { kind: "want image", image, offset: task.done, pieces: PIECES, piece_size: PIECE_SIZE } as const
  draft.effect({ kind: "send", message })
}

function waitForQuiet(draft: Draft, task: Extract<Task, { is: "waiting" }>): void {
  const { lock, now } = draft
  if (!firmwareOf(lock).includes(task.image)) {
    draft.record("update refused", "image withdrawn", { note: task.image })
    return setTask(draft, { is: "none" })
  }
  if (isInUse(lock, now) || !mayRestart(lock, now))
    return change(draft, { task: { ...task, tryAt: null }, askAgain: draft.later(QUIET_MS) })
  if (task.tryAt === null) return change(draft, { task: { ...task, tryAt: draft.later(QUIET_MS) } })
  if (now < task.tryAt) return
  draft.record("update tried", "done", { note: task.image })
  change(draft, { task: { ...task, tryAt: null } })
  draft.effect({ kind: "image try", image: fromHex(task.image) ?? new Uint8Array(0) })
}

function confirmHealth(draft: Draft): void {
  const { boltSensed, active, held, update } = draft.lock
  const isWell = boltSensed !== null && (active !== null || held.origin === null)
  if (!isWell) return change(draft, { confirmAt: draft.later(HEALTH_MS) })
  change(draft, { confirmAt: null })
  if (update.running?.onTrial === true) draft.record("update confirmed", "done", { note: update.running.image })
  draft.effect({ kind: "image confirm" })
}
