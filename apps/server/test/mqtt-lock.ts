/**
 * A lock on a real line: core/lock under the wall clock, an mqtt client with its certificate, keys in memory.
 *
 * Its bolt obeys at once and its storage lasts as long as the object, so switching it off and on keeps what it stored.
 */
import { randomBytes } from "node:crypto"
import { assert, type DoorId, type SiteId, unreachable, uptime } from "@holdfast/base"
import {
  boot,
  type Effect,
  type Input,
  type Lock,
  type Message,
  type Pairing,
  type Part,
  stateOf,
  stateToSign,
  turn,
} from "@holdfast/lock"
import { alarmNotice } from "@holdfast/lock/alarms"
import { hpkeInfo, newEs256, newHpkeKeyPair, nodeCrypto, openSealed, sealTo } from "@holdfast/port-node"
import { decodeDown, downTopic, encodeUp, lockName, type Up, upTopic } from "@holdfast/wire"
import mqtt, { type MqttClient } from "mqtt"
import type { Pair } from "./certificates.ts"
import type { KeeperKeys } from "./keeper-process.ts"

export type LineTo = { readonly port: number; readonly ca: string; readonly pair: Pair }

export class NotLetInError extends Error {
  override readonly name = "NotLetInError"
}

export class MqttLock {
  readonly door: DoorId
  readonly journal = newEs256()
  readonly hpke = newHpkeKeyPair()
  /** Every payload that came down, by its kind. */
  readonly heard: string[] = []
  readonly sent: Up[] = []
  readonly #pairing: Pairing
  readonly #keeperHpke: Uint8Array
  readonly #parts = new Map<Part, Uint8Array>()
  #records: { readonly sequence: number; readonly bytes: Uint8Array }[] = []
  #lock: Lock | null = null
  #started_ms = 0
  #client: MqttClient | null = null
  #timer: NodeJS.Timeout | null = null
  readonly #turned: () => void
  readonly #queue: Input[] = []
  #isBusy = false

  /** Calls `turned` after every turn. */
  constructor(site: SiteId, door: DoorId, keys: KeeperKeys, turned: () => void = () => undefined) {
    this.door = door
    this.#turned = turned
    this.#keeperHpke = keys.keeperHpke
    const { keeper, logKey } = keys
    const own = { journalKey: this.journal.publicKey, codeKey: new Uint8Array(randomBytes(32)) }
    this.#pairing = { site, door, keeper, logKey, epoch: 1, ...own, journal_records_max: 10_000 }
  }

  get lock(): Lock | null {
    return this.#lock
  }

