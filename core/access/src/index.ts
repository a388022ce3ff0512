/** The whole face of core/access: what {@link "./door.ts"} gives to a lock, and all that statements need. */
export * from "./door.ts"
export type { Assertion, Relying } from "./assertion.ts"
export { type Change, type ObjectId, objectsOf } from "./change.ts"
export type { KeyKind } from "./change/delegation.ts"
export type { DoorPlace } from "./change/door.ts"
export type { Room } from "./change/plan.ts"
export type { WeekRule } from "./change/schedule.ts"
export type { Transition, ZoneTable } from "./change/zone.ts"
export {
  attachmentOf,
  decodeOpening,
  encodeOpening,
  labelCommitment,
  type Opening,
  opens,
  SALT_SIZE,
  uidCommitment,
} from "./commitment.ts"
export { expectsFor, isLogin, type StatementToSign, statementToSign, type TapToSign, tapToSign } from "./draft.ts"
export { KINDS, type Kind, type Level, levelOf } from "./kinds.ts"
export { type Author, type Expect, STATEMENT_SIZE_MAX } from "./envelope.ts"
export { decodeStatement, type Statement, type StatementBody, type StatementDecoded } from "./statement.ts"
