/** I-29: whoever owns the files cannot change what happened. */
import { auditDisk, backdated } from "../audit-disk.ts"
import type { Rule } from "./rule.ts"

export const I_29: Rule = {
  id: "I-29",
  words:
    "A history in which somebody moved one event in time, and made every hash that he can reach fit again, does not pass the audit.",
  watch() {
    let isDone = false
    return {
      finish({ disk, crypto }) {
        if (isDone) return null // Once for the whole building.
        isDone = true
        const forged = backdated(disk, crypto)
        if (forged === null) return null // The last file is full: what lies above it would give the forger away.
        return auditDisk(forged, crypto).wrong === null
          ? "an event was moved in time, and the audit found nothing"
          : null
      },
    }
  },
}
