/**
 * The face for whoever states something: deeds and statements to sign, the kinds there are, and commitments with their
 * openings. Whether a statement may be said is the other side's business.
 */
export type { Assertion, Relying } from "./assertion.ts"
export { type Change, isLogin, type ObjectId, objectsOf } from "./change.ts"
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
export { encodeDeny } from "./deny.ts"
export { encodeOrder } from "./order.ts"
export { expectsFor, type StatementToSign, statementToSign, type TapToSign, tapToSign } from "./draft.ts"
export { authorId } from "./envelope.ts"
export { pairsAloneFrom } from "./fold.ts"
export { KINDS, type Kind, type Level, levelOf } from "./kinds.ts"
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
