/**
 * A child that is started again when it crashes, a few times in a row and then no more.
 *
 * Processes die: a broken assertion in the keeper is meant to end it. Starting again verifies everything anew; doing so for
 * ever would hide a fault, so after a handful in a row the owner hears of it and stops. A run that lasts ends the row. Whoever
 * says itself why it cannot start is not asked twice.
 */
import { basename } from "node:path"
import { setTimeout as later } from "node:timers/promises"
import { CannotStartError, Child, ChildError, type ChildOptions, type Said } from "./child.ts"
import { LogFile } from "./log-file.ts"

export const CRASHES_MAX = 5
const AGAIN_MS = 400
const AGAIN_MS_MAX = 5_000
const HEALTHY_MS = 60_000

export type KeptOptions = Omit<ChildOptions, "ended"> & {
  /** A run that lasts so long ends the row: its own crash is the first of another. A minute, if nothing is said. */
  readonly healthy_ms?: number
  /** The settings message of this very start. */
  settings(): unknown
  /** Ready, for the first time or again. */
  ready(said: Said): void
  /** It crashed: what it was asked stays unanswered, whether or not it comes back. */
  crashed?(): void
  /** It crashed too often, or cannot be started again. */
  gaveUp(error: unknown): void
}

/** How many crashes in a row it is now, after a run of `ran_ms`. */
export function crashesInRow(before: number, ran_ms: number, healthy_ms: number): number {
  return ran_ms >= healthy_ms ? 1 : before + 1
}

/** How long to wait after this many crashes in a row. */
export function pauseAfter_ms(crashes: number): number {
  return Math.min(AGAIN_MS * 2 ** (crashes - 1), AGAIN_MS_MAX)
}

export class KeptChild {
  readonly #options: KeptOptions
  #child: Child | null = null
  #stopping = false
  #crashes = 0
  #readyAt_ms = 0

  constructor(options: KeptOptions) {
    this.#options = options
  }

  /** Starts it; what it said when it was ready. Fails with a {@link ChildError} when the first start fails. */
  async start(): Promise<Said> {
    const child = new Child({ ...this.#options, ended: (how) => this.#ended(how) })
    this.#child = child
    child.tell({ kind: "settings", settings: this.#options.settings() })
    const said = await child.ready()
    this.#readyAt_ms = performance.now()
    this.#options.ready(said)
    return said
  }

  tell(message: unknown): void {
    this.#child?.tell(message)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#child?.stop()
  }

  #ended(how: string): void {
    this.#options.crashed?.()
    this.#again(how, performance.now() - this.#readyAt_ms).catch((error: unknown) => {
      if (!this.#stopping) this.#options.gaveUp(error)
    })
  }

  /** Fails with what ends it for good. */
  async #again(how: string, ran_ms: number): Promise<void> {
    const { name, log, healthy_ms = HEALTHY_MS } = this.#options
    if (this.#stopping) return
    this.#crashes = crashesInRow(this.#crashes, ran_ms, healthy_ms)
    if (this.#crashes >= CRASHES_MAX)
      throw new CannotStartError(`${name} ended ${CRASHES_MAX} times in a row (logs/${basename(log)}): ${how}`)
    const pause_ms = pauseAfter_ms(this.#crashes)
    const times = `crash ${this.#crashes} of ${CRASHES_MAX} in a row`
    new LogFile(log).write(`holdfast: ${name} ended, ${times}; started again in ${pause_ms} ms`, new Date())
    await later(pause_ms)
    if (this.#stopping) return
    try {
      await this.start()
    } catch (error) {
      if (!(error instanceof ChildError) || error instanceof CannotStartError) throw error
      await this.#again(error.message, 0)
    }
  }
}
