/**
 * The courier of the simulated building: what the server does between locks and keeper, message by message.
 *
 * It holds no key and decides nothing; an attacker may tell it to hold things back. What gets lost is asked for again by the
 * lock, so it keeps next to nothing.
 */
import { encodeDeny } from "@holdfast/access/author"
import { compareVersions, piecesOf, type Version } from "@holdfast/access/door"
import { type Crypto, type DoorId, EMPTY, equalBytes, unreachable } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import type { Keeper } from "@holdfast/keeper"
import { type LockState, openBatch, openState } from "@holdfast/lock"
import { type Down, decodeUp, type Up } from "@holdfast/wire"
import type { SealedSheet } from "../truth/truth.ts"
import type { KeeperMachine } from "./keeper-machine.ts"

export type CourierOptions = {
  readonly machine: KeeperMachine
  readonly crypto: Crypto
  now_ms(): number
  send(door: DoorId, down: Down): void
  /** A lock gave out the nonce for an order. */
  nonced(door: DoorId, nonce: Uint8Array, version: Version): void
  /** The keeper confirmed so many entries of the event log. */
  acknowledged(events: number): void
  /** Receivers of silent alarms are told, each by a sheet of his own. */
  told(sheets: readonly SealedSheet[]): void
  /** A door is shown as its lock says that it is. */
  shown(door: DoorId, state: LockState): void
}

/** What is known of a lock that can be reached. */
type Contact = {
  held_size: number
  lease_end_ms: number
  /** Which policy was offered from which tree, and when, so that an offer is not said twice in one breath. */
  offered: string
  offered_ms: number
}

const OFFER_AGAIN_MS = 10_000

export class Courier {
  readonly #options: CourierOptions
  readonly #contacts = new Map<DoorId, Contact>()
  /** The newest state of each door that its lock signed. */
  readonly #shown = new Map<DoorId, LockState>()
  /** Doors that are kept from newer policies by whoever owns the courier. */
  readonly withheld = new Set<DoorId>()

  constructor(options: CourierOptions) {
    this.#options = options
  }

  linked(door: DoorId, up: boolean): void {
    if (up) this.#contacts.set(door, { held_size: 0, lease_end_ms: 0, offered: "", offered_ms: 0 })
    else this.#contacts.delete(door)
  }

  async hear(door: DoorId, bytes: Uint8Array): Promise<void> {
    const decoded = decodeUp(bytes)
    const contact = this.#contacts.get(door)
    if (!decoded.ok || contact === undefined) return
    const { up } = decoded
    switch (up.kind) {
      case "hello":
        return this.#hello(door, contact, up)
      case "batch":
        return this.#batch(door, contact, up)
      case "want":
        return this.#want(door, up)
      case "nonce":
        return this.#options.nonced(door, up.nonce, up.version)
      case "beat":
        return this.#beat(door, contact, up.state)
      case "want image":
        return undefined
      default:
        return unreachable(up)
    }
  }

  /** The keeper issued policies: whoever can be reached gets them now. */
  async issued(doors: readonly DoorId[]): Promise<void> {
    for (const door of doors) await this.#provide(door)
  }

  /** Something grave was found at another door: whoever heeds it and can be reached hears of it now. */
  async narrowed(doors: readonly DoorId[]): Promise<void> {
    for (const door of doors) await this.#narrow(door)
  }

  async #narrow(door: DoorId): Promise<void> {
    if (!this.#contacts.has(door)) return
    const answer = await this.#options.machine.ask((keeper) => keeper.narrowing(door))
    if (answer?.ok === true) this.#options.send(door, { kind: "narrowing", ticket: answer.bytes })
  }

  /** Nothing is held back from this lock any more. */
  async goOn(door: DoorId): Promise<void> {
    const contact = this.#contacts.get(door)
    if (contact !== undefined) contact.offered = ""
    await this.#provide(door)
  }

