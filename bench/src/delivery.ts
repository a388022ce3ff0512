/**
 * A keeper as the benches of a single lock need it: real keys, and the messages that bring a policy, its secrets and its lease.
 *
 * Picture a log with one entry in it, which proves that entry and nothing else. It is no keeper's machine: apps/keeper is.
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
import { checkpointBytesToSign, encodeCheckpoint, leafHash, verifierOf } from "@holdfast/ledger"
import type { Message, Pairing } from "@holdfast/lock"
import { newEd25519, newEs256, nodeCrypto } from "@holdfast/port-node"

/** Monday 2026-11-23, 08:00 UTC. */
export const BEGAN_S = 1_795_420_800

export type Delivered = { readonly policy: Policy; readonly secrets: readonly Secret[] }

export const site: SiteId = idOf(new Uint8Array(16).fill(0x51))
export const door: DoorId = idOf(new Uint8Array(16).fill(0xd0))
const keeper = newEs256()
const logKey = newEd25519()
export const journal = newEs256()

export const pairing: Pairing = {
  site,
  door,
  keeper: keeper.publicKey,
  logKey: logKey.publicKey,
  epoch: 1,
  journalKey: journal.publicKey,
  codeKey: new Uint8Array(32).fill(0x33),
  journal_records_max: 1_057,
}

export function numbered(index: number, tag: number): Uint8Array {
  const bytes = new Uint8Array(16).fill(tag)
  new DataView(bytes.buffer).setUint32(0, index)
  return bytes
}

export function u32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  for (const [at, value] of values.entries()) new DataView(bytes.buffer).setUint32(4 * at, value)
  return bytes
}

/** A log of one entry, signed: enough to prove that entry. */
export function checkpointOf(origin: string, root: Uint8Array): Uint8Array {
  const stated = { origin, size: 1, root, extensions: [] }
  const verifier = verifierOf(origin, logKey.publicKey, nodeCrypto)
  return encodeCheckpoint(stated, verifier, logKey.sign(checkpointBytesToSign(stated)))
}

function sign(signable: { readonly bytes: Uint8Array; finish(signature: Uint8Array): Uint8Array }): Uint8Array {
  return signable.finish(keeper.sign(signable.bytes))
}

/** All messages that bring the policy and its lease to the lock. */
export function deliveryOf({ policy, secrets }: Delivered): Message[] {
  const bytes = encodePolicy(policy)
  const sealed = secrets.map((secret) => ({ secret, sealed: concat(Uint8Array.of(0xee), encodeSecret(secret)) }))
  const index = encodeSecretsIndex(
    sealed.map((each) => ({ credential: each.secret.credential, sealedHash: nodeCrypto.sha256(each.sealed) })),
  )
  const root = leafHash(nodeCrypto, Uint8Array.of(1))
  const version = { epoch: 1, size: 1 }
  const policyHash = nodeCrypto.sha256(bytes)
  const names = { site, door, version, policyHash }
  const head = { authority: { size: 1, root }, tzdata: policy.tzdata, compiledAt: policy.compiledAt }
  const pieces = piecesOf(bytes, index)
  const parts = {
    chunks: pieces.chunks.map((chunk) => nodeCrypto.sha256(chunk)),
    policySize: bytes.length,
    secretsHash: nodeCrypto.sha256(index),
  }
  const manifest = sign(manifestToSign({ ...names, ...head, ...parts }, keeper.publicKey, nodeCrypto))
  const until = { notBefore: unixSeconds(BEGAN_S), notAfter: unixSeconds(BEGAN_S + 86_400) }
  const messages: Message[] = [
    {
      kind: "policy",
      manifest,
      checkpoint: checkpointOf(`${site}/authority/2026Q4`, root),
      from_size: 0,
      consistency: [],
      secrets: pieces.secrets,
    },
  ]
  for (const [at, chunk] of pieces.chunks.entries())
    messages.push({ kind: "chunk", policy: policyHash, index: at, bytes: chunk })
  for (const each of sealed)
    messages.push({
      kind: "secret",
      credential: each.secret.credential,
      sealed: each.sealed,
      opened: encodeSecret(each.secret),
    })
  messages.push({ kind: "lease", ticket: sign(leaseToSign({ ...names, ...until }, keeper.publicKey, nodeCrypto)) })
  return messages
}

/** The time, for the lock that asked with this nonce. */
export function beaconFor(nonce: Uint8Array, at_ms: number): Message {
  const beacon = { site, nonce, time: unixMillis(at_ms) }
  return { kind: "beacon", beacon: sign(beaconToSign(beacon, keeper.publicKey, nodeCrypto)) }
}
