/**
 * A small supervisor for the PostgreSQL that comes with Holdfast.
 *
 * Picture: one folder with the data, one short-lived folder with the socket, one child process. It starts, waits until
 * a connection really succeeds, starts again if the child dies, and stops it in an orderly way. Nothing listens on the
 * network and no password exists: the socket lies in a closed folder and the kernel names who connects. It is no
 * database client beyond that first connection, and it does not lock the data directory: the caller does.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as wait } from "node:timers/promises"
import pg from "pg"
import { type Account, accountForPostgres } from "./account.ts"
import { type Binaries, findPackage, prepareBinaries } from "./binaries.ts"
import { clusterPath, prepareCluster } from "./cluster.ts"
import { PostgresError } from "./fault.ts"
import { clusterName, endLeftovers } from "./leftover.ts"
import { DATABASE_USER, makeRuntime, type Runtime, removeRuntime, SOCKET_PORT } from "./runtime.ts"
import { codeOf } from "../error-code.ts"

const DATABASE = "holdfast"
const READY_MS_MAX = 60_000
const READY_POLL_MS = 15
const FAST_STOP_MS_MAX = 20_000
/** Deaths in a row, each within {@link STEADY_MS} of its start, after which the supervisor gives up. */
const DEATHS_MAX = 5
const STEADY_MS = 30_000
const LAST_LINES_MAX = 4
/** While the socket is missing, or the server starts up (57P03). */
const NOT_YET: readonly string[] = ["ENOENT", "ECONNREFUSED", "ECONNRESET", "57P03"]

/** Where to connect: a folder as host means a Unix socket. */
export type Connection = {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly password?: string
}

export type Postgres = {
  readonly connection: Connection
  /** Resolves with the reason if PostgreSQL kept dying and was given up; never otherwise. */
  readonly lost: Promise<PostgresError>
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. May be called again. */
  stop(): Promise<void>
}

export type PostgresOptions = {
  /** Where the data lives; made if missing. One supervisor at a time. */
  readonly directory: string
  readonly log: (line: string) => void
}

/** All that one start needs, found once. */
type Setting = {
  readonly account: Account
  readonly runtime: Runtime
  readonly binaries: Binaries
  readonly cluster: string
  readonly log: (line: string) => void
}

function settingsOf({ runtime, cluster }: Setting): readonly string[] {
  const settings = {
    listen_addresses: "",
    unix_socket_directories: runtime.sockets,
    unix_socket_permissions: "0700",
    port: SOCKET_PORT,
    hba_file: join(runtime.folder, "pg_hba.conf"),
    ident_file: join(runtime.folder, "pg_ident.conf"),
    cluster_name: clusterName(cluster),
    max_connections: 40,
    shared_buffers: "64MB",
    // Containers often give /dev/shm 64 MB only; our queries are short and gain nothing from parallel workers.
    max_parallel_workers_per_gather: 0,
    wal_level: "minimal",
    max_wal_senders: 0,
    timezone: "UTC",
    log_line_prefix: "",
    // Neither statements nor the values in them belong in a log.
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
  }
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
}

/** A started server and the last lines it said, which name the cause when it dies at once. */
type Launched = { readonly child: ChildProcess; readonly lastLines: string[] }

function launch(setting: Setting): Launched {
  const { account, binaries, cluster, log } = setting
  const child = spawn(binaries.postgres, ["-D", clusterPath(cluster), ...settingsOf(setting)], {
    ...account.spawnAs,
    cwd: cluster,
    env: binaries.environment,
    stdio: ["ignore", "ignore", "pipe"],
    // Its own process group: Ctrl-C in a terminal goes to ours, and we then stop it in order.
    detached: true,
  })
  const lastLines: string[] = []
  createInterface({ input: child.stderr }).on("line", (line) => {
    log(`postgres: ${line}`)
    if (lastLines.push(line) > LAST_LINES_MAX) lastLines.shift()
  })
  child.on("error", (error) => lastLines.push(error.message)) // A failed spawn is a child without a process.
  return { child, lastLines }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined
}

