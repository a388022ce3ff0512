/** The face of core/lock: the control board one turn at a time, and the bytes of its journal. */
export {
  BATCH_RECORDS_MAX,
  type Batch,
  type BatchFault,
  type BatchOpened,
  batchToSign,
  type ChainHead,
  decodeOpenings,
  doorOfBatch,
  encodeOpenings,
  follows,
  genesis,
  headAfter,
  makeBatch,
  type Opening,
  openBatch,
  recordsOf,
  signedBatch,
} from "./batch.ts"
export { cardKey } from "./card/diversify.ts"
export { cardAnswers, type VirtualCard, virtualCard } from "./card/virtual-card.ts"
export {
  commitment,
  type Detail,
  decodeDetail,
  decodeRecord,
  encodeDetail,
  encodeRecord,
  FLAG_COLLAPSED,
  type JournalRecord,
  RECORD_SIZE,
  type RecordKind,
  type Version,
} from "./record.ts"
export type { Result } from "./result.ts"
