/**
 * What the server is told at its start: where things are, which ports, whose site.
 *
 * It comes from whoever started the process, as one message, or from the environment when the server runs alone. Nothing in it
 * opens a door: the only secret is the TLS key that shows locks that this is their server.
 */
import { parseId, type SiteId } from "@holdfast/base"

export type Settings = {
  /** The data directory: ledger, policies and, unless there is another database, postgres. */
  readonly data: string
  readonly site: SiteId
  readonly api: { readonly port: number; readonly address: string }
  /** The one origin whose pages may ask, as browsers spell it. */
  readonly front_origin: string
  readonly mqtt: { readonly port: number; readonly address: string }
  /** PEM texts: the server's key and certificate, and the authority of the locks. */
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string }
  readonly keeper_socket: string
  /** Null: the PostgreSQL that comes with Holdfast. */
  readonly database_url: string | null
}

/** Settings that cannot be used; the message names the one. */
export class SettingsError extends Error {
  override readonly name = "SettingsError"
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "") throw new SettingsError(`${name} is missing`)
  return value
}

function portOf(value: unknown, name: string): number {
  const port = typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : value
  if (typeof port !== "number" || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new SettingsError(`${name} is not a port`)
  return port
}

function originOf(value: unknown, name: string): string {
  const text = textOf(value, name)
  if (!URL.canParse(text) || new URL(text).origin !== text) throw new SettingsError(`${name} is not an origin`)
  return text
}

type Told = { readonly [name: string]: unknown }

function partOf(value: unknown, name: string): Told {
  if (typeof value !== "object" || value === null) throw new SettingsError(`${name} is missing`)
  return { ...value }
}

/** Settings from a message of the parent process. */
export function readSettings(value: unknown): Settings {
  const told = partOf(value, "settings")
  const api = partOf(told["api"], "api")
  const mqtt = partOf(told["mqtt"], "mqtt")
  const tls = partOf(told["tls"], "tls")
  const site = parseId<"SiteId">(textOf(told["site"], "site"))
  if (site === null) throw new SettingsError("site is not an id")
  const url = told["database_url"]
  return {
    data: textOf(told["data"], "data"),
    site,
    api: { port: portOf(api["port"], "api.port"), address: textOf(api["address"], "api.address") },
    front_origin: originOf(told["front_origin"], "front_origin"),
    mqtt: { port: portOf(mqtt["port"], "mqtt.port"), address: textOf(mqtt["address"], "mqtt.address") },
    tls: { key: textOf(tls["key"], "tls.key"), cert: textOf(tls["cert"], "tls.cert"), ca: textOf(tls["ca"], "tls.ca") },
    keeper_socket: textOf(told["keeper_socket"], "keeper_socket"),
    database_url: url === undefined || url === null || url === "" ? null : textOf(url, "database_url"),
  }
}

/** Settings of a server that runs alone. TLS texts lie in files, which `read` opens. */
export function settingsFromEnvironment(environment: NodeJS.ProcessEnv, read: (path: string) => string): Settings {
  const of = (name: string) => environment[`HOLDFAST_${name}`]
  const file = (name: string) => read(textOf(of(name), `HOLDFAST_${name}`))
  return readSettings({
    data: of("DATA"),
    site: of("SITE"),
    api: { port: of("API_PORT"), address: of("API_ADDRESS") ?? "localhost" },
    front_origin: of("FRONT_ORIGIN"),
    mqtt: { port: of("MQTT_PORT"), address: of("MQTT_ADDRESS") ?? "localhost" },
    tls: { key: file("TLS_KEY"), cert: file("TLS_CERT"), ca: file("TLS_CA") },
    keeper_socket: of("KEEPER_SOCKET"),
    database_url: of("DATABASE_URL"),
  })
}
