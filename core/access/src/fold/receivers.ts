/**
 * Folding who is told of silent alarms. How they are told is the keeper's and sheet.ts's.
 */
import { unreachable } from "@holdfast/base"
import type { ReceiverChange } from "../change/receiver.ts"
import type { FoldFault } from "./fault.ts"
import type { Folding } from "./folding.ts"

/** Each of them is sealed to, every few seconds. */
export const RECEIVERS_MAX = 16

export function foldReceiver(folding: Folding, change: ReceiverChange): FoldFault | null {
  const { person } = change
  const standing = folding.people.get(person)?.standing
  if (standing === undefined) return "unknown person"
  switch (change.kind) {
    case "receiver set": {
      if (standing !== "good") return "person revoked"
      const all = folding.receivers.now
      if (!all.has(person) && all.size >= RECEIVERS_MAX) return "too many receivers"
      folding.receivers.set(person, change.key)
      return null
    }
    case "receiver remove":
      if (!folding.receivers.has(person)) return "not a receiver"
      folding.receivers.delete(person)
      return null
    default:
      return unreachable(change)
  }
}
