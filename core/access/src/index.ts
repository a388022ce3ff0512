/**
 * The face of core/access for those who keep, read and explain a site's authority log: fold, admit, compile, compare.
 *
 * Values that a lock also has are on `access/door`, those that make statements on `access/author`; all types are here too.
 */
export { type Admission, type AdmitFault, admit, admitAll, type Candidate, type Outcome } from "./admit.ts"
export type { Assertion, Relying } from "./assertion.ts"
export type { Beacon, BeaconVerified } from "./beacon.ts"
export type { Actuator, BatteryPack, Chemistry, DeviceClass, HardenedPart, LockBody } from "./body.ts"
export type { Change, ObjectId } from "./change.ts"
export type { CredentialKind, SecretKind } from "./change/credential.ts"
export type { KeyKind } from "./change/delegation.ts"
export type { DoorPlace } from "./change/door.ts"
export type { OfflineCodeChange } from "./change/offline-code.ts"
export type { Room } from "./change/plan.ts"
export type { WeekRule } from "./change/schedule.ts"
export type { Transition, ZoneTable } from "./change/zone.ts"
export type { Opening } from "./commitment.ts"
export { type Compiled, type CompileFault, compile } from "./compile.ts"
export type { DoorConfig, FailMode, Mode } from "./config.ts"
export type { Denied, Presented, Shown, Verdict } from "./decide.ts"
export type { DenyFault, DenyVerified } from "./deny.ts"
export { describe } from "./describe.ts"
export type { Labels } from "./describer.ts"
export { type DoorSay, doorDifference } from "./describe-door.ts"
export { type Difference, difference } from "./difference.ts"
export type { StatementToSign, TapToSign } from "./draft.ts"
export type { Author, Expect } from "./envelope.ts"
export { type Explained, explain } from "./explain.ts"
export { type FactorKind, type Factors, type FactorsWord, suitsGrade, type Way } from "./factors.ts"
export type { FoldFault } from "./fold/fault.ts"
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
export { decodeIssued, encodeIssued, type Issued } from "./issued.ts"
export { decodeIssuedSecret, encodeIssuedSecret, type IssuedSecret } from "./issued-secret.ts"
export { type Judged, type JudgeFault, keyOfChain, type Signer } from "./judge.ts"
export type { Kind, Level } from "./kinds.ts"
export type { Lease, LeaseVerified } from "./lease.ts"
export type { Manifest, ManifestVerified } from "./manifest.ts"
export { narrower } from "./narrower.ts"
export type { Denier, Policy } from "./policy.ts"
export type { Refusal } from "./refusal.ts"
export type { Root, RootFault, RootVerified } from "./root.ts"
export type { Secret } from "./secret.ts"
export { encodeSecretsIndex, type SecretName } from "./secrets-index.ts"
export type { Signable, SignedFault } from "./signing.ts"
export type {
  Credential,
  Delegation,
  Denial,
  Door,
  Grant,
  Group,
  Membership,
  PairedLock,
  ProposedLock,
  Person,
  Schedule,
  Standing,
  State,
} from "./state.ts"
export { decodeStatement, type Statement, type StatementBody, type StatementDecoded } from "./statement.ts"
export type { StatementId } from "./statement-id.ts"
export { type Site, touchedDoors } from "./touched.ts"
export type { Version } from "./version.ts"
export { type CivilDate, civilDate, civilDay, offsetAt } from "./zone.ts"
