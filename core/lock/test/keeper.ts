/**
 * A keeper for the tests, with real keys: logs that grow and prove, policies, secrets, leases and beacons as a lock gets
 * them. Proofs come from the recursive definitions of RFC 9162, written here a second time.
 */
import {
  beaconToSign,
  encodePolicy,
  encodeSecret,
  leaseToSign,
  manifestToSign,
  piecesOf,
  type Policy,
  type Secret,
} from "@holdfast/access/door"
import { encodeSecretsIndex } from "@holdfast/access"
import { concat, type DoorId, idOf, type SiteId, unixMillis, unixSeconds } from "@holdfast/base"
import {
  checkpointBytesToSign,
  encodeCheckpoint,
  encodeEntry,
  encodeReceipt,
  leafHash,
  verifierOf,
} from "@holdfast/ledger"
import { newEd25519, newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import { encodeAdmittedAt, type Message } from "../src/index.ts"

/** The largest power of two smaller than `count`. */
function split(count: number): number {
  let k = 1
  while (k * 2 < count) k *= 2
  return k
}

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return crypto.sha256(concat(Uint8Array.of(1), left, right))
}

function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only === undefined) return crypto.sha256(new Uint8Array(0))
  if (leaves.length === 1) return only
  const k = split(leaves.length)
  return node(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)))
}

function inclusion(index: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return []
  const k = split(leaves.length)
  if (index < k) return [...inclusion(index, leaves.slice(0, k)), rootOf(leaves.slice(k))]
  return [...inclusion(index - k, leaves.slice(k)), rootOf(leaves.slice(0, k))]
}

function consistency(old: number, leaves: readonly Uint8Array[], known: boolean): Uint8Array[] {
  if (old === 0) return []
  if (old === leaves.length) return known ? [] : [rootOf(leaves)]
  const k = split(leaves.length)
  if (old <= k) return [...consistency(old, leaves.slice(0, k), known), rootOf(leaves.slice(k))]
  return [...consistency(old - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))]
}

const logKey = newEd25519()

export class SmallLog {
  readonly leaves: Uint8Array[] = []
  readonly origin: string

  constructor(origin: string) {
    this.origin = origin
  }

  append(entry: Uint8Array): number {
    return this.leaves.push(leafHash(crypto, entry)) - 1
  }

  root(): Uint8Array {
    return rootOf(this.leaves)
  }

  checkpoint(): Uint8Array {
    const stated = { origin: this.origin, size: this.leaves.length, root: this.root(), extensions: [] }
    const verifier = verifierOf(this.origin, logKey.publicKey, crypto)
    return encodeCheckpoint(stated, verifier, logKey.sign(checkpointBytesToSign(stated)))
  }

  receipt(index: number, admittedAt_ms: number): Uint8Array {
    const proof = inclusion(index, this.leaves)
    return encodeReceipt({ extra: encodeAdmittedAt(admittedAt_ms), index, proof, checkpoint: this.checkpoint() })
  }

  consistencyFrom(old: number): Uint8Array[] {
    return consistency(old, this.leaves, true)
  }
}

export type Issued = {
  readonly offer: Extract<Message, { kind: "policy" }>
  readonly chunks: readonly Extract<Message, { kind: "chunk" }>[]
  readonly secrets: readonly Extract<Message, { kind: "secret" }>[]
  readonly version: { readonly epoch: number; readonly size: number }
  readonly hash: Uint8Array
}

export class Keeper {
  readonly site: SiteId = idOf<"SiteId">(new Uint8Array(16).fill(0x51))
  readonly key = newEs256()
  readonly logKey = logKey.publicKey
  readonly authority = new SmallLog(`${this.site}/authority/2026Q4`)
  readonly events = new SmallLog(`${this.site}/events/2026Q4`)
  #statements = 0

  /** Something happened in the authority log. */
  grow(count: number = 1): void {
    for (let i = 0; i < count; i++) this.authority.append(Uint8Array.of(++this.#statements & 0xff, 7))
  }

  /** Signs a policy at the log's present size, for a lock that holds the log at `heldSize`; and with `lie` in the index's place. */
  issue(policy: Policy, secrets: readonly Secret[], heldSize: number, epoch: number = 1, lie?: Uint8Array): Issued {
    const bytes = encodePolicy(policy)
    const sealed = secrets.map((secret) => ({ secret, sealed: concat(Uint8Array.of(0xee), encodeSecret(secret)) }))
    const names = sealed.map(({ secret: { credential }, sealed: box }) => ({
      credential,
      sealedHash: crypto.sha256(box),
    }))
    const index = lie ?? encodeSecretsIndex(names)
    const pieces = piecesOf(bytes, index)
    const version = { epoch, size: this.authority.leaves.length }
    const hash = crypto.sha256(bytes)
    const signable = manifestToSign(
      {
        site: this.site,
        door: policy.door,
        version,
        policyHash: hash,
        authority: { size: version.size, root: this.authority.root() },
        tzdata: "2026b",
        compiledAt: policy.compiledAt,
        chunks: pieces.chunks.map((chunk) => crypto.sha256(chunk)),
        policySize: bytes.length,
        secretsHash: crypto.sha256(index),
      },
      this.key.publicKey,
      crypto,
    )
    return {
      offer: {
        kind: "policy",
        manifest: signable.finish(this.key.sign(signable.bytes)),
        checkpoint: this.authority.checkpoint(),
        from_size: heldSize,
        consistency: this.authority.consistencyFrom(heldSize),
        secrets: pieces.secrets,
      },
      chunks: pieces.chunks.map((chunk, at) => ({ kind: "chunk", policy: hash, index: at, bytes: chunk })),
      secrets: sealed.map((each) => ({
        kind: "secret",
        credential: each.secret.credential,
        sealed: each.sealed,
        opened: encodeSecret(each.secret),
      })),
      version,
      hash,
    }
  }

  lease(door: DoorId, policy: Pick<Issued, "version" | "hash">, from_s: number, until_s: number): Message {
    const signable = leaseToSign(
      {
        site: this.site,
        door,
        version: policy.version,
        policyHash: policy.hash,
        notBefore: unixSeconds(from_s),
        notAfter: unixSeconds(until_s),
      },
      this.key.publicKey,
      crypto,
    )
    return { kind: "lease", ticket: signable.finish(this.key.sign(signable.bytes)) }
  }

  beacon(nonce: Uint8Array, time_ms: number): Message {
    const beacon = { site: this.site, nonce, time: unixMillis(time_ms) }
    const signable = beaconToSign(beacon, this.key.publicKey, crypto)
    return { kind: "beacon", beacon: signable.finish(this.key.sign(signable.bytes)) }
  }

  /** Appends a batch to the event log and answers with its receipt. */
  admit(batch: Uint8Array, at_ms: number): Message {
    const index = this.events.append(encodeEntry({ type: 16, admittedAt: unixMillis(at_ms), bytes: batch }))
    return { kind: "receipt", receipt: this.events.receipt(index, at_ms) }
  }
}
