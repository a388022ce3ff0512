/**
 * The table of everything that a web app may ask. The server makes its routes and the OpenAPI document from it, the client
 * its methods; a request that is not here does not exist.
 *
 * Paths are OpenAPI's: `{door}` is one segment, and `{file}` of the ledger is the rest of the path.
 */
import type * as Type from "typebox"
import { Door, DoorPath, Doors, PersonPath, Revocation } from "./door.ts"
import type { Fault } from "./fault.ts"
import { Health } from "./health.ts"
import { Image, Images } from "./image.ts"
import { LiveEvent } from "./live.ts"
import { LogPath, Logs, PolicyPath } from "./log.ts"
import { Activity, ActivityQuery, Heat, HeatQuery } from "./record.ts"
import { Session, SignedIn, SignIn } from "./session.ts"
import { Look, LookAnswer, Nonce, Order, Submission, SubmissionAnswer } from "./statement.ts"

export type AnswerKind =
  | { readonly is: "json"; readonly schema: Type.TSchema }
  | { readonly is: "bytes" }
  | { readonly is: "events"; readonly schema: Type.TSchema }
  | { readonly is: "nothing" }

export type Route = {
  readonly method: "GET" | "POST" | "DELETE"
  readonly path: string
  readonly says: string
  readonly session: "needed" | "not needed"
  readonly params?: Type.TObject
  readonly query?: Type.TObject
  readonly body?: Type.TSchema
  /** The body is a file as it is, and no JSON. */
  readonly takes?: "bytes"
  readonly body_size_max?: number
  readonly answer: AnswerKind
  /** Beside {@link FAULTS_OF_ALL}, and with a session {@link FAULTS_OF_SESSION}. */
  readonly faults: readonly Fault[]
}

const json = <Schema extends Type.TSchema>(schema: Schema) => ({ is: "json", schema }) as const

