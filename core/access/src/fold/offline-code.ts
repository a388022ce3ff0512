/** Whether an offline PIN may be asked for: with a half that stands, of somebody who stands, at a door that is there. */
import type { OfflineCodeChange } from "../change/offline-code.ts"
import type { FoldFault } from "./fault.ts"
import type { Folding } from "./folding.ts"

/** It changes nothing: that it was asked for is what the log has to say. */
export function offlineCodeFault(folding: Folding, change: OfflineCodeChange): FoldFault | null {
  const half = folding.credentials.get(change.credential)
  if (half?.what !== "owner half" || half.denied) return "unknown credential"
  if (folding.people.get(half.person)?.standing !== "good") return "person revoked"
  return folding.doors.has(change.door) ? null : "unknown door"
}
