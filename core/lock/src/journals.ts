/**
 * The face of core/lock for whoever takes locks' journals: batches, what opens their records, which of them are grave. No turn
 * of a lock is behind it, so that a thread which does nothing else begins at once.
 */
export { type Batch, type ChainHead, headAfter } from "./batch.ts"
export { type Grave, graveIn } from "./grave.ts"
export { type BatchFault, openBatch } from "./open-batch.ts"
export { type Opening, openingBetween, skimOpenings } from "./openings.ts"
export { commitment, decodeDetail } from "./record.ts"
