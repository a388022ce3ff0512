/**
 * What the event log says about one door: a pure reducer from its records.
 *
 * Each fact carries since when it has been so and the place of the record that says it. The table below is the whole
 * meaning of a record here; what a lock does is `core/lock`'s business, and what is only reported (beats, links) never
 * comes in, so that folding the log again gives the same facts.
 */
import type { Version } from "@holdfast/access/door"
import type { JournalRecord, RecordKind } from "@holdfast/lock"

export type Place = {
  readonly sequence: number
  readonly period: string
  readonly entry: number
  readonly position: number
}

export type BoltWord = "thrown" | "drawn" | "moving" | "jammed" | "not-fully-thrown" | "unknown"
export type PositionWord = "closed" | "open" | "unknown"
export type AlarmWord =
  | "bolt jammed"
  | "bolt not fully thrown"
  | "door held"
  | "door forced"
  | "power lost"
  | "throttled"
  | "lease ended"
  | "no policy"
  | "journal full"
  | "under attack"
  | "battery low"
  | "battery critical"
  | "misaligned"
  | "fire"
  | "evacuation"
  | "lockdown"
  | "equivocation"
  | "checkpoint refused"

export type Fact<State> = { readonly is: State; readonly since_ms: number; readonly at: Place }
export type Alarm = { readonly kind: AlarmWord; readonly since_ms: number; readonly at: Place }

export type DoorFacts = {
  readonly bolt: Fact<BoltWord> | null
  readonly position: Fact<PositionWord> | null
  readonly alarms: readonly Alarm[]
  /** The policy that the newest batch says was in force. */
  readonly applied: { readonly version: Version; readonly sha256: string; readonly at: Place } | null
  readonly last_sequence: number
  readonly last_at_ms: number
  readonly admitted_at_ms: number
}

export const NO_FACTS: DoorFacts = {
  bolt: null,
  position: null,
  alarms: [],
  applied: null,
  last_sequence: 0,
  last_at_ms: 0,
  admitted_at_ms: 0,
}

type Meaning = {
  readonly bolt?: BoltWord
  readonly position?: PositionWord
  readonly raises?: AlarmWord
  readonly ends?: readonly AlarmWord[]
}

const MEANINGS: Readonly<Partial<Record<RecordKind, Meaning>>> = {
  "bolt drawn": { bolt: "drawn", ends: ["bolt jammed", "bolt not fully thrown"] },
  "bolt thrown": { bolt: "thrown", ends: ["bolt jammed", "bolt not fully thrown"] },
  "bolt jammed": { bolt: "jammed", raises: "bolt jammed" },
  "bolt not fully thrown": { bolt: "not-fully-thrown", raises: "bolt not fully thrown" },
  "door opened": { position: "open" },
  "door closed": { position: "closed", ends: ["door held", "door forced"] },
  "door held": { raises: "door held" },
  "door held ended": { ends: ["door held"] },
  "door forced": { position: "open", raises: "door forced" },
  "power lost": { raises: "power lost" },
  "power returned": { ends: ["power lost"] },
  throttled: { raises: "throttled" },
  admitted: { ends: ["throttled"] },
  "lease ended": { raises: "lease ended" },
  "lease taken": { ends: ["lease ended"] },
  equivocation: { raises: "equivocation" },
  "checkpoint refused": { raises: "checkpoint refused" },
  "policy applied": { ends: ["equivocation", "checkpoint refused"] },
}

/** When a record was made: by the lock's clock, or where that was not known by the log's. */
export function timeOf(record: JournalRecord, admitted_at_ms: number): number {
  return record.wall_ms ?? admitted_at_ms
}

/** The same state goes on being so since it began; its evidence is the newest record that says it. */
function factOf<State>(before: Fact<State> | null, is: State, at_ms: number, at: Place): Fact<State> {
  return { is, since_ms: before?.is === is ? before.since_ms : at_ms, at }
}

function alarmsOf(before: readonly Alarm[], meaning: Meaning, at_ms: number, at: Place): readonly Alarm[] {
  const { raises, ends } = meaning
  const left = ends === undefined ? before : before.filter(({ kind }) => !ends.includes(kind))
  if (raises === undefined || left.some(({ kind }) => kind === raises)) return left
  return [...left, { kind: raises, since_ms: at_ms, at }]
}

/** One record more. Records are taken in the order of the log. */
export function takeRecord(facts: DoorFacts, record: JournalRecord, admitted_at_ms: number, at: Place): DoorFacts {
  const at_ms = timeOf(record, admitted_at_ms)
  const meaning = MEANINGS[record.kind] ?? {}
  return {
    bolt: meaning.bolt === undefined ? facts.bolt : factOf(facts.bolt, meaning.bolt, at_ms, at),
    position: meaning.position === undefined ? facts.position : factOf(facts.position, meaning.position, at_ms, at),
    alarms: alarmsOf(facts.alarms, meaning, at_ms, at),
    applied: facts.applied,
    last_sequence: record.sequence,
    last_at_ms: at_ms,
    admitted_at_ms,
  }
}