  switchOn(): void {
    this.#started_ms = performance.now()
    const stored = { parts: this.#parts, records: this.#records.map(({ bytes }) => bytes) }
    const first = boot(this.#pairing, stored, new Uint8Array(randomBytes(32)), uptime(0), nodeCrypto)
    this.#lock = first.state
    this.#carry(first.effects)
    this.do({ kind: "bolt sensed", bolt: "thrown" })
    this.do({ kind: "door sensed", door: "closed" })
  }

  /** Connects; resolves when the lock listens. */
  async link({ port, ca, pair }: LineTo): Promise<void> {
    const identity = { ca, cert: pair.cert, key: pair.key, clientId: lockName(this.door) }
    const line = {
      protocol: "mqtts",
      host: "127.0.0.1",
      port,
      protocolVersion: 4,
      clean: false,
      reconnectPeriod: 0,
    } as const
    const client = mqtt.connect({ ...line, ...identity })
    client.on("error", () => {}) // Told again by "close".
    await new Promise<void>((resolve, reject) => {
      client.once("connect", () => resolve())
      client.once("close", () => reject(new NotLetInError("the line was closed")))
    })
    this.#client = client
    client.on("message", (_topic, payload) => this.#hear(new Uint8Array(payload)))
    client.on("close", () => this.do({ kind: "unlinked" }))
    await client.subscribeAsync(downTopic(this.#pairing.site, this.door), { qos: 1 })
    this.do({ kind: "linked" })
    this.beat()
  }

  async unlink(): Promise<void> {
    await this.#client?.endAsync(true)
    this.#client = null
  }

  async off(): Promise<void> {
    await this.unlink()
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#lock = null
  }

  /** Says something, whatever it is; resolves when the broker has it. */
  async say(up: Up): Promise<void> {
    this.sent.push(up)
    await this.sayBytes(up.kind, encodeUp(up))
  }

  async sayBytes(word: Up["kind"], bytes: Uint8Array): Promise<void> {
    await this.#client?.publishAsync(upTopic(this.#pairing.site, this.door, word), Buffer.from(bytes), { qos: 1 })
  }

  beat(): void {
    if (this.#lock === null) return
    const { site } = this.#pairing
    const sealedAlarm = sealTo(this.#keeperHpke, hpkeInfo("alarm", site), alarmNotice(this.#lock.alarms))
    assert(sealedAlarm !== null, "the keeper's key is a point of the curve")
    const state = { ...stateOf(this.#lock, this.#uptime()), sealedAlarm }
    const signable = stateToSign(nodeCrypto, site, this.journal.publicKey, state)
    this.#send({ kind: "beat", state: signable.finish(this.journal.sign(signable.bytes)) })
  }

  /** Presses the digits and enter. */
  enter(pin: string): void {
    for (const digit of pin) this.do({ kind: "key", key: { press: "digit", digit: Number(digit) } })
    this.do({ kind: "key", key: { press: "enter" } })
  }

  /** One input, and the turns that follow from it. */
  do(input: Input): void {
    this.#queue.push(input)
    if (this.#isBusy) return
    this.#isBusy = true
    for (let next = this.#queue.shift(); next !== undefined && this.#lock !== null; next = this.#queue.shift()) {
      const { state, effects } = turn(this.#lock, this.#uptime(), next, nodeCrypto)
      this.#lock = state
      this.#carry(effects)
      this.#turned()
    }
    this.#isBusy = false
  }

  #uptime() {
    return uptime(Math.floor(performance.now() - this.#started_ms))
  }

  #hear(bytes: Uint8Array): void {
    const decoded = decodeDown(bytes)
    this.heard.push(decoded.ok ? decoded.down.kind : decoded.fault)
    const message: Message = !decoded.ok
      ? { kind: "unreadable" }
      : decoded.down.kind === "secret"
        ? {
            ...decoded.down,
            opened: openSealed(this.hpke, hpkeInfo("secret", this.#pairing.site), decoded.down.sealed),
          }
        : decoded.down
    this.do({ kind: "message", message })
    if (
      decoded.ok &&
      (decoded.down.kind === "lease" || decoded.down.kind === "secret" || decoded.down.kind === "chunk")
    )
      this.beat()
  }

  #send(up: Up): void {
    void this.say(up).catch(() => undefined)
  }

  #carry(effects: readonly Effect[]): void {
    for (const effect of effects) this.#carryOne(effect)
  }

  #carryOne(effect: Effect): void {
    switch (effect.kind) {
      case "store":
        this.#parts.set(effect.part, effect.bytes)
        return
      case "append":
        this.#records.push({ sequence: effect.sequence, bytes: effect.bytes })
        return
      case "release":
        this.#records = this.#records.filter(({ sequence }) => sequence > effect.through)
        return
      case "discard":
        this.#records = this.#records.filter(({ sequence }) => sequence < effect.from)
        return
      case "drive":
        if (effect.drive !== "stop")
          this.#queue.push({ kind: "bolt sensed", bolt: effect.drive === "draw" ? "drawn" : "thrown" })
        return
      case "sign batch": {
        const openings =
          sealTo(this.#keeperHpke, hpkeInfo("openings", this.#pairing.site), effect.openings) ?? new Uint8Array()
        this.#queue.push({ kind: "batch signed", signature: this.journal.sign(effect.bytes), openings })
        return
      }
      case "send":
        return this.#send(effect.message)
      case "wake":
        return this.#wake(effect.at)
      case "show":
      case "image write":
      case "image check":
      case "image try":
      case "image confirm":
      case "leave":
      case "erase":
      case "card send":
      case "phone send":
      case "phone ask":
      case "enrolled":
        return
      default:
        return unreachable(effect)
    }
  }

  #wake(at: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (at !== null) this.#timer = setTimeout(() => this.do({ kind: "tick" }), Math.max(1, at - this.#uptime()))
  }
}
