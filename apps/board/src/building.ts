/**
 * All virtual boards of one building, and the drawer of cards: the world behind the world's port.
 *
 * Each board has a directory of its own with its keys, its pairing and its flash; no board reads another's.
 */
import { type DoorId, parseId, type SiteId } from "@holdfast/base"
import { decodeCoseKey, encodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { fromBase64, toBase64, toHex } from "@holdfast/base/text"
import type { Pairing } from "@holdfast/lock"
import type { SeenWord } from "@holdfast/lock/diagnosis"
import { boardFingerprint } from "@holdfast/lock/pairing"
import { NodeDisk, nodeCrypto } from "@holdfast/port-node"
import { X509Certificate } from "node:crypto"
import { mkdirSync, readdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import { Cards, type CardView } from "./cards.ts"
import { PhoneReader } from "./phone-reader.ts"
import { lockName, type Phone, Phones, type PhoneView } from "./phones.ts"
import { CourierLine } from "./courier-line.ts"
import type { SecureElement } from "./element.ts"
import { cellsOf, FITTING, type Fitting, STORED_FITTING } from "./fitting.ts"
import { keep, readKept } from "./kept-json.ts"
import { type BoardKeys, boardKeys, destroyKeys, tlsPublicKey } from "./keys.ts"
import { LiveBoard } from "./live-board.ts"
import { SCENE, STORED_SCENE } from "./scene.ts"
import { sealedFlash } from "./sealed-flash.ts"
import type { DoorView, NewBoard, World } from "./world.ts"
import type { WorldAct } from "./world-act.ts"

/** What every lock of a site is told when it is paired. Public keys in base64, as they travel between processes. */
export type SiteTrust = {
  readonly site: SiteId
  readonly keeper: string
  readonly logKey: string
  readonly keeperHpke: string
  readonly epoch: number
}

export type Courier = { readonly host: string; readonly port: number; readonly authorityPem: string }

/** A board's public half, for the statement that pairs it and for its certificate. */
export type Attached = NewBoard & { readonly door: string; readonly tls_key: string }

/** The keys that a certificate binds: the journal's, which names the board, and its link's. */
export type Certifiable = Pick<Attached, "journal_key" | "tls_key">

export type BuildingOptions = {
  readonly directory: string
  readonly trust: SiteTrust
  readonly courier: Courier
  random(size: number): Uint8Array
  /** A board's secure element; without one each board has the stand-in made of files. */
  element?(door: DoorId): SecureElement
  /** A certificate for a board's own key; whoever holds the authority answers. */
  certify(door: DoorId, board: Certifiable): Promise<string>
}

const RECORDS_MAX = 100_000
const RENEWAL_LOOK_MS = 3_600_000

/** When a certificate is to be renewed: after two thirds of its life. */
function renewalOf(pem: string): number {
  const { validFromDate, validToDate } = new X509Certificate(pem)
  return validFromDate.getTime() + ((validToDate.getTime() - validFromDate.getTime()) * 2) / 3
}

/** What was told at pairing does not read; a lock that follows nobody must not run. */
export class TrustError extends Error {
  override readonly name = "TrustError"
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64(text)
  if (bytes === null) throw new TrustError("a key of the site is no base64")
  return bytes
}

function pairingOf(trust: SiteTrust, door: DoorId, keys: BoardKeys, readerKey: PublicKey): Pairing {
  const keeper = decodeCoseKey(bytesOf(trust.keeper))
  if (keeper === null) throw new TrustError("the keeper's key is no COSE_Key")
  return {
    site: trust.site,
    door,
    keeper,
    logKey: bytesOf(trust.logKey),
    epoch: trust.epoch,
    journalKey: keys.journal.publicKey,
    readerKey,
    codeKey: keys.pinKey,
    journal_records_max: RECORDS_MAX,
    element: keys.element.kind,
  }
}

function certifiable(keys: BoardKeys): Certifiable {
  return { journal_key: toBase64(encodeCoseKey(keys.journal.publicKey)), tls_key: toBase64(tlsPublicKey(keys)) }
}

export class Building implements World {
  readonly #options: BuildingOptions
  readonly #cards: Cards
  readonly #phones: Phones
  readonly #readers = new Map<DoorId, PhoneReader>()
  readonly #boards = new Map<DoorId, LiveBoard>()
  readonly #keys = new Map<DoorId, BoardKeys>()
  readonly #certificates = new Map<DoorId, string>()
  #renewing: NodeJS.Timeout | null = null
  readonly #watchers = new Set<(view: DoorView) => void>()

  constructor(options: BuildingOptions) {
    this.#options = options
    mkdirSync(options.directory, { recursive: true, mode: 0o700 }) // Below it, nobody but its owner enters.
    const disk = new NodeDisk(options.directory)
    this.#cards = new Cards(disk, options.directory)
    this.#phones = new Phones(disk, options.random, options.directory)
  }

  /** Switches on every board that has a directory. */
  async open(): Promise<void> {
    const names = readdirSync(this.#options.directory, { withFileTypes: true })
    for (const name of names) {
      const door = name.isDirectory() ? parseId<"DoorId">(name.name) : null
      if (door !== null) await this.#switchOn(door, this.#disk(door))
    }
    this.#renewing = setInterval(() => void this.renewLines(Date.now()), RENEWAL_LOOK_MS).unref()
  }

  close(): void {
    if (this.#renewing !== null) clearInterval(this.#renewing)
    for (const board of this.#boards.values()) board.close()
  }

  #disk(door: DoorId): NodeDisk {
    return new NodeDisk(join(this.#options.directory, door))
  }

  /** A board's keys are opened once: nobody else moves its element's counter. */
  #keysOf(door: DoorId, disk: NodeDisk): BoardKeys {
    const { random, element } = this.#options
    const keys = this.#keys.get(door) ?? boardKeys(disk, random, element?.(door))
    this.#keys.set(door, keys)
    return keys
  }

  /** A new board at a door, or the one that is there. */
  async board(door: DoorId, fitting: Fitting): Promise<Attached> {
    const disk = this.#disk(door)
    const keys = this.#keysOf(door, disk)
    if (disk.read(FITTING) === null) keep(disk, FITTING, fitting)
    if (!this.#boards.has(door)) await this.#switchOn(door, disk)
    return {
      door,
      ...certifiable(keys),
      hpke_key: toBase64(keys.hpke.publicKey),
      serial: keys.serial,
      fingerprint: boardFingerprint(keys.journal.publicKey, nodeCrypto),
    }
  }

  async #switchOn(door: DoorId, disk: NodeDisk): Promise<void> {
    const { trust, random } = this.#options
    const directory = join(this.#options.directory, door)
    const fitting = readKept(disk, directory, FITTING, STORED_FITTING)
    if (fitting === null) return // Never finished: it is attached anew when somebody asks for it.
    const keys = this.#keysOf(door, disk)
    const phoneReader = new PhoneReader(disk, keys.element)
    this.#readers.set(door, phoneReader)
    const board = new LiveBoard({
      pairing: pairingOf(trust, door, keys, phoneReader.publicKey),
      phoneReader,
      unlocked: (phone) => this.#unlocked(phone),
      keeperHpke: bytesOf(trust.keeperHpke),
      keys,
      flash: sealedFlash(directory, keys),
      failMode: fitting.failMode,
      ...(fitting.actuator === undefined ? {} : { actuator: fitting.actuator }),
      ...cellsOf(fitting),
      crypto: nodeCrypto,
      random,
      scene: readKept(disk, directory, SCENE, STORED_SCENE),
      keepScene: (scene) => keep(disk, SCENE, scene),
      cards: this.#cards,
      left: () => setImmediate(() => this.#leave(door)),
      changed: (view) => this.#watchers.forEach((told) => told(view)),
    })
    this.#boards.set(door, board)
    await this.#link(door, board, keys)
  }

  /** Gives a board its line, under the certificate that it gets now; one that it has already changes nothing. */
  async #link(door: DoorId, board: LiveBoard, keys: BoardKeys): Promise<void> {
    const { trust, courier, certify } = this.#options
    const certificatePem = await certify(door, certifiable(keys))
    if (this.#certificates.get(door) === certificatePem || this.#boards.get(door) !== board) return
    this.#certificates.set(door, certificatePem)
    board.connect(
      new CourierLine({
        site: trust.site,
        door,
        ...courier,
        certificatePem,
        keyPem: keys.tls.key.export({ format: "pem", type: "pkcs8" }).toString(),
        linked: (up) => board.linked(up),
        heard: (bytes) => board.heard(bytes),
      }),
    )
  }

  /**
   * Asks for a new certificate wherever two thirds of the old one's life are over, for every board by itself. Where none comes
   * the old one counts on, and the next look asks again.
   */
  async renewLines(now_ms: number): Promise<void> {
    const due = [...this.#certificates].filter(([, pem]) => now_ms >= renewalOf(pem))
    await Promise.allSettled(
      due.map(async ([door]) => {
        const [board, keys] = [this.#boards.get(door), this.#keys.get(door)]
        if (board !== undefined && keys !== undefined) await this.#link(door, board, keys)
      }),
    )
  }

  doors(): readonly DoorView[] {
    return [...this.#boards.values()].map((board) => board.view())
  }

  act(door: string, act: WorldAct): boolean {
    const id = parseId<"DoorId">(door)
    return id !== null && (this.#boards.get(id)?.act(act) ?? false)
  }

  diagnose(door: string, seen: readonly SeenWord[]): { readonly report: Uint8Array; readonly text: string } | null {
    const id = parseId<"DoorId">(door)
    return id === null ? null : (this.#boards.get(id)?.diagnose(seen) ?? null)
  }

  /** A lock left its site: its keys are destroyed, and what is left is put aside. The door can be given a new board. */
  #leave(door: DoorId): void {
    const keys = this.#keys.get(door)
    this.#boards.get(door)?.close()
    this.#boards.delete(door)
    this.#keys.delete(door)
    this.#certificates.delete(door)
    if (keys !== undefined) destroyKeys(this.#disk(door), keys.element)
    const from = join(this.#options.directory, door)
    renameSync(from, `${from}.left-${toHex(this.#options.random(4))}`)
  }

  cards(): readonly CardView[] {
    return this.#cards.views()
  }

  makeCard(label: string): { readonly card: string; readonly uid: string; readonly encoder_key: string } {
    const { card, uid, encoder } = this.#cards.make(label, this.#options.random)
    return { card, uid: toHex(uid), encoder_key: toBase64(encoder.publicKey) }
  }

  personalise(card: string, issued: Uint8Array): boolean {
    const { trust } = this.#options
    return this.#cards.personalise(card, trust.site, trust.epoch, issued)
  }

  phones(): readonly PhoneView[] {
    return this.#phones.views()
  }

  makePhone(label: string): PhoneView {
    return this.#phones.make(label).view()
  }

  /** A phone in its holder's hand. At its enrolment it was told of every lock of the building. */
  #unlocked(name: string): Phone | null {
    const phone = this.#phones.get(name)
    const { site } = this.#options.trust
    const locks = [...this.#readers].map(([door, reader]) => [lockName(site, door), reader.publicKey] as const)
    phone?.arm(true, new Map(locks))
    return phone
  }

  /** What a cardholder of the example remembers. */
  remember(card: string, pin: string, duress: string | null): void {
    this.#cards.remember(card, pin, duress)
  }

  async attach(door: string, fitting: Fitting): Promise<NewBoard | null> {
    const id = parseId<"DoorId">(door)
    if (id === null || this.#boards.has(id)) return null
    const { journal_key, hpke_key, serial, fingerprint } = await this.board(id, fitting)
    return { journal_key, hpke_key, serial, fingerprint }
  }

  onChange(told: (view: DoorView) => void): () => void {
    this.#watchers.add(told)
    return () => this.#watchers.delete(told)
  }
}
