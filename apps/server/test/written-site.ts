/**
 * A site's logs written to a folder by their rules: root, statements, policies, batches of two locks' journals.
 *
 * For tests of what reads logs. It is no keeper: it judges nothing, it only puts entries where a keeper would.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import {
  type Author,
  type Change,
  ENTRY_ISSUED,
  ENTRY_ROOT,
  ENTRY_STATEMENT,
  encodeIssued,
  type Root,
  type StatementId,
} from "@holdfast/access"
import { encodeRoot, rootToSign, siteIdOf, statementToSign } from "@holdfast/access/author"
import { defaultConfig } from "@holdfast/access/door"
import { type DoorId, idOf, type PersonId, type SiteId, unixMillis, unixSeconds, uptime } from "@holdfast/base"
import {
  checkpointBytesToSign,
  encodeCheckpoint,
  encodeEntry,
  formatVkey,
  LogWriter,
  pathOf,
  verifierOf,
} from "@holdfast/ledger"
import {
  batchToSign,
  type ChainHead,
  commitment,
  encodeDetail,
  encodeRecord,
  genesis,
  headAfter,
  makeBatch,
  type RecordKind,
  type Result,
  signedBatch,
} from "@holdfast/lock"
import {
  type Ed25519Signer,
  type Es256Signer,
  newEd25519,
  newEs256,
  newHpkeKeyPair,
  nodeCrypto,
} from "@holdfast/port-node"

const FOUNDED_S = 1_790_000_000
export const PERIOD = "2026Q4"

/** One log: its writer and the checkpoint after every growth. */
class WrittenLog {
  readonly #folder: string
  readonly #writer = new LogWriter(nodeCrypto)
  readonly #key: Ed25519Signer
  readonly #origin: string

  constructor(folder: string, origin: string, key: Ed25519Signer) {
    this.#folder = folder
    this.#origin = origin
    this.#key = key
    this.#write("log.vkey", Buffer.from(`${formatVkey(verifierOf(origin, key.publicKey, nodeCrypto))}\n`))
  }

  get size(): number {
    return this.#writer.size
  }

