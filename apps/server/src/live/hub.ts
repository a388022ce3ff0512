/**
 * What happened lately, for those who watch: a ring of events that every listener reads at its own pace.
 *
 * A listener is a place in the ring, not a queue of its own: one who is slow costs nothing, and when the ring has turned past
 * its place it is told to begin again. Ids are `<run>.<number>`; an id of another run of the server, or one that has left the
 * ring, also means begin again. Nothing here is durable: the logs are.
 *
 * Beside the ring lies one sheet for each receiver of silent alarms, always the newest: nobody else hears it, and it is never
 * resumed, since the next one says all that it said.
 */
import { assert, type PersonId } from "@holdfast/base"
import type { LiveEvent } from "@holdfast/contract"

/** Events, and characters in them, that the ring keeps. */
const EVENTS_MAX = 4_096
const LENGTH_MAX = 16 * 1024 * 1024

export type Frame = { readonly number: number; readonly text: string }

/** Sheets are numbered by how often they were written. */
export type OwnSheet = { readonly number: number; readonly data: string }

export class Hub {
  readonly run: string
  #sheets: ReadonlyMap<PersonId, string> = new Map()
  #written = 0
  readonly #ring: Frame[] = []
  readonly #listeners = new Set<() => void>()
  #length = 0
  #next = 1

  /** `run` names this run of the server: letters and digits. */
  constructor(run: string) {
    assert(/^[0-9A-Za-z]+$/.test(run), "a run is named by letters and digits")
    this.run = run
  }

  get listeners(): number {
    return this.#listeners.size
  }

  /** The number that the next event will have. */
  get next(): number {
    return this.#next
  }

  publish(event: LiveEvent): void {
    const number = this.#next++
    const text = `id: ${this.run}.${number}\ndata: ${JSON.stringify(event)}\n\n`
    this.#ring.push({ number, text })
    this.#length += text.length
    while (this.#ring.length > EVENTS_MAX || this.#length > LENGTH_MAX)
      this.#length -= this.#ring.shift()?.text.length ?? 0
    for (const wake of this.#listeners) wake()
  }

  /** Puts these sheets in the place of the last ones, each for one person alone. */
  tell(sheets: ReadonlyMap<PersonId, LiveEvent>): void {
    this.#sheets = new Map([...sheets].map(([person, event]) => [person, JSON.stringify(event)]))
    this.#written++
    for (const wake of this.#listeners) wake()
  }

  /** The newest sheet of a person, or null for whoever is told nothing. */
  sheetOf(person: PersonId): OwnSheet | null {
    const data = this.#sheets.get(person)
    return data === undefined ? null : { number: this.#written, data }
  }

  /** The event with this number, "not yet", or "gone" when the ring has turned past it. */
  at(number: number): Frame | "not yet" | "gone" {
    if (number >= this.#next) return "not yet"
    const first = this.#ring[0]?.number ?? this.#next
    return this.#ring[number - first] ?? "gone"
  }

  /** Where somebody goes on who last saw `id`; null when that is not known here any more. */
  after(id: string): number | null {
    const [run, digits = ""] = id.split(".")
    if (run !== this.run || !/^\d{1,15}$/.test(digits)) return null
    const number = Number(digits) + 1
    return number > this.#next || this.at(number) === "gone" ? null : number
  }

  /** Calls `wake` after every event until the answer is called. */
  listen(wake: () => void): () => void {
    this.#listeners.add(wake)
    return () => this.#listeners.delete(wake)
  }
}

/** The event that tells a listener to read everything anew; it carries the id from which it then goes on. */
export function beginAgain(hub: Hub): string {
  return `id: ${hub.run}.${hub.next - 1}\ndata: ${JSON.stringify({ event: "begin-again" } satisfies LiveEvent)}\n\n`
}
