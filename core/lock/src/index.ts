/** The face of core/lock: the control board one turn at a time, and the bytes of its journal. */
export type { Chemistry, Version } from "@holdfast/access/door"
export type { ResetCause } from "@holdfast/sense"
export { type Batch, batchToSign, type ChainHead, genesis, headAfter, makeBatch, signedBatch } from "./batch.ts"
export { boot } from "./boot.ts"
export type { Enrolled } from "./enrolment.ts"
export { essenceOf } from "./essence.ts"
export type { Key } from "./factors.ts"
export type { Comparison } from "./finger.ts"
export type { Effect, Input, Lock, Message, Outgoing, Pairing, Signal, Turn } from "./lock.ts"
export type { Health } from "./health.ts"
export type { DriveMeasure } from "./motor.ts"
export { type BatchFault, type BatchOpened, doorOfBatch, follows, openBatch, recordsOf } from "./open-batch.ts"
export { decodeOpenings, encodeOpenings, type Opening } from "./openings.ts"
export type { PhoneAsk, PhoneInput } from "./phone/reader.ts"
export { encodeAdmittedAt } from "./receipt.ts"
export {
  commitment,
  type Detail,
  decodeDetail,
  decodeRecord,
  encodeDetail,
  encodeRecord,
  FLAG_URGENT,
  type JournalRecord,
  type RecordKind,
  shownOf,
} from "./record.ts"
export type { Result } from "./result.ts"
export type { Part, Stored } from "./stored.ts"
export type { BatteryReading } from "./supply.ts"
export { turn } from "./turn.ts"
export { type LockState, openState, type StateFlag, stateOf, stateToSign } from "./view.ts"
