/**
 * Office hours as a lock goes through them: closed, waiting for the first valid entry, open.
 *
 *   hours by schedule            closed --they begin--> open
 *   hours after first entry      closed --they begin--> waiting --somebody is let in--> open
 *
 * A lock that did not see them begin, because it booted or did not know the time, waits for an entry whatever they say: a
 * return of power or of time releases no door (I-05). Without a policy, a lease or the time there are no hours at all.
 */
import type { Office } from "@holdfast/access/door"
import { unreachable } from "@holdfast/base"
import type { Modes } from "./mode.ts"

export type OfficeHours = Modes["office"]

/** `hours` as the policy says for now; "unknown" where it cannot be told. `entered`: somebody was let in just now. */
export function nextOffice(before: OfficeHours, hours: Office | null | "unknown", entered: boolean): OfficeHours {
  switch (hours) {
    case "unknown":
      return "unknown"
    case null:
      return "closed"
    case "by schedule":
      if (before === "closed") return "open"
      return before === "open" || entered ? "open" : "waiting"
    case "after first entry":
      return before === "open" || entered ? "open" : "waiting"
    default:
      return unreachable(hours)
  }
}
