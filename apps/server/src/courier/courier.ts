/**
 * Carries between locks and keeper: what locks say goes up, what the keeper signed or sealed goes down.
 *
 * Picture a postman who checks return addresses and nothing else: that a batch or a beat was signed by the lock of the door
 * whose certificate brought it. Everything he brings down is judged by the lock itself. He may be slow, lose things or be
 * replaced; he cannot open a door. Whatever is lost is asked for again, so nothing is kept for a lock that is away.
 */
import type { Statement, StatementId } from "@holdfast/access"
import { encodeDeny, encodeOrder } from "@holdfast/access/author"
import { compareVersions } from "@holdfast/access/door"
import { type DoorId, type SiteId, unreachable } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { doorOfBatch, openBatch, openState } from "@holdfast/lock"
import { nodeCrypto } from "@holdfast/port-node"
import { type Down, decodeUp, type Up, type UpWord } from "@holdfast/wire"
import type { ReportedDoors } from "../doors/reported.ts"
import { type Log, messageOf } from "../log.ts"
import type { Admitted, DoorView, SiteView } from "../site/view.ts"
import { Allowance } from "../allowance.ts"
import { type Contact, newContact } from "./contact.ts"
import { type Nonce, Nonces } from "./nonces.ts"
import type { Delivery } from "./outbox.ts"
import { type Part, partsFor, piecesFor, type Shelves } from "./wants.ts"

/** A policy that a lock has not applied yet is not sent again before this. */
const SEND_AGAIN_MS = 20_000
/** When the keeper cannot give a lease now. */
const LEASE_RETRY_MS = 10_000
/** What people ask of one lock from afar. The lock bounds what it obeys; this spares its battery. */
const ORDERS = { burst: 20, per_s: 1, peers_max: 20_000 }
/** Envelopes of one lock other than batches, which are slowed by their answers. */
const ENVELOPES = { burst: 120, per_s: 10, peers_max: 20_000 }

/** Why an order did not go on its way. */
export type OrderCarryFault = "door-not-connected" | "door-did-not-answer" | "too-many-requests"

/** What the courier tells of what it hears. */
export type CourierNews = {
  /** The door is to be shown anew. */
  door(door: DoorId): void
  heard(door: DoorId, at_ms: number): void
  link(door: DoorId, up: boolean, at_ms: number): void
}

export type CourierOptions = Shelves & {
  readonly site: SiteId
  readonly view: SiteView
  readonly reported: ReportedDoors
  readonly news: CourierNews
  readonly log: Log
  /** One message to one lock. */
  publish(door: DoorId, payload: Uint8Array): Promise<Delivery>
  /** Something came that was not taken: counted, and worth a line. */
  refused(door: DoorId, what: string): void
  /** The signed bytes of a statement in the authority log, by its id. */
  statementBytes(id: StatementId): Promise<Uint8Array | null>
  now(): number
}

export class Courier {
  readonly #options: CourierOptions
  readonly #contacts = new Map<DoorId, Contact>()
  readonly #allowance = new Allowance(ENVELOPES)
  readonly #orders = new Allowance(ORDERS)
  readonly #nonces = new Nonces()

  constructor(options: CourierOptions) {
    this.#options = options
  }

  /** A lock can be reached from now on, or no longer. */
  link(door: DoorId, change: "up" | "down"): void {
    const { news, now, reported } = this.#options
    const at_ms = now()
    if (change === "up") this.#contact(door)
    else this.#contacts.delete(door)
    reported.linked(door, change === "up", at_ms)
    news.link(door, change === "up", at_ms)
  }

