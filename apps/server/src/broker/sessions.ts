/**
 * All connections that passed the handshake: found by their socket, by their lock, and the ones that can be reached.
 *
 * The three tables change together here and nowhere else. A lock may have several connections for a while, since the
 * end of a dead one shows late; only one of them is ever connected, and the newest wins.
 */
import { assert, type DoorId } from "@holdfast/base"
import type { Client } from "aedes"
import type { Session } from "./session.ts"

/** Connections of one lock at a time: the living one, and dead ones whose end nobody has noticed yet. */
const CONNECTIONS_PER_LOCK_MAX = 3

export type Reachable = { readonly session: Session; readonly client: Client }

export class Sessions {
  readonly #byConnection = new Map<unknown, Session>()
  /** Oldest first. */
  readonly #byDoor = new Map<DoorId, readonly Session[]>()
  readonly #reachable = new Map<DoorId, Reachable>()
  readonly #onConnection: (door: DoorId, change: "up" | "down") => void

  constructor(onConnection: (door: DoorId, change: "up" | "down") => void) {
    this.#onConnection = onConnection
  }

  get count(): number {
    return this.#byConnection.size
  }

  get reachable_count(): number {
    return this.#reachable.size
  }

  of(client: Client): Session | undefined {
    return this.#byConnection.get(client.conn)
  }

  reach(door: DoorId): Reachable | undefined {
    return this.#reachable.get(door)
  }

  /** A connection passed the handshake. The lock's oldest one goes if it has too many. */
  arrive(session: Session): void {
    assert(session.is === "arrived", "a session arrives once")
    const others = this.#byDoor.get(session.door) ?? []
    const [oldest] = others
    this.#byConnection.set(session.socket, session)
    this.#byDoor.set(session.door, [...others, session])
    if (oldest !== undefined && others.length >= CONNECTIONS_PER_LOCK_MAX) this.leave(oldest)
  }

  /** The lock's CONNECT on this connection is accepted; answers how many older ones it took over from. */
  connect(session: Session): number {
    const older = (this.#byDoor.get(session.door) ?? []).filter((other) => other !== session && other.is !== "arrived")
    for (const other of older) this.leave(other)
    session.is = "connected"
    return older.length
  }

  /** The lock listens on its topic. */
  becomeReachable(session: Session, client: Client): void {
    if (session.is !== "connected") return
    session.is = "reachable"
    this.#reachable.set(session.door, { session, client })
    this.#onConnection(session.door, "up")
  }

  /** The lock stays connected and listens no longer. */
  becomeUnreachable(session: Session): void {
    if (session.is !== "reachable") return
    session.is = "connected"
    this.#reachable.delete(session.door)
    this.#onConnection(session.door, "down")
  }

  /** Ends a session, whoever wanted its end, and closes its connection. */
  leave(session: Session): void {
    if (session.is === "gone") return
    this.becomeUnreachable(session)
    this.#byConnection.delete(session.socket)
    const others = (this.#byDoor.get(session.door) ?? []).filter((other) => other !== session)
    if (others.length > 0) this.#byDoor.set(session.door, others)
    else this.#byDoor.delete(session.door)
    session.end()
  }

  /** Every session of the lock, oldest first. */
  at(door: DoorId): readonly Session[] {
    return this.#byDoor.get(door) ?? []
  }
}
