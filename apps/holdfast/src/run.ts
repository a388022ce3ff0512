/**
 * One building at work: keeper, server, boards and front, started in the order of trust and stopped in the reverse one.
 *
 *   keeper    first, since it verifies everything; a fresh one is founded here
 *   boards    before the example is founded, since locks bring their own keys; a building without an example gets them by
 *             {@link Run.addBoards}, and keeps them
 *   server    then, with the keeper's socket and its own certificate; it learns nothing else
 *   front     last, when there is something to see
 */
import { randomBytes, X509Certificate } from "node:crypto"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Root } from "@holdfast/access"
import { verifyFirstRoot } from "@holdfast/access/author"
import { assert, encodeCoseKey, fromBase64, type SiteId, toBase64, unixMillis } from "@holdfast/base"
import { siteMark } from "@holdfast/lock/pairing"
import { NodeDisk, newEs256, nodeCrypto } from "@holdfast/port-node"
import { Boards, type Program } from "./boards.ts"
import type { ChildError, Said } from "./child.ts"
import { Claims } from "./claim.ts"
import { clearUnfinished, FORMAT, type Page, writePage } from "./directory.ts"
import { OFFICE } from "./example/office.ts"
import { foundExample } from "./found-example.ts"
import { Founder, type KeeperKeys, signDeed } from "./founder.ts"
import { KeeperDesk } from "./keeper-desk.ts"
import { KeptChild } from "./kept-child.ts"
import { PairingDesk } from "./pairing-desk.ts"
import { hostOf, LOOPBACK, reachableAt, reachableHere } from "./ports.ts"
import { readRecovery } from "./recovery.ts"
import { type TlsNames, tlsNames } from "./tls.ts"

const entry = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
/** A release of the boards' program goes through the launcher, which verifies it and runs what it verified. */
function boardProgram(): Program {
  const release = process.env["HOLDFAST_BOARD_RELEASE"] ?? ""
  if (release === "") return { entry: entry("board/src/main.ts"), words: [] }
  const words = ["--image", join(release, "board.image"), "--trust", join(release, "trust.json")]
  return { entry: entry("board/src/launcher-main.ts"), words }
}
const RP_ID = "localhost"

export type RunOptions = {
  readonly directory: string
  readonly port: number
  readonly apiPort: number
  readonly mqttPort: number
  readonly boardsPort: number
  /** Where locks and boards are heard; console and API listen on loopback only. */
  readonly listen: string
  readonly example: string
  readonly page: Page | null
  /** The text of the recovery file, when one was given. */
  readonly recovery: string | null
  /** A child cannot go on; the message is a line for a person. */
  gaveUp(error: ChildError): void
  claimed(): void
}

/** Somebody stopped the building before it stood. */
class StoppingError extends Error {
  override readonly name = "StoppingError"
}

/** The recovery file is of another site. */
export class WrongKeyError extends Error {
  override readonly name = "WrongKeyError"
}

type Site = { readonly id: SiteId; readonly root: Root; readonly bytes: Uint8Array }

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))
const now = () => unixMillis(Date.now())

function siteOf(rootBytes: Uint8Array): Site {
  const verified = verifyFirstRoot(rootBytes, nodeCrypto)
  assert(verified.ok, "the root metadata that we keep is our own")
  return { id: verified.site, root: verified.root, bytes: rootBytes }
}

export class Run {
  readonly #options: RunOptions
  readonly #keeper: KeptChild
  #tls: TlsNames | null = null
  #isStopping = false
  #socket = ""
  #keys: KeeperKeys | null = null
  #founded: { resolve(): void; reject(error: Error): void } | null = null
  #desk: KeeperDesk | null = null
  #boards: Boards | null = null
  #server: KeptChild | null = null
  #front: KeptChild | null = null
  #claims: Claims | null = null
  #site: Site | null = null
  #world: { readonly origin: string; readonly token: string } | null = null

