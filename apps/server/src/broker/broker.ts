/**
 * The embedded MQTT broker: the line between the server and its locks.
 *
 * Picture: a TLS 1.3 listener that lets in only certificates of our own authority; behind it an MQTT library that
 * speaks the protocol; around that library every right, bound and counter of ours. The server is no MQTT client: what
 * locks publish comes out of `onMessage`, and `publish` hands a message to one lock. Payloads are opaque bytes.
 *
 * It keeps nothing: none of MQTT's sessions, no retained messages, no queue for a lock that is away. What must survive
 * is repeated by whoever knows it, and proven by receipts, which are none of the broker's business.
 */
import { constants } from "node:crypto"
import { once } from "node:events"
import { type AddressInfo, isIPv6, type Socket } from "node:net"
import { createServer, type Server, type TLSSocket } from "node:tls"
import { assert, type DoorId, type SiteId } from "@holdfast/base"
import { MESSAGE_BYTES_MAX, type UpWord } from "@holdfast/wire"
import { Aedes, type AedesOptions, type Client } from "aedes"
import { Connection, type Delivery } from "./connection.ts"
import { Connections } from "./connections.ts"
import { identityOf } from "./identity.ts"
import { PacketGate } from "./packet-gate.ts"
import { RejectedError, type Rejection, RejectionCounts } from "./rejection.ts"
import { LockRights } from "./rights.ts"
import { codeOf } from "../error-code.ts"

/** Topic, identifier and headers that come with a payload. */
const OVERHEAD_BYTES_MAX = 512
const CONNECTIONS_MAX = 10_000
const HANDSHAKE_MS_MAX = 10_000
const CONNECT_MS_MAX = 10_000
const ACKNOWLEDGE_MS_MAX = 20_000
/** The library's default of 100 starves its own subscribers under load. */
const CONCURRENCY = 5_000

export class BrokerError extends Error {
  override readonly name = "BrokerError"
  /** The operating system's word, such as EADDRINUSE. */
  readonly code: string

  constructor(code: string, address: string, port: number) {
    super(`the broker cannot listen on ${isIPv6(address) ? `[${address}]` : address}:${port}: ${code}`)
    this.code = code
  }
}

export type BrokerOptions = {
  /** PEM texts: the server's key and certificate, and the authority of the locks. */
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string }
  /** 0 takes any free port. */
  readonly port: number
  readonly address: string
  readonly site: SiteId
  /**
   * Whether the board with this name may be that door's lock: asked after the handshake, again at CONNECT, and whenever
   * {@link Broker.recheck} says so.
   */
  readonly allowed: (door: DoorId, board: string) => boolean
  /** A lock said something. While a promise is pending, nothing more is read from that lock. */
  readonly onMessage: (door: DoorId, word: UpWord, payload: Uint8Array) => void | Promise<void>
  /** The lock can be reached from now on, or no longer. Messages may come before the first "up". */
  readonly onConnection: (door: DoorId, change: "up" | "down") => void
  readonly log: (line: string) => void
  readonly connections_max?: number
  readonly acknowledge_ms_max?: number
}

export type BrokerCounts = {
  /** Now: connections that passed the handshake, and locks that can be reached. */
  readonly connections: number
  readonly reachable: number
  /** Since the start. */
  readonly messages_in: number
  readonly messages_out: number
  readonly takeovers: number
  readonly failures: number
  readonly rejected: Readonly<Record<Rejection, number>>
}

export type Broker = {
  readonly port: number
  /** "delivered" when the lock's MQTT client has it; "busy" when it lags behind; else nobody knows. */
  publish(door: DoorId, payload: Uint8Array): Promise<Delivery>
  /** Closes at once every connection at the door that is not allowed any more; answers how many. */
  recheck(door: DoorId): number
  counts(): BrokerCounts
  stop(): Promise<void>
}

/** Who listens, who is connected, and what was counted: the parts that the functions below share. */
class EmbeddedBroker implements Broker {
  readonly #options: BrokerOptions
  readonly #rejections: RejectionCounts
  readonly #connections: Connections
  readonly #mqtt: Aedes
  readonly #server: Server
  /** Every connection, also those still in their handshake. */
  readonly #sockets = new Set<Socket>()
  #messages_in = 0
  #messages_out = 0
  #takeovers = 0
  #failures = 0

