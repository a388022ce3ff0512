/**
 * The lines between locks and courier: they delay, lose, double and reorder what they carry, or carry nothing at all.
 *
 * Everything that ever passed is kept for whoever wants to replay it. While a line is undisturbed from end to end the truth
 * record says so, since some promises hold only then.
 */
import type { DoorId } from "@holdfast/base"
import { type Down, encodeDown, encodeUp, type Up } from "@holdfast/wire"
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import type { Truth } from "../truth/truth.ts"
import type { Courier } from "./courier.ts"
import type { SimDoor } from "./door.ts"
import type { Step } from "./step.ts"

/** How bad a line is, in percent of messages; a calm one has none of it, is quick and keeps the order. */
export type Trouble = { readonly lost: number; readonly doubled: number; readonly delay_ms_max: number }
export const CALM: Trouble = { lost: 0, doubled: 0, delay_ms_max: 250 }

/** A real board beats every 15 s. Here it does so where it matters, when a bad line has become good. */
const BEATS_AFTER_MS = [2_000, 17_000]
const RECORDED_MAX = 4_000

export class Network {
  readonly #agenda: Agenda
  readonly #chance: Chance
  readonly #truth: Truth
  readonly #troubles = new Map<DoorId, Trouble>()
  readonly #cut = new Set<DoorId>()
  /** When the last message on each way arrives. */
  readonly #last_ms = new Map<string, number>()
  courier: Courier | null = null
  /** What came down, to replay. */
  readonly recorded: Uint8Array[] = []
  /** The orders among it. */
  readonly recordedOrders: { readonly door: DoorId; readonly bytes: Uint8Array }[] = []
  /** What the keeper told of other doors. */
  readonly recordedNarrowings: { readonly door: DoorId; readonly bytes: Uint8Array }[] = []
  /** What went up, to replay to the keeper. */
  readonly recordedUp: { readonly door: DoorId; readonly bytes: Uint8Array }[] = []

  constructor(agenda: Agenda, chance: Chance, truth: Truth) {
    this.#agenda = agenda
    this.#chance = chance
    this.#truth = truth
  }

  /** Plugs a door's cable in or out. A lock without power has no line either. */
  cable(door: SimDoor, plugged: boolean): void {
    if (plugged) this.#cut.delete(door.id)
    else this.#cut.add(door.id)
    this.join(door)
  }

  trouble(door: SimDoor, trouble: Trouble): void {
    this.#troubles.set(door.id, trouble)
    this.#judgeCalm(door)
    if (trouble === CALM) for (const ms of BEATS_AFTER_MS) this.#agenda.in(ms, () => this.beat(door))
  }

  /** A lock that can be reached says how it is. */
  beat(door: SimDoor): void {
    const state = door.board.linked ? door.beat() : null
    if (state !== null) this.carryUp(door, { kind: "beat", state })
  }

  /** Brings the line up if it can be, and down if it cannot. */
  join(door: SimDoor): void {
    const up = door.powered && !this.#cut.has(door.id)
    if (up !== door.board.linked) {
      this.courier?.linked(door.id, up)
      door.happen({ kind: "link", up })
    }
    this.#judgeCalm(door)
  }

  /** Whoever owns the courier begins or ends holding back. */
  withhold(door: SimDoor, on: boolean): void {
    if (on) this.courier?.withheld.add(door.id)
    else if (this.courier?.withheld.delete(door.id) === true) this.#agenda.in(1, () => this.courier?.goOn(door.id))
    this.#judgeCalm(door)
  }

  #judgeCalm(door: SimDoor): void {
    const troubled = (this.#troubles.get(door.id) ?? CALM) !== CALM || this.courier?.withheld.has(door.id) === true
    const calm = door.board.linked && door.powered && !troubled
    if (!calm) this.#truth.calmSince_ms.delete(door.id)
    else if (!this.#truth.calmSince_ms.has(door.id)) this.#truth.calmSince_ms.set(door.id, this.#agenda.now_ms)
  }

  carryUp(door: SimDoor, up: Up): void {
    const bytes = encodeUp(up)
    if (this.recordedUp.length < RECORDED_MAX) this.recordedUp.push({ door: door.id, bytes })
    this.#carry(door.id, `${door.id} up`, () => this.courier?.hear(door.id, bytes))
  }

  carryDown(door: SimDoor, down: Down): void {
    const bytes = encodeDown(down)
    if (this.recorded.length < RECORDED_MAX) this.recorded.push(bytes)
    if (down.kind === "order") this.recordedOrders.push({ door: door.id, bytes })
    if (down.kind === "narrowing") this.recordedNarrowings.push({ door: door.id, bytes })
    this.#carry(door.id, `${door.id} down`, () => void this.deliver(door, bytes))
  }

  /** Bytes arrive at a lock, from wherever; null where nobody hears them. */
  deliver(door: SimDoor, bytes: Uint8Array): Step | null {
    return door.powered && door.board.linked ? door.happen({ kind: "message", bytes }) : null
  }

  #carry(door: DoorId, way: string, arrive: () => void | Promise<void>): void {
    const trouble = this.#troubles.get(door) ?? CALM
    if (this.#chance.happens(trouble.lost)) return
    const copies = this.#chance.happens(trouble.doubled) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const at_ms = this.#agenda.now_ms + this.#chance.between(1, trouble.delay_ms_max)
      // A calm line keeps the order, as a connection does; a bad one is broken and made again all the time.
      const inOrder_ms = trouble === CALM ? Math.max(at_ms, this.#last_ms.get(way) ?? 0) : at_ms
      if (trouble === CALM) this.#last_ms.set(way, inOrder_ms)
      this.#agenda.at(inOrder_ms, arrive)
    }
  }
}
