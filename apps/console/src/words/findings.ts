/** What a lock's sensors found, as somebody would say who stood there. */
import type { LockState } from "@holdfast/lock"

type FindingWord = LockState["defence"]["findings"][number]

const WORDS: Readonly<Record<FindingWord, string>> = {
  drill: "Somebody drills at the door",
  hammer: "Somebody hammers at the door",
  pry: "Somebody pries at the leaf",
  kick: "The door was kicked",
  picking: "Somebody picks at the cylinder",
  "case opened": "The lock's case is open",
  tilted: "The lock was tilted",
  "brief interruptions": "The supply is interrupted again and again",
  overvoltage: "The supply is too high",
  "unexpected reset": "The board restarted without being told to",
  jamming: "Its radio is jammed",
  "line cut": "A supervised wire is cut",
  "line shorted": "A supervised wire is shorted",
  "line shifted": "Something was put across a supervised wire",
  "bolt moved by itself": "The bolt moved without the motor",
  "leaf open while thrown": "The leaf stands open while the bolt is thrown",
  "exit held": "The exit button is held down",
  "many attempts": "Many failed attempts",
  "debug port open": "The debug port answers",
}

/** A finding by the slug of a record's result; null for any other result. */
export function findingOfSlug(slug: string): string | null {
  return Object.entries(WORDS).find(([word]) => word.replaceAll(" ", "-") === slug)?.[1] ?? null
}

export function findingWords(finding: FindingWord): string {
  return WORDS[finding]
}
