/**
 * The keeper's socket: requests in, answers and notices out, as `core/wire` frames.
 *
 * A Unix socket in a directory that only this user enters. Being able to connect gives no right: whatever changes anything is
 * signed. So the bounds here are against accidents and floods: how many connect, how much one of them may have under way. A
 * peer that breaks the framing is hung up on. A keeper that cannot go on says so once, through `onFatal`, and answers nobody.
 */
import {
  type Answer,
  answerFrame,
  encodeFrame,
  FRAME_BYTES_MAX,
  type Frame,
  FrameReader,
  type Notice,
  noticeFrame,
  type Request,
  readRequest,
} from "@holdfast/wire"
import { createServer, type Server, type Socket } from "node:net"

const CONNECTIONS_MAX = 64
const UNDER_WAY_MAX = 256
/** A connection that does not read its answers is hung up on when so much waits for it. */
const UNREAD_BYTES_MAX = 4 * FRAME_BYTES_MAX

export type KeeperServerOptions = {
  readonly path: string
  /** Rejects when the keeper cannot go on. */
  answer(request: Request): Promise<Answer>
  onFatal(error: unknown): void
}

export class KeeperServer {
  readonly #options: KeeperServerOptions
  readonly #server: Server
  readonly #connections = new Set<Connection>()

  constructor(options: KeeperServerOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#welcome(socket))
    this.#server.maxConnections = CONNECTIONS_MAX
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject)
      this.#server.listen(this.#options.path, () => resolve())
    })
  }

  tell(notice: Notice): void {
    for (const connection of this.#connections) connection.send(noticeFrame(notice))
  }

  /** Takes no more requests, answers those under way, hangs up. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await Promise.all([...this.#connections].map((connection) => connection.finish()))
    await closed
  }

  #welcome(socket: Socket): void {
    const connection = new Connection(socket, this.#options)
    this.#connections.add(connection)
    socket.on("close", () => this.#connections.delete(connection))
  }
}

class Connection {
  readonly #socket: Socket
  readonly #options: KeeperServerOptions
  readonly #reader = new FrameReader()
  #underWay = 0
  #finishing = false
  #idle: (() => void) | null = null

  constructor(socket: Socket, options: KeeperServerOptions) {
    this.#socket = socket
    this.#options = options
    socket.on("error", () => undefined) // "close" follows.
    socket.on("data", (bytes) => this.#take(bytes))
  }

  send(frame: Frame): void {
    if (this.#socket.destroyed) return
    if (this.#socket.writableLength > UNREAD_BYTES_MAX) this.#socket.destroy()
    else this.#socket.write(encodeFrame(frame))
  }

  async finish(): Promise<void> {
    this.#finishing = true
    this.#socket.pause()
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    await new Promise<void>((resolve) => (this.#socket.destroyed ? resolve() : this.#socket.end(() => resolve())))
    this.#socket.destroy()
  }

  #take(bytes: Uint8Array): void {
    const frames = this.#reader.push(bytes)
    if (typeof frames === "string") this.#socket.destroy()
    else for (const frame of frames) void this.#answer(frame)
    if (this.#underWay >= UNDER_WAY_MAX) this.#socket.pause()
  }

  async #answer(frame: Frame): Promise<void> {
    if (frame.id === 0) return // Nobody has anything to tell the keeper.
    const request = readRequest(frame)
    if (request === null) return this.send(answerFrame(frame.id, { operation: "refused", fault: "malformed request" }))
    this.#underWay++
    try {
      this.send(answerFrame(frame.id, await this.#options.answer(request)))
    } catch (error) {
      this.#options.onFatal(error)
    } finally {
      this.#underWay--
      if (!this.#finishing && this.#underWay < UNDER_WAY_MAX / 2) this.#socket.resume()
      if (this.#underWay === 0) this.#idle?.()
    }
  }
}
