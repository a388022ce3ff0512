/**
 * Whoever orders doors from afar: a guard who may say everything, and a clerk who may say what narrows and tries more.
 *
 * To order is to ask the lock for a nonce, to look at it for a while, and to sign: some take too long.
 */
import { encodeOrder } from "@holdfast/access/author"
import type { Version } from "@holdfast/access/door"
import { type Act, NARROWING_ACTS } from "@holdfast/access/rules"
import type { DoorId } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import type { Truth } from "../truth/truth.ts"
import type { Courier } from "./courier.ts"
import type { SimDoor } from "./door.ts"
import type { Site, Speaker } from "./founding.ts"
import type { Owner } from "./owner.ts"

const SECOND_MS = 1_000
const MINUTE_S = 60

export type Wish = { readonly act: Act; readonly value: number; readonly who: Speaker }

export class Commander {
  readonly #agenda: Agenda
  readonly #chance: Chance
  readonly #truth: Truth
  readonly #courier: Courier
  readonly #owner: Owner
  readonly #site: Site
  /** What is to be said to a door as soon as it answers. */
  readonly #wishes = new Map<DoorId, Wish>()

  constructor(at: { agenda: Agenda; chance: Chance; truth: Truth; courier: Courier }, owner: Owner, site: Site) {
    this.#agenda = at.agenda
    this.#chance = at.chance
    this.#truth = at.truth
    this.#courier = at.courier
    this.#owner = owner
    this.#site = site
  }

  /** Somebody orders something at a door. */
  act(door: SimDoor): void {
    const [act, value] = this.#chance.pick<readonly [Act, number]>([
      ["unlock", 0],
      ["unlock", 0],
      ["unlock", 0],
      ["normal", 0],
      ["lockdown", 0],
      ["lockdown", this.#chance.between(2, 40) * MINUTE_S],
      ["evacuation", this.#chance.pick([0, 5 * MINUTE_S])],
      ["office", this.#chance.between(2, 60) * MINUTE_S],
      ["service", 10 * MINUTE_S],
      ["threat level", this.#chance.between(0, 2)],
      ["locate", 0],
    ])
    this.#wish(door, { act, value, who: this.#chance.happens(75) ? this.#site.guard : this.#site.clerk })
    // What has no end of its own is ended by somebody.
    if (act !== "unlock" && act !== "locate")
      this.#agenda.in(this.#chance.between(5, 40) * MINUTE_S * SECOND_MS, () => this.calm(door))
  }

  /** Somebody locks a door down, and somebody calms it later. */
  lockDown(door: SimDoor): void {
    this.#wish(door, { act: "lockdown", value: 0, who: this.#site.guard })
    this.#agenda.in(this.#chance.between(5, 40) * MINUTE_S * SECOND_MS, () => this.calm(door))
  }

  /** Everything that was ordered is over. */
  calm(door: SimDoor): void {
    this.#wish(door, { act: "normal", value: 0, who: this.#site.guard })
    this.#agenda.in(this.#chance.between(60, 120) * SECOND_MS, () => {
      this.#wish(door, { act: "threat level", value: 0, who: this.#site.guard })
    })
  }

  #wish(door: SimDoor, wish: Wish): void {
    this.#wishes.set(door.id, wish)
    this.#courier.askNonce(door.id)
  }

  /** A lock answered: whoever wanted something signs it, sooner or later. */
  nonced(door: DoorId, nonce: Uint8Array, version: Version): void {
    const wish = this.#wishes.get(door)
    if (wish === undefined) return // Somebody else asked.
    this.#wishes.delete(door)
    const ms = this.#chance.happens(80) ? this.#chance.between(500, 8_000) : this.#chance.between(20_000, 45_000)
    this.#agenda.in(ms, () => this.#courier.order(door, this.signed(door, wish, nonce, version)))
  }

  /** The order as it goes to the lock. Truth remembers what somebody said who may. */
  signed(door: DoorId, { act, value, who }: Wish, nonce: Uint8Array, version: Version): Uint8Array {
    const statement = this.#owner.signOrder({ kind: "order", door, act, value, version }, who, nonce)
    const envelope = encodeOrder(statement, [])
    const may = who === this.#site.guard || NARROWING_ACTS.includes(act)
    if (may) this.#truth.orders.set(toHex(envelope), { door, act, value, nonce: toHex(nonce) })
    return envelope
  }
}
