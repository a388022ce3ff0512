/**
 * What the keeper says unasked, to everybody who is connected: a frame with id 0, which nobody answers.
 */
import { type DoorId, idBytes, unreachable } from "@holdfast/base"
import { readArray, readUint } from "@holdfast/base/cbor"
import type { Frame } from "../frame.ts"
import { anyId, ITEMS_MAX } from "./operation.ts"

const POLICIES_ISSUED = 1
const LOG_GREW = 2
const NARROWED = 3

export type Notice =
  /** Narrowed: for each of these doors a narrowing can be asked for. */
  | { readonly notice: "policies issued" | "narrowed"; readonly doors: readonly DoorId[] }
  | { readonly notice: "log grew"; readonly class: "authority" | "events" | "looks"; readonly size: number }

const LOG_CLASSES = ["authority", "events", "looks"] as const

export function noticeFrame(notice: Notice): Frame {
  switch (notice.notice) {
    case "policies issued":
      return { id: 0, operation: POLICIES_ISSUED, body: notice.doors.map(idBytes) }
    case "narrowed":
      return { id: 0, operation: NARROWED, body: notice.doors.map(idBytes) }
    case "log grew":
      return { id: 0, operation: LOG_GREW, body: [LOG_CLASSES.indexOf(notice.class), notice.size] }
    default:
      return unreachable(notice)
  }
}

/** The notice in a frame, or null. */
export function readNotice(frame: Frame): Notice | null {
  if (frame.id !== 0) return null
  if (frame.operation === POLICIES_ISSUED || frame.operation === NARROWED) {
    const doors = readArray(frame.body, ITEMS_MAX, (item) => anyId<"DoorId">(item))
    const notice = frame.operation === NARROWED ? "narrowed" : "policies issued"
    return doors === null ? null : { notice, doors }
  }
  if (frame.operation !== LOG_GREW) return null
  const [which, size] = readArray(frame.body, 2, (item) => readUint(item)) ?? []
  const name = which === undefined ? undefined : LOG_CLASSES[which]
  return name === undefined || size === undefined ? null : { notice: "log grew", class: name, size }
}