/** One attempt to connect. */
async function knock(connection: Connection): Promise<"ready" | "not yet"> {
  const client = new pg.Client({ ...connection, database: "postgres" })
  client.on("error", () => {}) // A connection that breaks later on is reported by the query below.
  try {
    await client.connect()
    const { rowCount } = await client.query("select from pg_database where datname = $1", [connection.database])
    if (rowCount === 0) await client.query(`create database ${connection.database}`)
    await client.end()
    return "ready"
  } catch (error) {
    if (NOT_YET.includes(codeOf(error))) return "not yet"
    throw error
  }
}

async function untilReady({ child, lastLines }: Launched, connection: Connection): Promise<void> {
  const reason = "the server did not start"
  for (let waited_ms = 0; (await knock(connection)) === "not yet"; waited_ms += READY_POLL_MS) {
    if (hasEnded(child)) throw new PostgresError(reason, lastLines.join("; "))
    if (waited_ms > READY_MS_MAX) throw new PostgresError(reason, "it takes too long")
    await wait(READY_POLL_MS)
  }
}

/** Resolves when the process is gone. SIGINT asks for a fast shutdown, SIGQUIT, later, for one with recovery. */
async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  child.kill("SIGINT")
  const harder = setTimeout(() => child.kill("SIGQUIT"), FAST_STOP_MS_MAX)
  await gone
  clearTimeout(harder)
}

/** Keeps the child alive. It is given up when it dies again and again; `stop` ends it for good. */
class Supervisor {
  readonly lost: Promise<PostgresError>
  readonly #setting: Setting
  #launched: Launched
  #giveUp: (error: PostgresError) => void = () => {}
  #isStopping = false
  #deaths = 0

  private constructor(setting: Setting, launched: Launched) {
    this.#setting = setting
    this.#launched = launched
    this.lost = new Promise((resolve) => {
      this.#giveUp = resolve
    })
    this.#watch()
  }

  static async start(setting: Setting, connection: Connection): Promise<Supervisor> {
    const launched = launch(setting)
    try {
      await untilReady(launched, connection)
    } catch (error) {
      await end(launched.child)
      throw error
    }
    return new Supervisor(setting, launched)
  }

  #watch(): void {
    const started_ms = performance.now()
    this.#launched.child.once("exit", (code, signal) => {
      if (this.#isStopping) return
      this.#deaths = performance.now() - started_ms < STEADY_MS ? this.#deaths + 1 : 1
      this.#setting.log(`postgres: ended unexpectedly (${signal ?? code})`)
      this.#restart().catch(this.#giveUp)
    })
  }

  async #restart(): Promise<void> {
    const { cluster, account, log } = this.#setting
    if (this.#deaths >= DEATHS_MAX) throw new PostgresError("the server did not start", "it dies again and again")
    await endLeftovers(cluster, account, log)
    if (this.#isStopping) return
    this.#launched = launch(this.#setting)
    this.#watch() // From here on its death is the watch's to see, a failed connection included.
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await end(this.#launched.child)
  }
}

/**
 * Starts PostgreSQL on `directory`, making the cluster there the first time (about two seconds), and answers when a
 * connection succeeded. Throws {@link PostgresError} with a reason for whatever an operator can put right.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { log } = options
  const directory = resolve(options.directory)
  const account = accountForPostgres()
  mkdirSync(directory, { recursive: true })
  const runtime = makeRuntime(directory, account)
  const connection = { host: runtime.sockets, port: SOCKET_PORT, user: DATABASE_USER, database: DATABASE }
  try {
    const binaries = prepareBinaries(findPackage(), account, directory, runtime.folder)
    const cluster = await prepareCluster(directory, binaries, account)
    await endLeftovers(cluster, account, log)
    const supervisor = await Supervisor.start({ account, runtime, binaries, cluster, log }, connection)
    const stop = async () => {
      await supervisor.stop()
      removeRuntime(directory)
    }
    return { connection, lost: supervisor.lost, stop }
  } catch (error) {
    removeRuntime(directory)
    throw error
  }
}
