/**
 * A board's line to its courier: one MQTT 3.1.1 connection with the board's own certificate, up again by itself.
 *
 * QoS 1, no clean session, nothing retained. It decides nothing and keeps nothing: what was not answered, the lock says again.
 */
import type { DoorId, SiteId } from "@holdfast/base"
import { downTopic, encodeUp, lockName, type Up, upTopic } from "@holdfast/wire"
import { connect, type MqttClient } from "mqtt"

const RECONNECT_MS = 1_000
const KEEPALIVE_S = 30

export type LineOptions = {
  readonly site: SiteId
  readonly door: DoorId
  readonly host: string
  readonly port: number
  readonly authorityPem: string
  readonly certificatePem: string
  readonly keyPem: string
  linked(up: boolean): void
  heard(bytes: Uint8Array): void
}

export class CourierLine {
  readonly #options: LineOptions
  #client: MqttClient | null = null

  constructor(options: LineOptions) {
    this.#options = options
  }

  /** Plugs the cable in. */
  open(): void {
    if (this.#client !== null) return
    const { site, door, host, port, authorityPem, certificatePem, keyPem } = this.#options
    const client = connect({
      protocol: "mqtts",
      host,
      port,
      servername: "localhost",
      ca: authorityPem,
      cert: certificatePem,
      key: keyPem,
      clientId: lockName(door),
      clean: false,
      protocolVersion: 4,
      keepalive: KEEPALIVE_S,
      reconnectPeriod: RECONNECT_MS,
      queueQoSZero: false,
    })
    this.#client = client
    client.on("connect", () => {
      client.subscribe(downTopic(site, door), { qos: 1 }, (error) => {
        if (error === null && client === this.#client) this.#options.linked(true)
      })
    })
    client.on("close", () => {
      if (client === this.#client) this.#options.linked(false)
    })
    client.on("message", (_topic, payload) => {
      if (client === this.#client) this.#options.heard(new Uint8Array(payload))
    })
    client.on("error", () => undefined) // The library reconnects; the lock works on without a line.
  }

  /** Pulls the cable out. */
  close(): void {
    const client = this.#client
    this.#client = null
    if (client === null) return
    client.end(true)
    this.#options.linked(false)
  }

  send(up: Up): void {
    const { site, door } = this.#options
    const client = this.#client
    if (client === null || !client.connected) return // The lock says it again when it is linked.
    client.publish(upTopic(site, door, up.kind), Buffer.from(encodeUp(up)), { qos: 1 }, () => undefined)
  }
}
