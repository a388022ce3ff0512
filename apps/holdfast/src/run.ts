/**
 * One building at work: its parts, started in the order of trust and stopped in the reverse one.
 *
 *   keeper    first, since it verifies everything; a fresh one is founded here
 *   boards    before the example is founded, since locks bring their own keys; a building without an example gets them by
 *             {@link Run.addBoards}, and keeps them
 *   server    then, with the keeper's socket and its own certificate; it learns nothing else
 *   front     last, when there is something to see
 *
 * What each part is told and what it says stands in the file of its name. Here is the order alone, and the founding key,
 * which is held from the founding (or from a recovery file) until somebody claims the site. Ports, signals and what a
 * person reads are {@link start}'s.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, EMPTY, type SiteId } from "@holdfast/base"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import { NodeDisk, newEs256 } from "@holdfast/port-node"
import { Boards, trustOf } from "./boards.ts"
import { clearUnfinished, FORMAT, type Page, writePage } from "./directory.ts"
import { OFFICE } from "./example/office.ts"
import { foundExample } from "./found-example.ts"
import { signDeed } from "./founder.ts"
import { Front } from "./front.ts"
import { Keeper } from "./keeper.ts"
import type { KeptChild } from "./kept-child.ts"
import { boardsLink, PairingDesk } from "./pairing-desk.ts"
import { LOOPBACK, reachableHere } from "./ports.ts"
import { boardsProgram } from "./program.ts"
import { newServer } from "./server.ts"
import { now, random, Site } from "./site.ts"
import { type TlsNames, tlsNames } from "./tls.ts"

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
  /** The folder of a release of the boards' program; null runs it from its source. */
  readonly boardRelease: string | null
  /** A PostgreSQL of the owner's; null for the one that comes along. */
  readonly databaseUrl: string | null
  /** A part cannot go on. */
  gaveUp(error: unknown): void
  claimed(): void
}

/** Somebody stopped the building before it stood. */
class StoppingError extends Error {
  override readonly name = "StoppingError"
}

/** What a person is told of a building that stands. */
export type Standing = {
  readonly site: SiteId
  /** What a board that stands alone is given: where it asks, and the site's mark. */
  readonly boards: string
  /** The link to take charge with, while the founding key is here. */
  readonly link: string | null
}

export class Run {
  readonly #options: RunOptions
  readonly #keeper: Keeper
  #tls: TlsNames | null = null
  #boards: Boards | null = null
  /** The virtual hardware of the boards, for whoever plays at their doors. */
  #world: { readonly origin: string; readonly token: string } | null = null
  #server: KeptChild | null = null
  #front: Front | null = null
  /** Known once every part has started. */
  #site: Site | null = null
  #isStopping = false

  constructor(options: RunOptions) {
    const { directory, gaveUp } = options
    this.#options = options
    this.#keeper = new Keeper({ data: directory, log: this.#log("keeper"), gaveUp })
  }

  get origin(): string {
    return `http://localhost:${this.#options.port}`
  }

  get listen(): string {
    return this.#options.listen
  }

  /** Whether every part has started: nothing is asked of a building before. */
  get stands(): boolean {
    return this.#site !== null
  }

