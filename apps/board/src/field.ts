/**
 * The field of a board's reader: the card or phone that is held to it, for as long as a hand holds still.
 *
 * It carries what the lock sends to the thing in the field, and its answer back as an input. For a phone it also asks the keys
 * that the lock itself does not hold. What left the field answers nothing: the lock's own time limit ends its exchange.
 */
import type { Crypto } from "@holdfast/base"
import type { Effect, Input } from "@holdfast/lock"
import { cardAnswers, type VirtualCard } from "@holdfast/lock/devices"
import { inField } from "./cards.ts"
import type { PhoneReader } from "./phone-reader.ts"

/** How long a card or a phone stays at the reader. */
const HELD_MS = 700

/** A phone in somebody's hand. */
export type HeldPhone = { answer(command: Uint8Array): Uint8Array }

export type FieldOptions = {
  readonly crypto: Crypto
  random(size: number): Uint8Array
  /** Absent on a board that has no reader for phones. */
  readonly phoneReader?: PhoneReader
}

type Asked = Extract<Effect, { kind: "card send" | "phone send" | "phone ask" }>

export class Field {
  readonly #options: FieldOptions
  #card: VirtualCard | null = null
  #phone: HeldPhone | null = null
  #until_ms: number | null = null

  constructor(options: FieldOptions) {
    this.#options = options
  }

  /** When the hand is taken away. */
  get until_ms(): number | null {
    return this.#until_ms
  }

  holdCard(now_ms: number, card: Parameters<typeof inField>[0], reader: "in" | "out"): Input {
    this.#card = inField(card)
    this.#until_ms = now_ms + HELD_MS
    return { kind: "card presented", uid: card.uid, reader }
  }

  holdPhone(now_ms: number, phone: HeldPhone): Input {
    this.#phone = phone
    this.#until_ms = now_ms + HELD_MS
    return { kind: "phone", phone: { kind: "presented" } }
  }

  /** The hand is taken away: what the reader notices. */
  leave(): Input[] {
    const gone: Input[] = this.#card === null ? [] : [{ kind: "card gone" }]
    if (this.#phone !== null) gone.push({ kind: "phone", phone: { kind: "gone" } })
    this.clear()
    return gone
  }

  /** There is nobody to notice. */
  clear(): void {
    this.#card = null
    this.#phone = null
    this.#until_ms = null
  }

  answer(effect: Asked): Input[] {
    if (effect.kind === "card send") return this.#askCard(effect.bytes)
    if (effect.kind === "phone ask") {
      const { phoneReader } = this.#options
      return phoneReader === undefined ? [] : [{ kind: "phone", phone: phoneReader.answer(effect.ask) }]
    }
    if (this.#phone === null) return []
    return [{ kind: "phone", phone: { kind: "answered", bytes: this.#phone.answer(effect.bytes) } }]
  }

  #askCard(bytes: Uint8Array): Input[] {
    if (this.#card === null) return []
    const { card, answer } = cardAnswers(this.#card, bytes, this.#options.random(20), this.#options.crypto)
    this.#card = card
    return [{ kind: "card answered", bytes: answer }]
  }
}
