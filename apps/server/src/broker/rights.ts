/**
 * What a lock may do on the broker, as plain decisions: each answers null or the rejection.
 *
 * All rights follow from the name on the certificate. A lock speaks on its own `up` topics and hears its own `down`
 * topic, exactly spelled; wildcards, shared and system topics are no exception but simply not those strings.
 */
import type { DoorId, SiteId } from "@holdfast/base"
import { downTopic, lockName, UP_WORDS, type UpWord, upTopic } from "@holdfast/wire"
import type { Rejection } from "./rejection.ts"

/** MQTT 3.1.1 calls itself version 4. */
const PROTOCOL_VERSION = 4
const KEEP_ALIVE_S_MAX = 1_200

export type ConnectRequest = {
  readonly clientId: string
  readonly protocolVersion?: number | undefined
  readonly keepalive?: number | undefined
  readonly will?: object | undefined
}
export type PublishRequest = { readonly topic: string; readonly qos: number; readonly retain: boolean }
export type SubscribeRequest = { readonly topic: string; readonly qos: number }

/** The topics of one lock, spelled once when it connects, so that each message costs one look-up. */
export class LockRights {
  readonly name: string
  readonly down: string
  readonly #up: ReadonlyMap<string, UpWord>

  constructor(site: SiteId, door: DoorId) {
    this.name = lockName(door)
    this.down = downTopic(site, door)
    this.#up = new Map(UP_WORDS.map((word) => [upTopic(site, door, word), word]))
  }

  /** The word that a topic of this lock ends in, or null for any other topic. */
  wordOf(topic: string): UpWord | null {
    return this.#up.get(topic) ?? null
  }

  mayConnect(request: ConnectRequest): Rejection | null {
    if (request.protocolVersion !== PROTOCOL_VERSION) return "not MQTT 3.1.1"
    if (request.clientId !== this.name) return "client id is not the certificate's name"
    // Without keep-alive a connection that was cut silently would look alive for ever.
    const keepAlive_s = request.keepalive ?? 0
    if (keepAlive_s < 1 || keepAlive_s > KEEP_ALIVE_S_MAX) return "no keep-alive"
    // The broker itself tells the server when a lock goes; a will would be a second, delayed voice of the lock.
    return request.will === undefined ? null : "a will"
  }

  mayPublish({ topic, qos, retain }: PublishRequest): Rejection | null {
    if (this.wordOf(topic) === null) return "publish outside its rights"
    if (retain) return "retained publish"
    return qos > 1 ? "quality of service 2" : null
  }

  /** Quality of service 1 only: its acknowledgement is what {@link startBroker}'s `publish` waits for. */
  maySubscribe({ topic, qos }: SubscribeRequest): Rejection | null {
    return topic === this.down && qos === 1 ? null : "subscribe outside its rights"
  }
}
