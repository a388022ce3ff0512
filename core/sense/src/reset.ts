/**
 * Why the board started: what its reset register says, and which of its words nobody should see (C78).
 *
 * A cut and a brown-out happen to every board and only count in `supply.ts`. A clock that failed, a locked-up core or the
 * reset pin hardly happen by themselves: the pin lies behind the cover, and the other two are what a glitch leaves behind.
 * A watchdog is more likely our own mistake, so it is noted and alarms nobody.
 */
import type { Finding } from "./finding.ts"

export const RESET_CAUSES = [
  "power on",
  "brown-out",
  "watchdog",
  "pin",
  "clock failure",
  "lockup",
  "requested",
] as const
export type ResetCause = (typeof RESET_CAUSES)[number]

/** Whether nobody asked for it. A cell that is changed in service mode, and an update, ask. */
export function isUnexpected(cause: ResetCause): boolean {
  return cause !== "requested" && cause !== "watchdog"
}

/** What one start means by itself. The evidence is the cause's place in the list. */
export function judgeReset(cause: ResetCause): Finding<"unexpected reset"> | null {
  if (cause === "power on" || cause === "brown-out" || cause === "requested") return null
  const severity = cause === "watchdog" ? "notice" : "warning"
  return { is: "unexpected reset", severity, evidence: { cause: RESET_CAUSES.indexOf(cause) } }
}
