/**
 * The one place that builds things: from settings to a running server, and back down in order.
 *
 * What listens is started last and stopped first. The database may be slow or away: then locks are still served, since nothing
 * on their way needs it. What requests then find is context.ts's; what they mean is api/'s.
 */
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, type DoorId, type SiteId } from "@holdfast/base"
import { toBase64, toHex } from "@holdfast/base/text"
import type { Door } from "@holdfast/contract"
import { boardName } from "@holdfast/lock/pairing"
import { nodeCrypto } from "@holdfast/port-node"
import type { FastifyInstance } from "fastify"
import { type Kysely, sql } from "kysely"
import { createApi } from "./api/http.ts"
import { type Broker, startBroker } from "./broker/broker.ts"
import type { Context, Counts, PartState } from "./context.ts"
import { Courier } from "./courier/courier.ts"
import { presentDoor } from "./doors/present.ts"
import { ReportedDoors } from "./doors/reported.ts"
import { Images } from "./images.ts"
import { KeeperLine } from "./keeper-line.ts"
import { LedgerFiles } from "./ledger/files.ts"
import { type Log, messageOf } from "./log.ts"
import { Hub } from "./live/hub.ts"
import { LiveNews } from "./live/news.ts"
import { MIGRATIONS } from "./migrations/index.ts"
import { NamedFiles } from "./named-files.ts"
import { openDatabase } from "./postgres/database.ts"
import { migrate } from "./postgres/migrate.ts"
import { type Postgres, startPostgres } from "./postgres/postgres.ts"
import { Projector } from "./projection/projector.ts"
import { Sessions } from "./sessions.ts"
import type { Settings } from "./settings.ts"
import { Site } from "./site/site.ts"
import type { Tables } from "./tables.ts"

/** How many policies and images stay in memory. */
const POLICIES_KEPT = 64
const IMAGES_KEPT = 2

const VERSION = "0.1.0"
const TICK_MS = 2_000
const SETTLE_MS_MAX = 2_000
const CATCH_UP_MS_MAX = 3_000

/** The server cannot start; the message is a line for whoever started it. */
export class StartError extends Error {
  override readonly name = "StartError"
}

export type Running = { readonly api_port: number; readonly mqtt_port: number; stop(): Promise<void> }

/** The database, migrated, and the supervised process under it where there is one. */
async function openTables(
  settings: Settings,
  log: Log,
): Promise<{ database: Kysely<Tables>; postgres: Postgres | null }> {
  const line = (text: string) => log("info", text)
  const own = settings.database_url === null
  const postgres = own ? await startPostgres({ directory: join(settings.data, "postgres"), log: line }) : null
  const database = openDatabase<Tables>(postgres?.connection ?? settings.database_url ?? "", line)
  const migrated = await migrate(database, MIGRATIONS)
  if ("fault" in migrated) throw new StartError(`the database was ${migrated.fault}: update Holdfast to use it`)
  return { database, postgres }
}

