/**
 * The keeper: checks authority, gives statements their order, compiles and signs policies, writes the logs.
 *
 * Picture a registrar behind a counter. Whoever comes is a courier and has no standing; the papers speak for themselves. What
 * changes the site is taken one at a time; journals, looks, leases and beacons are served meanwhile. The registrar answers
 * only when what was decided is durable. It has no network and starts nothing by itself but what a start has to finish.
 */
import type { State } from "@holdfast/access"
import {
  assert,
  type CredentialId,
  type DoorId,
  equalBytes,
  idBytes,
  type PersonId,
  type SiteId,
  secondsOf,
  type UnixSeconds,
  unreachable,
} from "@holdfast/base"
import type { Cbor } from "@holdfast/base/cbor"
import { decodeCoseKey, encodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import type { Answer, Attachment, Notice, Request } from "@holdfast/wire"
import type { SubmitAnswer } from "./authority.ts"
import { keeperKeys, noteRest, readSite, siteFile, writeSite } from "./founding.ts"
import type { BatchAnswer } from "./journals.ts"
import type { KeeperKeys } from "./keys.ts"
import type { SignedHead } from "./log/log.ts"
import type { LookAnswer } from "./looks.ts"
import { type OpenSite, openSite } from "./open-site.ts"
import type { OfferAnswer } from "./policies.ts"
import { type KeeperPorts, LOG_CLASSES, type LogClass } from "./ports.ts"
import { beacon, leaseTicket, type NarrowingTicket, type Ticket } from "./tickets.ts"
import { zonesToRenew } from "./zones.ts"

/** Policies hold hours for 400 days; well before that they are compiled again. */
export const POLICY_AGE_S_MAX = 30 * 86_400

/** The public halves that root metadata must name. */
export type PublicKeys = { readonly keeper: PublicKey; readonly logKey: Uint8Array; readonly keeperHpke: Uint8Array }

export type Founded = { readonly ok: true; readonly site: SiteId } | { readonly ok: false; readonly fault: string }

export class Keeper {
  readonly #ports: KeeperPorts
  readonly #keys: KeeperKeys
  #site: OpenSite | null = null
  /** The last of those who change the site. */
  #line: Promise<unknown> = Promise.resolve()
  /** Hears what may interest couriers; set by whoever runs the keeper. */
  onNotice: (notice: Notice) => void = () => undefined

  private constructor(ports: KeeperPorts, keys: KeeperKeys) {
    this.#ports = ports
    this.#keys = keys
  }

  /**
   * Opens a data directory: makes keys where there are none, and verifies the whole history where there is a site. Throws a
   * KeeperRefusal that names what differs, or a DiskError.
   */
  static async open(ports: KeeperPorts): Promise<Keeper> {
    const keys = keeperKeys(ports)
    const keeper = new Keeper(ports, keys)
    const file = readSite(ports, keys)
    if (file !== null) await keeper.#begin(await openSite(ports, keys, file))
    return keeper
  }

  keys(): PublicKeys {
    const { policy, log, hpke } = this.#keys
    return { keeper: policy.publicKey, logKey: log.publicKey, keeperHpke: hpke.publicKey }
  }

  /** The site that is kept, or null before it is founded. */
  get site(): SiteId | null {
    return this.#site?.file.site ?? null
  }

  /** The state of the site, as far as it is durable. */
  get state(): State {
    return this.#opened.authority.state
  }

  head(logClass: LogClass): SignedHead {
    return this.#opened.logs[logClass].head
  }

  /** Founds the site that root metadata of version 1 describes; the same root again is no fault. */
  found(rootBytes: Uint8Array): Promise<Founded> {
    return this.#inLine(async () => {
      const file = siteFile(this.#ports, this.#keys, rootBytes, this.#ports.now())
      if (typeof file === "string") return { ok: false, fault: file }
      if (this.#site !== null)
        return this.site === file.site
          ? { ok: true, site: file.site }
          : { ok: false, fault: "another site is kept here" }
      writeSite(this.#ports, file)
      await this.#begin(await openSite(this.#ports, this.#keys, file))
      return { ok: true, site: file.site }
    })
  }

  /** Admits statements in their order, and issues the policies that they change before it answers. */
  submit(statements: readonly Uint8Array[], attachments: readonly Attachment[]): Promise<SubmitAnswer> {
    return this.#inLine(async () => {
      const answer = await this.#opened.authority.submit(statements, attachments)
      await this.#issue(answer.touched)
      return answer
    })
  }

  batch(entry: Uint8Array, openings: Uint8Array): Promise<BatchAnswer> {
    const { journals, logs, authority } = this.#opened
    return journals.accept(logs.events, (door) => authority.state.doors.get(door)?.lock ?? null, entry, openings)
  }

  /** What a door's lock is offered that knows the authority log up to `held_size` entries. */
  policy(door: DoorId, held_size: number): OfferAnswer {
    return this.#opened.policies.offer(door, held_size)
  }

  /** A credential's secret, sealed to the door's lock; null where the lock's policy does not name it. */
  secret(door: DoorId, credential: CredentialId): Uint8Array | null {
    return this.#opened.policies.secret(door, credential)
  }

  /** The door whose lock has this journal key (a COSE_Key's bytes); null where no statement pairs it. */
  pairedWith(journalKey: Uint8Array): DoorId | null {
    const key = decodeCoseKey(journalKey)
    if (key === null) return null
    for (const [door, { lock }] of this.state.doors) if (lock !== null && equalBytes(lock.journalKey, key)) return door
    return null
  }

  lease(door: DoorId): Ticket {
    return leaseTicket(this.#opened.keeping, this.state, door)
  }

  /** What another door means for this one now. */
  narrowing(door: DoorId): NarrowingTicket {
    return this.#opened.narrowings.ticket(this.state, door)
  }

  beacon(nonce: Uint8Array): Ticket {
    return beacon(this.#opened.keeping, nonce)
  }

  look(look: Uint8Array): Promise<LookAnswer> {
    return this.#opened.looks.answer(this.state, look)
  }

  /** A lock's signed state: what in it is sealed to the keeper, nobody learns from the answer. */
  beat(door: DoorId, state: Uint8Array): void {
    this.#opened.alarms.beat(this.state, door, state)
  }

  /** What is told to receivers of silent alarms, each sheet sealed to one of them. */
  sheets(): { readonly person: PersonId; readonly sealed: Uint8Array }[] {
    return this.#opened.alarms.sheets(this.state)
  }

  /**
   * Renews what time makes old: policies over 30 days, or with a key whose time is over, and zone tables that a newer edition of
   * the data replaces.
   */
  renew(): Promise<void> {
    return this.#inLine(() => this.#renew(secondsOf(this.#ports.now())))
  }

  /** Stops with everything durable. What is in line is finished first. */
  async close(): Promise<void> {
    await this.#line.catch(() => undefined)
    if (this.#site === null) return
    for (const logClass of LOG_CLASSES) await this.#site.logs[logClass].close()
    await this.#site.journals.close()
    await this.#site.keeping.vault.settle()
    noteRest(this.#ports, this.#site.keeping.vault.sizes)
    this.#site.keeping.vault.close()
    this.#site = null
  }

  /** Answers a request as the socket brings it. Throws only when the keeper cannot go on. */
  async answer(request: Request): Promise<Answer> {
    if (request.operation === "status") return { operation: "status", state: this.#status() }
    if (this.#site === null) return { operation: "refused", fault: "no site was founded here" }
    switch (request.operation) {
      case "submit":
        return { operation: "submit", ...(await this.submit(request.statements, request.attachments)) }
      case "batch": {
        const taken = await this.batch(request.entry, request.openings)
        return taken.ok ? { operation: "batch", index: taken.index, receipt: taken.receipt } : refused(taken.fault)
      }
      case "policy": {
        const made = this.policy(request.door, request.held_size)
        return made.ok ? { operation: "policy", ...made.offer, consistency: made.consistency } : refused(made.fault)
      }
      case "secret": {
        const sealed = this.secret(request.door, request.credential)
        return sealed === null ? refused("no such secret for this door") : { operation: "secret", sealed }
      }
      case "lease": {
        const ticket = this.lease(request.door)
        return ticket.ok ? { operation: "lease", ticket: ticket.bytes } : refused(ticket.fault)
      }
      case "narrowing": {
        const ticket = this.narrowing(request.door)
        return ticket.ok ? { operation: "narrowing", ticket: ticket.bytes } : refused(ticket.fault)
      }
      case "beacon": {
        const made = this.beacon(request.nonce)
        return made.ok ? { operation: "beacon", beacon: made.bytes } : refused(made.fault)
      }
      case "look": {
        const seen = await this.look(request.look)
        return seen.ok ? { operation: "look", sealed: seen.sealed } : refused(seen.fault)
      }
      case "pairing": {
        const door = this.pairedWith(request.journalKey)
        return door === null ? refused("no door is paired with that key") : { operation: "pairing", door }
      }
      case "beat":
        this.beat(request.door, request.state)
        return { operation: "beat" }
      case "sheets":
        return { operation: "sheets", sheets: this.sheets() }
      default:
        return unreachable(request)
    }
  }

  get #opened(): OpenSite {
    assert(this.#site !== null, "a site was founded")
    return this.#site
  }

  async #begin(site: OpenSite): Promise<void> {
    this.#site = site
    for (const logClass of LOG_CLASSES)
      site.logs[logClass].onPublished = (size) => this.onNotice({ notice: "log grew", class: logClass, size })
    site.journals.onGrave = (door, records) => {
      const doors = site.narrowings.found(site.authority.state, door, records) // Not of `this`: the site may be closing.
      if (doors.length > 0) this.onNotice({ notice: "narrowed", doors })
    }
    await this.#issue(site.unissued)
    await this.#renew(secondsOf(this.#ports.now()))
  }

  async #issue(doors: readonly DoorId[]): Promise<void> {
    const issued = await this.#opened.policies.issue(doors)
    if (issued.length > 0) this.onNotice({ notice: "policies issued", doors: issued })
  }

  async #renew(now: UnixSeconds): Promise<void> {
    const { authority, keeping } = this.#opened
    const tables = zonesToRenew(authority.state, now, (zone) => this.#ports.zoneTable(zone, now))
    const touched = new Set<DoorId>()
    if (tables.length > 0) {
      const statements = tables.map((table) => authority.ownStatement({ kind: "zone table", table }))
      for (const door of await authority.append(statements)) touched.add(door)
    }
    const { issued, doors, delegations } = authority.state
    // A policy names the keys that its lock obeys, and not until when. It is made at the keeper's time, so that is asked.
    const at = secondsOf(keeping.clock.admission())
    const ends = [...delegations.values()].flatMap(({ notAfter, parent }) => {
      return parent === null && notAfter !== null && notAfter < at ? [notAfter] : []
    })
    for (const [door, { compiledAt }] of issued) {
      const isOld = compiledAt + POLICY_AGE_S_MAX < now || ends.some((end) => compiledAt <= end)
      if (isOld && doors.has(door)) touched.add(door)
    }
    await this.#issue([...touched])
  }

  /** Lets one in after the other, whatever became of the one before. */
  #inLine<Done>(act: () => Promise<Done>): Promise<Done> {
    const turn = this.#line.then(act, act)
    this.#line = turn
    return turn
  }

  /** {0: site or null, 1: [keeper, log key, HPKE key], 2: [sizes of authority, events, looks], 3: clock believed, 4: period} */
  #status(): ReadonlyMap<number, Cbor> {
    const { keeper, logKey, keeperHpke } = this.keys()
    const site = this.#site
    return new Map<number, Cbor>([
      [0, site === null ? null : idBytes(site.file.site)],
      [1, [encodeCoseKey(keeper), logKey, keeperHpke]],
      [2, site === null ? null : LOG_CLASSES.map((logClass) => site.logs[logClass].head.size)],
      [3, site === null ? null : site.keeping.clock.believed() !== null],
      [4, site === null ? null : site.file.period],
    ])
  }
}

function refused(fault: string): Answer {
  return { operation: "refused", fault }
}
