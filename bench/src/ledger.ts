/**
 * How much the keeper writes down in a second: plain entries into a log, and locks' journal records through the whole keeper.
 *
 * Every commit is durable (fdatasync) and has a signed checkpoint before anybody is told. Entries arrive from 400 senders who
 * each wait for the one before; batches from eight locks, whose signature, chain, Merkle root and sealed openings are all
 * checked, and whose receipts are made. What locks do (signing, sealing) is done before the clock starts.
 */
import type { Change } from "@holdfast/access"
import {
  encodeOpening,
  encodeRoot,
  labelCommitment,
  rootToSign,
  siteIdOf,
  statementToSign,
} from "@holdfast/access/author"
import { defaultConfig } from "@holdfast/access/door"
import { assert, type DoorId, idOf, type SiteId, secondsOf, unixMillis, unixSeconds, uptime } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { Keeper, nodePorts, openLog } from "@holdfast/keeper"
import { verifierOf } from "@holdfast/ledger"
import {
  batchToSign,
  commitment,
  encodeDetail,
  encodeOpenings,
  encodeRecord,
  genesis,
  headAfter,
  makeBatch,
  signedBatch,
} from "@holdfast/lock"
import { hpkeInfo, newEd25519, newEs256, newHpkeKeyPair, NodeDisk, nodeCrypto, sealTo } from "@holdfast/port-node"
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { type Figure, median } from "./figure.ts"

const ROUNDS = 3
const ENTRIES = 40_000
const ENTRY_SIZE = 250
const SENDERS = 400
const LOCKS = 8
const BATCH_RECORDS_MAX = 512
const RECORD_SIZE = 64
const BATCHES_PER_LOCK = 360
const BATCHES_UNDER_WAY = 4

type Batch = { readonly entry: Uint8Array; readonly openings: Uint8Array }
type Owner = ReturnType<typeof newEs256>

function inDirectory<Done>(run: (directory: string) => Promise<Done>): Promise<Done> {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-bench-"))
  return run(directory).finally(() => rmSync(directory, { recursive: true, force: true }))
}

async function entriesPerSecond(directory: string): Promise<number> {
  const key = newEd25519()
  const verifier = verifierOf("bench/events/2026Q4", key.publicKey, nodeCrypto)
  const place = { directory: "ledger", writeAhead: "keeper/write-ahead", verifier }
  const ports = { disk: new NodeDisk(directory, ["keeper"]), crypto: nodeCrypto, sign: key.sign }
  const opened = await openLog(ports, place, () => null)
  assert(opened.ok, "an empty directory holds an empty log")
  const { log } = opened
  let sent = 0
  const sender = async (): Promise<void> => {
    while (sent < ENTRIES) {
      const entry = new Uint8Array(ENTRY_SIZE)
      new DataView(entry.buffer).setUint32(0, sent++)
      await log.append(entry).durable
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: SENDERS }, sender))
  const took_ms = performance.now() - began
  assert(log.head.size === sent, "every entry is in the tree")
  await log.close()
  return (sent * 1000) / took_ms
}

/** What the root states: one door with its lock. */
function pairedDoor(owner: Owner, site: SiteId, keeperHpke: Uint8Array, change: Change, door: DoorId): Uint8Array {
  const now = secondsOf(unixMillis(Date.now()))
  const body = {
    author: "root" as const,
    chain: [],
    issuedAt: now,
    notAfter: unixSeconds(now + 240),
    nonce: nodeCrypto.sha256(utf8(`${door}${change.kind}`)).slice(0, 16),
    expects: [],
    change,
  }
  assert(keeperHpke.length === 65, "the keeper told its key")
  const statement = statementToSign(site, body, owner.publicKey, "key", nodeCrypto)
  return statement.finish(owner.sign(statement.bytes))
}

async function found(keeper: Keeper, owner: Owner): Promise<SiteId> {
  const root = {
    version: 1,
    keys: [owner.publicKey],
    threshold: 1,
    ...keeper.keys(),
    origins: ["http://localhost:8080"],
    rpId: "localhost",
    epoch: 1,
    createdAt: secondsOf(unixMillis(Date.now())),
  }
  const site = siteIdOf(encodeRoot(root), nodeCrypto)
  const signable = rootToSign(root, site, owner.publicKey, nodeCrypto)
  const founded = await keeper.found(signable.finish(owner.sign(signable.bytes)))
  assert(founded.ok, "a new directory is founded")
  return site
}