  constructor(options: RunOptions) {
    this.#options = options
    this.#keeper = new KeptChild({
      name: "keeper",
      entry: entry("keeper/src/main.ts"),
      log: this.#log("keeper"),
      settings: () => ({ data: options.directory, ...(this.#socket === "" ? {} : { socket: this.#socket }) }),
      ready: (said) => this.#keeperReady(said),
      heard: (said) => this.#keeperSaid(said),
      gaveUp: options.gaveUp,
    })
  }

  get origin(): string {
    return `http://localhost:${this.#options.port}`
  }

  get listen(): string {
    return this.#options.listen
  }

  /** What a board that stands alone is given: where it asks, and the site's mark. */
  get boards(): string {
    assert(this.#site !== null, "the site stands")
    const { listen, boardsPort } = this.#options
    const authority = new X509Certificate(this.#names().authorityPem).raw
    const mark = siteMark(this.#site.id, new Uint8Array(authority), nodeCrypto)
    return `https://${hostOf(reachableAt(listen))}:${boardsPort}/#${mark}`
  }

  /** Read or made at first use: a founding clears the directory before anything is kept in it. */
  #names(): TlsNames {
    this.#tls ??= tlsNames(new NodeDisk(this.#options.directory, ["tls"]), now)
    return this.#tls
  }

  /** No part begins once the others are being stopped: nobody would be there to stop it. */
  #checkGoingOn(): void {
    if (this.#isStopping) throw new StoppingError("the building is being stopped")
  }

  #log(name: string): string {
    return join(this.#options.directory, "logs", `${name}.log`)
  }

  #page(state: Page["state"], root: Uint8Array | null): Page {
    const { port, apiPort, mqttPort, boardsPort, listen, example } = this.#options
    return {
      format: FORMAT,
      state,
      example,
      port,
      apiPort,
      mqttPort,
      boardsPort,
      listen,
      root: root === null ? null : toBase64(root),
    }
  }

  /** Starts everything; answers the site and, when somebody may still claim it, the link. */
  async start(): Promise<{ readonly site: SiteId; readonly link: string | null }> {
    const { directory, page } = this.#options
    const isNew = page === null || page.state === "founding"
    if (isNew) {
      await clearUnfinished(directory)
      writePage(directory, this.#page("founding", null))
    }
    await this.#keeper.start()
    const site = isNew ? await this.#found() : siteOf(fromBase64(page.root ?? "") ?? new Uint8Array(0))
    this.#site = site
    this.#claims ??= this.#newClaims(site.id)
    if (!isNew && this.#options.recovery !== null) this.holdKey(this.#options.recovery)
    if (this.#boards === null && this.#hasBoards()) await this.#startBoards(site)
    await this.#startServer(site)
    await this.#startFront(site)
    writePage(directory, this.#page("founded", site.bytes))
    return { site: site.id, link: this.#claims.canInvite ? this.#claims.invite() : null }
  }

  #newClaims(site: SiteId): Claims {
    return new Claims({
      site,
      origin: this.origin,
      uptime: () => performance.now(),
      random,
      claimed: () => this.#options.claimed(),
    })
  }

  #keeperReady(said: Said): void {
    this.#socket = String(said["socket"])
    this.#keys = said["keys"] as KeeperKeys
  }

  #keeperSaid(said: Said): void {
    if (said.kind === "founded") this.#founded?.resolve()
    else if (said.kind === "not founded")
      this.#founded?.reject(new WrongKeyError(`the keeper did not found the site: ${String(said["message"])}`))
  }

  /** Makes the founding key in memory, the deed with it, and the example's statements. */
  async #found(): Promise<Site> {
    assert(this.#keys !== null, "a keeper that is ready told its keys")
    const key = newEs256()
    const deed = signDeed(key, this.#keys, { origins: [this.origin], rpId: RP_ID }, now())
    await new Promise<void>((resolve, reject) => {
      this.#founded = { resolve, reject }
      this.#keeper.tell({ kind: "found", root: deed.bytes })
    })
    const site = siteOf(deed.bytes)
    const founder = this.#founder(site, key)
    this.#claims = this.#newClaims(site.id)
    this.#claims.hold(founder, "offered")
    if (this.#options.example === "none") return site
    const boards = await this.#startBoards(site)
    await foundExample(founder, boards, site.id, OFFICE, random)
    return site
  }

  #keeperDesk(): KeeperDesk {
    this.#desk ??= new KeeperDesk(this.#socket)
    return this.#desk
  }

  #founder(site: Site, key: ReturnType<typeof newEs256>): Founder {
    const { submit } = this.#keeperDesk()
    return new Founder({ site: site.id, keeperHpke: site.root.keeperHpke, key, submit, now, random })
  }

  /** Takes up the founding key of a recovery file, once there is a site that it could be of. */
  holdKey(recovery: string): void {
    const site = this.#site
    if (site === null || this.#claims === null) throw new WrongKeyError("Holdfast is still starting.")
    const key = readRecovery(recovery)
    const owns = site.root.keys.some((each) => toBase64(encodeCoseKey(each)) === toBase64(encodeCoseKey(key.publicKey)))
    if (!owns) throw new WrongKeyError("this recovery file is the founding key of another site")
    this.#claims.hold(this.#founder(site, key), "kept")
  }

  /** A new link, or null while nobody's founding key is here. */
  invite(): string | null {
    return this.#claims?.canInvite ? this.#claims.invite() : null
  }

  #boardsDirectory(): string {
    return join(this.#options.directory, "boards")
  }

  #hasBoards(): boolean {
    return this.#options.example !== "none" || existsSync(this.#boardsDirectory())
  }

  /**
   * Virtual boards for a building that began without any: the console can attach one to a door from now on, also after the
   * next start. False while the building is not standing yet.
   */
  async addBoards(): Promise<boolean> {
    const [site, front] = [this.#site, this.#front]
    if (site === null || front === null) return false
    if (this.#boards === null) {
      await this.#startBoards(site)
      front.tell({ kind: "site", site: this.#siteFile(site) })
    }
    return this.#world !== null
  }

  async #startBoards(site: Site): Promise<Boards> {
    this.#checkGoingOn()
    const { mqttPort, gaveUp } = this.#options
    const token = toBase64(random(24))
    const boards = new Boards(boardProgram(), this.#log("boards"), this.#names(), gaveUp)
    this.#boards = boards
    const port = await boards.start({
      directory: this.#boardsDirectory(),
      trust: {
        site: site.id,
        keeper: toBase64(encodeCoseKey(site.root.keeper)),
        logKey: toBase64(site.root.logKey),
        keeperHpke: toBase64(site.root.keeperHpke),
        epoch: site.root.epoch,
      },
      courier: { host: reachableHere(this.#options.listen), port: mqttPort, authorityPem: this.#names().authorityPem },
      world: { token, origin: this.origin },
    })
    this.#world = { origin: `http://${LOOPBACK}:${port}`, token }
    return boards
  }

  async #startServer(site: Site): Promise<void> {
    this.#checkGoingOn()
    const { directory, apiPort, mqttPort, listen, gaveUp } = this.#options
    const { server, authorityPem } = this.#names()
    this.#server = new KeptChild({
      name: "server",
      entry: entry("server/src/main.ts"),
      log: this.#log("server"),
      settings: () => ({
        data: directory,
        site: site.id,
        api: { port: apiPort, address: LOOPBACK },
        front_origin: this.origin,
        mqtt: { port: mqttPort, address: listen },
        tls: { key: server.keyPem, cert: server.certificatePem, ca: authorityPem },
        keeper_socket: this.#socket,
        database_url: process.env["HOLDFAST_DATABASE_URL"] ?? null,
      }),
      ready: () => undefined,
      heard: () => undefined,
      gaveUp,
    })
    await this.#server.start()
  }

  /** What the front tells everybody; it follows when boards are added. */
  #siteFile(site: Site): object {
    return {
      site: site.id,
      root: toBase64(site.bytes),
      api: `http://localhost:${this.#options.apiPort}`,
      keeper_isolated: false, // One user runs all of them; a keeper of its own is started by hand.
      world: this.#world,
      boards: this.boards,
    }
  }

  #newPairingDesk(site: Site): PairingDesk {
    return new PairingDesk({
      site: site.id,
      mqttPort: this.#options.mqttPort,
      pairedWith: (journalKey) => this.#keeperDesk().pairedWith(journalKey),
      certify: (door, journalKey, tlsKey) => this.#names().lock(door, journalKey, tlsKey),
      uptime: () => performance.now(),
    })
  }

  async #startFront(site: Site): Promise<void> {
    this.#checkGoingOn()
    const { port, listen, boardsPort, gaveUp } = this.#options
    const { keyPem, certificatePem } = this.#names().counter()
    const pairing = this.#newPairingDesk(site)
    const opening = { root: toBase64(site.bytes), authority: this.#names().authorityPem }
    const front = new KeptChild({
      name: "front",
      entry: entry("front/src/main.ts"),
      log: this.#log("front"),
      settings: () => ({
        bundle: entry("console/dist"),
        port,
        address: LOOPBACK,
        origin: this.origin,
        site: this.#siteFile(site),
        counter: { key: keyPem, certificate: certificatePem, opening, port: boardsPort, address: listen },
      }),
      ready: () => undefined,
      heard: (said) => void this.#answerFront(front, pairing, said),
      gaveUp,
    })
    this.#front = front
    await front.start()
  }

  async #answerFront(front: KeptChild, pairing: PairingDesk, said: Said): Promise<void> {
    const answer = await this.#answerOf(pairing, said).catch((error: unknown) => {
      const title = error instanceof Error ? error.message : String(error)
      return { status: 503, body: { type: `urn:holdfast:${said.kind}:keeper`, title, status: 503, detail: title } }
    })
    if (answer !== null) front.tell({ kind: "answered", id: said["id"], answer })
  }

  async #answerOf(
    pairing: PairingDesk,
    said: Said,
  ): Promise<{ readonly status: number; readonly body: unknown } | null> {
    if (said.kind === "claim") return this.#claims === null ? null : this.#claims.claim(said["body"])
    if (said.kind === "pair") return pairing.answer(said["body"])
    return said.kind === "waiting" ? { status: 200, body: pairing.waiting() } : null
  }

  /** Stops in the reverse order; the keeper last, so that everything that was said is durable. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#desk?.close()
    await Promise.all([this.#front?.stop(), this.#boards?.stop()])
    await this.#server?.stop()
    await this.#keeper.stop()
  }
}
