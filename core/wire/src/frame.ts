/**
 * Frames on the keeper's socket: a length and a CBOR array, one after the other.
 *
 *   +-----------+------------------------------+
 *   | u32 (BE)  | [id, operation, body]        |     length counts the array only, at most 4 MiB
 *   +-----------+------------------------------+
 *
 * A request has an id from 1 on, its answer the same id and operation; operation 0 is the answer that refuses, its body a
 * text; id 0 is a notice, which nobody answers. A peer that breaks the framing has lost its place in the stream, so the
 * reader stays broken and the connection must be closed. What a body means, the files of `keeper/` know.
 */
import { assert, concat, EMPTY } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readUint } from "@holdfast/base/cbor"

export const FRAME_BYTES_MAX = 4 * 1024 * 1024
const LENGTH_SIZE = 4
const OPERATION_MAX = 255

export type Frame = { readonly id: number; readonly operation: number; readonly body: Cbor }
export type FrameFault = "frame too large" | "frame empty" | "frame not CBOR" | "frame not three fields"

export function encodeFrame(frame: Frame): Uint8Array {
  assert(Number.isSafeInteger(frame.id) && frame.id >= 0, "a frame's id is a whole number")
  assert(frame.operation >= 0 && frame.operation <= OPERATION_MAX, "an operation is a small number")
  const payload = encodeCbor([frame.id, frame.operation, frame.body])
  assert(payload.length <= FRAME_BYTES_MAX, "a frame stays within its cap")
  const bytes = new Uint8Array(LENGTH_SIZE + payload.length)
  new DataView(bytes.buffer).setUint32(0, payload.length)
  bytes.set(payload, LENGTH_SIZE)
  return bytes
}

/** Reads the CBOR of one frame, without its length. */
export function decodeFrame(payload: Uint8Array): Frame | FrameFault {
  const decoded = decodeCbor(payload)
  if (!decoded.ok) return "frame not CBOR"
  if (!Array.isArray(decoded.value) || decoded.value.length !== 3) return "frame not three fields"
  const [idField, operationField, body] = decoded.value as readonly Cbor[]
  const id = readUint(idField)
  const operation = readUint(operationField, OPERATION_MAX)
  return id === null || operation === null || body === undefined ? "frame not three fields" : { id, operation, body }
}

/** Cuts a byte stream into frames. It never holds more than one frame's bytes beyond the piece just given. */
export class FrameReader {
  #pieces: Uint8Array[] = []
  #size = 0
  #fault: FrameFault | null = null

  /** The frames that the stream completed with `piece`, in order; or the fault after which nothing more can be read. */
  push(piece: Uint8Array): Frame[] | FrameFault {
    if (this.#fault !== null) return this.#fault
    this.#pieces.push(piece)
    this.#size += piece.length
    const frames: Frame[] = []
    for (;;) {
      const next = this.#next()
      if (next === null) return frames
      if (typeof next === "string") {
        this.#fault = next
        this.#keep(EMPTY)
        return next
      }
      frames.push(next)
    }
  }

  #next(): Frame | FrameFault | null {
    if (this.#size < LENGTH_SIZE) return null
    const head = this.#joined(LENGTH_SIZE)
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
    if (length === 0) return "frame empty"
    if (length > FRAME_BYTES_MAX) return "frame too large"
    if (this.#size < LENGTH_SIZE + length) return null
    const whole = this.#joined(LENGTH_SIZE + length)
    this.#keep(whole.subarray(LENGTH_SIZE + length))
    return decodeFrame(whole.subarray(LENGTH_SIZE, LENGTH_SIZE + length))
  }

  /** The buffered bytes in one piece, if the first one is too short; joining waits until a frame is complete. */
  #joined(size: number): Uint8Array {
    const [first] = this.#pieces
    assert(first !== undefined && this.#size >= size, "so many bytes have come")
    if (first.length >= size) return first
    this.#keep(concat(...this.#pieces))
    return this.#joined(size)
  }

  #keep(bytes: Uint8Array): void {
    this.#pieces = bytes.length === 0 ? [] : [bytes]
    this.#size = bytes.length
  }
}
