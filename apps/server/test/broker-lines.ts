/**
 * Real lines to a real broker: authorities, certificates, the mqtt client, and bare TLS for what no client would send.
 */
import { deepEqual, ok } from "node:assert/strict"
import { once } from "node:events"
import type { Socket } from "node:net"
import { test } from "node:test"
import { connect, type TLSSocket } from "node:tls"
import type { DoorId, SiteId } from "@holdfast/base"
import mqtt, { type IClientOptions, type MqttClient } from "mqtt"
import { type Broker, type BrokerOptions, startBroker } from "../src/broker/broker.ts"
import { REJECTIONS, type Rejection } from "../src/broker/rejection.ts"
import { type Authority, BOARD, makeAuthority, makeBoardPair, makePair, type Pair } from "./certificates.ts"

export const SITE = "0123456789abcdef0123456789abcdef" as SiteId
export const OTHER_SITE = "fedcba9876543210fedcba9876543210" as SiteId
export const ANNA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" as DoorId
export const BERT = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" as DoorId

export const AUTHORITY = makeAuthority("this site")
export const OTHER_AUTHORITY = makeAuthority("another site")

export function lockPair(door: DoorId, authority: Authority = AUTHORITY, board = BOARD): Pair {
  return makeBoardPair(authority, `lock:${door}`, board)
}

/** What the mqtt client takes, and what it hands on to TLS. */
export type Options = IClientOptions & { readonly maxVersion?: "TLSv1.2" }

/** The time a test with real lines may take, so that a line nobody closes fails its test. */
const TEST_MS_MAX = 90_000
const FACT_MS_MAX = 60_000

/** A broker for one test; `restart` gives it other options. */
export class Building {
  broker: Broker
  heard: Heard

  constructor({ broker, heard }: Running) {
    this.broker = broker
    this.heard = heard
  }

  async restart(options: Partial<BrokerOptions>): Promise<void> {
    await this.broker.stop()
    ;({ broker: this.broker, heard: this.heard } = await runBroker(options))
  }

  /** That one rejection was counted once and no other ever, or none at all. */
  rejectedOnly(rejection: Rejection | null): void {
    const expected = Object.fromEntries(REJECTIONS.map((each) => [each, each === rejection ? 1 : 0]))
    deepEqual(this.broker.counts().rejected, expected)
  }

  /** Resolves when the broker has noticed that every line is closed. */
  async emptied(): Promise<void> {
    await until(() => this.broker.counts().connections === 0)
  }
}

/** A test with a broker of its own. */
export function testWithBroker(name: string, run: (building: Building) => Promise<void>): void {
  test(name, { timeout: TEST_MS_MAX }, async () => {
    const building = new Building(await runBroker())
    try {
      await run(building)
    } finally {
      await building.broker.stop()
    }
  })
}

/** What the broker told the server, in order. */
export type Heard = { readonly messages: string[]; readonly changes: string[]; readonly lines: string[] }

export type Running = { readonly broker: Broker; readonly heard: Heard }

/** A broker that lets every lock in and writes down what it hears, unless `options` say otherwise. */
export async function runBroker(options: Partial<BrokerOptions> = {}): Promise<Running> {
  const heard: Heard = { messages: [], changes: [], lines: [] }
  const { cert, key } = makePair(AUTHORITY, "server", "server")
  const broker = await startBroker({
    tls: { cert, key, ca: AUTHORITY.certificate },
    port: 0,
    address: "127.0.0.1",
    site: SITE,
    allowed: () => true,
    onMessage: (door, word, payload) => {
      heard.messages.push(`${door.slice(0, 1)} ${word} ${Buffer.from(payload).toString("latin1")}`)
    },
    onConnection: (door, change) => heard.changes.push(`${door.slice(0, 1)} ${change}`),
    log: (line) => heard.lines.push(line),
    ...options,
  })
  return { broker, heard }
}

/** An mqtt client that does not reconnect, before its connection is decided. */
export function client(broker: Broker, pair: Pair, door: DoorId, options: Options = {}): MqttClient {
  const line = mqtt.connect({
    protocol: "mqtts",
    host: "127.0.0.1",
    port: broker.port,
    ca: AUTHORITY.certificate,
    cert: pair.cert,
    key: pair.key,
    clientId: `lock:${door}`,
    protocolVersion: 4,
    clean: false,
    keepalive: 60,
    reconnectPeriod: 0,
    ...options,
  })
  line.on("error", () => {}) // Told again by "close".
  return line
}

/** A connected client, or the rejection's return code, or "closed". */
export async function connected(line: MqttClient): Promise<MqttClient> {
  await new Promise<void>((resolve, reject) => {
    line.once("connect", () => resolve())
    line.once("error", reject)
    line.once("close", () => reject(new LineClosedError("closed")))
  })
  return line
}

export class LineClosedError extends Error {
  override readonly name = "LineClosedError"
}

export async function lock(broker: Broker, pair: Pair, door: DoorId, options: Options = {}): Promise<MqttClient> {
  return connected(client(broker, pair, door, options))
}

/** A bare TLS connection with a lock's certificate. */
export async function bareLine(broker: Broker, pair: Pair | null, more: object = {}): Promise<TLSSocket> {
  const identity = pair === null ? {} : { cert: pair.cert, key: pair.key }
  const socket = connect({ port: broker.port, host: "127.0.0.1", ca: AUTHORITY.certificate, ...identity, ...more })
  socket.on("error", () => {})
  await once(socket, "secureConnect")
  return socket
}

/** The bytes of CONNECT as a lock of that name sends them (MQTT 3.1.1, section 3.1). */
export function connectBytes(door: DoorId, flags = 0x02): Buffer {
  const name = Buffer.from(`lock:${door}`)
  const body = Buffer.concat([
    Buffer.from([0, 4]),
    Buffer.from("MQTT"),
    Buffer.from([4, flags, 0, 60, 0, name.length]),
    name,
  ])
  return Buffer.concat([Buffer.from([0x10, body.length]), body])
}

/** Resolves when the fact holds; the event loop turns meanwhile. */
export async function until(fact: () => boolean): Promise<void> {
  const end = Date.now() + FACT_MS_MAX
  while (!fact()) {
    ok(Date.now() < end, `it came true: ${fact.toString()}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export const topicUp = (door: DoorId, word: string): string => `hf/${SITE}/${door}/up/${word}`
export const topicDown = (door: DoorId): string => `hf/${SITE}/${door}/down`

/** Resolves when the line is closed, by whomever and with whatever error. */
export function closes(line: MqttClient): Promise<void> {
  return line.connected ? new Promise((resolve) => void line.once("close", () => resolve())) : Promise.resolve()
}

/** The same of a bare line: what still comes is read and dropped. */
export function hangsUp(line: Socket): Promise<void> {
  line.on("error", () => {}) // Told again by "close".
  if (line.closed) return Promise.resolve()
  return new Promise((resolve) => void line.resume().once("close", () => resolve()))
}
