/** The face of the contract: the table of routes, the words of its requests and answers, and the client made from it. */
export {
  type Answered,
  type Asked,
  type AskOptions,
  type Client,
  type ClientFault,
  client,
  type Fetch,
  type LiveOptions,
  urlOf,
} from "./client.ts"
export { type Alarm, Door, type Doors, type Revocation } from "./door.ts"
export { type Heard, readEvent, readEvents } from "./events.ts"
export { faultsOf, openApi } from "./openapi.ts"
export { FAULTS, FAULTS_OF_ALL, FAULTS_OF_SESSION, type Fault, isFault, Problem } from "./fault.ts"
export type { Image, Images } from "./image.ts"
export { LiveEvent } from "./live.ts"
export type { LogClass, LogHead, Logs } from "./log.ts"
export {
  ACTIVITY_LIMIT_MAX,
  type Activity,
  type ActivityQuery,
  type Evidence,
  type Heat,
  type HeatQuery,
  JournalRecord,
} from "./record.ts"
export {
  type AnswerOf,
  type AnswerKind,
  type RequestOf,
  ROUTES,
  type Route,
  type RouteName,
  type Routes,
} from "./routes.ts"
export { type Session, type SignedIn, type SignIn, TOKEN_SIZE } from "./session.ts"
export {
  type Attachment,
  type Issued,
  type Outcome,
  STATEMENTS_MAX,
  type Submission,
  type SubmissionAnswer,
} from "./statement.ts"
export { slugOf, type Version } from "./words.ts"
