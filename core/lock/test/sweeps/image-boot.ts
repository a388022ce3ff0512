/**
 * All small cases of the choice of an image, for the mutants of image/boot.ts (`npm run mutate`): 1 for a slot that boots, a
 * trial that is not on record, a slot that becomes the good one, a stored record that reads.
 */
import { concat } from "@holdfast/base"
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import {
  type BootRecord,
  type Choice,
  chooseImage,
  confirmed,
  decodeBootRecord,
  encodeBootRecord,
  type ImageSlot,
  withTrial,
} from "../../src/image/boot.ts"
import { firmwareNumber, imageNumber } from "../firmware.ts"

const SLOTS: readonly ImageSlot[] = ["a", "b"]
const NUMBERS = [0, 1, 2, 3]

/** Every record about three images: which slot is good, what is tried and whether it began, what failed. */
const RECORDS: readonly BootRecord[] = SLOTS.flatMap((active) =>
  NUMBERS.flatMap((tried) =>
    (tried === 0 ? [false] : [false, true]).flatMap((begun) =>
      [0, 3].map((failed) => ({
        active,
        trial: tried === 0 ? null : { image: imageNumber(tried), begun },
        failed: failed === 0 ? null : imageNumber(failed),
      })),
    ),
  ),
)

/** What a record lets boot: its good slot, and an image whose trial has not begun. */
function* rights(record: () => BootRecord): Iterable<() => number> {
  for (const slot of SLOTS) yield () => (record().active === slot ? 1 : 0)
  for (const number of NUMBERS)
    yield () => {
      const { trial } = record()
      return trial !== null && !trial.begun && trial.image[0] === number ? 1 : 0
    }
}

function* choices(): Iterable<() => number> {
  for (const stored of [null, ...RECORDS])
    for (const a of NUMBERS)
      for (const b of NUMBERS) {
        const choose = (): Choice => chooseImage(stored, { a: firmwareNumber(a), b: firmwareNumber(b) })
        for (const slot of SLOTS) yield () => (choose().boot === slot ? 1 : 0)
        yield () => (choose().onTrial ? 0 : 1)
        yield* rights(() => choose().record)
      }
}

const summed = (body: Uint8Array): Uint8Array => concat(body, crypto.sha256(body).subarray(0, 8))

function* damage(): Iterable<() => number> {
  const fields: readonly Cbor[] = ["a", imageNumber(2), true, imageNumber(3)]
  const shapes: readonly Cbor[] = [
    0,
    "a",
    "c",
    "abcd",
    null,
    true,
    [],
    ...[0, 1, 4, 31, 32, 33].map((size) => new Uint8Array(size)),
  ]
  const wholes: Cbor[] = [...shapes, fields.slice(0, 3), [...fields, 0]]
  for (const [at] of fields.entries()) for (const shape of shapes) wholes.push(fields.with(at, shape))
  for (const whole of wholes) yield () => (decodeBootRecord(crypto, summed(encodeCbor(whole))) === null ? 0 : 1)
  const good = summed(encodeCbor(fields))
  for (let size = 0; size <= good.length; size++)
    yield () => (decodeBootRecord(crypto, good.subarray(0, size)) === null ? 0 : 1)
  for (const [at, byte] of good.entries())
    yield () => (decodeBootRecord(crypto, good.with(at, byte ^ 1)) === null ? 0 : 1)
}

export function* admits(): Iterable<() => number> {
  yield* choices()
  for (const record of RECORDS) {
    for (const slot of SLOTS) yield* rights(() => confirmed(record, slot))
    yield* rights(() => withTrial(record, imageNumber(2)))
    yield* rights(() => decodeBootRecord(crypto, encodeBootRecord(crypto, record)) ?? record)
  }
  yield* damage()
}
