/**
 * What people do, written down as they do it: a script acts, says how many milliseconds pass, and goes on.
 *
 *   function* leave(door) { door.happen(handle); yield 400; door.happen(open); yield 2_000; door.happen(close) }
 *
 * At one door one script runs at a time, as people queue; who finds it taken comes back a little later.
 */
import type { Agenda } from "../agenda.ts"
import type { SimDoor } from "./door.ts"

export type Script = Generator<number, void, void>

const QUEUE_MS = 3_000

export class Stage {
  readonly #agenda: Agenda
  readonly #taken = new Set<SimDoor>()

  constructor(agenda: Agenda) {
    this.#agenda = agenda
  }

  /** Runs a script at a door as soon as nobody else is there. */
  play(door: SimDoor, begin: () => Script): void {
    if (this.#taken.has(door)) {
      this.#agenda.in(QUEUE_MS, () => this.play(door, begin))
      return
    }
    this.#taken.add(door)
    this.#goOn(door, begin())
  }

  #goOn(door: SimDoor, script: Script): void {
    const { done, value } = script.next()
    if (done === true) this.#taken.delete(door)
    else this.#agenda.in(value, () => this.#goOn(door, script))
  }
}
