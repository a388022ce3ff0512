/**
 * Keeps the tables up with the logs: follows both, folds, writes, and tells whoever listens what is new.
 *
 * The way of a record to a row never crosses the way of a receipt to its lock: the keeper has the batch, the log grows, and
 * this reads the log. So a busy database delays what is shown and nothing else, and a restart goes on where the tables are.
 */
import type { DoorId, SiteId } from "@holdfast/base"
import { decodeStatement, ENTRY_STATEMENT } from "@holdfast/access"
import { authorId } from "@holdfast/access/author"
import { slugOf } from "@holdfast/contract"
import { decodeEntry } from "@holdfast/ledger"
import { nodeCrypto } from "@holdfast/port-node"
import type { Kysely } from "kysely"
import type { LedgerFiles, LogName } from "../ledger/files.ts"
import { Follower, type Taken } from "../ledger/follower.ts"
import { type Log, messageOf } from "../log.ts"
import type { Site } from "../site/site.ts"
import { placeOf, type StatementRow, type Tables } from "../tables.ts"
import { type DoorFacts, NO_FACTS } from "./door-facts.ts"
import { type LoggedBatch, readEventEntry, takeBatch } from "./entry.ts"
import { type Position, readDoors, readPosition, writeEvents, writeStatements } from "./writer.ts"

/** What is new, told after it is written. */
export type RecordsNews = {
  records(batch: LoggedBatch): void
  grew(log: LogName, period: string, size: number): void
}

export type ProjectorOptions = {
  readonly site: SiteId
  readonly known: Site
  readonly files: LedgerFiles
  readonly database: Kysely<Tables>
  readonly news: RecordsNews
  readonly log: Log
  now(): number
  wait(ms: number): Promise<void>
}

type Start = {
  readonly doors: Map<string, DoorFacts>
  readonly authority: Position | null
  readonly events: Position | null
}

/** Another server wrote what this one was about to write: both are right, and this one reads the place anew. */
class MovedError extends Error {
  override readonly name = "MovedError"
}

export class Projector {
  readonly #options: ProjectorOptions
  readonly #statements: Follower
  readonly #events: Follower
  #doors: Map<string, DoorFacts>
  #written: { authority: Position | null; events: Position | null }
  #not_valid = 0
  #taken_at_ms: number
  #isQuiet = true

  private constructor(options: ProjectorOptions, { doors, authority, events }: Start) {
    this.#options = options
    this.#doors = doors
    this.#written = { authority, events }
    this.#taken_at_ms = options.now()
    const failed = (error: unknown) => options.log("fault", "projection", { error: messageOf(error) })
    const common = { files: options.files, failed, wait: options.wait }
    const takeStatements = (taken: Taken) => this.#takeStatements(taken)
    const takeEvents = (taken: Taken) => this.#takeEvents(taken)
    this.#statements = new Follower({ ...common, log: "authority", from: authority, take: takeStatements })
    this.#events = new Follower({ ...common, log: "events", from: events, take: takeEvents })
  }

  /** Reads where the tables are. */
  static async open(options: ProjectorOptions): Promise<Projector> {
    const { database, site } = options
    const authority = await readPosition(database, site, "authority")
    const events = await readPosition(database, site, "events")
    return new Projector(options, { doors: await readDoors(database, site), authority, events })
  }

  /** Facts of a door as last written. */
  facts(door: DoorId): DoorFacts | undefined {
    return this.#doors.get(door)
  }

