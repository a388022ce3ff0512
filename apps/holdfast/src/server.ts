/**
 * The server's process: it is told where to listen, its own certificate and the keeper's socket, and nothing else.
 *
 * It holds no key that opens anything and knows no way to the boards' virtual hardware; `test/no-way-to-the-world.test.ts`
 * reads the settings below.
 */
import { KeptChild } from "./kept-child.ts"
import { LOOPBACK } from "./ports.ts"
import { programOf } from "./program.ts"
import type { Site } from "./site.ts"
import type { TlsNames } from "./tls.ts"

export type ServerOptions = {
  /** The data directory. */
  readonly data: string
  readonly log: string
  readonly site: Site
  /** Of the console, whose requests are answered. */
  readonly origin: string
  readonly apiPort: number
  readonly mqttPort: number
  /** Where locks are heard. */
  readonly listen: string
  readonly tls: TlsNames
  readonly keeperSocket: string
  readonly databaseUrl: string | null
  gaveUp(error: unknown): void
}

export function newServer(options: ServerOptions): KeptChild {
  const { server, authorityPem } = options.tls
  return new KeptChild({
    name: "server",
    entry: programOf("server"),
    log: options.log,
    settings: () => ({
      data: options.data,
      site: options.site.id,
      api: { port: options.apiPort, address: LOOPBACK },
      front_origin: options.origin,
      mqtt: { port: options.mqttPort, address: options.listen },
      tls: { key: server.keyPem, cert: server.certificatePem, ca: authorityPem },
      keeper_socket: options.keeperSocket,
      database_url: options.databaseUrl,
    }),
    ready: () => undefined,
    heard: () => undefined,
    gaveUp: options.gaveUp,
  })
}
