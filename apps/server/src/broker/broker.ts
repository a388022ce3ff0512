/**
 * The embedded MQTT broker: the line between the server and its locks.
 *
 * Picture: a TLS 1.3 listener that lets in only certificates of our own authority; behind it an MQTT library that
 * speaks the protocol; around that library every right, bound and counter of ours. The server is no MQTT client: what
 * locks publish comes out of `onMessage`, and `publish` hands a message to one lock. Payloads are opaque bytes.
 *
 * It keeps nothing: no sessions, no retained messages, no queue for a lock that is away. What must survive is repeated
 * by whoever knows it, and proven by receipts, which are none of the broker's business.
 */
import { constants } from "node:crypto"
import { once } from "node:events"
import { type AddressInfo, isIPv6, type Socket } from "node:net"
import { createServer, type Server, type TLSSocket } from "node:tls"
import { assert, type DoorId, type SiteId } from "@holdfast/base"
import { MESSAGE_BYTES_MAX, type UpWord } from "@holdfast/wire"
import { Aedes, type AedesOptions, type Client } from "aedes"
import { identityOf } from "./identity.ts"
import { PacketGate } from "./packet-gate.ts"
import { RefusalCounts, type Refusal, RefusedError } from "./refusal.ts"
import { LockRights } from "./rights.ts"
import { type Delivery, Session } from "./session.ts"
import { Sessions } from "./sessions.ts"
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
  readonly refused: Readonly<Record<Refusal, number>>
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
  readonly #refusals: RefusalCounts
  readonly #sessions: Sessions
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
    this.#refusals = new RefusalCounts(options.log)
    this.#sessions = new Sessions(options.onConnection)
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
    this.#server.on("drop", () => this.#refusals.count("too many connections", "a connection"))
    this.#server.on("tlsClientError", (error) => this.#refusals.count("TLS handshake", `a peer (${error.message})`))
    this.#server.on("secureConnection", (socket) => this.#arrive(socket))
  }

  #followMqtt(): void {
    const mqtt = this.#mqtt
    mqtt.on("subscribe", (subscriptions, client) => {
      const session = this.#sessions.of(client)
      const isHeard = subscriptions.some((subscription) => session?.rights.maySubscribe(subscription) === null)
      if (session && isHeard) this.#sessions.becomeReachable(session, client)
    })
    mqtt.on("unsubscribe", (topics, client) => {
      const session = this.#sessions.of(client)
      if (session && topics.includes(session.rights.down)) this.#sessions.becomeUnreachable(session)
    })
    mqtt.on("ack", (_packet, client) => this.#sessions.of(client)?.acknowledged())
    mqtt.on("keepaliveTimeout", (client) => this.#refuse(this.#sessions.of(client), "silence"))
    mqtt.on("clientError", (client, error) => this.#blame(client, error))
    mqtt.on("connectionError", (client, error) => this.#blame(client, error))
  }

  /** The MQTT library closed a connection for `error`, which is either ours, the line's, or the lock's fault. */
  #blame(client: Client, error: Error): void {
    const session = this.#sessions.of(client)
    const isOurs = error instanceof RefusedError
    const isTheLine = "code" in error // The operating system's errors carry one.
    if (!isOurs && !isTheLine) this.#refuse(session, "protocol violation")
  }

  /** Counts a refusal and closes the connection, once. */
  #refuse(session: Session | undefined, refusal: Refusal): void {
    if (session === undefined) return
    this.#refusals.count(refusal, session.rights.name)
    this.#sessions.leave(session)
  }

  /** A connection passed the handshake: whose is it, and may it stay? */
  #arrive(socket: TLSSocket): void {
    socket.on("error", () => {}) // A line that breaks is no fault; "close" follows.
    const identity = identityOf(socket)
    if (identity === null || !this.#options.allowed(identity.door, identity.board)) {
      const refusal = identity === null ? "no lock's certificate" : "not on the allow list"
      this.#refusals.count(refusal, socket.getPeerX509Certificate()?.subject ?? "a peer")
      socket.destroy()
      return
    }
    const rights = new LockRights(this.#options.site, identity.door)
    const patience_ms = this.#options.acknowledge_ms_max ?? ACKNOWLEDGE_MS_MAX
    const onImpatient = (silent: Session) => this.#refuse(silent, "no acknowledgement")
    const session = new Session(identity, socket, rights, patience_ms, onImpatient)
    this.#sessions.arrive(session)
    socket.once("close", () => this.#sessions.leave(session))
    socket.setNoDelay(true)
    this.#guard(session)
    this.#mqtt.handle(socket)
  }

  /** Puts the gate before everything that the MQTT library reads, which is all through `read`. */
  #guard(session: Session): void {
    const gate = new PacketGate(MESSAGE_BYTES_MAX + OVERHEAD_BYTES_MAX)
    const read = session.socket.read.bind(session.socket)
    session.socket.read = (size?: number) => {
      const bytes: Uint8Array | null = session.isHeld ? null : read(size)
      const answer = bytes === null ? "pass" : gate.look(bytes)
      if (answer === "pass") return bytes
      this.#refuse(session, answer)
      return null
    }
  }

  /** The library's questions, answered from the session that the connection belongs to. A session that is gone has no rights. */
  #hooks(): AedesOptions {
    return {
      preConnect: (client, packet, answer) => {
        const session = this.#sessions.of(client)
        const refusal = session?.rights.mayConnect(packet) ?? null
        // Another version would not understand our refusal: its connection is only closed.
        if (refusal === "not MQTT 3.1.1") return this.#refuse(session, refusal)
        if (session) session.connectRefusal = refusal
        // The broker keeps no sessions; the lock is told so by "session present" 0 and subscribes again.
        packet.clean = true
        answer(null, session !== undefined)
      },
      authenticate: (client, _username, _password, answer) => {
        const refusal = this.#connect(this.#sessions.of(client))
        if (refusal === null) answer(null, true)
        else answer(new RefusedError(refusal), false)
      },
      authorizePublish: (client, packet, answer) => {
        if (client === null) return answer(null) // The library's own notices, which nobody can subscribe to.
        const session = this.#sessions.of(client)
        const refusal = session ? session.rights.mayPublish(packet) : "publish outside its rights"
        if (session && refusal) this.#refusals.count(refusal, session.rights.name)
        answer(refusal === null ? null : new RefusedError(refusal))
      },
      authorizeSubscribe: (client, subscription, answer) => {
        const session = this.#sessions.of(client)
        const refusal = session ? session.rights.maySubscribe(subscription) : "subscribe outside its rights"
        if (session && refusal) this.#refusals.count(refusal, session.rights.name)
        answer(null, refusal === null ? subscription : null)
      },
      published: (packet, client, done) => {
        const session = client === null ? undefined : this.#sessions.of(client)
        if (session) this.#receive(session, packet.topic, packet.payload)
        done()
      },
    }
  }

  /** The CONNECT of a session: the refusal, counted, or null and it is connected. */
  #connect(session: Session | undefined): Refusal | null {
    if (session === undefined) return "not on the allow list"
    const isAllowed = this.#options.allowed(session.door, session.board)
    const refusal = isAllowed ? session.connectRefusal : "not on the allow list"
    if (refusal === null) this.#takeovers += this.#sessions.connect(session)
    else this.#refusals.count(refusal, session.rights.name)
    return refusal
  }

  /** Passes a message on, and holds its lock back while the server is taking it in. */
  #receive(session: Session, topic: string, payload: string | Buffer): void {
    const word = session.rights.wordOf(topic)
    assert(word !== null && typeof payload !== "string", "only what a lock may publish is received, and as bytes")
    this.#messages_in++
    const bytes = new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength)
    const failed = (error: unknown) => {
      this.#failures++
      this.#options.log(`broker: a ${word} message of ${session.rights.name} was not taken in: ${String(error)}`)
    }
    try {
      const pending = this.#options.onMessage(session.door, word, bytes)
      if (pending !== undefined) session.hold(pending.catch(failed))
    } catch (error) {
      failed(error)
    }
  }

  async publish(door: DoorId, payload: Uint8Array): Promise<Delivery> {
    assert(payload.length <= MESSAGE_BYTES_MAX, "a message has at most its size")
    const reachable = this.#sessions.reach(door)
    if (reachable === undefined) return "not connected"
    this.#messages_out++
    return reachable.session.deliver(reachable.client, payload)
  }

  recheck(door: DoorId): number {
    const ended = this.#sessions.at(door).filter(({ board }) => !this.#options.allowed(door, board))
    for (const session of ended) this.#refuse(session, "not on the allow list")
    return ended.length
  }

  counts(): BrokerCounts {
    return {
      connections: this.#sessions.count,
      reachable: this.#sessions.reachable_count,
      messages_in: this.#messages_in,
      messages_out: this.#messages_out,
      takeovers: this.#takeovers,
      failures: this.#failures,
      refused: this.#refusals.all(),
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