  /** A lock said something. The answer settles when more of it can be taken. */
  hear(door: DoorId, word: UpWord, payload: Uint8Array): Promise<void> | undefined {
    const { now, reported, news } = this.#options
    if (word !== "batch" && !this.#allowance.take(door, now())) return this.#refuse(door, "too many messages")
    const decoded = decodeUp(payload)
    if (!decoded.ok) return this.#refuse(door, decoded.fault)
    if (!decoded.up.kind.startsWith(word)) return this.#refuse(door, "another topic's envelope")
    const view = this.#options.view.door(door)
    if (view === null || view.door.lock === null) return this.#refuse(door, "not paired")
    reported.heard(door, now())
    news.heard(door, now())
    return this.#take(view, view.door.lock.journalKey, decoded.up)
  }

  #take(view: DoorView, journalKey: PublicKey, up: Up): Promise<void> | undefined {
    switch (up.kind) {
      case "batch":
        return this.#batch(view.id, journalKey, up.entry, up.openings)
      case "beat":
        return this.#beat(view, journalKey, up.state)
      // Hello and want are answered on the way down, at the lock's own pace; nobody waits for them.
      case "hello":
        return void this.#try(view.id, "hello", () => this.#hello(view, up))
      case "want image":
        return void this.#try(view.id, "want image", () => this.#bring(view.id, piecesFor(this.#options, view, up)))
      case "want":
        return void this.#try(view.id, "want", () => this.#bring(view.id, partsFor(this.#options, view, up)))
      case "nonce":
        this.#nonces.came(view.id, up)
        return undefined
      default:
        return unreachable(up)
    }
  }

  /** The keeper issued policies for these doors: whoever can be reached gets them now. */
  issued(doors: Iterable<DoorId>): void {
    for (const door of doors) {
      const contact = this.#contacts.get(door)
      if (contact === undefined) continue
      contact.sent = null
      void this.#try(door, "policy", () => this.#provide(door, contact))
    }
  }

  /** Something grave was found at another door: whoever heeds it and can be reached hears of it now. */
  narrowed(doors: Iterable<DoorId>): void {
    for (const door of doors) {
      const contact = this.#contacts.get(door)
      if (contact !== undefined) void this.#try(door, "narrowing", () => this.#narrow(door, contact))
    }
  }

  /** A denial goes straight to every lock that can be reached, ahead of the policies that will contain it. */
  async deny({ bytes, statement }: Admitted): Promise<void> {
    const envelope = encodeDeny(bytes, await this.#delegations(statement))
    for (const { outbox } of this.#contacts.values()) outbox.send({ kind: "deny", envelope })
  }

  /** The sitting that a statement was said through, by value. */
  async #delegations({ chain }: Pick<Statement, "chain">): Promise<readonly Uint8Array[]> {
    const found = await Promise.all(chain.slice(1).map((id) => this.#options.statementBytes(id)))
    return found.filter((bytes) => bytes !== null)
  }

  /** Asks a lock for the nonce that an order to it must bear. */
  async askNonce(door: DoorId): Promise<Nonce | OrderCarryFault> {
    if (!this.#orders.take(door, this.#options.now())) return "too-many-requests"
    const contact = this.#contacts.get(door)
    if (contact === undefined) return "door-not-connected"
    const next = this.#nonces.next(door)
    contact.outbox.send({ kind: "ask nonce" })
    return (await next) ?? "door-did-not-answer"
  }

  /** Carries an order to its lock, at once or not at all: an order is never kept for a lock that is away. */
  async order(door: DoorId, bytes: Uint8Array, statement: Pick<Statement, "chain">): Promise<OrderCarryFault | null> {
    if (!this.#orders.take(door, this.#options.now())) return "too-many-requests"
    const delegations = await this.#delegations(statement)
    const contact = this.#contacts.get(door)
    if (contact === undefined) return "door-not-connected"
    contact.outbox.send({ kind: "order", envelope: encodeOrder(bytes, delegations) })
    return null
  }

  /** Renews the leases that are due, brings what found no room, and hands every lock's newest beat to the keeper. */
  tick(): void {
    const now_ms = this.#options.now()
    for (const [door, contact] of this.#contacts) {
      if (now_ms >= contact.renew_at_ms) void this.#try(door, "lease", () => this.#provide(door, contact))
      if (contact.owesNarrowing) void this.#try(door, "narrowing", () => this.#narrow(door, contact))
      if (contact.untold !== null) void this.#try(door, "beat", () => this.#tellKeeper(door, contact))
    }
  }

  /** Whether somebody calls for help in it, only the keeper can read: so he is handed all of them (attack 44). */
  async #tellKeeper(door: DoorId, contact: Contact): Promise<void> {
    const state = contact.untold
    contact.untold = null
    if (state !== null) await this.#options.keeper.ask<"beat">({ operation: "beat", door, state })
  }

  /** What is not taken is counted, and that is all the answer there is. */
  #refuse(door: DoorId, what: string): undefined {
    this.#options.refused(door, what)
  }

  #contact(door: DoorId): Contact {
    const known = this.#contacts.get(door)
    if (known !== undefined) return known
    const { publish, refused } = this.#options
    const contact = newContact(
      (payload) => publish(door, payload),
      (kind) => refused(door, `no room on the way down: ${kind}`),
    )
    this.#contacts.set(door, contact)
    return contact
  }

  #send(door: DoorId, down: Down): void {
    this.#contacts.get(door)?.outbox.send(down)
  }

  /** Sends what a lock wanted, one part at a time, and counts what it wanted in vain. */
  async #bring(door: DoorId, parts: AsyncIterable<Part>): Promise<void> {
    for await (const part of parts) {
      if ("refused" in part) this.#refuse(door, part.refused)
      else this.#send(door, part)
    }
  }

