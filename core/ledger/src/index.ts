/** The face of core/ledger: history nobody can rewrite. Entries are opaque bytes to it. */
export { type BundleDecoded, type BundleFault, decodeBundle } from "./bundle.ts"
export {
  type Checkpoint,
  type CheckpointFault,
  type CheckpointOpened,
  checkpointBytesToSign,
  encodeCheckpoint,
  openCheckpoint,
} from "./checkpoint.ts"
export { decodeEntry, type Entry, type EntryDecoded, type EntryFault, encodeEntry, PAYLOAD_SIZE_MAX } from "./entry.ts"
export { Frontier } from "./frontier.ts"
export { leafHash } from "./hash.ts"
export type { Signer } from "./note.ts"
export {
  type ConsistencyFault,
  type InclusionFault,
  type Proved,
  type TreeHead,
  verifyConsistency,
  verifyInclusion,
} from "./proof.ts"
export { type KnownRoots, makeProof, type ProofPlan, planConsistency, planInclusion } from "./prove.ts"
export {
  encodeReceipt,
  parseReceipt,
  type Receipt,
  type ReceiptParsed,
  type ReceiptVerified,
  verifyReceipt,
} from "./receipt.ts"
export { type LogFile, parsePath, pathOf } from "./tile.ts"
export { type Difference, describeDifference, LogVerifier } from "./verify.ts"
export { formatVkey, parseVkey, type Verifier, type VkeyFault, verifierOf } from "./vkey.ts"
export { type Growth, LogWriter, type Resumed, type ResumeFault } from "./writer.ts"
