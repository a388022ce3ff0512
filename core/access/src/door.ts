/**
 * The face that a lock carries: its policy and the decision, and the signed things that reach it. No statement is folded and
 * nothing is compiled on this side.
 */
export { type DoorConfig, defaultConfig, type FailMode, type Mode } from "./config.ts"
export { type Factors, pinAlone, type Shown, satisfies } from "./factors.ts"
export {
  encodeRoot,
  type Root,
  type RootFault,
  type RootVerified,
  rootToSign,
  siteIdOf,
  verifyFirstRoot,
  verifyNextRoot,
} from "./root.ts"
export type { Signable, SignedFault } from "./signing.ts"
export { type StatementId, statementIdBytes, statementIdOf } from "./statement-id.ts"