  /** Starts everything, each part when the one before is ready. */
  async start(): Promise<Standing> {
    const { directory, page } = this.#options
    const isNew = page === null || page.state === "founding"
    if (isNew) {
      await clearUnfinished(directory)
      writePage(directory, this.#page("founding", null))
    }
    await this.#keeper.start()
    const site = isNew ? await this.#found() : this.#reopen(page)
    if (this.#boards === null && this.#hasBoards()) await this.#startBoards(site)
    await this.#startServer(site)
    await this.#startFront(site)
    writePage(directory, this.#page("founded", site.bytes))
    this.#site = site
    return { site: site.id, boards: this.#boardsLink(site), link: site.invite() }
  }

  /** Stops in the reverse order; the keeper last, so that everything that was said is durable. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#keeper.hangUp()
    await Promise.all([this.#front?.stop(), this.#boards?.stop()])
    await this.#server?.stop()
    await this.#keeper.stop()
  }

  /** A new link, or null while nobody's founding key is here; with a recovery file's text, its key is taken up first. */
  invite(recovery: string | null): string | null {
    assert(this.#site !== null, "the building stands")
    if (recovery !== null) this.#site.holdRecovered(recovery)
    return this.#site.invite()
  }

  /**
   * Virtual boards for a building that began without any: the console can attach one to a door from now on, also after the
   * next start. False while they are being started for somebody else.
   */
  async addBoards(): Promise<boolean> {
    assert(this.#site !== null, "the building stands")
    if (this.#boards === null) await this.#startBoards(this.#site)
    return this.#world !== null
  }

  /** Makes the founding key in memory, the deed with it, and the example's statements. */
  async #found(): Promise<Site> {
    const key = newEs256()
    const deed = signDeed(key, this.#keeper.keys, { origins: [this.origin], rpId: RP_ID }, now())
    await this.#keeper.found(deed.bytes)
    const site = this.#siteOf(deed.bytes)
    const founder = site.hold(key, "offered")
    if (this.#options.example !== "none")
      await foundExample(founder, await this.#startBoards(site), site.id, OFFICE, random)
    return site
  }

  /** The site of a building that was founded before. */
  #reopen({ root }: Page): Site {
    const site = this.#siteOf(fromBase64(root ?? "") ?? EMPTY)
    if (this.#options.recovery !== null) site.holdRecovered(this.#options.recovery)
    return site
  }

  #siteOf(signedRoot: Uint8Array): Site {
    const { submit } = this.#keeper
    return new Site(signedRoot, { origin: this.origin, submit, claimed: () => this.#options.claimed() })
  }

  #boardsDirectory(): string {
    return join(this.#options.directory, "boards")
  }

  #hasBoards(): boolean {
    return this.#options.example !== "none" || existsSync(this.#boardsDirectory())
  }

  async #startBoards(site: Site): Promise<Boards> {
    this.#checkGoingOn()
    const { mqttPort, listen, boardRelease, gaveUp } = this.#options
    const token = toBase64(random(24))
    const boards = new Boards({
      program: boardsProgram(boardRelease),
      log: this.#log("boards"),
      tls: this.#names(),
      settings: {
        directory: this.#boardsDirectory(),
        trust: trustOf(site),
        courier: { host: reachableHere(listen), port: mqttPort, authorityPem: this.#names().authorityPem },
        world: { token, origin: this.origin },
      },
      ready: (port) => {
        this.#world = { origin: `http://${LOOPBACK}:${port}`, token }
        this.#front?.siteChanged()
      },
      gaveUp,
    })
    this.#boards = boards
    try {
      await boards.start()
    } catch (error) {
      this.#boards = null // Whoever asks for boards later begins anew.
      await boards.stop()
      throw error
    }
    return boards
  }

  async #startServer(site: Site): Promise<void> {
    this.#checkGoingOn()
    const { directory, apiPort, mqttPort, listen, databaseUrl, gaveUp } = this.#options
    this.#server = newServer({
      data: directory,
      log: this.#log("server"),
      site,
      origin: this.origin,
      apiPort,
      mqttPort,
      listen,
      tls: this.#names(),
      keeperSocket: this.#keeper.socket,
      databaseUrl,
      gaveUp,
    })
    await this.#server.start()
  }

  async #startFront(site: Site): Promise<void> {
    this.#checkGoingOn()
    const { port, boardsPort, listen, gaveUp } = this.#options
    this.#front = new Front({
      log: this.#log("front"),
      site,
      origin: this.origin,
      port,
      boardsPort,
      listen,
      tls: this.#names(),
      pairing: this.#newPairingDesk(site),
      siteFile: () => this.#siteFile(site),
      gaveUp,
    })
    await this.#front.start()
  }

  #newPairingDesk(site: Site): PairingDesk {
    return new PairingDesk({
      site: site.id,
      mqttPort: this.#options.mqttPort,
      pairedWith: (journalKey) => this.#keeper.pairedWith(journalKey),
      certify: (door, journalKey, tlsKey) => this.#names().lock(door, journalKey, tlsKey),
      uptime: () => performance.now(),
    })
  }

  /** What the front tells everybody; it changes when boards are added, or had to be started again elsewhere. */
  #siteFile(site: Site): object {
    return {
      site: site.id,
      root: toBase64(site.bytes),
      api: `http://localhost:${this.#options.apiPort}`,
      keeper_isolated: false, // One user runs all of them; a keeper of its own is started by hand.
      world: this.#world,
      boards: this.#boardsLink(site),
    }
  }

  #boardsLink(site: Site): string {
    const { listen, boardsPort } = this.#options
    return boardsLink(site.id, this.#names().authorityPem, listen, boardsPort)
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

  #page(state: Page["state"], signedRoot: Uint8Array | null): Page {
    const { port, apiPort, mqttPort, boardsPort, listen, example } = this.#options
    const root = signedRoot === null ? null : toBase64(signedRoot)
    return { format: FORMAT, state, example, port, apiPort, mqttPort, boardsPort, listen, root }
  }
}
