/**
 * What requests are answered from: the site as it is known, the logs' files, the database, and the lines to keeper and locks.
 *
 * Picture the desk at which each handler of api/ sits down: everything is within reach, and nobody there builds, starts or
 * stops anything. That is server.ts's.
 */
import type { Statement } from "@holdfast/access"
import type { DoorId, SiteId } from "@holdfast/base"
import type { Door } from "@holdfast/contract"
import type { Kysely } from "kysely"
import type { OrderCarryFault } from "./courier/courier.ts"
import type { Nonce } from "./courier/nonces.ts"
import type { Images } from "./images.ts"
import type { Keeper } from "./keeper.ts"
import type { LedgerFiles } from "./ledger/files.ts"
import type { Hub } from "./live/hub.ts"
import type { Log } from "./log.ts"
import type { NamedFiles } from "./named-files.ts"
import type { Projector } from "./projection/projector.ts"
import type { Sessions } from "./sessions.ts"
import type { Settings } from "./settings.ts"
import type { Site } from "./site/site.ts"
import type { Tables } from "./tables.ts"

export type Counts = { messages_refused: number; requests_refused: number }
/** Whether a part that the server needs answers, and when it last did. */
export type PartState = { readonly up: boolean; readonly heard_at_ms: number | null }

/** What requests are answered from. */
export type Context = {
  readonly settings: Settings
  readonly site: SiteId
  readonly version: string
  readonly started_at_ms: number
  readonly known: Site
  readonly projector: Projector
  readonly files: LedgerFiles
  readonly policies: NamedFiles
  readonly images: Images
  readonly database: Kysely<Tables>
  readonly sessions: Sessions
  readonly keeper: Keeper
  readonly broker: { links(): number }
  readonly hub: Hub
  readonly orders: {
    askNonce(door: DoorId): Promise<Nonce | OrderCarryFault>
    /** Null: it is on its way. */
    carry(door: DoorId, bytes: Uint8Array, statement: Pick<Statement, "chain">): Promise<OrderCarryFault | null>
  }
  readonly counts: Counts
  readonly log: Log
  now(): number
  /** The door as last known, or null. */
  present(door: DoorId): Door | null
  databaseState(): PartState
  /** Waits, but not long, until what the keeper just admitted is known here too. */
  settled(): Promise<void>
}
