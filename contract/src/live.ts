/**
 * What happens while one watches: server-sent events (WHATWG HTML, section 9.2) read by fetch.
 *
 * Every event carries an id; whoever comes back with Last-Event-ID gets what was missed, or "begin again" when that is no
 * longer kept: then everything shown must be read anew. A sheet has the id of the event before it and is not kept: another
 * comes every few seconds, to receivers of silent alarms alone and to each his own.
 */
import * as Type from "typebox"
import { Door } from "./door.ts"
import { LogClass } from "./log.ts"
import { JournalRecord } from "./record.ts"
import { Base64, Closed, Count, Id, Millis, OrNull, Period, Sha256, Slug } from "./words.ts"

const SHEET_SIZE_MAX = 4 * 1024

export const LiveEvent = Type.Union([
  Closed({ event: Type.Literal("door"), door: Door }),
  Closed({ event: Type.Literal("door-gone"), door: Id }),
  Closed({
    event: Type.Literal("records"),
    door: Id,
    records: Type.Array(JournalRecord, { description: "the newest of the batch and all urgent ones, in order" }),
    left_out: Type.Integer({ minimum: 0, description: "older records of the batch that are not shown here" }),
  }),
  Closed({ event: Type.Literal("heard"), doors: Type.Array(Closed({ door: Id, at_ms: Millis })) }),
  Closed({
    event: Type.Literal("statement"),
    period: Period,
    index: Count,
    statement: Sha256,
    kind: Slug,
    admitted_at_ms: Millis,
  }),
  Closed({ event: Type.Literal("log"), class: LogClass, period: Period, size: Count }),
  Closed({ event: Type.Literal("link"), door: Id, up: Type.Boolean(), since_ms: OrNull(Millis) }),
  Closed({
    event: Type.Literal("sheet"),
    sealed: Type.String({
      ...Base64(SHEET_SIZE_MAX),
      description: "silent alarms or none, sealed to the one who listens",
    }),
  }),
  Closed({ event: Type.Literal("begin-again") }),
])
export type LiveEvent = Type.Static<typeof LiveEvent>
