/**
 * What a lock says to its courier: CBOR arrays that begin with the number of their kind.
 *
 * Signed parts are opaque bytes here; whoever understands them checks them. These envelopes carry no authority of their own:
 * the certificate says which door speaks, the signatures say what is true.
 */
import { type CredentialId, idBytes, idOf, unreachable } from "@holdfast/base"
import { type Cbor, encodeCbor, readArray, readBytes, readUint } from "@holdfast/base/cbor"
import { type EnvelopeFault, IMAGE_BYTES_MAX, type Kind, MESSAGE_BYTES_MAX, openEnvelope } from "./envelope.ts"

export const WANTED_CHUNKS_MAX = 64
export const WANTED_CREDENTIALS_MAX = 64
const WANTED_PIECES_MAX = 64
const WANTED_PIECE_SIZE_MAX = 4096

/** A policy's version: epoch, then size of the authority log. */
export type WireVersion = { readonly epoch: number; readonly size: number }

export type Up =
  | {
      readonly kind: "hello"
      /** Fresh for this connection: a beacon must repeat it. */
      readonly nonce: Uint8Array
      readonly version: WireVersion | null
      readonly policy: Uint8Array | null
      readonly authority_size: number
      readonly next_sequence: number
      /** Unix seconds; 0 without a lease. */
      readonly lease_end_s: number
    }
  | { readonly kind: "batch"; readonly entry: Uint8Array; readonly openings: Uint8Array }
  | { readonly kind: "beat"; readonly state: Uint8Array }
  | {
      readonly kind: "want"
      readonly policy: Uint8Array
      readonly chunks: readonly number[]
      readonly credentials: readonly CredentialId[]
    }
  /** Pieces of a firmware image from `offset` on, each of this size except the last of the image. */
  | {
      readonly kind: "want image"
      readonly image: Uint8Array
      readonly offset: number
      readonly pieces: number
      readonly piece_size: number
    }
  /** What an order must bear, and the version of the policy that it must name. */
  | { readonly kind: "nonce"; readonly nonce: Uint8Array; readonly version: WireVersion }

export type UpDecoded = { readonly ok: true; readonly up: Up } | { readonly ok: false; readonly fault: EnvelopeFault }

const HELLO = 1
const BATCH = 2
const BEAT = 3
const WANT = 4
const WANT_IMAGE = 40
const NONCE = 5

export function encodeUp(up: Up): Uint8Array {
  return encodeCbor(toCbor(up))
}

function toCbor(up: Up): Cbor {
  switch (up.kind) {
    case "hello": {
      const version = up.version === null ? null : [up.version.epoch, up.version.size]
      return [HELLO, up.nonce, version, up.policy, up.authority_size, up.next_sequence, up.lease_end_s]
    }
    case "batch":
      return [BATCH, up.entry, up.openings]
    case "beat":
      return [BEAT, up.state]
    case "want":
      return [WANT, up.policy, up.chunks, up.credentials.map(idBytes)]
    case "want image":
      return [WANT_IMAGE, up.image, up.offset, up.pieces, up.piece_size]
    case "nonce":
      return [NONCE, up.nonce, [up.version.epoch, up.version.size]]
    default:
      return unreachable(up)
  }
}

/** Reads what a lock said. */
export function decodeUp(bytes: Uint8Array): UpDecoded {
  const opened = openEnvelope(bytes, KINDS)
  return opened.ok ? { ok: true, up: opened.message } : opened
}

const KINDS: ReadonlyMap<number, Kind<Up>> = new Map([
  [HELLO, { count: 6, read: readHello }],
  [BATCH, { count: 2, read: readBatch }],
  [BEAT, { count: 1, read: readBeat }],
  [WANT, { count: 3, read: readWant }],
  [WANT_IMAGE, { count: 4, read: readWantImage }],
  [NONCE, { count: 2, read: readNonce }],
])

function readBatch(fields: readonly Cbor[]): Up | null {
  const entry = readBytes(fields[0], 1, MESSAGE_BYTES_MAX)
  const openings = readBytes(fields[1], 0, MESSAGE_BYTES_MAX)
  return entry === null || openings === null ? null : { kind: "batch", entry, openings }
}

function readBeat(fields: readonly Cbor[]): Up | null {
  const state = readBytes(fields[0], 1, MESSAGE_BYTES_MAX)
  return state === null ? null : { kind: "beat", state }
}

function readWant(fields: readonly Cbor[]): Up | null {
  const policy = readBytes(fields[0], 32)
  const chunks = readArray(fields[1], WANTED_CHUNKS_MAX, (item) => readUint(item))
  const credentials = readArray(fields[2], WANTED_CREDENTIALS_MAX, (item) => {
    const id = readBytes(item, 16)
    return id === null ? null : idOf<"CredentialId">(id)
  })
  if (policy === null || chunks === null || credentials === null) return null
  return { kind: "want", policy, chunks, credentials }
}

function readWantImage(fields: readonly Cbor[]): Up | null {
  const image = readBytes(fields[0], 32)
  const offset = readUint(fields[1], IMAGE_BYTES_MAX)
  const pieces = readUint(fields[2], WANTED_PIECES_MAX)
  const piece_size = readUint(fields[3], WANTED_PIECE_SIZE_MAX)
  if (image === null || offset === null || pieces === null) return null
  return piece_size === null || piece_size === 0 ? null : { kind: "want image", image, offset, pieces, piece_size }
}

function readNonce(fields: readonly Cbor[]): Up | null {
  const nonce = readBytes(fields[0], 16)
  const version = readVersion(fields[1])
  return nonce === null || version === null ? null : { kind: "nonce", nonce, version }
}

function readVersion(value: Cbor | undefined): WireVersion | null {
  const [epoch, size, ...more] = readArray(value, 2, (item) => readUint(item)) ?? []
  return epoch === undefined || size === undefined || more.length > 0 ? null : { epoch, size }
}

function readHello(fields: readonly Cbor[]): Up | null {
  const [nonceField, versionField, policyField, ...counts] = fields
  const nonce = readBytes(nonceField, 16)
  const policy = readBytes(policyField, 32)
  const version = readVersion(versionField)
  const [authority_size, next_sequence, lease_end_s] = readArray(counts, 3, (item) => readUint(item)) ?? []
  if (nonce === null || authority_size === undefined || next_sequence === undefined || lease_end_s === undefined)
    return null
  if ((version === null) !== (versionField === null) || (policy === null) !== (policyField === null)) return null
  return { kind: "hello", nonce, version, policy, authority_size, next_sequence, lease_end_s }
}
