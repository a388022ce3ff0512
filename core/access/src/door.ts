/**
 * The face that a lock carries: its policy and the decision, and the signed things that reach it, from both sides. No
 * statement is folded and nothing is compiled on this side.
 */
export { type Beacon, type BeaconVerified, beaconToSign, verifyBeacon } from "./beacon.ts"
export type { Actuator, BatteryPack, Chemistry, LockBody } from "./body.ts"
export type { CredentialKind } from "./change/credential.ts"
export { type Antipassback, type DoorConfig, defaultConfig, type FailMode, type Mode, type Office } from "./config.ts"
export {
  type Denied,
  decide,
  type Presented,
  requiredFactors,
  type Shown,
  type Verdict,
} from "./decide.ts"
export { type DenyFault, type DenyVerified, verifyDeny } from "./deny.ts"
export type { FactorKind, Factors, FactorsWord, Way } from "./factors.ts"
export type { IssuedSecret } from "./issued-secret.ts"
export { type Lease, type LeaseVerified, leaseToSign, verifyLease } from "./lease.ts"
export {
  CHUNK_SIZE,
  type Manifest,
  type ManifestVerified,
  manifestToSign,
  piecesOf,
  verifyManifest,
} from "./manifest.ts"
export { type Denier, decodePolicy, encodePolicy, phoneOf, type Policy } from "./policy.ts"
export { REFUSALS, type Refusal } from "./refusal.ts"
export { decodeSecret, encodeSecret, type Secret } from "./secret.ts"
export { placeOfSecret, secretNameAt, type SecretName, secretsIn } from "./secrets-index.ts"
export type { Signable, SignedFault } from "./signing.ts"
export { type StatementId, statementIdBytes, statementIdOf } from "./statement-id.ts"
export { compareVersions, readVersion, type Version } from "./version.ts"
