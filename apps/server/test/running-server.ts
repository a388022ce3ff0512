/**
 * A whole server on a written site: real database, real broker, real HTTP. The keeper's socket is there only where a test
 * brings a keeper.
 */
import { match } from "node:assert/strict"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { assert, type DoorId } from "@holdfast/base"
import { type Client, client, type Problem } from "@holdfast/contract"
import type { Kysely } from "kysely"
import { type Running, startServer } from "../src/server.ts"
import { lineLog } from "../src/log.ts"
import { openDatabase } from "../src/postgres/database.ts"
import type { Postgres } from "../src/postgres/postgres.ts"
import { Sessions } from "../src/sessions.ts"
import type { Settings } from "../src/settings.ts"
import { Site } from "../src/site/site.ts"
import type { Tables } from "../src/tables.ts"
import { LedgerFiles } from "../src/ledger/files.ts"
import { makeAuthority, makePair, type Pair } from "./certificates.ts"
import { freshFolder, postgresForTests, withDatabase } from "./embedded-postgres.ts"
import { settingsFor, urlOf } from "./written-settings.ts"
import { WrittenSite } from "./written-site.ts"

/** So long that it only ends with the test: what happens from the start on is news here, however slow the machine. */
const CATCH_UP_MS_MAX = 85_000

type Written = ReadonlyMap<number, ReturnType<WrittenSite["session"]>>

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

/** Runs a server for as long as `run` runs. `write` puts into the logs what is there before the start. */
export async function withServer(
  postgres: Postgres,
  write: (site: WrittenSite) => void,
  run: (given: Given) => Promise<void>,
): Promise<void> {
  const site = new WrittenSite(freshFolder())
  write(site)
  const until_s = Math.floor(Date.now() / 1_000) + 3_600
  const sessions: Written = new Map([200, 201].map((number) => [number, site.session(number, until_s)]))
  const authority = makeAuthority("this site")
  await withDatabase(postgres, async (connection) => {
    const lines: string[] = []
    const settings = settingsFor(site, urlOf(connection), authority)
    const log = lineLog((line) => lines.push(line), Date.now)
    const server = await startServer(settings, log, CATCH_UP_MS_MAX)
    const database = openDatabase<Tables>(connection, () => {})
    const api = `http://127.0.0.1:${server.api_port}`
    try {
      await run({
        site,
        server,
        api,
        client: client(api, fetch),
        token: (number = 200) => openSession(site, database, sessions, number),
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

/** Each person's session opens once: their delegations were in the log before the server started. */
async function openSession(
  site: WrittenSite,
  database: Kysely<Tables>,
  sessions: Written,
  number: number,
): Promise<string> {
  const written = sessions.get(number)
  assert(written !== undefined, "there are sessions for two people")
  const { person, delegation } = written
  return (await sessionsOf(site, database).open(person, delegation, Date.now() + 3_600_000)) ?? ""
}

export function sessionsOf(site: WrittenSite, database: Kysely<Tables>): Sessions {
  const files = new LedgerFiles(join(site.data, "ledger"))
  const news = { statement: () => {}, door: () => {}, grew: () => {} }
  const known = new Site({ site: site.site, files, log: () => {}, wait: async () => {}, news })
  return new Sessions(database, known, Date.now)
}

/** The server of the calling file's tests. */
export const postgres = postgresForTests()

/** A test with a server of its own. */
export function onServer(
  name: string,
  run: (given: Given, context: TestContext) => Promise<void>,
  write: (site: WrittenSite) => void = () => {},
): void {
  test(name, { timeout: 90_000 }, (context) => withServer(postgres(), write, (given) => run(given, context)))
}

export async function problemOf(response: Response): Promise<Problem> {
  match(response.headers.get("content-type") ?? "", /^application\/problem\+json/)
  return (await response.json()) as Problem
}

export async function asks(api: string, path: string, init: RequestInit & { token?: string } = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (init.token !== undefined) headers.set("authorization", `Bearer ${init.token}`)
  return fetch(api + path, { ...init, headers })
}
