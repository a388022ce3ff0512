/**
 * What a detector may find, how grave it is, and the numbers it rests on.
 *
 * A detector is a pure reducer: what it remembers, and one thing sensed, give what it remembers next and perhaps a
 * finding. It judges one kind of sign and decides nothing: what follows from a finding is the lock's business. The words
 * stand in a fixed order, because a signed state shows them as bits.
 */

/** New words go to the end; a word that falls out of use keeps its place. */
export const FINDINGS = [
  "drill",
  "hammer",
  "pry",
  "kick",
  "picking",
  "case opened",
  "tilted",
  "brief interruptions",
  "overvoltage",
  "unexpected reset",
  "jamming",
  "line cut",
  "line shorted",
  "line shifted",
  "bolt moved by itself",
  "leaf open while thrown",
  "exit held",
  "many attempts",
  "debug port open",
] as const
export type FindingWord = (typeof FINDINGS)[number]

/** A notice is for the record, a warning for somebody's attention today, an alarm for his feet. */
export type Severity = "notice" | "warning" | "alarm"

/** What the finding rests on: numbers under names that end in their unit. */
export type Evidence = Readonly<Record<string, number>>

export type Finding<Word extends FindingWord = FindingWord> = {
  readonly is: Word
  readonly severity: Severity
  readonly evidence: Evidence
}

/** One step of a detector. `ended` names what stood until now and stands no longer. */
export type Seen<State, Word extends FindingWord> = {
  readonly state: State
  readonly found: Finding<Word> | null
  readonly ended: Word | null
}

/** A step in which nothing was found. */
export function calm<State>(state: State): Seen<State, never> {
  return { state, found: null, ended: null }
}

/** A step that found something. */
export function found<State, Word extends FindingWord>(
  state: State,
  is: Word,
  severity: Severity,
  evidence: Evidence,
): Seen<State, Word> {
  return { state, found: { is, severity, evidence }, ended: null }
}

/** The evidence in words for a record: `tone_hz 33, windows 2`. */
export function explain(evidence: Evidence): string {
  return Object.entries(evidence)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ")
}
