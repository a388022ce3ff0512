/**
 * A child that is started again when it dies, a few times and then no more.
 *
 * Processes die: a broken assertion in the keeper is meant to end it. Starting again verifies everything anew; doing so for
 * ever would hide a fault, so after a handful in a minute the owner hears of it and stops.
 */
import { setTimeout as later } from "node:timers/promises"
import { Child, ChildError, type ChildOptions, type Said } from "./child.ts"

const AGAIN_MS = 400
const DEATHS_MAX = 5
const DEATHS_WINDOW_MS = 60_000

export type KeptOptions = Omit<ChildOptions, "ended"> & {
  /** The settings message of this very start. */
  settings(): unknown
  /** Ready, for the first time or again. */
  ready(said: Said): void
  /** It died too often, or cannot start again. */
  gaveUp(error: ChildError): void
}

export class KeptChild {
  readonly #options: KeptOptions
  #child: Child | null = null
  #stopping = false
  #deaths: number[] = []

  constructor(options: KeptOptions) {
    this.#options = options
  }

  /** Starts it; what it said when it was ready. Fails with a {@link ChildError} when the first start fails. */
  async start(): Promise<Said> {
    const child = new Child({ ...this.#options, ended: () => void this.#again() })
    this.#child = child
    child.tell({ kind: "settings", settings: this.#options.settings() })
    const said = await child.ready()
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

  async #again(): Promise<void> {
    const now_ms = performance.now()
    this.#deaths = [...this.#deaths.filter((at) => now_ms - at < DEATHS_WINDOW_MS), now_ms]
    if (this.#stopping) return
    if (this.#deaths.length > DEATHS_MAX)
      return this.#options.gaveUp(new ChildError(`${this.#options.name} ended ${DEATHS_MAX} times in a minute`, ""))
    await later(AGAIN_MS)
    if (this.#stopping) return
    try {
      await this.start()
    } catch (error) {
      if (error instanceof ChildError && !this.#stopping) this.#options.gaveUp(error)
    }
  }
}