/** Everything that runs, in the order in which it was started. */
class Server implements Context {
  readonly settings: Settings
  readonly site: SiteId
  readonly version = VERSION
  readonly started_at_ms: number
  readonly known: Site
  readonly files: LedgerFiles
  readonly policies: NamedFiles
  readonly images: Images
  readonly #images: NamedFiles
  readonly keeper: KeeperLine
  readonly hub: Hub
  readonly counts: Counts = { messages_refused: 0, requests_refused: 0 }
  readonly log: Log
  readonly orders: Context["orders"] = {
    askNonce: (door) => this.#courier.askNonce(door),
    carry: (door, bytes, statement) => this.#courier.order(door, bytes, statement),
  }
  readonly broker = { links: () => this.#broker?.counts().reachable ?? 0 }
  readonly #reported = new ReportedDoors()
  readonly #news: LiveNews
  readonly #courier: Courier
  readonly #stopping = new AbortController()
  #tables: { database: Kysely<Tables>; postgres: Postgres | null } | null = null
  #projector: Projector | null = null
  #sessions: Sessions | null = null
  #broker: Broker | null = null
  #api: FastifyInstance | null = null
  #database: PartState = { up: false, heard_at_ms: null }
  #timer: NodeJS.Timeout | null = null
  #opened: Promise<void> = Promise.resolve()
  readonly #catchUp_ms_max: number

  constructor(settings: Settings, log: Log, catchUp_ms_max: number) {
    this.settings = settings
    this.#catchUp_ms_max = catchUp_ms_max
    this.site = settings.site
    this.log = log
    this.started_at_ms = this.now()
    this.files = new LedgerFiles(join(settings.data, "ledger"))
    this.policies = new NamedFiles(join(settings.data, "policies"), POLICIES_KEPT)
    this.#images = new NamedFiles(join(settings.data, "images"), IMAGES_KEPT)
    this.images = new Images(settings.data, this.#images)
    this.hub = new Hub(toHex(new Uint8Array(randomBytes(8))))
    this.#news = new LiveNews(this.hub, (door) => this.present(door))
    const { site, files } = this
    this.known = new Site({ site, files, log, wait: this.#wait, news: this.#siteNews() })
    this.keeper = new KeeperLine({
      path: settings.keeper_socket,
      now: this.now,
      onLine: (up) => log(up ? "info" : "warning", up ? "keeper: line up" : "keeper: line down"),
      onNotice: (notice) => {
        if (this.#broker === null) return // Nothing that comes before the start is through is news.
        if (notice.notice === "narrowed") return this.#courier.narrowed(notice.doors)
        if (notice.notice === "log grew" && notice.class === "events") void this.#project()
        else void this.known.toEnd()
        if (notice.notice === "policies issued") void this.known.toEnd().then(() => this.#courier.issued(notice.doors))
      },
    })
    this.#courier = this.#makeCourier()
  }

  readonly now = (): number => Date.now()

  get database(): Kysely<Tables> {
    assert(this.#tables !== null, "the tables are open before anybody is answered")
    return this.#tables.database
  }

  get projector(): Projector {
    assert(this.#projector !== null, "the tables are followed before anybody is answered")
    return this.#projector
  }

  get sessions(): Sessions {
    assert(this.#sessions !== null, "the tables are open before anybody is answered")
    return this.#sessions
  }

  present(door: DoorId): Door | null {
    const view = this.known.view.door(door)
    return view === null ? null : presentDoor(view, this.#projector?.facts(door), this.#reported.of(door))
  }

  databaseState(): PartState {
    return this.#database
  }

  async settled(): Promise<void> {
    await Promise.race([this.known.toEnd(), this.#wait(SETTLE_MS_MAX)])
  }

  readonly #wait = async (ms: number): Promise<void> => {
    await sleep(ms, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined)
  }

  #siteNews() {
    return {
      statement: (admitted: Parameters<LiveNews["statement"]>[0]) => {
        this.#news.statement(admitted)
        if (admitted.statement.change.kind === "deny") void this.#courier.deny(admitted)
      },
      door: (door: DoorId) => {
        this.#broker?.recheck(door)
        this.#news.door(door)
      },
      grew: (log: "authority", period: string, size: number) => {
        this.#news.grew(log, period, size)
        void this.#projector?.toEnd("authority")
      },
    }
  }

  #makeCourier(): Courier {
    const { site, keeper, policies, log, now } = this
    return new Courier({
      site,
      keeper,
      policies,
      images: this.#images,
      log,
      now,
      view: this.known.view,
      reported: this.#reported,
      news: this.#news,
      publish: async (door, payload) => (await this.#broker?.publish(door, payload)) ?? "not connected",
      refused: (door, what) => {
        this.counts.messages_refused++
        log("warning", "refused a lock's message", { door, what: what.slice(0, 120) })
      },
      statementBytes: async (id) => {
        const place = this.known.view.delegationPlace(id)
        return place === null ? null : this.files.statement(place.period, place.index)
      },
    })
  }

  async #project(): Promise<void> {
    await this.#projector?.toEnd("events")
  }

  /** Reads the logs, opens the tables, listens. Whatever fails here stops what was started. */
  async start(): Promise<Running> {
    try {
      const [tables] = await Promise.all([openTables(this.settings, this.log), this.#readSite()])
      this.#tables = tables
      void tables.postgres?.lost.then((error) => this.log("fault", "database", { error: messageOf(error) }))
      await this.#openProjection()
      // A small site is shown whole from its first answer on; a large one catches up behind the requests.
      await Promise.race([this.#opened, this.#wait(this.#catchUp_ms_max)])
      const broker = await this.#openBroker()
      const api = await createApi(this)
      this.#api = api
      const { port, address } = this.settings.api
      await api.listen({ port, host: address })
      const bound = api.server.address()
      this.#timer = setInterval(() => this.#tick(), TICK_MS)
      return {
        api_port: typeof bound === "object" && bound !== null ? bound.port : port,
        mqtt_port: broker.port,
        stop: () => this.stop(),
      }
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Without the site's doors nobody can be let in, so the authority log is read before anything listens. */
  async #readSite(): Promise<void> {
    try {
      await this.known.first()
    } catch (error) {
      throw new StartError(`the authority log cannot be read: ${messageOf(error)}`)
    }
    if (this.known.view.size === 0) throw new StartError("there is no authority log; found the site first")
    this.known.speak()
  }

  async #openProjection(): Promise<void> {
    const { database, site, known, files, log, now } = this
    const news = this.#news
    const projector = await Projector.open({ site, known, files, database, news, log, now, wait: this.#wait })
    this.#projector = projector
    this.#sessions = new Sessions(database, known, now)
    await this.#sessions.sweep()
    this.#database = { up: true, heard_at_ms: now() }
    // What was missed while the server was down is read behind the first requests; only then records are news.
    this.#opened = Promise.all([projector.toEnd("authority"), projector.toEnd("events")]).then(() => {
      projector.speak()
      if (this.#api !== null) this.hub.publish({ event: "begin-again" }) // Whoever watches saw only a part.
    })
  }

  async #openBroker(): Promise<Broker> {
    const { mqtt, tls } = this.settings
    const broker = await startBroker({
      tls,
      port: mqtt.port,
      address: mqtt.address,
      site: this.site,
      // The authority log is the allow list: a board that was replaced is none of its locks any more.
      allowed: (door, board) => {
        const journalKey = this.known.view.door(door)?.door.lock?.journalKey
        return journalKey !== undefined && boardName(journalKey, nodeCrypto) === board
      },
      onMessage: (door, word, payload) => this.#courier.hear(door, word, payload),
      onConnection: (door, change) => this.#courier.link(door, change),
      log: (line) => this.log("info", line),
    })
    this.#broker = broker
    return broker
  }

  #tick(): void {
    this.#courier.tick()
    this.#news.tick()
    // Notices can be lost with the line; looking is cheap.
    void this.known.toEnd()
    void this.#project()
    void this.#ping()
    void this.#tellReceivers()
  }

  /** Brings receivers of silent alarms their sheets, at a pace of its own: nothing that happens makes one come sooner. */
  async #tellReceivers(): Promise<void> {
    if (this.hub.listeners === 0) return
    try {
      const answer = await this.keeper.ask<"sheets">({ operation: "sheets" })
      if (answer.operation === "refused") return
      const events = answer.sheets.map(({ person, sealed }) => {
        return [person, { event: "sheet", sealed: toBase64(sealed) } as const] as const
      })
      this.hub.tell(new Map(events))
    } catch (error) {
      this.log("warning", "receivers of silent alarms were not told", { error: messageOf(error) })
    }
  }

  async #ping(): Promise<void> {
    try {
      await sql`select 1`.execute(this.database)
      this.#database = { up: true, heard_at_ms: this.now() }
    } catch {
      this.#database = { ...this.#database, up: false }
    }
  }

  /** Stops listening, then reading, then the database. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#stopping.abort()
    await this.#api?.close()
    await this.#broker?.stop()
    this.keeper.close()
    await Promise.all([this.known.stop(), this.#projector?.stop()])
    await this.#opened
    await this.#tables?.database.destroy()
    await this.#tables?.postgres?.stop()
  }
}

/**
 * Starts a server; answers when it listens, having caught up with its logs or waited so long for it. Faults of the outside
 * keep their own error classes.
 */
export function startServer(settings: Settings, log: Log, catchUp_ms_max = CATCH_UP_MS_MAX): Promise<Running> {
  return new Server(settings, log, catchUp_ms_max).start()
}