  get state(): { readonly behind: number; readonly age_ms: number; readonly not_valid: number } {
    const behind = this.#statements.behind + this.#events.behind
    return { behind, age_ms: this.#options.now() - this.#taken_at_ms, not_valid: this.#not_valid }
  }

  /** Brings the tables up with a log. What was there before the first time is not told as news. */
  async toEnd(log: LogName): Promise<void> {
    await (log === "events" ? this.#events : this.#statements).nudge()
  }

  /** From now on what is written is told. */
  speak(): void {
    this.#isQuiet = false
  }

  async stop(): Promise<void> {
    await Promise.all([this.#statements.stop(), this.#events.stop()])
  }

  async #takeStatements(taken: Taken): Promise<void> {
    const { database, site } = this.#options
    const from = this.#written.authority
    const to = { period: taken.period, next: taken.first + taken.entries.length }
    if (!isBeyond(to, from)) return
    const statements: Omit<StatementRow, "site">[] = []
    for (const [at, bytes] of taken.entries.entries()) {
      const row = statementRow(site, taken.period, taken.first + at, bytes)
      if (row !== null && isBeyond({ period: taken.period, next: taken.first + at + 1 }, from)) statements.push(row)
    }
    if ((await writeStatements(database, site, { from, to, statements })) !== "written") await this.#moved()
    this.#written.authority = to
    this.#taken_at_ms = this.#options.now()
  }

  async #takeEvents(taken: Taken): Promise<void> {
    const { news, database, site } = this.#options
    const from = this.#written.events
    const to = { period: taken.period, next: taken.first + taken.entries.length }
    if (!isBeyond(to, from)) return
    const batches = await this.#readEvents(taken, from)
    const doors = new Map<string, DoorFacts>()
    for (const batch of batches) {
      const before = doors.get(batch.door) ?? this.#doors.get(batch.door) ?? NO_FACTS
      doors.set(batch.door, takeBatch(before, batch))
    }
    if ((await writeEvents(database, site, { from, to, batches, doors })) !== "written") await this.#moved()
    this.#written.events = to
    for (const [door, facts] of doors) this.#doors.set(door, facts)
    this.#taken_at_ms = this.#options.now()
    if (this.#isQuiet) return
    for (const batch of batches) news.records(batch)
    news.grew("events", taken.period, taken.size)
  }

  /** The batches that are not yet written, in order. */
  async #readEvents(taken: Taken, from: Position | null): Promise<LoggedBatch[]> {
    const { site, known, log } = this.#options
    const batches: LoggedBatch[] = []
    for (const [at, bytes] of taken.entries.entries()) {
      const place = { period: taken.period, entry: taken.first + at }
      if (!isBeyond({ period: place.period, next: place.entry + 1 }, from)) continue
      let read = readEventEntry(nodeCrypto, site, known.view.journalKeys, place, bytes)
      if (read.is === "not valid") {
        await known.toEnd() // A lock that was paired a moment ago.
        read = readEventEntry(nodeCrypto, site, known.view.journalKeys, place, bytes)
      }
      if (read.is === "batch") batches.push(read.batch)
      if (read.is !== "not valid") continue
      this.#not_valid++
      log("fault", "an entry of the event log is not valid", { entry: place.entry, fault: read.fault })
    }
    return batches
  }

  async #moved(): Promise<never> {
    const { database, site } = this.#options
    const authority = await readPosition(database, site, "authority")
    this.#written = { authority, events: await readPosition(database, site, "events") }
    this.#doors = await readDoors(database, site)
    throw new MovedError("another server wrote this")
  }
}

/** Whether `place` lies beyond what is written. Periods order as their names do. */
function isBeyond(place: Position, written: Position | null): boolean {
  if (written === null) return true
  return place.period === written.period ? place.next > written.next : place.period > written.period
}

function statementRow(
  site: SiteId,
  period: string,
  index: number,
  bytes: Uint8Array,
): Omit<StatementRow, "site"> | null {
  const decoded = decodeEntry(bytes)
  if (!decoded.ok || decoded.entry.type !== ENTRY_STATEMENT) return null
  const read = decodeStatement(site, decoded.entry.bytes, nodeCrypto)
  if (!read.ok) return null
  const { change, author, id } = read.statement
  const isAboutRights = change.kind === "person revoke" || change.kind === "person restore"
  return {
    period,
    place: placeOf(index, 0),
    statement: Buffer.from(id, "hex"),
    kind: slugOf(change.kind),
    author: authorId(author),
    person: isAboutRights ? change.person : null,
    admitted_at_ms: decoded.entry.admittedAt,
  }
}
