/**
 * Follows one log from a place to its end, and goes on as it grows: through its bundles, then through its periods.
 *
 * Picture a finger on the last line that was read. A nudge says "there may be more"; nudges that come while it reads are one
 * nudge. Whatever it finds it hands to `take`, a group at a time and in order, and moves on only when `take` is through. If
 * taking fails it waits and hands the same entries again: taking is idempotent. It never writes.
 */
import { assert } from "@holdfast/base"
import type { LedgerFiles, LogName, ReadingPlace } from "./files.ts"

export type Taken = {
  readonly period: string
  /** Number of the first entry. */
  readonly first: number
  readonly entries: readonly Uint8Array[]
  /** The log's size when this was read. */
  readonly size: number
}

export type FollowerOptions = {
  readonly files: LedgerFiles
  readonly log: LogName
  readonly from: { readonly period: string; readonly next: number } | null
  take(taken: Taken): Promise<void>
  failed(error: unknown): void
  /** Waits before a failed round is tried again; the app's clock. */
  wait(ms: number): Promise<void>
}

/** Entries handed over at once: a group bounds the memory and the transaction that one take needs. */
const GROUP_BYTES_MAX = 2 * 1024 * 1024
const GROUP_ENTRIES_MAX = 256
const RETRY_MS = 1_000

export class Follower {
  readonly #options: FollowerOptions
  #period: string | null
  #place: ReadingPlace
  #size = 0
  #nudged = false
  #running: Promise<void> | null = null
  #stopped = false

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#period = options.from?.period ?? null
    this.#place = { next: options.from?.next ?? 0, offset: null }
  }

  /** Entries known to be there and not yet taken. */
  get behind(): number {
    return Math.max(0, this.#size - this.#place.next)
  }

  get place(): { readonly period: string | null; readonly next: number } {
    return { period: this.#period, next: this.#place.next }
  }

  /** Reads to the end once, before anything else does; what fails here is not tried again but thrown. */
  async first(): Promise<void> {
    assert(this.#running === null, "the first reading comes first")
    await this.#readToEnd()
  }

  /** There may be more. Resolves when everything that was there by now has been taken. */
  nudge(): Promise<void> {
    this.#nudged = true
    this.#running ??= this.#run()
    return this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      while (this.#nudged && !this.#stopped) {
        this.#nudged = false
        try {
          await this.#readToEnd()
        } catch (error) {
          this.#options.failed(error)
          this.#nudged = true
          this.#place = { next: this.#place.next, offset: null }
          await this.#options.wait(RETRY_MS)
        }
      }
    } finally {
      this.#running = null
    }
  }

  async #readToEnd(): Promise<void> {
    const { files, log } = this.#options
    const periods = await files.periods(log)
    const from = this.#period === null ? 0 : periods.indexOf(this.#period)
    for (const period of periods.slice(Math.max(0, from))) {
      if (period !== this.#period) this.#place = { next: 0, offset: null }
      this.#period = period
      await this.#readPeriod(period)
    }
  }

  async #readPeriod(period: string): Promise<void> {
    const { files, log } = this.#options
    while (!this.#stopped) {
      const head = await files.head(log, period)
      if (head === null || this.#place.next >= head.size) return
      this.#size = head.size
      const read = await files.entries(log, period, this.#place, head.size)
      if (read === null) continue // The bundle grew under our hands; the next head names the new one.
      const isThrough = await this.#hand(period, read.entries, head.size)
      if (isThrough) this.#place = read.after
    }
  }

  async #hand(period: string, entries: readonly Uint8Array[], size: number): Promise<boolean> {
    let group: Uint8Array[] = []
    let bytes = 0
    let first = this.#place.next
    const take = async () => {
      await this.#options.take({ period, first, entries: group, size })
      first += group.length
      this.#place = { next: first, offset: null }
      group = []
      bytes = 0
    }
    for (const entry of entries) {
      group.push(entry)
      bytes += entry.length
      if (bytes >= GROUP_BYTES_MAX || group.length >= GROUP_ENTRIES_MAX) await take()
      if (this.#stopped) return false
    }
    if (group.length > 0) await take()
    return true
  }
}
