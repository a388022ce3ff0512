/**
 * What people do at doors: come in with a card or a code, leave by the handle, forget, fumble, guess, prop the door open.
 *
 * A visitor who does everything as he should says so with the last act: what he has shown by then, all by itself, at a reader
 * that had been quiet. Whether refusing him is a fault, the rules say.
 */
import type { Factors } from "@holdfast/access"
import type { Act } from "@holdfast/board"
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import { isEnough, type Shown } from "../truth/rights.ts"
import type { Truth } from "../truth/truth.ts"
import type { SimDoor } from "./door.ts"
import type { Cardholder, HeldCard } from "./founding.ts"
import type { Script } from "./script.ts"

/** How long a reader must be left alone to have forgotten everything. */
const QUIET_MS = 16_000
const DURESS_PERCENT = 15

/** What somebody who does all as he should will have shown at the end, to a lock that does not boot meanwhile. */
type Claim = { readonly shown: Shown; readonly boot: number | undefined }

function completedBy(claim: Claim | null, door: SimDoor): Shown | null {
  return claim !== null && claim.boot === door.board.lock?.boot ? claim.shown : null
}

export class Visits {
  readonly #agenda: Agenda
  readonly #chance: Chance
  readonly #truth: Truth
  readonly #forced: Chance
  readonly #people: readonly Cardholder[]
  /** When somebody last touched the reader of a door. */
  readonly #touched_ms = new Map<SimDoor, number>()

  constructor(agenda: Agenda, chance: Chance, truth: Truth, people: readonly Cardholder[]) {
    this.#agenda = agenda
    this.#chance = chance
    this.#truth = truth
    this.#forced = chance.branch("forced")
    this.#people = people
  }

  someone(): Cardholder {
    return this.#chance.pick(this.#people)
  }

  /** Anybody who wants to come in; those whose right was taken away keep trying. */
  visitor(): Cardholder {
    const outcasts = this.#people.filter(({ id }) => this.#truth.now.people.get(id)?.standing !== "good")
    return outcasts.length > 0 && this.#chance.happens(35) ? this.#chance.pick(outcasts) : this.someone()
  }

