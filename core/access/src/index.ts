/** The whole face of core/access: what {@link "./door.ts"} gives to a lock, and all that statements need. */
export * from "./door.ts"
export type { Assertion, Relying } from "./assertion.ts"
export { type Change, isLogin, type ObjectId, objectsOf } from "./change.ts"
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
export { expectsFor, type StatementToSign, statementToSign, type TapToSign, tapToSign } from "./draft.ts"
export { KINDS, type Kind, type Level, levelOf } from "./kinds.ts"
export { type Author, type Expect, STATEMENT_SIZE_MAX } from "./envelope.ts"
export { decodeStatement, type Statement, type StatementBody, type StatementDecoded } from "./statement.ts"
export {
  ENTRY_ISSUED,
  ENTRY_ROOT,
  ENTRY_STATEMENT,
  type EntryFault,
  type Folded,
  fold,
  foundSite,
  type LogEntry,
} from "./fold.ts"
export type { FoldFault } from "./fold/fault.ts"
export { decodeIssued, encodeIssued, type Issued } from "./issued.ts"
export type {
  Credential,
  Delegation,
  Denial,
  Door,
  Grant,
  Group,
  Membership,
  PairedLock,
  Person,
  Schedule,
  Standing,
  State,
} from "./state.ts"
export { type CivilDate, civilDate, civilDay, civilDayAt, offsetAt } from "./zone.ts"
export { type Admission, type AdmitFault, admit, admitAll, type Candidate, type Outcome } from "./admit.ts"
export { type Compiled, type CompileFault, compile, PIN_ONLY_PEOPLE_MAX } from "./compile.ts"
export {
  type Judged,
  type JudgeFault,
  judge,
  keyOfChain,
  NOT_AFTER_S_MAX,
  type Signer,
  SITTING_S_MAX,
} from "./judge.ts"
export { narrower } from "./narrower.ts"
export { type Site, touchedDoors } from "./touched.ts"
export { describe, type Labels } from "./describe.ts"
export { type Difference, difference } from "./difference.ts"
export { type Explained, explain } from "./explain.ts"
