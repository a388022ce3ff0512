/**
 * A door as the server last knew it. Every state says since when and by what evidence; what it means to a person is the
 * console's business, which folds names, plan and configuration out of the authority log itself.
 */
import * as Type from "typebox"
import { Evidence } from "./record.ts"
import { Base64, Closed, Count, Id, Millis, OrNull, Sha256, Slug, Version } from "./words.ts"

function Fact<State extends Type.TSchema>(is: State) {
  return Closed({ is, since_ms: OrNull(Millis), evidence: Evidence })
}

export const BoltWord = Type.Enum(["thrown", "drawn", "moving", "jammed", "not-fully-thrown", "unknown"])
export const PositionWord = Type.Enum(["closed", "open", "unknown"])

/** The newest policy in the authority log for this door. */
export const IssuedPolicy = Closed({
  version: Version,
  sha256: Sha256,
  compiled_at_ms: Millis,
  index: Type.Integer({ minimum: 0, description: "of its entry in the authority log" }),
})
/** The policy that the lock says is in force. */
export const AppliedPolicy = Closed({ version: Version, sha256: OrNull(Sha256), evidence: Evidence })

/** Something that wants a person: forced, held, jammed, tamper, power lost, throttled ... */
export const Alarm = Closed({ kind: Slug, since_ms: Millis, evidence: Evidence })
export type Alarm = Type.Static<typeof Alarm>

export const Door = Closed({
  door: Id,
  paired: Type.Boolean(),
  serial: OrNull(Type.String()),
  issued: OrNull(IssuedPolicy),
  applied: OrNull(AppliedPolicy),
  lease_ends_at_ms: OrNull(Millis),
  link: Closed({ up: Type.Boolean(), since_ms: OrNull(Millis) }),
  last_heard_at_ms: OrNull(Millis),
  last_sequence: Count,
  /** The newest state that the lock signed, for whoever checks it. */
  beat: OrNull(Closed({ beat: Base64(2048), heard_at_ms: Millis })),
  bolt: Fact(BoltWord),
  position: Fact(PositionWord),
  alarms: Type.Array(Alarm),
})
export type Door = Type.Static<typeof Door>

export const DoorPath = Closed({ door: Id })
export const Doors = Closed({ doors: Type.Array(Door) })
export type Doors = Type.Static<typeof Doors>

/**
 * How far a revocation has come. It is done at a door once the policy in force there is at or after the statement, and at
 * the latest when the lease ends that the door holds.
 */
export const Revocation = Closed({
  person: Id,
  statement: OrNull(
    Closed({
      index: Count,
      period: Type.String(),
      admitted_at_ms: Millis,
      receipt: Type.String({ description: "base64 of a tlog-proof" }),
    }),
  ),
  doors: Type.Array(
    Closed({
      door: Id,
      applied: OrNull(Version),
      done: Type.Boolean(),
      lease_ends_at_ms: OrNull(Millis),
      evidence: Evidence,
    }),
  ),
})
export type Revocation = Type.Static<typeof Revocation>
export const PersonPath = Closed({ person: Id })
