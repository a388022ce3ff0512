/**
 * The site as the server knows it, kept up with the authority log. In memory, and read from the log's beginning at every
 * start, so it needs no database and cannot differ from the log.
 */
import type { DoorId, SiteId } from "@holdfast/base"
import type { LedgerFiles } from "../ledger/files.ts"
import { Follower, type Taken } from "../ledger/follower.ts"
import { type Log, messageOf } from "../log.ts"
import { type Admitted, SiteView } from "./view.ts"

export type SiteNews = {
  statement(admitted: Admitted): void
  /** The door was set, removed, paired, or got a policy. */
  door(door: DoorId): void
  grew(log: "authority", period: string, size: number): void
}

export type SiteOptions = {
  readonly site: SiteId
  readonly files: LedgerFiles
  readonly news: SiteNews
  readonly log: Log
  wait(ms: number): Promise<void>
}

export class Site {
  readonly id: SiteId
  readonly view: SiteView
  readonly #follower: Follower
  readonly #news: SiteNews
  #isQuiet = true

  constructor({ site, files, news, log, wait }: SiteOptions) {
    this.id = site
    this.view = new SiteView(site)
    this.#news = news
    const failed = (error: unknown) => log("fault", "authority log", { error: messageOf(error) })
    const take = (taken: Taken) => this.#take(taken)
    this.#follower = new Follower({ files, log: "authority", from: null, take, failed, wait })
  }

  /** How far the log was read. */
  get place(): { readonly period: string | null; readonly next: number } {
    return this.#follower.place
  }

  /** Reads the log to its end. What was there before {@link speak} is not told as news. */
  toEnd(): Promise<void> {
    return this.#follower.nudge()
  }

  /** The reading at the start, which fails where later ones would be tried again. */
  first(): Promise<void> {
    return this.#follower.first()
  }

  speak(): void {
    this.#isQuiet = false
  }

  stop(): Promise<void> {
    return this.#follower.stop()
  }

  async #take(taken: Taken): Promise<void> {
    const { statements, doors } = this.view.take(taken.period, taken.first, taken.entries)
    if (this.#isQuiet) return
    for (const admitted of statements) this.#news.statement(admitted)
    for (const door of doors) this.#news.door(door)
    this.#news.grew("authority", taken.period, taken.size)
  }
}
