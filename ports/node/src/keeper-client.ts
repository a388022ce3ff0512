/**
 * A caller's end of the keeper's socket: requests out, their answers and the notices in.
 *
 * Picture a counter with numbered tickets. Every request gets a number; answers come back in any order under it. When the
 * line breaks, requests under way fail, since nobody knows whether they were heard, and the client calls again by itself;
 * requests made meanwhile wait in a bounded queue. What frames look like and what bodies mean is the caller's: it gives
 * the codec. It holds no authority: everything that the keeper believes is signed by somebody.
 */
import { assert } from "@holdfast/base"
import type { Cbor } from "@holdfast/base/cbor"
import { connect, type Socket } from "node:net"

const WAITING_MAX = 4096
const RETRY_MS_FIRST = 20
const RETRY_MS_MAX = 2_000

export type SocketFrame = { readonly id: number; readonly operation: number; readonly body: Cbor }

/** How frames become bytes, given in by the caller: `@holdfast/wire` has one. */
export type Framing = {
  encode(frame: SocketFrame): Uint8Array
  /** A reader of one connection; a text is the fault after which the connection must be closed. */
  reader(): { push(bytes: Uint8Array): readonly SocketFrame[] | string }
}

export type KeeperClientOptions = {
  readonly path: string
  readonly framing: Framing
  /** Hears frames with id 0. */
  readonly onNotice?: (frame: SocketFrame) => void
  /** Hears when the line is up and when it is down. */
  readonly onLine?: (up: boolean) => void
}

/** The line to the keeper is down, or broke before the answer came. */
export class KeeperLineError extends Error {
  override readonly name = "KeeperLineError"
}

type Pending = { readonly frame: SocketFrame; readonly answer: PromiseWithResolvers<SocketFrame> }

export class KeeperClient {
  readonly #options: KeeperClientOptions
  #socket: Socket | null = null
  #up = false
  #closed = false
  #nextId = 1
  #retry_ms = RETRY_MS_FIRST
  #timer: NodeJS.Timeout | null = null
  /** Made while the line was down. */
  #queue: Pending[] = []
  /** Under way, by id. */
  readonly #sent = new Map<number, Pending>()

  constructor(options: KeeperClientOptions) {
    this.#options = options
    this.#connect()
  }

  /** The answer's frame; its operation 0 is a refusal in words. Rejects with {@link KeeperLineError}. */
  request(operation: number, body: Cbor): Promise<SocketFrame> {
    if (this.#closed) return Promise.reject(new KeeperLineError("the line to the keeper was closed"))
    if (this.#queue.length + this.#sent.size >= WAITING_MAX)
      return Promise.reject(new KeeperLineError("too many requests wait for the keeper"))
    const pending: Pending = { frame: { id: this.#nextId++, operation, body }, answer: Promise.withResolvers() }
    if (this.#up) this.#send(pending)
    else this.#queue.push(pending)
    return pending.answer.promise
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#socket?.destroy()
    this.#fail([...this.#sent.values(), ...this.#queue], "the line to the keeper was closed")
    this.#sent.clear()
    this.#queue = []
  }

  #connect(): void {
    const socket = connect(this.#options.path)
    const reader = this.#options.framing.reader()
    this.#socket = socket
    socket.on("connect", () => this.#opened())
    socket.on("data", (bytes) => {
      const frames = reader.push(bytes)
      if (typeof frames === "string") socket.destroy()
      else for (const frame of frames) this.#take(frame)
    })
    socket.on("error", () => undefined) // "close" follows and does the work.
    socket.on("close", () => this.#lost())
  }

  #opened(): void {
    this.#up = true
    this.#retry_ms = RETRY_MS_FIRST
    this.#options.onLine?.(true)
    for (const pending of this.#queue.splice(0)) this.#send(pending)
  }

  #lost(): void {
    if (this.#closed) return
    if (this.#up) this.#options.onLine?.(false)
    this.#up = false
    this.#fail([...this.#sent.values()], "the line to the keeper broke")
    this.#sent.clear()
    this.#timer = setTimeout(() => this.#connect(), this.#retry_ms)
    this.#retry_ms = Math.min(RETRY_MS_MAX, this.#retry_ms * 2)
  }

  #send(pending: Pending): void {
    assert(this.#socket !== null, "a line that is up has its socket")
    this.#sent.set(pending.frame.id, pending)
    this.#socket.write(this.#options.framing.encode(pending.frame))
  }

  #take(frame: SocketFrame): void {
    if (frame.id === 0) {
      this.#options.onNotice?.(frame)
      return
    }
    this.#sent.get(frame.id)?.answer.resolve(frame)
    this.#sent.delete(frame.id)
  }

  #fail(pending: readonly Pending[], message: string): void {
    for (const { answer } of pending) answer.reject(new KeeperLineError(message))
  }
}