export const ROUTES = {
  health: {
    method: "GET",
    path: "/health",
    says: "How the server is, with ages",
    session: "not needed",
    answer: json(Health),
    faults: [],
  },
  signIn: {
    method: "POST",
    path: "/sessions",
    says: "Opens a session with a delegation signed by the person's own key",
    session: "not needed",
    body: SignIn,
    body_size_max: 32 * 1024,
    answer: json(SignedIn),
    faults: ["statement-refused", "not-a-sign-in", "sign-in-already-used", "keeper-not-reachable"],
  },
  session: {
    method: "GET",
    path: "/sessions/current",
    says: "Whose session this is and when it ends",
    session: "needed",
    answer: json(Session),
    faults: [],
  },
  signOut: {
    method: "DELETE",
    path: "/sessions/current",
    says: "Ends this session",
    session: "needed",
    answer: { is: "nothing" },
    faults: [],
  },
  submit: {
    method: "POST",
    path: "/statements",
    says: "Carries statements to the keeper and its answers back",
    session: "needed",
    body: Submission,
    body_size_max: 3 * 1024 * 1024,
    answer: json(SubmissionAnswer),
    faults: ["keeper-not-reachable"],
  },
  look: {
    method: "POST",
    path: "/look",
    says: "Carries a look to the keeper; the answer is sealed to the one who asked",
    session: "needed",
    body: Look,
    body_size_max: 32 * 1024,
    answer: json(LookAnswer),
    faults: ["look-refused", "keeper-not-reachable"],
  },
  doors: {
    method: "GET",
    path: "/doors",
    says: "Every door as last known, with evidence",
    session: "needed",
    answer: json(Doors),
    faults: [],
  },
  door: {
    method: "GET",
    path: "/doors/{door}",
    says: "One door as last known, with evidence",
    session: "needed",
    params: DoorPath,
    answer: json(Door),
    faults: ["not-found"],
  },
  askNonce: {
    method: "POST",
    path: "/doors/{door}/nonces",
    says: "Asks the lock of a door for the nonce that an order to it must bear; it is good for 30 s and for one order",
    session: "needed",
    params: DoorPath,
    answer: json(Nonce),
    faults: ["not-found", "door-not-connected", "door-did-not-answer"],
  },
  order: {
    method: "POST",
    path: "/doors/{door}/orders",
    says: "Carries an order, signed by a person, to the lock of its door; what the lock did with it, its journal says",
    session: "needed",
    params: DoorPath,
    body: Order,
    body_size_max: 32 * 1024,
    answer: { is: "nothing" },
    faults: ["not-found", "not-an-order", "door-not-connected", "door-did-not-answer"],
  },
  activity: {
    method: "GET",
    path: "/activity",
    says: "Journal records, newest first, a page at a time",
    session: "needed",
    query: ActivityQuery,
    answer: json(Activity),
    faults: [],
  },
  heat: {
    method: "GET",
    path: "/heat",
    says: "Decisions by door and hour of the local day",
    session: "needed",
    query: HeatQuery,
    answer: json(Heat),
    faults: [],
  },
  revocation: {
    method: "GET",
    path: "/revocations/{person}",
    says: "How far the revocation of a person has come at every door",
    session: "needed",
    params: PersonPath,
    answer: json(Revocation),
    faults: [],
  },
  policy: {
    method: "GET",
    path: "/policies/{sha256}",
    says: "The bytes of a policy",
    session: "needed",
    params: PolicyPath,
    answer: { is: "bytes" },
    faults: ["not-found"],
  },
  images: {
    method: "GET",
    path: "/images",
    says: "The firmware images that locks can fetch",
    session: "needed",
    answer: json(Images),
    faults: [],
  },
  uploadImage: {
    method: "POST",
    path: "/images",
    says: "Keeps a firmware image for the locks whose door policies name its hash; one that is there already is no fault",
    session: "needed",
    takes: "bytes",
    body_size_max: 16 * 1024 * 1024,
    answer: json(Image),
    faults: ["not-an-image", "too-many-images"],
  },
  logs: {
    method: "GET",
    path: "/logs",
    says: "The logs there are: origin, key, size",
    session: "needed",
    answer: json(Logs),
    faults: [],
  },
  ledger: {
    method: "GET",
    path: "/ledger/{class}/{period}/{file}",
    says: "A file of a log, as C2SP tlog-tiles names it",
    session: "needed",
    params: LogPath,
    answer: { is: "bytes" },
    faults: ["not-found"],
  },
  live: {
    method: "GET",
    path: "/live",
    says: "Server-sent events; Last-Event-ID resumes",
    session: "needed",
    answer: { is: "events", schema: LiveEvent },
    faults: ["too-many-listeners"],
  },
} as const satisfies Readonly<Record<string, Route>>

export type Routes = typeof ROUTES
export type RouteName = keyof Routes

type Part<Of, Name extends "params" | "query" | "body"> = Of extends {
  readonly [Key in Name]: infer Schema extends Type.TSchema
}
  ? { readonly [Key in Name]: Type.Static<Schema> }
  : unknown

type File<Of> = Of extends { readonly takes: "bytes" } ? { readonly body: Uint8Array } : unknown

/** What a request carries: `params`, `query` and `body`, as far as the route has them. */
export type RequestOf<Name extends RouteName> = File<Routes[Name]> &
  Part<Routes[Name], "params"> &
  Part<Routes[Name], "query"> &
  Part<Routes[Name], "body">

/** What it answers: the JSON value, bytes, the event, or null for nothing. */
export type AnswerOf<Name extends RouteName> = Routes[Name]["answer"] extends {
  readonly is: "json"
  readonly schema: infer Schema extends Type.TSchema
}
  ? Type.Static<Schema>
  : Routes[Name]["answer"] extends { readonly is: "bytes" }
    ? Uint8Array
    : Routes[Name]["answer"] extends { readonly is: "events"; readonly schema: infer Schema extends Type.TSchema }
      ? Type.Static<Schema>
      : null