  /** Leases whose second half has begun are renewed. */
  async tick(): Promise<void> {
    for (const [door, contact] of this.#contacts) {
      const lease_ms = (this.#options.machine.keeper?.state.doors.get(door)?.config.lease_s ?? 0) * 1000
      if (contact.lease_end_ms - this.#options.now_ms() < lease_ms / 2) await this.#lease(door)
    }
  }

  /** Brings receivers of silent alarms their sheets, whether anything stands on them or not. */
  async tellReceivers(): Promise<void> {
    const sheets = await this.#options.machine.ask((keeper) => keeper.sheets())
    if (sheets !== null) this.#options.told(sheets)
  }

  /** A denial goes straight to every lock that can be reached. */
  deny(statement: Uint8Array): void {
    const envelope = encodeDeny(statement, [])
    for (const door of this.#contacts.keys()) this.#options.send(door, { kind: "deny", envelope })
  }

  /** Somebody wants to order something. */
  askNonce(door: DoorId): void {
    if (this.#contacts.has(door)) this.#options.send(door, { kind: "ask nonce" })
  }

  order(door: DoorId, envelope: Uint8Array): void {
    if (this.#contacts.has(door)) this.#options.send(door, { kind: "order", envelope })
  }

  async #hello(door: DoorId, contact: Contact, hello: Extract<Up, { kind: "hello" }>): Promise<void> {
    contact.held_size = hello.authority_size
    contact.lease_end_ms = hello.lease_end_s * 1000
    contact.offered = ""
    const beacon = await this.#options.machine.ask((keeper) => keeper.beacon(hello.nonce))
    if (beacon?.ok === true) this.#options.send(door, { kind: "beacon", beacon: beacon.bytes })
    await this.#narrow(door)
    const issued = this.#options.machine.keeper?.state.issued.get(door)
    if (issued === undefined) return
    if (hello.policy === null || !equalBytes(hello.policy, issued.policyHash)) return this.#provide(door)
    await this.tick()
  }

  async #batch(door: DoorId, contact: Contact, { entry, openings }: Extract<Up, { kind: "batch" }>): Promise<void> {
    const answer = await this.#options.machine.ask((keeper) => keeper.batch(entry, openings))
    if (answer?.ok !== true) return
    this.#options.acknowledged(answer.index + 1)
    this.#options.send(door, { kind: "receipt", receipt: answer.receipt })
    const { machine, crypto } = this.#options
    const state = machine.keeper?.state
    const key = state?.doors.get(door)?.lock?.journalKey
    if (state === undefined || key === undefined) return
    const opened = openBatch(crypto, state.site, key, entry)
    if (!opened.ok) return
    contact.held_size = Math.max(contact.held_size, opened.batch.held.size)
    const issued = state.issued.get(door)
    const { policy } = opened.batch
    if (issued !== undefined && (policy === null || compareVersions(policy.version, issued.version) < 0))
      await this.#provide(door)
  }

  async #provide(door: DoorId): Promise<void> {
    const contact = this.#contacts.get(door)
    const issued = this.#options.machine.keeper?.state.issued.get(door)
    if (contact === undefined || issued === undefined) return
    const { held_size } = contact
    const name = `${toHex(issued.policyHash)} from ${held_size}`
    const now_ms = this.#options.now_ms()
    if (contact.offered === name && now_ms < contact.offered_ms + OFFER_AGAIN_MS) return
    const answer = await this.#options.machine.ask((keeper) => keeper.policy(door, held_size))
    if (answer !== null) Object.assign(contact, { offered: name, offered_ms: now_ms }) // Else the keeper is down, and tells when it is back.
    if (answer?.ok === true && !this.withheld.has(door))
      this.#options.send(door, {
        kind: "policy",
        ...answer.offer,
        from_size: held_size,
        consistency: answer.consistency,
      })
    await this.#lease(door)
  }

  async #lease(door: DoorId): Promise<void> {
    const contact = this.#contacts.get(door)
    const ticket = await this.#options.machine.ask((keeper) => keeper.lease(door))
    if (ticket?.ok !== true || contact === undefined) return
    const lease_s = this.#options.machine.keeper?.state.doors.get(door)?.config.lease_s ?? 0
    contact.lease_end_ms = this.#options.now_ms() + lease_s * 1000
    this.#options.send(door, { kind: "lease", ticket: ticket.bytes })
  }

  /** What a lock says of itself tells what it lacks. */
  async #beat(door: DoorId, contact: Contact, bytes: Uint8Array): Promise<void> {
    const { machine, crypto } = this.#options
    const state = machine.keeper?.state
    const key = state?.doors.get(door)?.lock?.journalKey
    const said = state === undefined || key === undefined ? null : openState(crypto, state.site, key, bytes)
    if (said === null || state === undefined || said.door !== door) return
    if (!isLater(this.#shown.get(door), said)) return // Somebody plays an old one again.
    this.#shown.set(door, said)
    this.#options.shown(door, said)
    await machine.ask((keeper) => keeper.beat(door, bytes)) // Whether it calls for help, only the keeper can read.
    contact.held_size = Math.max(contact.held_size, said.authoritySize)
    contact.lease_end_ms = said.leaseEnd_s * 1000
    if (said.version?.size !== state.issued.get(door)?.version.size) await this.#provide(door)
    await this.tick()
  }

  async #want(door: DoorId, { policy, chunks, credentials }: Extract<Up, { kind: "want" }>): Promise<void> {
    const { machine, send } = this.#options
    const issued = machine.keeper?.state.issued.get(door)
    const bytes = machine.disk.read(`policies/${toHex(policy)}`)
    const secrets = issued === undefined ? null : machine.disk.read(`policies/${toHex(issued.secretsHash)}`)
    const pieces = piecesOf(bytes ?? EMPTY, secrets ?? EMPTY)
    for (const index of chunks) {
      const chunk = pieces.chunks[index]
      if (chunk !== undefined) send(door, { kind: "chunk", policy, index, bytes: chunk })
    }
    for (const credential of credentials) {
      const sealed = await machine.ask((keeper: Keeper) => keeper.secret(door, credential))
      if (sealed !== null) send(door, { kind: "secret", credential, sealed })
    }
  }
}

/** Boots count first, then the uptime. */
function isLater(before: LockState | undefined, { boot, uptime_ms }: LockState): boolean {
  if (before === undefined) return true
  return boot === before.boot ? uptime_ms > before.uptime_ms : boot > before.boot
}
