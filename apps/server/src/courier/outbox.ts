/**
 * What waits to go down to one lock: a bounded queue, a few messages under way at a time.
 *
 * Nothing here is a promise to the lock. What does not fit is forgotten and named to whoever sent it; what was under way when
 * the line broke is forgotten too: the lock says hello again and asks for what it misses.
 */
import { type Down, encodeDown } from "@holdfast/wire"

const WAITING_MAX = 256
const BYTES_MAX = 4 * 1024 * 1024
/** Fewer than the broker takes unacknowledged, so that "busy" stays rare. */
const UNDER_WAY_MAX = 8

export type Delivery = "delivered" | "not connected" | "busy"
export type Publish = (payload: Uint8Array) => Promise<Delivery>

/** Told what found no room. */
export type Dropped = (kind: Down["kind"]) => void

type Packed = { readonly kind: Down["kind"]; readonly payload: Uint8Array }

export class Outbox {
  readonly #publish: Publish
  readonly #dropped: Dropped
  #waiting: Packed[] = []
  #bytes = 0
  #underWay = 0

  constructor(publish: Publish, dropped: Dropped) {
    this.#publish = publish
    this.#dropped = dropped
  }

  /** Queues a message; one that finds no room is dropped. */
  send(down: Down): void {
    const { kind } = down
    const payload = encodeDown(down)
    if (this.#waiting.length >= WAITING_MAX || this.#bytes + payload.length > BYTES_MAX) return this.#dropped(kind)
    this.#waiting.push({ kind, payload })
    this.#bytes += payload.length
    this.#pump()
  }

  clear(): void {
    this.#waiting = []
    this.#bytes = 0
  }

  #pump(): void {
    while (this.#underWay < UNDER_WAY_MAX) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#bytes -= next.payload.length
      this.#underWay++
      void this.#carry(next)
    }
  }

  async #carry({ kind, payload }: Packed): Promise<void> {
    const delivery = await this.#publish(payload)
    this.#underWay--
    if (delivery === "not connected") this.clear()
    if (delivery === "busy") this.#dropped(kind)
    this.#pump()
  }
}
