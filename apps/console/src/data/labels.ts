/**
 * Names of people and doors, asked for when somebody needs to read them, and shown only if they open the commitment that
 * stands in the verified authority log. What does not open it is never shown, whoever sent it.
 *
 * Requests of one moment become one look. Names stay in this page's memory and nowhere else.
 */
import { labelCommitment } from "@holdfast/access/author"
import { equalBytes, type Id } from "@holdfast/base"
import { webCrypto } from "@holdfast/port-web"
import type { LabelFound } from "./look.ts"
import { Store } from "./store.ts"

export type Label =
  | { readonly is: "known"; readonly text: string }
  | { readonly is: "asked" }
  | { readonly is: "false" }
export type Labelled = Id<string>

/** Asks the keeper; null when it did not answer. */
export type Ask = (ids: readonly Labelled[]) => Promise<readonly LabelFound[] | null>
/** The commitment that the authority log holds for a label, or null when it knows no such object. */
export type CommitmentOf = (id: Labelled) => Uint8Array | null

const IDS_MAX = 500

export class Labels {
  readonly store = new Store<ReadonlyMap<string, Label>>(new Map())
  readonly #ask: Ask
  readonly #commitmentOf: CommitmentOf
  readonly #waiting = new Set<Labelled>()
  #asking = false

  constructor(ask: Ask, commitmentOf: CommitmentOf) {
    this.#ask = ask
    this.#commitmentOf = commitmentOf
  }

  /** Asks for those names that are not known yet. */
  need(ids: Iterable<Labelled>): void {
    for (const id of ids) if (!this.store.value.has(id)) this.#waiting.add(id)
    if (this.#waiting.size > 0 && !this.#asking) void this.#work()
  }

  /** A name that was just signed here, so it need not be asked for. */
  learn(id: Labelled, text: string): void {
    this.store.change((known) => new Map(known).set(id, { is: "known", text }))
  }

  /** Forgets a name that may have changed. */
  forget(id: Labelled): void {
    this.store.change((known) => {
      const next = new Map(known)
      next.delete(id)
      return next
    })
  }

  async #work(): Promise<void> {
    this.#asking = true
    // One turn of the event loop, so that everything which is drawn together is asked together.
    await new Promise((resolve) => setTimeout(resolve, 0))
    while (this.#waiting.size > 0) {
      const ids = [...this.#waiting].slice(0, IDS_MAX)
      for (const id of ids) this.#waiting.delete(id)
      this.#take(ids, await this.#ask(ids))
    }
    this.#asking = false
  }

  #take(ids: readonly Labelled[], found: readonly LabelFound[] | null): void {
    if (found === null) return // Not answered: asked again when somebody next needs them.
    const byId = new Map(found.map((each) => [each.id, each]))
    this.store.change((known) => {
      const next = new Map(known)
      for (const id of ids) {
        const label = byId.get(id)
        if (label === undefined) next.set(id, { is: "asked" })
        else next.set(id, this.#opens(id, label) ? { is: "known", text: label.text } : { is: "false" })
      }
      return next
    })
  }

  #opens(id: Labelled, { salt, text }: LabelFound): boolean {
    const commitment = this.#commitmentOf(id)
    return commitment !== null && equalBytes(commitment, labelCommitment(salt, text, webCrypto))
  }
}

/** The first and last digits of an id, for what has no name to show. */
export function shortId(id: string): string {
  return `${id.slice(0, 4)}…${id.slice(-4)}`
}
