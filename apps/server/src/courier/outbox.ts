/**
 * What waits to go down to one lock: a bounded queue, a few messages under way at a time.
 *
 * Nothing here is a promise to the lock. What does not fit, or was under way when the line broke, is forgotten and counted: the
 * lock says hello again and asks for what it misses.
 */
import { type Down, encodeDown } from "@holdfast/wire"

const WAITING_MAX = 256
const BYTES_MAX = 4 * 1024 * 1024
/** Fewer than the broker takes unacknowledged, so that "busy" stays rare. */
const UNDER_WAY_MAX = 8

export type Delivery = "delivered" | "not connected" | "busy"
export type Publish = (payload: Uint8Array) => Promise<Delivery>

export class Outbox {
  readonly #publish: Publish
  readonly #dropped: () => void
  #waiting: Uint8Array[] = []
  #bytes = 0
  #underWay = 0

  constructor(publish: Publish, dropped: () => void) {
    this.#publish = publish
    this.#dropped = dropped
  }

  /** Queues a message; one that finds no room is dropped. */
  send(down: Down): void {
    const payload = encodeDown(down)
    if (this.#waiting.length >= WAITING_MAX || this.#bytes + payload.length > BYTES_MAX) return this.#dropped()
    this.#waiting.push(payload)
    this.#bytes += payload.length
    this.#pump()
  }

  clear(): void {
    this.#waiting = []
    this.#bytes = 0
  }

  #pump(): void {
    while (this.#underWay < UNDER_WAY_MAX) {
      const payload = this.#waiting.shift()
      if (payload === undefined) return
      this.#bytes -= payload.length
      this.#underWay++
      void this.#carry(payload)
    }
  }

  async #carry(payload: Uint8Array): Promise<void> {
    const delivery = await this.#publish(payload)
    this.#underWay--
    if (delivery === "not connected") this.clear()
    if (delivery === "busy") this.#dropped()
    this.#pump()
  }
}
