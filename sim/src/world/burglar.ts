/**
 * Somebody who has one lock on his bench with all of its storage open, and tries what he finds there at the other doors.
 *
 * He reads its tables as they lie in its memory, knows the key that made their handles, and has seen the number of every card
 * in the building. Of each key that he finds he makes a card for all zones, with the number that it belongs to.
 */
import { concat, type Crypto, equalBytes } from "@holdfast/base"
import type { Truth } from "../truth/truth.ts"
import type { SimDoor } from "./door.ts"
import type { HeldCard, Site } from "./founding.ts"
import type { Script, Stage } from "./script.ts"
import type { Happening } from "./step.ts"

type Card = Extract<Happening, { kind: "card" }>["card"]

/** A row of the lock's table of cards: handle 8 | place 4 | key 16 | sealed 8. */
const ROW = 36
const HANDLE_SIZE = 8
const KEY_AT = 12
const KEY_SIZE = 16
const UID_LABEL = Uint8Array.of(1)
const ZONES = 4
/** Longer than a reader remembers anything. */
const PAUSE_MS = 17_000
/** So many cards he makes of one lock. */
const CARDS_MAX = 3

export class Burglar {
  readonly #truth: Truth
  readonly #stage: Stage
  readonly #crypto: Crypto
  readonly #site: Site

  constructor(at: { truth: Truth; stage: Stage; crypto: Crypto }, site: Site) {
    this.#truth = at.truth
    this.#stage = at.stage
    this.#crypto = at.crypto
    this.#site = site
  }

  /** Opens the lock of one door, and goes to the others whose zone is not its own. */
  open(door: SimDoor, others: readonly SimDoor[]): void {
    const cards = this.#site.people.map(({ card }) => this.#made(door, card)).filter((each) => each !== null)
    const zone = this.#zoneOf(door)
    for (const other of others)
      if (this.#zoneOf(other) !== zone) this.#stage.play(other, () => this.#tries(other, cards.slice(0, CARDS_MAX)))
  }

  #zoneOf(door: SimDoor): number | undefined {
    return this.#truth.now.doors.get(door.id)?.config.zoneApplication
  }

  /** A card with somebody's number and the key that this lock knows of it. */
  #made(door: SimDoor, { uid, credential }: HeldCard): Card | null {
    const { lock } = door.board
    if (lock?.active == null) return null
    const handle = this.#crypto.hmacSha256(lock.pairing.codeKey, concat(UID_LABEL, uid)).slice(0, HANDLE_SIZE)
    const { cards } = lock.active.secrets
    for (let at = 0; at < cards.length; at += ROW) {
      if (!equalBytes(cards.slice(at, at + HANDLE_SIZE), handle)) continue
      const key = cards.slice(at + KEY_AT, at + KEY_AT + KEY_SIZE)
      const card = { uid, keys: Array.from({ length: ZONES }, () => key), credential, epoch: 0 }
      this.#truth.forgedCards.set(card, door.id)
      return card
    }
    return null
  }

  *#tries(door: SimDoor, cards: readonly Card[]): Script {
    for (const card of cards) {
      yield PAUSE_MS
      door.happen({ kind: "card", card, credential: null })
    }
  }
}
