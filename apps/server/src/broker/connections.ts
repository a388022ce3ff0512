/**
 * All connections that passed the handshake: found by their socket, by their lock, and the ones that can be reached.
 *
 * The three tables change together here and nowhere else. A lock may have several connections for a while, since the
 * end of a dead one shows late; only one of them is ever connected, and the newest wins.
 */
import { assert, type DoorId } from "@holdfast/base"
import type { Client } from "aedes"
import type { Connection } from "./connection.ts"

/** Connections of one lock at a time: the living one, and dead ones whose end nobody has noticed yet. */
const CONNECTIONS_PER_LOCK_MAX = 3

export type Reachable = { readonly connection: Connection; readonly client: Client }

export class Connections {
  readonly #bySocket = new Map<unknown, Connection>()
  /** Oldest first. */
  readonly #byDoor = new Map<DoorId, readonly Connection[]>()
  readonly #reachable = new Map<DoorId, Reachable>()
  readonly #onConnection: (door: DoorId, change: "up" | "down") => void

  constructor(onConnection: (door: DoorId, change: "up" | "down") => void) {
    this.#onConnection = onConnection
  }

  get count(): number {
    return this.#bySocket.size
  }

  get reachable_count(): number {
    return this.#reachable.size
  }

  of(client: Client): Connection | undefined {
    return this.#bySocket.get(client.conn)
  }

  reach(door: DoorId): Reachable | undefined {
    return this.#reachable.get(door)
  }

  /** A connection passed the handshake. The lock's oldest one goes if it has too many. */
  arrive(connection: Connection): void {
    assert(connection.is === "arrived", "a connection arrives once")
    const others = this.#byDoor.get(connection.door) ?? []
    const [oldest] = others
    this.#bySocket.set(connection.socket, connection)
    this.#byDoor.set(connection.door, [...others, connection])
    if (oldest !== undefined && others.length >= CONNECTIONS_PER_LOCK_MAX) this.leave(oldest)
  }

  /** The lock's CONNECT on this connection is accepted; answers how many older ones it took over from. */
  connect(connection: Connection): number {
    const older = (this.#byDoor.get(connection.door) ?? []).filter(
      (other) => other !== connection && other.is !== "arrived",
    )
    for (const other of older) this.leave(other)
    connection.is = "connected"
    return older.length
  }

  /** The lock listens on its topic. */
  becomeReachable(connection: Connection, client: Client): void {
    if (connection.is !== "connected") return
    connection.is = "reachable"
    this.#reachable.set(connection.door, { connection, client })
    this.#onConnection(connection.door, "up")
  }

  /** The lock stays connected and listens no longer. */
  becomeUnreachable(connection: Connection): void {
    if (connection.is !== "reachable") return
    connection.is = "connected"
    this.#reachable.delete(connection.door)
    this.#onConnection(connection.door, "down")
  }

  /** Ends a connection, whoever wanted its end. */
  leave(connection: Connection): void {
    if (connection.is === "gone") return
    this.becomeUnreachable(connection)
    this.#bySocket.delete(connection.socket)
    const others = (this.#byDoor.get(connection.door) ?? []).filter((other) => other !== connection)
    if (others.length > 0) this.#byDoor.set(connection.door, others)
    else this.#byDoor.delete(connection.door)
    connection.end()
  }

  /** Every connection of the lock, oldest first. */
  at(door: DoorId): readonly Connection[] {
    return this.#byDoor.get(door) ?? []
  }
}
