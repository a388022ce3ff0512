/**
 * A door as it is shown: what the log proves, and over it what the lock's newest beat says, each with its evidence.
 *
 * A beat that was made after the newest record in the log is newer than it. Where both agree the record is the better
 * evidence; where they differ the beat speaks, signed but not yet in the log.
 */
import { toBase64, toHex } from "@holdfast/base"
import { type Door, type Evidence, slugOf } from "@holdfast/contract"
import type { DoorId } from "@holdfast/base"
import { type DoorFacts, type Fact, NO_FACTS, type Place } from "../projection/door-facts.ts"
import type { DoorView } from "../site/view.ts"
import type { Beat, Reported } from "./reported.ts"

const NOTHING: Evidence = { by: "nothing" }

export function byRecord(door: DoorId, place: Place): Evidence {
  return { by: "record", door, ...place }
}

export function byBeat(beat: Beat): Evidence {
  return { by: "beat", beat: toBase64(beat.bytes), heard_at_ms: beat.heard_at_ms }
}

type Shown<State> = { readonly is: State; readonly since_ms: number | null; readonly evidence: Evidence }

function shown<State>(
  door: DoorId,
  fact: Fact<State> | null,
  unknown: State,
  beat: Beat | null,
  said: State | null,
): Shown<State> {
  const differs = beat !== null && said !== null && said !== unknown && fact?.is !== said
  if (differs) return { is: said, since_ms: beat.heard_at_ms, evidence: byBeat(beat) }
  if (fact === null) return { is: unknown, since_ms: null, evidence: NOTHING }
  return { is: fact.is, since_ms: fact.since_ms, evidence: byRecord(door, fact.at) }
}

function isLater(a: { epoch: number; size: number }, b: { epoch: number; size: number }): boolean {
  return a.epoch !== b.epoch ? a.epoch > b.epoch : a.size > b.size
}

/** The policy in force at the door, by the newest of record and beat. */
export function appliedAt(door: DoorId, facts: DoorFacts, beat: Beat | null): Door["applied"] {
  const { applied } = facts
  if (beat !== null && beat.version !== null && (applied === null || isLater(beat.version, applied.version)))
    return { version: beat.version, sha256: null, evidence: byBeat(beat) }
  if (applied === null) return null
  return { version: applied.version, sha256: applied.sha256, evidence: byRecord(door, applied.at) }
}

export function presentDoor(view: DoorView, facts: DoorFacts | undefined, reported: Reported): Door {
  const { id: door, issued } = view
  const { lock } = view.door
  const proven = facts ?? NO_FACTS
  const { beat } = reported
  const newest = beat !== null && beat.last_sequence >= proven.last_sequence ? beat : null
  return {
    door,
    paired: lock !== null,
    serial: lock?.serial ?? null,
    issued:
      issued === null
        ? null
        : {
            version: issued.version,
            sha256: toHex(issued.policyHash),
            compiled_at_ms: issued.compiledAt * 1000,
            index: issued.index,
          },
    applied: appliedAt(door, proven, beat),
    lease_ends_at_ms: beat === null || beat.lease_end_s === 0 ? null : beat.lease_end_s * 1000,
    link: reported.link,
    last_heard_at_ms: reported.last_heard_at_ms ?? (proven.last_sequence > 0 ? proven.admitted_at_ms : null),
    last_sequence: proven.last_sequence,
    bolt: shown(door, proven.bolt, "unknown", newest, newest?.bolt ?? null),
    position: shown(door, proven.position, "unknown", newest, newest?.position ?? null),
    alarms: proven.alarms.map(({ kind, since_ms, at }) => ({
      kind: slugOf(kind),
      since_ms,
      evidence: byRecord(door, at),
    })),
  }
}
