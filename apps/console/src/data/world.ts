/**
 * The virtual hardware of an example building: doors to push, cards to present, plugs to pull. Its port belongs to the
 * boards' process and not to the server, which has no way to it.
 *
 * What the world says is what a person standing at the door would see. It is never evidence, and no page shows it as a
 * door's state.
 */
import type { BatteryPack, FailMode } from "@holdfast/access/door"
import { Store } from "./store.ts"
import type { World } from "./site.ts"

export type Signal = "granted" | "denied" | "busy" | "idle"
export type WorldDoor = {
  readonly door: string
  readonly bolt: "thrown" | "drawn" | "between"
  readonly door_position: "open" | "closed"
  readonly power: boolean
  readonly linked: boolean
  readonly signal: Signal
  readonly obstacle: "none" | "jam" | "short throw"
  readonly forced: boolean
  /** Whether the buzzer sounds. */
  readonly alarm: boolean
  /** In percent; null at a door on mains. */
  readonly battery: number | null
  readonly mains: boolean
  readonly external: boolean
  readonly temperature_c: number
  /** In percent. */
  readonly misaligned: number
  readonly magnet: boolean
  readonly corroded: boolean
  /** In the case, in percent. */
  readonly moisture: number
  readonly cover: boolean
  readonly line: WireState
  readonly jammed: boolean
  readonly fire: boolean
  readonly partner_open: boolean
  /** What the lamp beside the door shows; null without power. */
  readonly mode: string | null
  readonly way_out: "ready" | "counting" | "free" | null
}
export const WIRE_STATES = ["normal", "cut", "shorted", "shifted"] as const
export type WireState = (typeof WIRE_STATES)[number]
/** What shakes a door: attacks, and what must not be taken for one. */
export const SHAKES = ["drill", "percussion drill", "hammer", "pry", "kick", "knock", "slam"] as const
export type WorldCard = {
  readonly card: string
  readonly uid: string
  readonly label: string
  /** The example tells a PIN with its card, since nobody else is there to remember it, and the code for duress. */
  readonly pin: string | null
  readonly duress: string | null
  readonly personalised: boolean
  readonly credential: string | null
}
/** A phone in somebody's pocket: it made its own key, and tells the public half alone. */
export type WorldPhone = { readonly phone: string; readonly label: string; readonly key: string }
/** A person stands outside and comes in, or inside and leaves through a second reader. */
export type ReaderSide = "outside" | "inside"
/** What a virtual board is built of. */
export type Fitting = {
  readonly fail_mode: FailMode
  readonly actuator: "motor" | "solenoid"
  readonly battery?: BatteryPack
}
export type BlankCard = { readonly card: string; readonly uid: string; readonly encoder_key: string }
export type NewBoard = {
  readonly journal_key: string
  readonly hpke_key: string
  readonly serial: string
  readonly fingerprint: string
}

export type Act =
  | { readonly act: "key"; readonly key: string }
  | { readonly act: "present"; readonly card: string; readonly reader?: "out" }
  | { readonly act: "phone"; readonly phone: string }
  | { readonly act: Push }
  | { readonly act: "finger"; readonly finger: string; readonly alive: boolean }
  | { readonly act: "enrol finger"; readonly finger: string }
  | { readonly act: "shake"; readonly what: (typeof SHAKES)[number] }
  | { readonly act: "line"; readonly is: WireState }
  | { readonly act: Switched; readonly on: boolean }
  | { readonly act: Dial; readonly value: number }
/** Done once, with a hand or a key. */
export type Push =
  | "exit"
  | "open"
  | "close"
  | "force"
  | "mend"
  | "dips"
  | "mechanical key"
  | "bar"
  | "relock"
  | "enrolment"
  | "service"
export type Switched =
  | "jam"
  | "short"
  | "power"
  | "link"
  | "mains"
  | "magnet"
  | "cover"
  | "jam radio"
  | "external"
  | "corrode"
  | "fire"
  | "partner"
export type Dial = "battery" | "misalign" | "temperature" | "moisture"

export type WorldAnswer<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly detail: string }

const RETRY_MS = 2_000

export class WorldPort {
  readonly #world: World
  readonly doors = new Store<ReadonlyMap<string, WorldDoor>>(new Map())
  readonly cards = new Store<readonly WorldCard[]>([])
  readonly phones = new Store<readonly WorldPhone[]>([])

  constructor(world: World) {
    this.#world = world
  }

  async #ask<Answer>(method: "GET" | "POST", path: string, body?: unknown): Promise<WorldAnswer<Answer>> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#world.token}` }
    if (body !== undefined) headers["content-type"] = "application/json"
    try {
      const response = await fetch(this.#world.origin + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      const answer: unknown = text === "" ? null : JSON.parse(text)
      if (response.ok) return { ok: true, answer: answer as Answer }
      const { title, detail } = (answer ?? {}) as { title?: string; detail?: string }
      return { ok: false, detail: detail ?? title ?? `The virtual hardware answered ${response.status}.` }
    } catch {
      return { ok: false, detail: "The virtual hardware does not answer." }
    }
  }

  act(door: string, act: Act): Promise<WorldAnswer<unknown>> {
    return this.#ask("POST", `/doors/${door}/act`, act)
  }

  async readCards(): Promise<void> {
    const answered = await this.#ask<readonly WorldCard[]>("GET", "/cards")
    if (answered.ok) this.cards.set(answered.answer)
  }

  async readPhones(): Promise<void> {
    const answered = await this.#ask<readonly WorldPhone[]>("GET", "/phones")
    if (answered.ok) this.phones.set(answered.answer)
  }

  /** A phone from the shop. */
  newPhone(label: string): Promise<WorldAnswer<WorldPhone>> {
    return this.#ask("POST", "/phones", { label })
  }

  newCard(label: string): Promise<WorldAnswer<BlankCard>> {
    return this.#ask("POST", "/cards", { label })
  }

  async personalise(card: string, issued: string): Promise<WorldAnswer<unknown>> {
    const answered = await this.#ask<unknown>("POST", `/cards/${card}/personalise`, { issued })
    await this.readCards()
    return answered
  }

  /** A locksmith's visit with his sealing check list: the report that the lock signed, in base64. */
  diagnose(door: string, seen: readonly string[]): Promise<WorldAnswer<{ readonly report: string }>> {
    return this.#ask("POST", `/doors/${door}/diagnosis`, { seen })
  }

  newBoard(door: string, fitting: Fitting): Promise<WorldAnswer<NewBoard>> {
    return this.#ask("POST", "/boards", { door, ...fitting })
  }

  /** Follows the hardware until `signal` ends it. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const doors = await this.#ask<readonly WorldDoor[]>("GET", "/doors")
      if (doors.ok) this.doors.set(new Map(doors.answer.map((door) => [door.door, door])))
      await this.#listen(signal).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const headers = { authorization: `Bearer ${this.#world.token}`, accept: "text/event-stream" }
    const response = await fetch(`${this.#world.origin}/live`, { headers, signal })
    if (!response.ok || response.body === null) return
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ""
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text += value
      const blocks = text.split("\n\n")
      text = blocks.pop() ?? ""
      for (const block of blocks) this.#hear(block)
    }
  }

  #hear(block: string): void {
    const data = block
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(5).trim())
      .join("")
    if (data === "") return
    const heard = JSON.parse(data) as WorldDoor | readonly WorldDoor[]
    const next = new Map(this.doors.value)
    for (const door of Array.isArray(heard) ? (heard as readonly WorldDoor[]) : [heard as WorldDoor])
      next.set(door.door, door)
    this.doors.set(next)
  }
}
