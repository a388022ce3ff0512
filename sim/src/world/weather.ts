/**
 * What befalls a building: lines break and come back, fuses blow, bolts jam, jambs split, clocks are set, machines lose power.
 *
 * Every blow has its end written down with it, so that what must recover can be seen to.
 */
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import type { SimDoor } from "./door.ts"
import type { KeeperMachine } from "./keeper-machine.ts"
import { CALM, type Network } from "./network.ts"

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

export class Weather {
  readonly #agenda: Agenda
  readonly #chance: Chance
  readonly #network: Network
  readonly #machine: KeeperMachine

  constructor(agenda: Agenda, chance: Chance, network: Network, machine: KeeperMachine) {
    this.#agenda = agenda
    this.#chance = chance
    this.#network = network
    this.#machine = machine
  }

  /** One blow against one door, or against the keeper's machine. */
  strike(door: SimDoor): void {
    const blows = [
      () => this.#line(door),
      () => this.#badLine(door),
      () => this.#power(door),
      () => this.#power(door),
      () => door.flash.budget(this.#chance.below(12)),
      () => door.flash.budget(this.#chance.below(4)),
      () => door.armFault(this.#chance.below(30)),
      () => door.armFault(this.#chance.below(30)),
      () => this.#obstacle(door),
      () => this.#network.withhold(door, true),
      () => this.#network.withhold(door, false),
      () => this.#machine.pullPlug(),
      () => this.#machine.setClock(this.#chance.between(-20, 20) * SECOND_MS),
      () => this.#jumpClock(),
    ]
    this.#chance.pick(blows)()
  }

  #line(door: SimDoor): void {
    this.#network.cable(door, false)
    const ms = this.#chance.happens(50) ? this.#chance.below(2 * MINUTE_MS) : this.#chance.below(5 * HOUR_MS)
    this.#agenda.in(ms, () => this.#network.cable(door, true))
  }

  #badLine(door: SimDoor): void {
    this.#network.trouble(door, { lost: 25, doubled: 15, delay_ms_max: this.#chance.pick([300, 4_000, 30_000]) })
    this.#agenda.in(this.#chance.between(MINUTE_MS, HOUR_MS), () => this.#network.trouble(door, CALM))
  }

  #power(door: SimDoor): void {
    door.happen({ kind: "power", on: false })
    this.#network.join(door)
    this.#comeBack(door)
  }

  /** The power goes for exactly so long, unless somebody brings it back sooner. */
  blackout(door: SimDoor, ms: number): void {
    door.happen({ kind: "power", on: false })
    this.#network.join(door)
    this.#agenda.in(ms, () => this.powerOn(door))
  }

  /** Whatever took a board's power, it comes back some time. */
  #comeBack(door: SimDoor): void {
    const ms = this.#chance.happens(75) ? this.#chance.below(30 * SECOND_MS) : this.#chance.below(HOUR_MS)
    this.#agenda.in(ms, () => this.powerOn(door))
  }

  powerOn(door: SimDoor): void {
    if (!door.powered) door.happen({ kind: "power", on: true })
    this.#agenda.in(this.#chance.between(200, 5_000), () => this.#network.join(door))
  }

  /** The power went in the middle of something, at a moment that a write chose. */
  lostPower(door: SimDoor): void {
    this.#network.join(door)
    this.#comeBack(door)
  }

  /** A lock changes the key of its storage, and now and then the power goes at some write of that. */
  changeKey(door: SimDoor): void {
    if (this.#chance.happens(60)) door.flash.budget(this.#chance.below(30))
    door.happen({ kind: "storage key" })
  }

  #obstacle(door: SimDoor): void {
    const obstacle = this.#chance.pick(["jam", "short throw"] as const)
    door.happen({ kind: "act", act: { kind: "obstacle", obstacle } })
    this.#agenda.in(this.#chance.between(5 * SECOND_MS, 10 * MINUTE_MS), () => {
      door.happen({ kind: "act", act: { kind: "mend" } })
    })
  }

  /** Somebody sets the keeper's clock; after a while an operator notices, and starts the machine again with it set right. */
  #jumpClock(): void {
    const sign = this.#chance.pick([-1, 1])
    this.#machine.setClock(sign * this.#chance.between(2 * MINUTE_MS, 26 * HOUR_MS))
    this.#agenda.in(this.#chance.between(MINUTE_MS, 2 * HOUR_MS), () => this.#machine.pullPlug())
  }
}