  #act(door: SimDoor, act: Act): void {
    door.happen({ kind: "act", act })
  }

  #isQuiet(door: SimDoor): boolean {
    return this.#agenda.now_ms - (this.#touched_ms.get(door) ?? 0) >= QUIET_MS
  }

  #touch(door: SimDoor): void {
    this.#touched_ms.set(door, this.#agenda.now_ms)
  }

  #hold(door: SimDoor, card: HeldCard, claim: Claim | null): void {
    this.#touch(door)
    const credential = card.keys === null ? null : card.credential
    door.happen({ kind: "card", card: { ...card, epoch: 0 }, credential }, completedBy(claim, door))
  }

  *#type(door: SimDoor, code: string, claim: Claim | null): Script {
    for (const digit of code) {
      this.#touch(door)
      door.happen({ kind: "key", key: { press: "digit", digit: Number(digit) } })
      yield this.#chance.between(120, 500)
    }
    this.#touch(door)
    door.happen({ kind: "key", key: { press: "enter" } }, completedBy(claim, door))
  }

  /** What the sign at the door says now; not everybody reads it. */
  #wanted(door: SimDoor, card: HeldCard): Factors {
    const at_s = Math.floor(this.#agenda.now_ms / 1000)
    if (this.#chance.happens(10)) return this.#chance.pick(["card", "pin", "card and pin"])
    const cardDoes = isEnough(this.#truth.now, door.id, { card: card.credential, pin: null }, at_s)
    const pinDoes = isEnough(this.#truth.now, door.id, { card: null, pin: card.credential }, at_s)
    if (cardDoes && pinDoes) return this.#chance.pick(["card", "pin"])
    return cardDoes ? "card" : pinDoes ? "pin" : "card and pin"
  }

  /** Somebody comes to go in. With a number of writes the power goes after so many, of all moments. */
  *goIn(door: SimDoor, person: Cardholder, writes_left: number | null = null): Script {
    const quiet = this.#isQuiet(door)
    if (writes_left !== null) door.flash.budget(writes_left)
    yield* this.#show(door, person, quiet)
    yield this.#chance.between(500, 1_500)
    if (door.board.signal === "granted") {
      // Whoever comes next tries whether the lock remembers.
      if (this.#chance.happens(60)) yield* this.#tryAgain(door)
      yield* this.#goThrough(door)
    }
    if (door.board.signal === "denied" && this.#chance.happens(25)) yield* this.#show(door, person, false)
  }

  *#tryAgain(door: SimDoor): Script {
    this.#touch(door)
    door.happen({ kind: "key", key: { press: "enter" } })
    yield this.#chance.between(200, 900)
  }

  *#show(door: SimDoor, { card, pin }: Cardholder, quiet: boolean): Script {
    const wanted = this.#wanted(door, card)
    // Now and then somebody is forced to come in, and says so.
    const code = (this.#forced.happens(DURESS_PERCENT) ? pin?.duress : pin?.code) ?? "271828"
    const pinShown = pin?.credential ?? null
    const whole: Shown = {
      card: wanted === "pin" ? null : card.credential,
      pin: wanted === "card" ? null : pinShown,
    }
    const isWhole = quiet && card.keys !== null && (wanted === "card" || pin !== null)
    const claim = isWhole ? { shown: whole, boot: door.board.lock?.boot } : null
    if (wanted === "card") return this.#hold(door, card, claim)
    if (wanted === "pin") return yield* this.#type(door, code, claim)
    if (this.#chance.happens(50)) {
      this.#hold(door, card, null)
      yield this.#chance.between(900, 3_000)
      return yield* this.#type(door, code, claim)
    }
    yield* this.#type(door, code, null)
    yield this.#chance.between(900, 3_000)
    this.#hold(door, card, claim)
  }

  *#goThrough(door: SimDoor): Script {
    this.#act(door, { kind: "open" })
    // Now and then somebody props the door open.
    yield this.#chance.happens(12) ? this.#chance.between(20_000, 90_000) : this.#chance.between(1_000, 4_000)
    this.#act(door, { kind: "close" })
    yield this.#chance.between(500, 3_000)
  }

  /** Somebody leaves: the inside handle always opens. */
  *leave(door: SimDoor): Script {
    if (door.options.delayedEgress_s > 0 && this.#forced.happens(60)) return yield* this.#leaveByBar(door)
    this.#act(door, { kind: "handle" })
    yield this.#chance.between(100, 900)
    yield* this.#goThrough(door)
  }

  /** A delayed way out: whoever pushes its bar waits, goes, and somebody locks up after him. */
  *#leaveByBar(door: SimDoor): Script {
    door.happen({ kind: "wire", act: { kind: "bar" } })
    yield door.options.delayedEgress_s * 1_000 + this.#forced.between(100, 2_000)
    yield* this.#goThrough(door)
    this.#agenda.in(this.#forced.between(1_000, 300_000), () => {
      door.happen({ kind: "wire", act: { kind: "relock" } })
    })
  }

  /** A card that nobody enrolled, or a copy of somebody's number without its keys. */
  *strange(door: SimDoor): Script {
    const keys = this.#chance.happens(50) ? null : Array.from({ length: 4 }, () => this.#chance.bytes(16))
    const uid = this.#chance.happens(50) ? this.someone().card.uid : this.#chance.bytes(7)
    this.#touch(door)
    door.happen({ kind: "card", card: { uid, keys, credential: null, epoch: 0 }, credential: null })
    yield this.#chance.between(1_000, 4_000)
    if (door.hardware.travel === 0) this.#act(door, { kind: "open" })
  }

  /** A card that bears somebody's number and has none of its keys. */
  *copy(door: SimDoor, { uid }: HeldCard): Script {
    this.#touch(door)
    door.happen({ kind: "card", card: { uid, keys: null, credential: null, epoch: 0 }, credential: null })
    yield this.#chance.between(1_000, 4_000)
    if (door.hardware.travel === 0) this.#act(door, { kind: "open" })
  }

  /** Whoever plays with the keys, or presses enter once more after somebody went in. */
  *fumble(door: SimDoor): Script {
    for (let keys = this.#chance.between(1, 8); keys > 0; keys--) {
      this.#touch(door)
      const digit = this.#chance.below(10)
      const press = this.#chance.pick(["digit", "enter", "clear"] as const)
      door.happen({ kind: "key", key: press === "digit" ? { press, digit } : { press } })
      yield this.#chance.between(200, 3_000)
    }
  }

  /** Somebody guesses codes, some with a card that he found; and pulls the fuse now and then, hoping that the lock forgets. */
  *guess(door: SimDoor, card: HeldCard | null, fuse_percent: number): Script {
    for (let tries = this.#chance.between(4, 14); tries > 0; tries--) {
      if (card !== null) this.#hold(door, card, null)
      yield this.#chance.between(400, 1_500)
      const code = [...this.#chance.bytes(6)].map((byte) => byte % 10).join("")
      if (this.#chance.happens(fuse_percent)) door.flash.budget(this.#chance.below(4))
      yield* this.#type(door, code, null)
      if (this.#chance.happens(20)) yield this.#chance.between(20_000, 90_000)
      yield this.#chance.between(500, 6_000)
    }
  }
}
