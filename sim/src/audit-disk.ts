/**
 * The whole history on a disk, audited: the three logs as an outsider would check them, and every record of every lock.
 */
import { AuthorityAudit, EventsAudit, type Judge, LooksAudit, openLog } from "@holdfast/audit"
import { concat, type Crypto, type DoorId, EMPTY } from "@holdfast/base"
import { decodeBundle, decodeEntry, encodeEntry, leafHash, pathOf } from "@holdfast/ledger"
import { doorOfBatch, openBatch } from "@holdfast/lock"
import type { Disk } from "@holdfast/port-node"

const RECORD_SIZE = 64

export type Audited = {
  /** The first thing that is wrong, with its file or entry; null for a clean history. */
  readonly wrong: string | null
  /** The 64 bytes of each record in the event log, in order, by door. */
  readonly records: ReadonlyMap<DoorId, readonly Uint8Array[]>
}

type Files = Pick<Disk, "read" | "list">

/** The period's directory of a log class; null where there is none or more than one. */
function placeOf(disk: Files, logClass: string): string | null {
  const [period, ...more] = disk.list(`ledger/${logClass}`)
  return period === undefined || more.length > 0 ? null : `ledger/${logClass}/${period}`
}

function auditLog(disk: Files, logClass: string, judge: Judge, crypto: Crypto): string | null {
  const place = placeOf(disk, logClass)
  if (place === null) return `ledger/${logClass}: not one period`
  const vkey = disk.read(`${place}/log.vkey`)
  const opened = openLog(crypto, disk.read(`${place}/checkpoint`), Buffer.from(vkey ?? []).toString("utf8"), judge)
  if (!opened.ok) return `${place}/${opened.wrong}`
  const { audit } = opened
  for (let path = audit.wanted; path !== null; path = audit.wanted) audit.take(disk.read(`${place}/${path}`))
  const wrong = audit.finish()
  return wrong === null ? null : `${place}/${wrong}`
}

/** Judges events, and collects each lock's records on the way. */
class Collecting implements Judge {
  readonly records = new Map<DoorId, Uint8Array[]>()
  readonly #judge: EventsAudit
  readonly #authority: AuthorityAudit
  readonly #crypto: Crypto

  constructor(authority: AuthorityAudit, crypto: Crypto) {
    this.#judge = new EventsAudit(crypto, authority.facts)
    this.#authority = authority
    this.#crypto = crypto
  }

  take(bytes: Uint8Array): string | null {
    const wrong = this.#judge.take(bytes)
    if (wrong !== null) return wrong
    const { site, journalKeys } = this.#authority.facts
    const decoded = decodeEntry(bytes)
    const entry = decoded.ok ? decoded.entry.bytes : new Uint8Array(0)
    const door = doorOfBatch(site, entry)
    const key = door === null ? undefined : journalKeys.get(door)?.at(-1)
    if (door === null || key === undefined) return null
    const opened = openBatch(this.#crypto, site, key, entry)
    if (!opened.ok) return null
    const records = this.records.get(door) ?? []
    const whole = opened.batch.records
    for (let at = 0; at < whole.length; at += RECORD_SIZE) records.push(whole.slice(at, at + RECORD_SIZE))
    this.records.set(door, records)
    return null
  }

  finish(): string | null {
    return this.#judge.finish()
  }
}

/** Audits everything below `ledger/`. The policies' files are the keeper's own business at its start. */
export function auditDisk(disk: Files, crypto: Crypto): Audited {
  const authority = new AuthorityAudit(crypto)
  const inAuthority = auditLog(disk, "authority", authority, crypto)
  if (inAuthority !== null) return { wrong: inAuthority, records: new Map() }
  const events = new Collecting(authority, crypto)
  const wrong = auditLog(disk, "events", events, crypto) ?? auditLog(disk, "looks", new LooksAudit(), crypto)
  return { wrong, records: events.records }
}

const TILE_WIDTH = 256
const HASH_SIZE = 32

/**
 * The same files with the newest event moved to the time of the one before it, and its hash in the tile beside it made to fit:
 * what an owner of the files can do who cannot sign. Null where the forgery would show in a tile above.
 */
export function backdated(disk: Files, crypto: Crypto): Files | null {
  const place = placeOf(disk, "events")
  const size = place === null ? 0 : sizeOf(disk.read(`${place}/checkpoint`))
  const width = size % TILE_WIDTH
  if (place === null || width < 2) return null
  const index = Math.floor(size / TILE_WIDTH)
  const bundlePath = `${place}/${pathOf({ kind: "bundle", index, width })}`
  const tilePath = `${place}/${pathOf({ kind: "tile", level: 0, index, width })}`
  const bundle = decodeBundle(disk.read(bundlePath) ?? EMPTY, width)
  const tile = disk.read(tilePath)?.slice()
  if (!bundle.ok || tile === undefined) return null
  const [before, last] = bundle.entries.slice(-2).map((bytes) => decodeEntry(bytes))
  if (before?.ok !== true || last?.ok !== true || last.entry.admittedAt === before.entry.admittedAt) return null
  const forged = encodeEntry({ ...last.entry, admittedAt: before.entry.admittedAt })
  tile.set(leafHash(crypto, forged), (width - 1) * HASH_SIZE)
  const changed = new Map([
    [bundlePath, bundleOf([...bundle.entries.slice(0, -1), forged])],
    [tilePath, tile],
  ])
  return { read: (path) => changed.get(path) ?? disk.read(path), list: (path) => disk.list(path) }
}

/** The second line of a checkpoint is the size of the tree (C2SP tlog-checkpoint). */
function sizeOf(checkpoint: Uint8Array | null): number {
  const [, line] = Buffer.from(checkpoint ?? EMPTY)
    .toString("utf8")
    .split("\n")
  return Number(line ?? 0)
}

/** Each entry behind its size of two bytes (C2SP tlog-tiles). */
function bundleOf(entries: readonly Uint8Array[]): Uint8Array {
  return concat(...entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry]))
}