  /** What fails here is asked for again by the lock or at the next tick. */
  async #try(door: DoorId, what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#options.log("warning", "courier", { door, what, error: messageOf(error) })
    }
  }

  async #batch(door: DoorId, journalKey: PublicKey, entry: Uint8Array, openings: Uint8Array): Promise<void> {
    const { site, keeper } = this.#options
    if (doorOfBatch(site, entry) !== door) return this.#refuse(door, "batch: another door's")
    const opened = openBatch(nodeCrypto, site, journalKey, entry)
    if (!opened.ok) return this.#refuse(door, `batch: ${opened.fault}`)
    await this.#try(door, "batch", async () => {
      const answer = await keeper.ask<"batch">({ operation: "batch", entry, openings })
      if (answer.operation === "refused") return this.#refuse(door, `batch: ${answer.fault}`)
      const contact = this.#contacts.get(door)
      if (contact !== undefined) contact.held_size = Math.max(contact.held_size, opened.batch.held.size)
      this.#send(door, { kind: "receipt", receipt: answer.receipt })
    })
  }

  #beat(view: DoorView, journalKey: PublicKey, state: Uint8Array): undefined {
    const { site, reported, news, now } = this.#options
    const { id: door, issued } = view
    const said = openState(nodeCrypto, site, journalKey, state)
    if (said === null || said.door !== door) return this.#refuse(door, "beat: not this lock's")
    const outcome = reported.beat(door, { bytes: state, heard_at_ms: now(), state: said })
    if (outcome === "news") news.door(door)
    const contact = this.#contacts.get(door)
    if (outcome === "old" || contact === undefined) return
    contact.untold = state
    if (issued === null) return
    contact.held_size = Math.max(contact.held_size, said.authoritySize)
    const isCurrent = said.version !== null && compareVersions(said.version, issued.version) === 0
    if (isCurrent) {
      contact.sent = null
      this.#planRenewal(view, contact, said.leaseEnd_s * 1000)
    }
    if (!isCurrent) void this.#try(door, "policy", () => this.#provide(door, contact))
  }

  /** Half of a lease is for renewing it. */
  #planRenewal(view: DoorView, contact: Contact, lease_end_ms: number): void {
    contact.renew_at_ms = lease_end_ms - (view.door.config.lease_s * 1000) / 2
  }

  async #hello(view: DoorView, hello: Extract<Up, { kind: "hello" }>): Promise<void> {
    const { keeper, now, refused } = this.#options
    const { id: door, issued } = view
    const contact = this.#contact(door)
    contact.held_size = hello.authority_size
    contact.sent = null
    const beacon = await keeper.ask<"beacon">({ operation: "beacon", nonce: hello.nonce })
    if (beacon.operation === "refused") refused(door, `beacon: ${beacon.fault}`)
    else contact.outbox.send({ kind: "beacon", beacon: beacon.beacon })
    if (view.door.config.heeds !== null) await this.#narrow(door, contact)
    if (issued === null) return
    const isCurrent = hello.policy !== null && toHex(hello.policy) === toHex(issued.policyHash)
    contact.renew_at_ms = now()
    if (isCurrent) this.#planRenewal(view, contact, hello.lease_end_s * 1000)
    if (!isCurrent || now() >= contact.renew_at_ms) await this.#provide(door, contact)
  }

  /** Brings a lock what another door means for it now. That it means nothing is the usual answer. */
  async #narrow(door: DoorId, contact: Contact): Promise<void> {
    contact.owesNarrowing = false
    try {
      const answer = await this.#options.keeper.ask<"narrowing">({ operation: "narrowing", door })
      if (answer.operation !== "refused") contact.outbox.send({ kind: "narrowing", ticket: answer.ticket })
    } catch (error) {
      contact.owesNarrowing = true
      throw error
    }
  }

  /** Brings a lock what it lacks: the newest policy, if it has not got it, and a lease for it. One at a time. */
  async #provide(door: DoorId, contact: Contact): Promise<void> {
    contact.isWanting = true
    if (contact.isProviding) return // Whoever provides now looks again when it is through.
    contact.isProviding = true
    try {
      while (contact.isWanting) {
        contact.isWanting = false
        await this.#provideOnce(door, contact)
      }
    } finally {
      contact.isProviding = false
    }
  }

  async #provideOnce(door: DoorId, contact: Contact): Promise<void> {
    const { view, reported, now } = this.#options
    const shown = view.door(door)
    if (shown === null || shown.issued === null) return
    const { issued } = shown
    const policy = toHex(issued.policyHash)
    const applied = reported.of(door).beat?.state.version ?? null
    const isApplied = applied !== null && compareVersions(applied, issued.version) === 0
    const isSent = contact.sent?.policy === policy && now() < contact.sent.at_ms + SEND_AGAIN_MS
    if (isSent && now() < contact.renew_at_ms) return
    // The policy before may have moved the tree that the lock holds: then this one comes from elsewhere, and a lease for it
    // would be one for nothing. The lock says hello, or that it applied it, and both lead here again.
    const isInTheDark = !isApplied && !isSent && contact.sent !== null
    if (!isApplied && !isSent) await this.#providePolicy(door, contact, policy)
    if (isInTheDark) contact.renew_at_ms = now() + LEASE_RETRY_MS
    else await this.#provideLease(shown, contact)
  }

  async #providePolicy(door: DoorId, contact: Contact, policy: string): Promise<void> {
    const { keeper, now } = this.#options
    const from_size = contact.held_size
    const answer = await keeper.ask<"policy">({ operation: "policy", door, held_size: from_size })
    if (answer.operation === "refused") return this.#refuse(door, `policy: ${answer.fault}`)
    const { manifest, checkpoint, consistency, secrets } = answer
    contact.sent = { policy, at_ms: now() }
    contact.outbox.send({ kind: "policy", manifest, checkpoint, from_size, consistency, secrets })
  }

  async #provideLease(view: DoorView, contact: Contact): Promise<void> {
    const { keeper, now } = this.#options
    contact.renew_at_ms = now() + LEASE_RETRY_MS
    const answer = await keeper.ask<"lease">({ operation: "lease", door: view.id })
    if (answer.operation === "refused") return this.#refuse(view.id, `lease: ${answer.fault}`)
    contact.outbox.send({ kind: "lease", ticket: answer.ticket })
    this.#planRenewal(view, contact, now() + view.door.config.lease_s * 1000)
  }
}
