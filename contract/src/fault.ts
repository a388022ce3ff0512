/**
 * What may go wrong with a request, as slugs with their HTTP status and a title: the one table.
 *
 * A fault travels as a problem document (RFC 9457) whose type is the relative URI `/faults/<slug>`. `detail` says more to a
 * person; a program looks at `fault` only. Whose mistake a fault was in the program is the server's to say, not this table's.
 */
import * as Type from "typebox"
import { Closed, OrNull } from "./words.ts"

type Spelled = { readonly status: number; readonly title: string }

export const FAULTS = {
  "request-not-valid": { status: 400, title: "The request does not have the form that the contract asks for" },
  "no-token": { status: 401, title: "This needs a session; sign in first" },
  "session-ended": { status: 401, title: "The session is unknown or has ended; sign in again" },
  "statement-refused": { status: 422, title: "The keeper did not admit the statement" },
  "not-a-sign-in": { status: 422, title: "The statement is not a session delegation" },
  "sign-in-already-used": { status: 409, title: "This delegation has already opened a session" },
  "look-refused": { status: 422, title: "The keeper refused the look" },
  "not-an-order": { status: 422, title: "The statement is no order to this door" },
  "door-not-connected": { status: 409, title: "The lock of this door is not connected; nothing was carried" },
  "door-did-not-answer": { status: 504, title: "The lock of this door did not answer in time" },
  "not-an-image": { status: 422, title: "The file is no firmware image that a lock could take; nothing was kept" },
  "too-many-images": { status: 409, title: "There are as many images as are kept; remove one from the data directory" },
  "not-found": { status: 404, title: "There is no such thing here" },
  "method-not-allowed": { status: 405, title: "This path does not take that method" },
  "media-type-not-supported": { status: 415, title: "This path takes bodies of another type" },
  "too-large": { status: 413, title: "The body is larger than the cap" },
  "too-many-requests": { status: 429, title: "Too many requests; wait and try again" },
  "too-many-listeners": { status: 503, title: "Too many live connections are open" },
  "keeper-not-reachable": { status: 503, title: "The keeper does not answer; nothing was changed" },
  "database-not-reachable": { status: 503, title: "The database does not answer" },
  "server-fault": { status: 500, title: "The server made a mistake; it has been logged" },
} as const satisfies Readonly<Record<string, Spelled>>

export type Fault = keyof typeof FAULTS

/** An RFC 9457 problem document. */
export const Problem = Closed({
  type: Type.String({ description: "a relative URI, /faults/<fault>" }),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  fault: Type.String({ description: "a slug of the fault table" }),
  detail: OrNull(Type.String()),
})
export type Problem = Type.Static<typeof Problem>

/** Faults that any route may answer, beside its own. */
export const FAULTS_OF_ALL = ["request-not-valid", "too-large", "too-many-requests", "server-fault"] as const
/** And those of every route that needs a session. */
export const FAULTS_OF_SESSION = ["no-token", "session-ended", "database-not-reachable"] as const

export function isFault(text: unknown): text is Fault {
  return typeof text === "string" && Object.hasOwn(FAULTS, text)
}
