/**
 * Journal records as the event log shows them, and the evidence that points at one.
 *
 * A record names no person: what it says about people is a commitment, opened only by a look. `entry` is the index of its
 * batch in the event log of `period`, `position` its place in that batch; so anybody can fetch and check it.
 */
import * as Type from "typebox"
import { Base64, Closed, Count, Id, Millis, OrNull, Period, Sha256, Slug } from "./words.ts"

export const JournalRecord = Closed({
  door: Id,
  sequence: Count,
  period: Period,
  entry: Count,
  position: Count,
  kind: Slug,
  result: Slug,
  flags: Count,
  boot: Count,
  uptime_ms: Count,
  wall_ms: OrNull(Millis),
  admitted_at_ms: Millis,
  at_ms: Type.Integer({ minimum: 0, description: "wall_ms, or admitted_at_ms where the lock did not know the time" }),
  commitment: Sha256,
})
export type JournalRecord = Type.Static<typeof JournalRecord>

/** Why the server says so: a record in the log, a signed beat, or nothing yet. */
export const Evidence = Type.Union([
  Closed({
    by: Type.Literal("record"),
    door: Id,
    sequence: Count,
    period: Period,
    entry: Count,
    position: Count,
  }),
  Closed({ by: Type.Literal("beat"), beat: Base64(2048), heard_at_ms: Millis }),
  Closed({ by: Type.Literal("nothing") }),
])
export type Evidence = Type.Static<typeof Evidence>

export const ACTIVITY_LIMIT_MAX = 500

export const ActivityQuery = Closed({
  door: Type.Optional(Id),
  kind: Type.Optional(Slug),
  from_ms: Type.Optional(Millis),
  until_ms: Type.Optional(Millis),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: ACTIVITY_LIMIT_MAX, default: 100 })),
  after: Type.Optional(
    Type.String({ pattern: "^[0-9A-Za-z.]{1,80}$", description: "`next` of the page before: newest first" }),
  ),
})
export type ActivityQuery = Type.Static<typeof ActivityQuery>

export const Activity = Closed({
  records: Type.Array(JournalRecord),
  next: OrNull(Type.String({ description: "give as `after` for the page behind this one" })),
})
export type Activity = Type.Static<typeof Activity>

export const HeatQuery = Closed({
  from_ms: Millis,
  until_ms: Millis,
  zone: Type.String({ pattern: "^[A-Za-z0-9_+/-]{1,64}$", description: "an IANA time zone" }),
})
export type HeatQuery = Type.Static<typeof HeatQuery>

/** Decisions by door and hour of the local day. Cells with nothing in them are left out. */
export const Heat = Closed({
  cells: Type.Array(
    Closed({
      door: Id,
      hour: Type.Integer({ minimum: 0, maximum: 23 }),
      admitted: Count,
      refused: Count,
    }),
  ),
})
export type Heat = Type.Static<typeof Heat>
