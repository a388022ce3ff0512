/**
 * A whole server on a written site: real database, real broker, real HTTP. The keeper's socket is there only where a test
 * brings a keeper.
 */
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import type { DoorId } from "@holdfast/base"
import { type Client, client } from "@holdfast/contract"
import type { Kysely } from "kysely"
import { type Running, startServer } from "../src/context.ts"
import { lineLog } from "../src/log.ts"
import { openDatabase } from "../src/postgres/database.ts"
import type { Connection, Postgres } from "../src/postgres/postgres.ts"
import { Sessions } from "../src/sessions.ts"
import type { Settings } from "../src/settings.ts"
import { Site } from "../src/site/site.ts"
import type { Tables } from "../src/tables.ts"
import { LedgerFiles } from "../src/ledger/files.ts"
import { type Authority, makeAuthority, makePair, type Pair } from "./certificates.ts"
import { freshFolder, withDatabase } from "./embedded-postgres.ts"
import { WrittenSite } from "./written-site.ts"

export const ORIGIN = "http://localhost:7777"

export type Given = {
  readonly site: WrittenSite
  readonly server: Running
  readonly api: string
  readonly client: Client
  /** A token of a new session; `delegation` is in the log. */
  token(number?: number): Promise<string>
  readonly database: Kysely<Tables>
  readonly lines: string[]
  readonly mqtt: { readonly port: number; readonly ca: string; pair(door: DoorId): Pair }
  readonly settings: Settings
}

export function urlOf({ host, port, user, database }: Connection): string {
  return `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`
}

export function settingsFor(
  site: { data: string; site: Settings["site"] },
  database_url: string,
  authority: Authority,
): Settings {
  const { cert, key } = makePair(authority, "server", "server")
  return {
    data: site.data,
    site: site.site,
    api: { port: 0, address: "127.0.0.1" },
    front_origin: ORIGIN,
    mqtt: { port: 0, address: "127.0.0.1" },
    tls: { key, cert, ca: authority.certificate },
    keeper_socket: join(site.data, "keeper.socket"),
    database_url,
  }
}

/** Runs a server for as long as `run` runs. `write` puts into the logs what is there before the start. */
export async function withServer(
  postgres: Postgres,
  write: (site: WrittenSite) => void,
  run: (given: Given) => Promise<void>,
): Promise<void> {
  const site = new WrittenSite(freshFolder())
  write(site)
  const authority = makeAuthority("this site")
  await withDatabase(postgres, async (connection) => {
    const lines: string[] = []
    const settings = settingsFor(site, urlOf(connection), authority)
    const server = await startServer(
      settings,
      lineLog((line) => lines.push(line), Date.now),
    )
    const database = openDatabase<Tables>(connection, () => {})
    const api = `http://127.0.0.1:${server.api_port}`
    try {
      await run({
        site,
        server,
        api,
        client: client(api, fetch),
        async token(number = 200) {
          const token = await openSession(site, database, number)
          // Nobody told the server that the log grew; it looks by itself.
          while (!(await client(api, fetch).ask("session", {}, { token })).ok) await setImmediate()
          return token
        },
        database,
        lines,
        settings,
        mqtt: {
          port: server.mqtt_port,
          ca: authority.certificate,
          pair: (door) => makePair(authority, "client", `lock:${door}`),
        },
      })
    } finally {
      await server.stop()
      await database.destroy()
    }
  })
  site.remove()
}

async function openSession(site: WrittenSite, database: Kysely<Tables>, number: number): Promise<string> {
  const expires_at_ms = Date.now() + 3_600_000
  const { person, delegation } = site.session(number, Math.floor(expires_at_ms / 1_000))
  const token = await sessionsOf(site, database).open(person, delegation, expires_at_ms)
  return token ?? ""
}

export function sessionsOf(site: WrittenSite, database: Kysely<Tables>): Sessions {
  const files = new LedgerFiles(join(site.data, "ledger"))
  const news = { statement: () => {}, door: () => {}, grew: () => {} }
  const known = new Site({ site: site.site, files, log: () => {}, wait: async () => {}, news })
  return new Sessions(database, known, Date.now)
}
