/**
 * One TLS connection of one lock, from the handshake to its end.
 *
 * It goes arrived -> connected -> reachable -> gone: the certificate was good; MQTT's CONNECT was accepted; the lock
 * listens on its `down` topic, so that the server can reach it. It also holds what the lock has not yet acknowledged.
 * MQTT acknowledges in order (3.1.1, section 4.6), so a queue of callers is all there is to keep.
 */
import type { TLSSocket } from "node:tls"
import { assert, type DoorId } from "@holdfast/base"
import type { Client } from "aedes"
import type { Identity } from "./identity.ts"
import type { Rejection } from "./rejection.ts"
import type { LockRights } from "./rights.ts"

export type Delivery = "delivered" | "not connected" | "busy"
/** Messages to one lock that it has not acknowledged; the next one is answered "busy". */
export const UNACKNOWLEDGED_MAX = 16

export class Connection {
  readonly door: DoorId
  readonly board: string
  readonly socket: TLSSocket
  readonly rights: LockRights
  is: "arrived" | "connected" | "reachable" | "gone" = "arrived"
  /** What is wrong with its CONNECT, if anything: found before the answer to it can be given. */
  connectRejection: Rejection | null = null
  /** Messages of this lock that the server has not taken in yet. */
  #held_count = 0
  #waiting: ((delivery: Delivery) => void)[] = []
  #patience: NodeJS.Timeout | null = null
  readonly #patience_ms: number
  readonly #onImpatient: () => void

  /** `onImpatient` is called when the oldest message stays unacknowledged for `patience_ms`. */
  constructor(
    { door, board }: Identity,
    socket: TLSSocket,
    rights: LockRights,
    patience_ms: number,
    onImpatient: (connection: Connection) => void,
  ) {
    this.door = door
    this.board = board
    this.socket = socket
    this.rights = rights
    this.#patience_ms = patience_ms
    this.#onImpatient = () => onImpatient(this)
  }

  /** Hands one message to the lock; the answer comes with its acknowledgement or its end. */
  deliver(client: Client, payload: Uint8Array): Promise<Delivery> {
    assert(this.is === "reachable", "the lock listens")
    if (this.#waiting.length >= UNACKNOWLEDGED_MAX) return Promise.resolve("busy")
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#patience ??= setTimeout(this.#onImpatient, this.#patience_ms)
      const packet = { topic: this.rights.down, payload: bytes, qos: 1, retain: false, dup: false } as const
      client.publish({ cmd: "publish", ...packet }, () => {}) // A failed write also ends the connection.
    })
  }

  /** Whether nothing more is to be read from this lock for now. */
  get isHeld(): boolean {
    return this.#held_count > 0
  }

  /** Reads nothing more from the lock until the promise settles; its connection then fills up and slows it down. */
  hold(pending: Promise<void>): void {
    this.#held_count++
    const release = () => {
      this.#held_count--
      if (!this.isHeld) this.socket.emit("readable") // What came meanwhile lies in the socket and is announced anew.
    }
    pending.then(release, release)
  }

  /** The lock acknowledged its oldest message. One that acknowledges what it never got deceives only itself. */
  acknowledged(): void {
    this.#waiting.shift()?.("delivered")
    if (this.#patience === null) return
    if (this.#waiting.length > 0) this.#patience.refresh()
    else this.#endPatience()
  }

  #endPatience(): void {
    if (this.#patience !== null) clearTimeout(this.#patience)
    this.#patience = null
  }

  /** Ends the connection; whoever waits hears that the delivery is not known. */
  end(): void {
    this.is = "gone"
    this.#endPatience()
    for (const resolve of this.#waiting) resolve("not connected")
    this.#waiting = []
    this.socket.destroy()
  }
}