  constructor(options: BrokerOptions) {
    this.#options = options
    this.#rejections = new RejectionCounts(options.log)
    this.#connections = new Connections(options.onConnection)
    this.#mqtt = new Aedes({ concurrency: CONCURRENCY, connectTimeout: CONNECT_MS_MAX, ...this.#hooks() })
    this.#server = createServer({
      ...options.tls,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.3",
      handshakeTimeout: HANDSHAKE_MS_MAX,
      // Without tickets there is no resumption, so each connection shows its certificate anew.
      secureOptions: constants.SSL_OP_NO_TICKET,
    })
    this.#server.maxConnections = options.connections_max ?? CONNECTIONS_MAX
    this.#followServer()
    this.#followMqtt()
  }

  async listen(): Promise<void> {
    const { port, address } = this.#options
    await this.#mqtt.listen()
    this.#server.listen(port, address)
    try {
      await once(this.#server, "listening")
    } catch (error) {
      this.#mqtt.close()
      throw new BrokerError(codeOf(error) || "unknown", address, port)
    }
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address()
    assert(address !== null && typeof address === "object", "the broker listens on a port")
    return address.port
  }

  #followServer(): void {
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once("close", () => this.#sockets.delete(socket))
    })
    this.#server.on("drop", () => this.#rejections.count("too many connections", "a connection"))
    this.#server.on("tlsClientError", (error) => this.#rejections.count("TLS handshake", `a peer (${error.message})`))
    this.#server.on("secureConnection", (socket) => this.#arrive(socket))
  }

  #followMqtt(): void {
    const mqtt = this.#mqtt
    mqtt.on("subscribe", (subscriptions, client) => {
      const connection = this.#connections.of(client)
      const isHeard = subscriptions.some((subscription) => connection?.rights.maySubscribe(subscription) === null)
      if (connection && isHeard) this.#connections.becomeReachable(connection, client)
    })
    mqtt.on("unsubscribe", (topics, client) => {
      const connection = this.#connections.of(client)
      if (connection && topics.includes(connection.rights.down)) this.#connections.becomeUnreachable(connection)
    })
    mqtt.on("ack", (_packet, client) => this.#connections.of(client)?.acknowledged())
    mqtt.on("keepaliveTimeout", (client) => this.#reject(this.#connections.of(client), "silence"))
    mqtt.on("clientError", (client, error) => this.#blame(client, error))
    mqtt.on("connectionError", (client, error) => this.#blame(client, error))
  }

  /** The MQTT library closed a connection for `error`, which is either ours, the line's, or the lock's fault. */
  #blame(client: Client, error: Error): void {
    const connection = this.#connections.of(client)
    const isOurs = error instanceof RejectedError
    const isTheLine = "code" in error // The operating system's errors carry one.
    if (!isOurs && !isTheLine) this.#reject(connection, "protocol violation")
  }

  /** Counts a rejection and closes the connection, once. */
  #reject(connection: Connection | undefined, rejection: Rejection): void {
    if (connection === undefined) return
    this.#rejections.count(rejection, connection.rights.name)
    this.#connections.leave(connection)
  }

  /** A peer passed the handshake: whose is the connection, and may it stay? */
  #arrive(socket: TLSSocket): void {
    socket.on("error", () => {}) // A line that breaks is no fault; "close" follows.
    const identity = identityOf(socket)
    if (identity === null || !this.#options.allowed(identity.door, identity.board)) {
      const rejection = identity === null ? "no lock's certificate" : "not on the allow list"
      this.#rejections.count(rejection, socket.getPeerX509Certificate()?.subject ?? "a peer")
      socket.destroy()
      return
    }
    const rights = new LockRights(this.#options.site, identity.door)
    const patience_ms = this.#options.acknowledge_ms_max ?? ACKNOWLEDGE_MS_MAX
    const onImpatient = (silent: Connection) => this.#reject(silent, "no acknowledgement")
    const connection = new Connection(identity, socket, rights, patience_ms, onImpatient)
    this.#connections.arrive(connection)
    socket.once("close", () => this.#connections.leave(connection))
    socket.setNoDelay(true)
    this.#guard(connection)
    this.#mqtt.handle(socket)
  }

  /** Puts the gate before everything that the MQTT library reads, which is all through `read`. */
  #guard(connection: Connection): void {
    const gate = new PacketGate(MESSAGE_BYTES_MAX + OVERHEAD_BYTES_MAX)
    const read = connection.socket.read.bind(connection.socket)
    connection.socket.read = (size?: number) => {
      const bytes: Uint8Array | null = connection.isHeld ? null : read(size)
      const answer = bytes === null ? "pass" : gate.look(bytes)
      if (answer === "pass") return bytes
      this.#reject(connection, answer)
      return null
    }
  }

  /** The library's questions, answered from the connection that the client speaks on. One that is gone has no rights. */
  #hooks(): AedesOptions {
    return {
      preConnect: (client, packet, answer) => {
        const connection = this.#connections.of(client)
        const rejection = connection?.rights.mayConnect(packet) ?? null
        // Another version would not understand our answer: its connection is only closed.
        if (rejection === "not MQTT 3.1.1") return this.#reject(connection, rejection)
        if (connection) connection.connectRejection = rejection
        // The broker keeps no sessions; the lock is told so by "session present" 0 and subscribes again.
        packet.clean = true
        answer(null, connection !== undefined)
      },
      authenticate: (client, _username, _password, answer) => {
        const rejection = this.#connect(this.#connections.of(client))
        if (rejection === null) answer(null, true)
        else answer(new RejectedError(rejection), false)
      },
      authorizePublish: (client, packet, answer) => {
        if (client === null) return answer(null) // The library's own notices, which nobody can subscribe to.
        const connection = this.#connections.of(client)
        const rejection = connection ? connection.rights.mayPublish(packet) : "publish outside its rights"
        if (connection && rejection) this.#rejections.count(rejection, connection.rights.name)
        answer(rejection === null ? null : new RejectedError(rejection))
      },
      authorizeSubscribe: (client, subscription, answer) => {
        const connection = this.#connections.of(client)
        const rejection = connection ? connection.rights.maySubscribe(subscription) : "subscribe outside its rights"
        if (connection && rejection) this.#rejections.count(rejection, connection.rights.name)
        answer(null, rejection === null ? subscription : null)
      },
      published: (packet, client, done) => {
        const connection = client === null ? undefined : this.#connections.of(client)
        if (connection) this.#receive(connection, packet.topic, packet.payload)
        done()
      },
    }
  }

  /** CONNECT came: the rejection, counted, or null and the lock is connected. */
  #connect(connection: Connection | undefined): Rejection | null {
    if (connection === undefined) return "not on the allow list"
    const isAllowed = this.#options.allowed(connection.door, connection.board)
    const rejection = isAllowed ? connection.connectRejection : "not on the allow list"
    if (rejection === null) this.#takeovers += this.#connections.connect(connection)
    else this.#rejections.count(rejection, connection.rights.name)
    return rejection
  }

  /** Passes a message on, and holds its lock back while the server is taking it in. */
  #receive(connection: Connection, topic: string, payload: string | Buffer): void {
    const word = connection.rights.wordOf(topic)
    assert(word !== null && typeof payload !== "string", "only what a lock may publish is received, and as bytes")
    this.#messages_in++
    const bytes = new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength)
    const failed = (error: unknown) => {
      this.#failures++
      this.#options.log(`broker: a ${word} message of ${connection.rights.name} was not taken in: ${String(error)}`)
    }
    try {
      const pending = this.#options.onMessage(connection.door, word, bytes)
      if (pending !== undefined) connection.hold(pending.catch(failed))
    } catch (error) {
      failed(error)
    }
  }

  async publish(door: DoorId, payload: Uint8Array): Promise<Delivery> {
    assert(payload.length <= MESSAGE_BYTES_MAX, "a message has at most its size")
    const reachable = this.#connections.reach(door)
    if (reachable === undefined) return "not connected"
    this.#messages_out++
    return reachable.connection.deliver(reachable.client, payload)
  }

  recheck(door: DoorId): number {
    const ended = this.#connections.at(door).filter(({ board }) => !this.#options.allowed(door, board))
    for (const connection of ended) this.#reject(connection, "not on the allow list")
    return ended.length
  }

  counts(): BrokerCounts {
    return {
      connections: this.#connections.count,
      reachable: this.#connections.reachable_count,
      messages_in: this.#messages_in,
      messages_out: this.#messages_out,
      takeovers: this.#takeovers,
      failures: this.#failures,
      rejected: this.#rejections.all(),
    }
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, "close")
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
    await new Promise<void>((resolve) => this.#mqtt.close(resolve))
  }
}

/** Starts the broker and answers when it listens; {@link BrokerError} when it cannot. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const broker = new EmbeddedBroker(options)
  await broker.listen()
  options.log(`broker: listening on port ${broker.port}`)
  return broker
}
