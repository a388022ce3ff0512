/**
 * A door as it is shown: what the log proves, and over it what the lock's newest beat says, each with its evidence.
 *
 * A beat that was made after the newest record about a thing speaks for it. Where the log says the same, the record is the
 * better evidence; where they differ, the beat is signed but not yet in the log, and says so.
 */
import { compareVersions } from "@holdfast/access/door"
import type { DoorId } from "@holdfast/base"
import { toBase64, toHex } from "@holdfast/base/text"
import { type Alarm, type Door, type Evidence, slugOf } from "@holdfast/contract"
import { type AlarmWord, type DoorFacts, type Fact, NO_FACTS, type Place } from "../projection/door-facts.ts"
import type { DoorView } from "../site/view.ts"
import type { Beat, Reported, Said } from "./reported.ts"

const NOTHING: Evidence = { by: "nothing" }
/** Alarms of which a beat says whether they stand; of the others only records speak. */
const BEAT_DECIDES: readonly AlarmWord[] = [
  "bolt jammed",
  "bolt not fully thrown",
  "door held",
  "door forced",
  "power lost",
  "throttled",
  "lease ended",
  "no policy",
  "journal full",
  "under attack",
  "battery low",
  "battery critical",
  "misaligned",
  "fire",
  "evacuation",
  "lockdown",
]

function byRecord(door: DoorId, place: Place): Evidence {
  return { by: "record", door, ...place }
}

function byBeat(beat: Beat): Evidence {
  return { by: "beat", beat: toBase64(beat.bytes), heard_at_ms: beat.heard_at_ms }
}

type Shown<State> = { readonly is: State; readonly since_ms: number | null; readonly evidence: Evidence }

function shown<State>(
  door: DoorId,
  fact: Fact<State> | null,
  unknown: State,
  beat: Beat | null,
  said: Said<State> | null,
): Shown<State> {
  const speaks = beat !== null && (fact === null || fact.at.sequence <= beat.state.lastSequence)
  if (speaks && said !== null && said.is !== unknown && said.is !== fact?.is) return { ...said, evidence: byBeat(beat) }
  if (fact === null) return { is: unknown, since_ms: null, evidence: NOTHING }
  return { is: fact.is, since_ms: fact.since_ms, evidence: byRecord(door, fact.at) }
}

function shownAlarms(door: DoorId, facts: DoorFacts, beat: Beat | null, said: readonly Said<AlarmWord>[]): Alarm[] {
  const proven = facts.alarms.filter(
    ({ kind, at }) =>
      beat === null ||
      at.sequence > beat.state.lastSequence ||
      !BEAT_DECIDES.includes(kind) ||
      said.some(({ is }) => is === kind),
  )
  const alarms = proven.map(({ kind, since_ms, at }) => ({
    kind: slugOf(kind),
    since_ms,
    evidence: byRecord(door, at),
  }))
  if (beat === null) return alarms
  const more = said.filter(({ is }) => !proven.some(({ kind }) => kind === is))
  return [...alarms, ...more.map(({ is, since_ms }) => ({ kind: slugOf(is), since_ms, evidence: byBeat(beat) }))]
}

/** The policy in force at the door, by the newest of record and beat. */
function appliedAt(door: DoorId, { applied }: DoorFacts, beat: Beat | null): Door["applied"] {
  const version = beat?.state.version ?? null
  if (beat !== null && version !== null && (applied === null || compareVersions(version, applied.version) > 0))
    return { version, sha256: null, evidence: byBeat(beat) }
  if (applied === null) return null
  return { version: applied.version, sha256: applied.sha256, evidence: byRecord(door, applied.at) }
}

function issuedFor({ issued }: DoorView): Door["issued"] {
  if (issued === null) return null
  const { version, policyHash, compiledAt, index } = issued
  return { version, sha256: toHex(policyHash), compiled_at_ms: compiledAt * 1000, index }
}

export function presentDoor(view: DoorView, known: DoorFacts | undefined, reported: Reported): Door {
  const { id: door } = view
  const { lock } = view.door
  const facts = known ?? NO_FACTS
  const { beat, link, last_heard_at_ms } = reported
  const leaseEnd_s = beat?.state.leaseEnd_s ?? 0
  return {
    door,
    paired: lock !== null,
    serial: lock?.serial ?? null,
    issued: issuedFor(view),
    applied: appliedAt(door, facts, beat),
    lease_ends_at_ms: leaseEnd_s === 0 ? null : leaseEnd_s * 1000,
    link,
    last_heard_at_ms: last_heard_at_ms ?? (facts.last_sequence > 0 ? facts.admitted_at_ms : null),
    last_sequence: facts.last_sequence,
    beat: beat === null ? null : { beat: toBase64(beat.bytes), heard_at_ms: beat.heard_at_ms },
    bolt: shown(door, facts.bolt, "unknown", beat, reported.bolt),
    position: shown(door, facts.position, "unknown", beat, reported.position),
    alarms: shownAlarms(door, facts, beat, reported.alarms),
  }
}
