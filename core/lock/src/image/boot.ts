/**
 * Which image a board boots: two slots, one of them known to be good, the other perhaps on trial.
 *
 *   taken into the other slot -> trial noted -> trial begun, booted -> confirmed by the running lock: now it is the good one
 *                                                    \-> anything else: the next boot goes back to the good one
 *
 * The record is written before its image is started, so a crash, a hang or a loss of power in a trial is a trial that failed.
 * The floor of the security counter rises only when the running lock confirms itself, and after the record did: whatever is cut
 * off in between, the good image is never below the floor. Both slots are verified at each boot, whatever was verified before;
 * a trial must be the very image that was taken. Starting a program is the launcher's business.
 */
import { assert, type Crypto, concat, equalBytes } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes } from "@holdfast/base/cbor"
import type { Firmware } from "./verify.ts"

export type ImageSlot = "a" | "b"

export type BootRecord = {
  /** The slot of the image that was confirmed last. */
  readonly active: ImageSlot
  readonly trial: { readonly image: Uint8Array; readonly begun: boolean } | null
  /** The image whose trial failed last, until another is tried. */
  readonly failed: Uint8Array | null
}

/** What stands in the slots, verified just now; null where nothing may run. */
export type Found = Readonly<Record<ImageSlot, Firmware | null>>

export type Choice = {
  /** Null: nothing may run, the board stays in its loader. */
  readonly boot: ImageSlot | null
  readonly onTrial: boolean
  /** To be stored before the image is started. */
  readonly record: BootRecord
}

export function otherSlot(slot: ImageSlot): ImageSlot {
  return slot === "a" ? "b" : "a"
}

/** A record to begin with: from the factory, or where the last one cannot be read. The newer image is then on trial again. */
function recordFor({ a, b }: Found): BootRecord {
  const newer: ImageSlot = a === null || (b !== null && b.claims.counter > a.claims.counter) ? "b" : "a"
  const older = otherSlot(newer)
  const found = { a, b }
  const image = found[newer]?.image ?? null
  if (image === null || found[older] === null) return { active: newer, trial: null, failed: null }
  return { active: older, trial: { image, begun: false }, failed: null }
}

/** Chooses at each boot. A slot that verifies is never left for one that does not. */
export function chooseImage(stored: BootRecord | null, found: Found): Choice {
  const record = stored ?? recordFor(found)
  const { active, trial } = record
  const other = otherSlot(active)
  const tried = found[other]
  if (trial !== null && !trial.begun && tried !== null && equalBytes(tried.image, trial.image))
    return { boot: other, onTrial: true, record: { ...record, trial: { ...trial, begun: true } } }
  const settled = trial === null ? record : { ...record, trial: null, failed: trial.image }
  if (found[active] !== null) return { boot: active, onTrial: false, record: settled }
  // The good image is damaged. One that verifies beats none: without it nobody gets in by any card.
  return { boot: tried === null ? null : other, onTrial: false, record: settled }
}

/** The record after an image was taken into the other slot: the next boot tries it. */
export function withTrial(record: BootRecord, image: Uint8Array): BootRecord {
  assert(image.length === 32, "an image is named by its SHA-256")
  return { ...record, trial: { image, begun: false }, failed: null }
}

/**
 * The record after the running lock said that it is well. The floor is raised after this one is durable. An update that waits
 * in the other slot goes on waiting.
 */
export function confirmed(record: BootRecord, running: ImageSlot): BootRecord {
  return running === record.active ? record : { ...record, active: running, trial: null }
}

const SUM_SIZE = 8

/** | CBOR [active, trial's image or empty, begun, failed or empty] | SHA-256(everything before)[0..8] | */
export function encodeBootRecord(crypto: Crypto, { active, trial, failed }: BootRecord): Uint8Array {
  const nothing = new Uint8Array(0)
  const body = encodeCbor([active, trial?.image ?? nothing, trial?.begun === true, failed ?? nothing])
  return concat(body, crypto.sha256(body).subarray(0, SUM_SIZE))
}

/** The record, or null where it is torn or was never written. */
export function decodeBootRecord(crypto: Crypto, bytes: Uint8Array): BootRecord | null {
  const body = bytes.subarray(0, -SUM_SIZE)
  if (!equalBytes(crypto.sha256(body).subarray(0, SUM_SIZE), bytes.subarray(body.length))) return null
  const decoded = decodeCbor(body)
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 4) return null
  const [active, imageField, begun, failedField] = decoded.value as readonly Cbor[]
  const image = readBytes(imageField, 0) ?? readBytes(imageField, 32)
  const failed = readBytes(failedField, 0) ?? readBytes(failedField, 32)
  if ((active !== "a" && active !== "b") || typeof begun !== "boolean") return null
  if (image === null || failed === null) return null
  const trial = image.length === 0 ? null : { image, begun }
  return { active, trial, failed: failed.length === 0 ? null : failed }
}
