/**
 * Taking a firmware image: gathered in order into the slot that does not run, judged whole, tried when nobody uses the door.
 *
 *   none -> gathering -> checking -> waiting -> (the board restarts on trial) -> confirmed, or back on the old one
 *              ^  hash differs  |        |  no longer named by the policy
 *              +----------------+        +--> none
 *
 * The door policy alone says which images may be taken, by the hash of the whole file: nothing of a file is parsed before it
 * has that hash. Whoever carries the pieces does not matter, and a piece that breaks off is asked for again where it broke.
 * The checks themselves are the board's (`image/verify.ts`), and so is choosing what to boot (`image/boot.ts`).
 */
import type { DoorConfig } from "@holdfast/access/door"
import { earliest, type UnixMillis, type Uptime, unreachable } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readUint } from "@holdfast/base/cbor"
import { fromHex, toHex } from "@holdfast/base/text"
import type { Lock } from "./lock.ts"

/** One piece of an image; pieces begin at multiples of it. */
export const PIECE_SIZE = 4096
/** How many pieces are asked for at once. */
export const PIECES = 16
export const IMAGE_BYTES_MAX = 16 * 1024 * 1024

/** What the launcher says about the image that it started. */
export type Running = {
  /** SHA-256 of the image file, in hex. */
  readonly image: string
  readonly version: string
  readonly onTrial: boolean
  /** The image whose trial failed last. */
  readonly failed: string | null
}

export type Task =
  | { readonly is: "none" }
  /** `size` is 0 until the first piece tells it. */
  | { readonly is: "gathering"; readonly image: string; readonly size: number; readonly done: number }
  | { readonly is: "checking"; readonly image: string; readonly size: number }
  /** Good, and not yet tried; `tryAt` is set while the door is quiet. */
  | { readonly is: "waiting"; readonly image: string; readonly size: number; readonly tryAt: Uptime | null }

export type Update = {
  /** Null on a board that has no launcher, and until the launcher spoke. */
  readonly running: Running | null
  readonly task: Task
  /** Images that were judged bad or failed their trial: they are not asked for again. */
  readonly passed: readonly string[]
  readonly askAgain: Uptime
  /** When the running image is looked at for its health; null once it was confirmed. */
  readonly confirmAt: Uptime | null
}

const PASSED_MAX = 8

export function newUpdate(now: Uptime): Update {
  return { running: null, task: { is: "none" }, passed: [], askAgain: now, confirmAt: null }
}

/** The image to fetch next: one that the policy names, that does not run and was not found bad; or null. */
export function wantedImage({ running, passed }: Update, firmware: readonly string[]): string | null {
  if (running === null) return null
  return firmware.find((image) => image !== running.image && !passed.includes(image)) ?? null
}

export function firmwareOf({ active }: Pick<Lock, "active">): readonly string[] {
  return active?.policy.config.firmware ?? []
}

/**
 * An image on trial fetches nothing until it is confirmed: pieces go into the slot that does not run, and there lies the image
 * to which the board would go back.
 */
export function isBelieved({ running, confirmAt }: Update): boolean {
  return running?.onTrial !== true || confirmAt === null
}

/** When time alone changes something. A window that opens is met by the next look, a minute after the last. */
export function updateWakes(lock: Lock): Uptime | null {
  const { task, running, confirmAt } = lock.update
  if (running === null) return null
  if (!isBelieved(lock.update)) return confirmAt
  return earliest([confirmAt, stepAt(lock, task)])
}

/** Whether every piece is there, so that it needs no courier any more. */
export function isWhole({ size, done }: Extract<Task, { is: "gathering" }>): boolean {
  return size > 0 && done === size
}

/** When the task goes on. */
function stepAt({ update, linked }: Lock, task: Task): Uptime | null {
  switch (task.is) {
    case "none":
    case "checking":
      return null
    case "gathering":
      return linked || isWhole(task) ? update.askAgain : null
    case "waiting":
      return task.tryAt ?? update.askAgain
    default:
      return unreachable(task)
  }
}

/** Whether there is something to do now. While the quiet of the door is timed it is looked at in every turn. */
export function isUpdateDue(lock: Lock, now: Uptime): boolean {
  const { task, askAgain, running } = lock.update
  const at = updateWakes(lock)
  if ((at !== null && now >= at) || (task.is === "waiting" && task.tryAt !== null)) return running !== null
  return (
    task.is === "none" &&
    isBelieved(lock.update) &&
    now >= askAgain &&
    wantedImage(lock.update, firmwareOf(lock)) !== null
  )
}

export function withPassed(passed: readonly string[], image: string): readonly string[] {
  return passed.includes(image) ? passed : [...passed, image].slice(-PASSED_MAX)
}

/** Whether firmware may change now. Where the hour is unknown a door with a window waits. */
export function isInWindow(
  { updateWindow }: Pick<DoorConfig<never>, "updateWindow">,
  wall: UnixMillis | null,
): boolean {
  if (updateWindow === null) return true
  if (wall === null) return false
  const [from, until] = updateWindow
  const minute = Math.floor(wall / 60_000) % 1_440
  return from < until ? from <= minute && minute < until : minute >= from || minute < until
}

/** What is kept over a loss of power: how far the gathering got, and which images were passed over. */
export function encodeUpdate({ task, passed }: Update): Uint8Array {
  const kept =
    task.is === "none" ? null : [hashBytes(task.image), task.size, task.is === "gathering" ? task.done : task.size]
  return encodeCbor([kept, passed.map(hashBytes)])
}

function hashBytes(image: string): Uint8Array {
  return fromHex(image) ?? new Uint8Array(0)
}

/** Whatever was complete is gathered to its end and judged again. Null for anything that does not read. */
export function decodeUpdate(bytes: Uint8Array): Pick<Update, "task" | "passed"> | null {
  const decoded = decodeCbor(bytes)
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 2) return null
  const [kept, list] = decoded.value as readonly Cbor[]
  const passed = readArray(list, PASSED_MAX, (item) => readBytes(item, 32))?.map(toHex) ?? null
  if (passed === null) return null
  if (kept === null) return { task: { is: "none" }, passed }
  const [imageField, sizeField, doneField] = Array.isArray(kept) ? (kept as readonly Cbor[]) : []
  const image = readBytes(imageField, 32)
  const size = readUint(sizeField, IMAGE_BYTES_MAX)
  const done = readUint(doneField, IMAGE_BYTES_MAX)
  if (image === null || size === null || done === null || done > size) return null
  return { task: { is: "gathering", image: toHex(image), size, done }, passed }
}