  append(...entries: readonly Uint8Array[]): void {
    for (const entry of entries) this.#writer.append(entry)
    const { files, size, root } = this.#writer.grow()
    for (const { file, bytes } of files) this.#write(pathOf(file), bytes)
    const checkpoint = { origin: this.#origin, size, root, extensions: [] }
    const verifier = verifierOf(this.#origin, this.#key.publicKey, nodeCrypto)
    const signature = this.#key.sign(checkpointBytesToSign(checkpoint))
    this.#write("checkpoint", encodeCheckpoint(checkpoint, verifier, signature))
  }

  #write(name: string, bytes: Uint8Array): void {
    const path = join(this.#folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
}

export type Happened = readonly [RecordKind, Result, flags?: number]

/** A lock's journal as it reaches the log. */
export class WrittenLock {
  readonly door: DoorId
  readonly journal = newEs256()
  readonly #site: SiteId
  #head: ChainHead

  constructor(site: SiteId, door: DoorId) {
    this.#site = site
    this.door = door
    this.#head = genesis(nodeCrypto, site, door, this.journal.publicKey)
  }

  /** The signed batch of these records; the first happened at `wall_ms`, each a second after the one before. */
  batch(wall_ms: number | null, happened: readonly Happened[], by: Es256Signer = this.journal): Uint8Array {
    const records = happened.map(([kind, result, flags = 0], at) =>
      encodeRecord({
        sequence: this.#head.next + at,
        boot: 1,
        kind,
        result,
        flags,
        uptime_ms: uptime(1_000 * (this.#head.next + at)),
        wall_ms: wall_ms === null ? null : unixMillis(wall_ms + 1_000 * at),
        commitment: commitment(nodeCrypto, new Uint8Array(16), encodeDetail({})),
      }),
    )
    const held = { size: 1, root: new Uint8Array(32) }
    const policy = { version: { epoch: 1, size: 3 }, hash: new Uint8Array(32).fill(7) }
    const batch = makeBatch(nodeCrypto, this.door, this.#head, Buffer.concat(records), held, policy)
    this.#head = headAfter(batch)
    const signature = by.sign(batchToSign(nodeCrypto, this.#site, by.publicKey, batch))
    return signedBatch(nodeCrypto, by.publicKey, batch, signature)
  }
}

export class WrittenSite {
  readonly data: string
  readonly site: SiteId
  readonly root = newEs256()
  readonly authority: WrittenLog
  readonly events: WrittenLog
  #now_ms = FOUNDED_S * 1_000

  constructor(data: string) {
    this.data = data
    const logKey = newEd25519()
    const root: Root = {
      version: 1,
      keys: [this.root.publicKey],
      threshold: 1,
      keeper: newEs256().publicKey,
      logKey: logKey.publicKey,
      keeperHpke: newHpkeKeyPair().publicKey,
      origins: ["http://localhost:1"],
      rpId: "localhost",
      epoch: 1,
      createdAt: unixSeconds(FOUNDED_S),
    }
    this.site = siteIdOf(encodeRoot(root), nodeCrypto)
    const log = (name: string) =>
      new WrittenLog(join(data, "ledger", name, PERIOD), `${this.site}/${name}/${PERIOD}`, logKey)
    this.authority = log("authority")
    this.events = log("events")
    const toSign = rootToSign(root, this.site, this.root.publicKey, nodeCrypto)
    this.#append(ENTRY_ROOT, toSign.finish(this.root.sign(toSign.bytes)))
  }

  /** The time of the last entry. */
  get now_ms(): number {
    return this.#now_ms
  }

  id<Name extends string>(number: number): ReturnType<typeof idOf<Name>> {
    return idOf<Name>(new Uint8Array(16).fill(number))
  }

  /** Admits changes signed by the root; answers the index of the first. */
  state(...changes: readonly Change[]): number {
    const first = this.authority.size
    for (const change of changes) this.#sign("root", [], this.root, change)
    return first
  }

  /** A door with a lock paired to it. */
  door(number: number): WrittenLock {
    const lock = new WrittenLock(this.site, this.id<"DoorId">(number))
    const { door, journal } = lock
    const label = { commitment: new Uint8Array(32).fill(number), config: defaultConfig("Europe/Berlin"), place: null }
    const hpkeKey = newHpkeKeyPair().publicKey
    const pair = { door, journalKey: journal.publicKey, hpkeKey, serial: `lock ${number}` }
    this.state({ kind: "door set", door, ...label }, { kind: "lock pair", ...pair })
    return lock
  }

  /** Notes a policy for a door, whose bytes are these. */
  issue(door: DoorId, policy: Uint8Array): void {
    const policyHash = nodeCrypto.sha256(policy)
    const version = { epoch: 1, size: this.authority.size }
    const compiledAt = unixSeconds(Math.floor(this.#now_ms / 1_000))
    const issued = { door, version, policyHash, secretsHash: new Uint8Array(32), compiledAt }
    mkdirSync(join(this.data, "policies"), { recursive: true })
    writeFileSync(join(this.data, "policies", Buffer.from(policyHash).toString("hex")), policy)
    this.#append(ENTRY_ISSUED, encodeIssued(issued))
  }

  person(number: number): PersonId {
    const person = this.id<"PersonId">(number)
    this.state({ kind: "person add", person, commitment: new Uint8Array(32).fill(number) })
    return person
  }

  /** A person with a key of their own that stands on the root, by how they state something. */
  administrator(number: number): (change: Change) => StatementId {
    const [person, own] = [this.person(number), newEs256()]
    const key = { key: own.publicKey, keyKind: "software" as const, kinds: null, notAfter: null }
    const change = { kind: "delegate" as const, person, ...key, credentialId: null, backupFlags: 0 }
    const named = this.#sign("root", [], this.root, change)
    return (said) => this.#sign(person, [named], own, said)
  }

  /** A person with a key of their own and a session key delegated from it; answers the session delegation's id. */
  session(number: number, not_after_s: number): { readonly person: PersonId; readonly delegation: StatementId } {
    const state = this.administrator(number)
    const person = this.id<"PersonId">(number)
    const sitting = { key: newEs256().publicKey, keyKind: "session" as const, notAfter: unixSeconds(not_after_s) }
    const delegation = state({ kind: "delegate", person, ...sitting, kinds: null, credentialId: null, backupFlags: 0 })
    return { person, delegation }
  }

  #sign(author: Author, chain: readonly StatementId[], key: Es256Signer, change: Change): StatementId {
    const nonce = new Uint8Array(16).fill(this.authority.size)
    const times = { issuedAt: unixSeconds(FOUNDED_S), notAfter: unixSeconds(FOUNDED_S + 300) }
    const body = { author, chain, ...times, nonce, expects: [], change }
    const statement = statementToSign(this.site, body, key.publicKey, "key", nodeCrypto)
    this.#append(ENTRY_STATEMENT, statement.finish(key.sign(statement.bytes)))
    return statement.id
  }

  #append(type: number, bytes: Uint8Array): void {
    this.#now_ms += 1
    this.authority.append(encodeEntry({ type, admittedAt: unixMillis(this.#now_ms), bytes }))
  }

  /** Appends batches as one growth of the event log. */
  happen(...batches: readonly Uint8Array[]): void {
    this.#now_ms += 1
    const admittedAt = unixMillis(this.#now_ms)
    this.events.append(...batches.map((bytes) => encodeEntry({ type: 16, admittedAt, bytes })))
  }

  remove(): void {
    rmSync(this.data, { recursive: true })
  }
}
