/** Journal records as a person reads them: what happened, and for a refusal why. */
import type { JournalRecord } from "@holdfast/contract"
import { FLAG_URGENT } from "@holdfast/lock"
import { findingOfSlug } from "./findings.ts"

export type RecordTone = "plain" | "secure" | "open" | "alarm"

const TONES: Readonly<Record<string, RecordTone>> = {
  admitted: "secure",
  refused: "open",
  throttled: "open",
  finding: "open",
  "bolt-jammed": "alarm",
  "bolt-not-fully-thrown": "open",
  "door-held": "open",
  "door-forced": "alarm",
  equivocation: "alarm",
  gap: "open",
  "narrowing-taken": "open",
  "narrowing-refused": "open",
  "power-lost": "open",
  "lease-ended": "open",
  "policy-refused": "open",
  "checkpoint-refused": "alarm",
  "message-refused": "open",
}

export function toneOfRecord(kind: string): RecordTone {
  return TONES[kind] ?? "plain"
}

/** Whether the lock wants a person to look at once. */
export function isUrgent({ flags }: Pick<JournalRecord, "flags">): boolean {
  return (flags & FLAG_URGENT) !== 0
}

function prose(slug: string): string {
  return slug.replaceAll("-", " ").replace(/\bpin\b/g, "PIN")
}

/** "Refused: outside schedule", "Bolt thrown". */
export function recordWords(record: Pick<JournalRecord, "kind" | "result">): string {
  const found = findingOfSlug(record.result)
  if (record.kind === "finding" && found !== null) return found
  if (record.kind === "narrowing-taken") return `Asks for more, because at another door: ${found ?? "it was forced"}`
  const kind = prose(record.kind)
  const said = kind.charAt(0).toUpperCase() + kind.slice(1)
  return record.result === "done" ? said : `${said}: ${prose(record.result)}`
}

/** Kinds that one may want to see alone. */
export const KIND_FILTERS: readonly string[] = [
  "admitted",
  "refused",
  "finding",
  "door-forced",
  "door-held",
  "narrowing-taken",
  "bolt-jammed",
  "bolt-not-fully-thrown",
  "request-to-exit",
  "door-opened",
  "door-closed",
  "throttled",
  "policy-applied",
  "power-lost",
  "gap",
]