/** Pairs a lock with a new door and makes its journal: batches of 512, signed, with their openings sealed. */
async function lockWithJournal(keeper: Keeper, owner: Owner, site: SiteId, name: string): Promise<Batch[]> {
  const door = idOf<"DoorId">(nodeCrypto.sha256(utf8(name)).slice(0, 16))
  const key = newEs256()
  const { keeperHpke } = keeper.keys()
  const salt = new Uint8Array(16)
  const named = labelCommitment(salt, name, nodeCrypto)
  const config = defaultConfig("Europe/Berlin")
  const set: Change = { kind: "door set", door, commitment: named, config, place: null }
  const hpkeKey = newHpkeKeyPair().publicKey
  const pair: Change = { kind: "lock pair", door, journalKey: key.publicKey, hpkeKey, serial: name }
  const sealed = sealTo(keeperHpke, hpkeInfo("attachment", site), encodeOpening({ salt, value: name }))
  assert(sealed !== null, "the keeper's key is a point")
  const statements = [set, pair].map((change) => pairedDoor(owner, site, keeperHpke, change, door))
  const { outcomes } = await keeper.submit(statements, [{ object: door, sealed }])
  for (const outcome of outcomes) assert(outcome.admitted, "the root may set a door")
  const held = { size: 0, root: nodeCrypto.sha256(new Uint8Array(0)) }
  const detail = encodeDetail({ person: idOf<"PersonId">(salt), grant: idOf<"GrantId">(salt) })
  const batches: Batch[] = []
  for (let head = genesis(nodeCrypto, site, door, key.publicKey); batches.length < BATCHES_PER_LOCK; ) {
    const records = new Uint8Array(BATCH_RECORDS_MAX * RECORD_SIZE)
    const openings = Array.from({ length: BATCH_RECORDS_MAX }, (_, at) => ({ sequence: head.next + at, salt, detail }))
    for (const [at, { sequence }] of openings.entries()) {
      const written = {
        sequence,
        boot: 1,
        kind: "admitted" as const,
        result: "done" as const,
        flags: 0,
        uptime_ms: uptime(sequence),
        wall_ms: unixMillis(Date.now()),
        commitment: commitment(nodeCrypto, salt, detail),
      }
      records.set(encodeRecord(written), at * RECORD_SIZE)
    }
    const batch = makeBatch(nodeCrypto, door, head, records, held, null)
    const signature = key.sign(batchToSign(nodeCrypto, site, key.publicKey, batch))
    const envelope = sealTo(keeperHpke, hpkeInfo("openings", site), encodeOpenings(openings))
    assert(envelope !== null, "the keeper's key is a point")
    batches.push({ entry: signedBatch(nodeCrypto, key.publicKey, batch, signature), openings: envelope })
    head = headAfter(batch)
  }
  return batches
}

async function recordsPerSecond(directory: string): Promise<number> {
  const keeper = await Keeper.open(nodePorts(directory))
  const owner = newEs256()
  const site = await found(keeper, owner)
  const journals: Batch[][] = []
  for (let at = 0; at < LOCKS; at++) journals.push(await lockWithJournal(keeper, owner, site, `door ${at}`))
  const carry = async (journal: readonly Batch[]): Promise<void> => {
    for (let at = 0; at < journal.length; at += BATCHES_UNDER_WAY) {
      const group = journal.slice(at, at + BATCHES_UNDER_WAY)
      const answers = await Promise.all(group.map(({ entry, openings }) => keeper.batch(entry, openings)))
      for (const answer of answers) assert(answer.ok, "a batch that follows is taken")
    }
  }
  const began = performance.now()
  await Promise.all(journals.map(carry))
  const took_ms = performance.now() - began
  assert(keeper.head("events").size === LOCKS * BATCHES_PER_LOCK, "every batch is in the tree")
  await keeper.close()
  return (LOCKS * BATCHES_PER_LOCK * BATCH_RECORDS_MAX * 1000) / took_ms
}

async function measured(figure: string, unit: string, setting: string, round: () => Promise<number>): Promise<Figure> {
  const samples: number[] = []
  for (let at = 0; at < ROUNDS; at++) samples.push(await round())
  const value = Math.round(median(samples))
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`
  return { bench: "ledger", figure, value, unit, n: samples.length, seed: 0, with: `${setting}; ${machine}` }
}

export async function ledger(): Promise<Figure[]> {
  return [
    await measured(
      "entries_per_s",
      "entries/s",
      `entries of ${ENTRY_SIZE} B from ${SENDERS} senders, fsync and signed checkpoint for every commit`,
      () => inDirectory(entriesPerSecond),
    ),
    await measured(
      "journal_records_per_s",
      "records/s",
      `batches of ${BATCH_RECORDS_MAX} from ${LOCKS} locks, all checks, openings stored, receipts made`,
      () => inDirectory(recordsPerSecond),
    ),
  ]
}
