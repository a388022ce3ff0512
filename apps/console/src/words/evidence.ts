/** What a shown state rests on, from hearsay to the log, and the seal that stands for it. */
import type { Evidence } from "@holdfast/contract"
import { unreachable } from "@holdfast/base"

/** Hollow, half, full, full with a ring. */
export type SealKind = "reported" | "signed" | "logged" | "witnessed"

/** Whoever cosigns checkpoints makes "logged" into "witnessed"; this site has no witness yet, so the word is never used. */
export function sealOf(evidence: Evidence): SealKind {
  switch (evidence.by) {
    case "nothing":
      return "reported"
    case "beat":
      return "signed"
    case "record":
      return "logged"
    default:
      return unreachable(evidence)
  }
}

export const SEAL_WORDS: Readonly<Record<SealKind, string>> = {
  reported: "reported, not signed",
  signed: "signed by the lock",
  logged: "in the log",
  witnessed: "in the log and witnessed",
}
