/**
 * Whoever works at a door instead of knocking: lifts the cover, cuts the line, makes the supply stumble, jams the radio; and a
 * fire panel that goes off, with whoever locks up after it.
 *
 * Everything that is done here is undone some minutes later.
 */
import type { SensorAct, WireAct } from "@holdfast/board"
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import type { SimDoor } from "./door.ts"

const SECOND_MS = 1_000
const MINUTE_MS = 60_000

export class Intruder {
  readonly #agenda: Agenda
  readonly #chance: Chance

  constructor(agenda: Agenda, chance: Chance) {
    this.#agenda = agenda
    this.#chance = chance
  }

  #sense(door: SimDoor, act: SensorAct): void {
    door.happen({ kind: "sense", act })
  }

  #wire(door: SimDoor, act: WireAct): void {
    door.happen({ kind: "wire", act })
  }

  /** Several things at once, as whoever means it does. */
  tamper(door: SimDoor): void {
    const [first, second] = [this.#deed(door), this.#deed(door)]
    first()
    if (this.#chance.happens(60)) this.#agenda.in(this.#chance.below(20 * SECOND_MS), second)
  }

  #deed(door: SimDoor): () => void {
    const undone_ms = this.#chance.between(20 * SECOND_MS, 10 * MINUTE_MS)
    const undo = (act: SensorAct): void => this.#agenda.in(undone_ms, () => this.#sense(door, act))
    return this.#chance.pick([
      () => {
        this.#sense(door, { kind: "case", open: true })
        undo({ kind: "case", open: false })
      },
      () => {
        this.#sense(door, { kind: "line", is: this.#chance.pick(["cut", "shorted", "shifted"] as const) })
        undo({ kind: "line", is: "normal" })
      },
      () => {
        this.#sense(door, { kind: "debug port", open: true })
        undo({ kind: "debug port", open: false })
      },
      () => {
        for (let tries = this.#chance.between(2, 5); tries > 0; tries--)
          this.#agenda.in(tries * SECOND_MS, () => this.#sense(door, { kind: "dips" }))
      },
      () => {
        this.#sense(door, { kind: "jam radio", on: true })
        this.#agenda.in(this.#chance.between(10, 60) * SECOND_MS, () =>
          this.#sense(door, { kind: "jam radio", on: false }),
        )
      },
    ])
  }

  /** The fire panel goes off; when it is quiet again somebody locks the door by hand. */
  fire(door: SimDoor): void {
    this.#wire(door, { kind: "fire", on: true })
    const quiet_ms = this.#chance.between(20 * SECOND_MS, 20 * MINUTE_MS)
    this.#agenda.in(quiet_ms, () => this.#wire(door, { kind: "fire", on: false }))
    this.#agenda.in(quiet_ms + this.#chance.between(SECOND_MS, 10 * MINUTE_MS), () => this.lockByHand(door))
  }

  lockByHand(door: SimDoor): void {
    this.#wire(door, { kind: "relock" })
  }

  /** Everything is as it should be. */
  mend(door: SimDoor): void {
    this.#sense(door, { kind: "case", open: false })
    this.#sense(door, { kind: "line", is: "normal" })
    this.#sense(door, { kind: "debug port", open: false })
    this.#sense(door, { kind: "jam radio", on: false })
    this.#wire(door, { kind: "fire", on: false })
    this.lockByHand(door)
  }
}
