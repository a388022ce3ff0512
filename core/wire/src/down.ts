/**
 * What a courier carries to a lock: CBOR arrays that begin with the number of their kind.
 *
 * Any courier may carry them, in any order and more than once; each part is judged by the lock from its signature, hash or
 * nonce, never from who brought it. Only an order moves a bolt, and its nonce is the lock's own: one kept for later is worth
 * nothing.
 */
import { type CredentialId, idBytes, idOf, unreachable } from "@holdfast/base"
import { type Cbor, encodeCbor, readArray, readBytes, readUint } from "@holdfast/base/cbor"
import { type EnvelopeFault, IMAGE_BYTES_MAX, type Kind, MESSAGE_BYTES_MAX, openEnvelope } from "./envelope.ts"

/** A consistency proof between trees of up to 2^53 leaves. */
const CONSISTENCY_HASHES_MAX = 64
const CHUNK_INDEX_MAX = 65_535
const CHUNK_BYTES_MAX = 4096
const SEALED_BYTES_MAX = 1024
const SIGNED_BYTES_MAX = 16 * 1024

export type Down =
  | {
      readonly kind: "policy"
      readonly manifest: Uint8Array
      /** The authority log's checkpoint as a signed note. */
      readonly checkpoint: Uint8Array
      /** Size of the tree from which the proof leads to the checkpoint's. */
      readonly from_size: number
      readonly consistency: readonly Uint8Array[]
      readonly secrets: Uint8Array
    }
  | { readonly kind: "chunk"; readonly policy: Uint8Array; readonly index: number; readonly bytes: Uint8Array }
  | { readonly kind: "secret"; readonly credential: CredentialId; readonly sealed: Uint8Array }
  | { readonly kind: "lease"; readonly ticket: Uint8Array }
  | { readonly kind: "beacon"; readonly beacon: Uint8Array }
  | { readonly kind: "receipt"; readonly receipt: Uint8Array }
  | { readonly kind: "deny"; readonly envelope: Uint8Array }
  /** A piece of the firmware image that has this SHA-256 and size. */
  | {
      readonly kind: "image piece"
      readonly image: Uint8Array
      readonly size: number
      readonly offset: number
      readonly bytes: Uint8Array
    }
  /** Asks for the nonce of an order. */
  | { readonly kind: "ask nonce" }
  | { readonly kind: "order"; readonly envelope: Uint8Array }
  /** Something grave was found at another door. */
  | { readonly kind: "narrowing"; readonly ticket: Uint8Array }

export type DownDecoded =
  | { readonly ok: true; readonly down: Down }
  | { readonly ok: false; readonly fault: EnvelopeFault }

const NUMBERS = {
  policy: 16,
  chunk: 17,
  secret: 18,
  lease: 19,
  beacon: 20,
  receipt: 21,
  deny: 22,
  "image piece": 40,
  "ask nonce": 23,
  order: 24,
  narrowing: 25,
} as const

export function encodeDown(down: Down): Uint8Array {
  return encodeCbor([NUMBERS[down.kind], ...fieldsOf(down)])
}

function fieldsOf(down: Down): readonly Cbor[] {
  switch (down.kind) {
    case "policy":
      return [down.manifest, down.checkpoint, down.from_size, down.consistency, down.secrets]
    case "chunk":
      return [down.policy, down.index, down.bytes]
    case "secret":
      return [idBytes(down.credential), down.sealed]
    case "lease":
    case "narrowing":
      return [down.ticket]
    case "beacon":
      return [down.beacon]
    case "receipt":
      return [down.receipt]
    case "deny":
    case "order":
      return [down.envelope]
    case "image piece":
      return [down.image, down.size, down.offset, down.bytes]
    case "ask nonce":
      return []
    default:
      return unreachable(down)
  }
}

/** Reads what a courier brought. */
export function decodeDown(bytes: Uint8Array): DownDecoded {
  const opened = openEnvelope(bytes, KINDS)
  return opened.ok ? { ok: true, down: opened.message } : opened
}

/** A kind that is one signed object and nothing else. */
function single(size_max: number, make: (bytes: Uint8Array) => Down): Kind<Down> {
  return {
    count: 1,
    read: ([field]) => {
      const bytes = readBytes(field, 1, size_max)
      return bytes === null ? null : make(bytes)
    },
  }
}

const KINDS: ReadonlyMap<number, Kind<Down>> = new Map([
  [NUMBERS.policy, { count: 5, read: readPolicy }],
  [NUMBERS.chunk, { count: 3, read: readChunk }],
  [NUMBERS.secret, { count: 2, read: readSecret }],
  [NUMBERS.lease, single(SIGNED_BYTES_MAX, (ticket) => ({ kind: "lease", ticket }))],
  [NUMBERS.beacon, single(SIGNED_BYTES_MAX, (beacon) => ({ kind: "beacon", beacon }))],
  [NUMBERS.receipt, single(SIGNED_BYTES_MAX, (receipt) => ({ kind: "receipt", receipt }))],
  [NUMBERS.deny, single(2 * SIGNED_BYTES_MAX, (envelope) => ({ kind: "deny", envelope }))],
  [NUMBERS["image piece"], { count: 4, read: readImagePiece }],
  [NUMBERS["ask nonce"], { count: 0, read: () => ({ kind: "ask nonce" }) }],
  [NUMBERS.order, single(2 * SIGNED_BYTES_MAX, (envelope) => ({ kind: "order", envelope }))],
  [NUMBERS.narrowing, single(SIGNED_BYTES_MAX, (ticket) => ({ kind: "narrowing", ticket }))],
])

function readImagePiece(fields: readonly Cbor[]): Down | null {
  const image = readBytes(fields[0], 32)
  const size = readUint(fields[1], IMAGE_BYTES_MAX)
  const offset = readUint(fields[2], IMAGE_BYTES_MAX)
  const bytes = readBytes(fields[3], 1, CHUNK_BYTES_MAX)
  if (image === null || size === null || offset === null || bytes === null) return null
  return { kind: "image piece", image, size, offset, bytes }
}

function readPolicy(fields: readonly Cbor[]): Down | null {
  const manifest = readBytes(fields[0], 1, MESSAGE_BYTES_MAX)
  const checkpoint = readBytes(fields[1], 1, SIGNED_BYTES_MAX)
  const from_size = readUint(fields[2])
  const consistency = readArray(fields[3], CONSISTENCY_HASHES_MAX, (item) => readBytes(item, 32))
  const secrets = readBytes(fields[4], 0, MESSAGE_BYTES_MAX)
  if (manifest === null || checkpoint === null || from_size === null || consistency === null || secrets === null)
    return null
  return { kind: "policy", manifest, checkpoint, from_size, consistency, secrets }
}

function readChunk(fields: readonly Cbor[]): Down | null {
  const policy = readBytes(fields[0], 32)
  const index = readUint(fields[1], CHUNK_INDEX_MAX)
  const bytes = readBytes(fields[2], 1, CHUNK_BYTES_MAX)
  return policy === null || index === null || bytes === null ? null : { kind: "chunk", policy, index, bytes }
}

function readSecret(fields: readonly Cbor[]): Down | null {
  const credential = readBytes(fields[0], 16)
  const sealed = readBytes(fields[1], 1, SEALED_BYTES_MAX)
  return credential === null || sealed === null
    ? null
    : { kind: "secret", credential: idOf<"CredentialId">(credential), sealed }
}
