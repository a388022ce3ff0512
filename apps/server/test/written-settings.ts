/** Settings of a server in a test: free ports on the loopback, certificates of a test's authority. */
import { join } from "node:path"
import type { Connection } from "../src/postgres/postgres.ts"
import type { Settings } from "../src/settings.ts"
import { type Authority, makePair } from "./certificates.ts"

export const ORIGIN = "http://localhost:7777"

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
