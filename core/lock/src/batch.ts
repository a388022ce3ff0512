/**
 * A batch: up to 512 journal records that a lock signs at once, and that become one entry of the site's event log.
 *
 *   records   | 1 | 2 | 3 | ... | n |      64 bytes each, sequences without a gap
 *   chain     before ----------------> after = SHA-256(before || record 1 || ... || record n)
 *   root      RFC 6962 over the records, so that a single one can be shown alone
 *
 * The chain begins at a genesis that binds site, door and journal key, so the batches of a lock fit together in one way only.
 * The batch also carries the authority checkpoint that the lock held: its testimony, which brackets its events in time.
 * Whoever takes a batch from a lock checks it with `open-batch.ts`; where entries are kept is the ledger's business.
 */
import type { Version } from "@holdfast/access/door"
import { assert, type Crypto, concat, type DoorId, idBytes, idOf, type SiteId } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readMap, readUint } from "@holdfast/base/cbor"
import { ALG_ES256, bytesToSign, encodeCoseKey, encodeSigned, kidOf, type PublicKey } from "@holdfast/base/cose"
import { utf8 } from "@holdfast/base/text"
import type { TreeHead } from "@holdfast/ledger"
import { RECORD_SIZE } from "./record.ts"

export const BATCH_RECORDS_MAX = 512
export const BATCH_BYTES_MAX = BATCH_RECORDS_MAX * RECORD_SIZE + 1024

export type Batch = {
  readonly door: DoorId
  /** Sequence of the first record. */
  readonly first: number
  /** The records one after another, 64 bytes each. */
  readonly records: Uint8Array
  readonly root: Uint8Array
  readonly before: Uint8Array
  readonly after: Uint8Array
  /** The authority checkpoint that the lock held. */
  readonly held: TreeHead
  /** The policy in force, if there was one. */
  readonly policy: { readonly version: Version; readonly hash: Uint8Array } | null
}

/** Where a lock's chain of records stands: the next batch must begin here. */
export type ChainHead = { readonly next: number; readonly chain: Uint8Array }

/** Where the chain of a lock begins: SHA-256("holdfast/journal/v1" 0x00 siteId doorId COSE_Key). */
export function genesis(crypto: Crypto, site: SiteId, door: DoorId, journalKey: PublicKey): ChainHead {
  const bound = concat(utf8("holdfast/journal/v1\0"), idBytes(site), idBytes(door), encodeCoseKey(journalKey))
  return { next: 1, chain: crypto.sha256(bound) }
}

/** The chain after `records`, which are one hash together. */
export function extendChain(crypto: Crypto, before: Uint8Array, records: Uint8Array): Uint8Array {
  return crypto.sha256(concat(before, records))
}

/**
 * The Merkle root over whole records: MTH of RFC 6962, section 2.1, as it is defined there. A record has the size of two
 * hashes, so leaves and nodes are hashed from the same 65 bytes, and a small board carries no growing tree for it.
 */
export function recordsRoot(
  crypto: Crypto,
  records: Uint8Array,
  prefixed = new Uint8Array(1 + RECORD_SIZE),
): Uint8Array {
  const count = records.length / RECORD_SIZE
  assert(Number.isInteger(count) && count >= 1, "there is a record, and every record is whole")
  prefixed[0] = 0
  if (count > 1) {
    let k = 1
    while (2 * k < count) k *= 2
    const left = recordsRoot(crypto, records.subarray(0, k * RECORD_SIZE), prefixed)
    const right = recordsRoot(crypto, records.subarray(k * RECORD_SIZE), prefixed)
    prefixed[0] = 1
    prefixed.set(left, 1)
    prefixed.set(right, 1 + left.length)
  } else prefixed.set(records, 1)
  return crypto.sha256(prefixed)
}

/** Makes the batch that continues the chain at `head`. The records' sequences are the journal's promise. */
export function makeBatch(
  crypto: Crypto,
  door: DoorId,
  head: ChainHead,
  records: Uint8Array,
  held: TreeHead,
  policy: Batch["policy"],
): Batch {
  assert(records.length > 0 && records.length <= BATCH_RECORDS_MAX * RECORD_SIZE, "a batch has 1 to 512 records")
  const root = recordsRoot(crypto, records)
  const after = extendChain(crypto, head.chain, records)
  return { door, first: head.next, records, root, before: head.chain, after, held, policy }
}

export function encodeBatch(batch: Batch): Uint8Array {
  const map = new Map<number, Cbor>([
    [0, idBytes(batch.door)],
    [1, batch.first],
    [2, batch.records],
    [3, batch.root],
    [4, batch.before],
    [5, batch.after],
    [
      6,
      new Map<number, Cbor>([
        [0, batch.held.size],
        [1, batch.held.root],
      ]),
    ],
    [7, batch.policy === null ? null : [batch.policy.version.epoch, batch.policy.version.size]],
    [8, batch.policy === null ? null : batch.policy.hash],
  ])
  return encodeCbor(map)
}

function readHeld(value: Cbor | undefined): TreeHead | null {
  const map = readMap(value, [0, 1])
  const size = readUint(map?.get(0))
  const root = readBytes(map?.get(1), 32)
  return size === null || root === null ? null : { size, root }
}

/** Null for a wrong field; `{ policy: null }` for the lock that has no policy yet. */
function readPolicy(version: Cbor | undefined, hash: Cbor | undefined): Pick<Batch, "policy"> | null {
  if (version === null && hash === null) return { policy: null }
  const [epoch, size] = readArray(version, 2, (item) => readUint(item)) ?? []
  const policyHash = readBytes(hash, 32)
  if (epoch === undefined || size === undefined || policyHash === null) return null
  return { policy: { version: { epoch, size }, hash: policyHash } }
}

/** Reads the payload of a batch, without checking what it claims. */
export function decodeBatch(payload: Uint8Array): Batch | null {
  if (payload.length > BATCH_BYTES_MAX) return null
  const decoded = decodeCbor(payload)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5, 6, 7, 8]) : null
  if (map === null) return null
  const door = readBytes(map.get(0), 16)
  const first = readUint(map.get(1))
  const records = readBytes(map.get(2), RECORD_SIZE, BATCH_RECORDS_MAX * RECORD_SIZE)
  const root = readBytes(map.get(3), 32)
  const before = readBytes(map.get(4), 32)
  const after = readBytes(map.get(5), 32)
  const held = readHeld(map.get(6))
  const policy = readPolicy(map.get(7), map.get(8))
  if (door === null || first === null || records === null || root === null || before === null) return null
  if (after === null || held === null || policy === null || first === 0 || records.length % RECORD_SIZE !== 0)
    return null
  return { door: idOf<"DoorId">(door), first, records, root, before, after, held, ...policy }
}

/** What the lock's journal key signs. */
export function batchToSign(crypto: Crypto, site: SiteId, journalKey: PublicKey, batch: Batch): Uint8Array {
  return bytesToSign({ alg: ALG_ES256, kid: kidOf(journalKey, crypto), type: "batch" }, site, encodeBatch(batch))
}

/** The signed batch: exactly the bytes of an event entry of type 16. */
export function signedBatch(crypto: Crypto, journalKey: PublicKey, batch: Batch, signature: Uint8Array): Uint8Array {
  return encodeSigned({ alg: ALG_ES256, kid: kidOf(journalKey, crypto), type: "batch" }, encodeBatch(batch), signature)
}

/** Where the chain stands behind a batch. */
export function headAfter(batch: Batch): ChainHead {
  return { next: batch.first + batch.records.length / RECORD_SIZE, chain: batch.after }
}
