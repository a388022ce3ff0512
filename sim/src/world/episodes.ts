/**
 * Short stories of several things that come together at one door: what a day of chance would seldom put side by side.
 *
 * A siege of the keypad and somebody with a good card behind it; a blackout and whoever is inside; somebody who was sent away
 * while the line is held back, and comes again; a crowbar; a fuse that blows in the very moment of the verdict. Nobody in
 * them knows the rules, and what else happens at the door goes on meanwhile.
 */
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import { hasGrant } from "../truth/rights.ts"
import type { Truth } from "../truth/truth.ts"
import { wallTime } from "../truth/wall-clock.ts"
import type { Administrator } from "./administrator.ts"
import type { SimDoor } from "./door.ts"
import type { Cardholder, Site } from "./founding.ts"
import { CALM, type Network } from "./network.ts"
import type { Script, Stage } from "./script.ts"
import type { Visits } from "./visits.ts"
import type { Weather } from "./weather.ts"

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const NIGHT_STEP_MS = 10 * MINUTE_MS
const NIGHT_VISITS = 4
/** Between these minutes of the day clocks go forward or back. */
const SMALL_HOURS_FROM = 30
const SMALL_HOURS_UNTIL = 240
/** Longer than a reader remembers anything. */
const PAUSE_MS = 17_000

export type EpisodesOptions = {
  readonly agenda: Agenda
  readonly chance: Chance
  readonly truth: Truth
  readonly network: Network
  readonly stage: Stage
  readonly site: Site
  readonly start_ms: number
  readonly hours: number
  readonly zone: string
  readonly visits: Visits
  readonly weather: Weather
  readonly administrator: Administrator
}

export class Episodes {
  readonly #at: EpisodesOptions

  constructor(options: EpisodesOptions) {
    this.#at = options
  }

  /** Somebody with a PIN whose grant holds at the door now, as far as there is one. */
  #rightful(door: SimDoor): Cardholder {
    const { chance, truth, site, visits, agenda } = this.#at
    const now_s = Math.floor(agenda.now_ms / 1000)
    const able = site.people.filter(({ id, pin, card }) => {
      return pin !== null && card.keys !== null && hasGrant(truth.now, door.id, id, now_s)
    })
    return able.length === 0 ? visits.someone() : chance.pick(able)
  }

  #comesIn(door: SimDoor, who: () => Cardholder = () => this.#rightful(door)): void {
    const { stage, visits } = this.#at
    stage.play(door, () => visits.goIn(door, who()))
  }

  /** Codes are guessed until they are throttled; then somebody comes who only wants to go in. */
  siege(door: SimDoor): void {
    this.#at.stage.play(door, () => this.#siege(door))
  }

  *#siege(door: SimDoor): Script {
    const { visits, chance } = this.#at
    yield* visits.guess(door, null, 0)
    for (let people = chance.between(1, 3); people > 0; people--) {
      yield PAUSE_MS
      yield* visits.goIn(door, this.#rightful(door))
    }
  }

  /** Codes are guessed, and whenever the lock makes the guesser wait, he pulls the plug and goes on. */
  impatience(door: SimDoor): void {
    this.#at.stage.play(door, () => this.#impatience(door))
  }

  *#impatience(door: SimDoor): Script {
    const { visits, weather, chance } = this.#at
    for (let rounds = 3; rounds > 0; rounds--) {
      yield* visits.guess(door, null, 0)
      weather.blackout(door, chance.between(SECOND_MS, 4 * SECOND_MS))
      yield 5 * SECOND_MS
    }
  }

  /** Somebody comes with the copy of a good card's number. */
  copiedCard(door: SimDoor): void {
    const { stage, visits } = this.#at
    stage.play(door, () => visits.copy(door, this.#rightful(door).card))
  }

  /** Line and power go; somebody leaves in the dark, and when the power is back the line, and with it the time, is not. */
  blackout(door: SimDoor): void {
    const { agenda, chance, network, weather, stage, visits } = this.#at
    const dark_ms = chance.between(5 * SECOND_MS, 3 * MINUTE_MS)
    network.cable(door, false)
    weather.blackout(door, dark_ms)
    agenda.in(chance.below(dark_ms), () => stage.play(door, () => visits.leave(door)))
    const back_ms = dark_ms + chance.between(HOUR_MS / 2, 2 * HOUR_MS)
    for (let people = 4; people > 0; people--)
      agenda.in(chance.between(dark_ms + PAUSE_MS, back_ms), () => this.#comesIn(door))
    agenda.in(back_ms, () => this.#hardlyBack(door))
  }

  /** The line is plugged in again, and for some seconds nothing gets through. */
  #hardlyBack(door: SimDoor): void {
    const { agenda, chance, network } = this.#at
    if (door.board.linked) return // Somebody was quicker.
    network.trouble(door, { lost: 100, doubled: 0, delay_ms_max: 1 })
    network.cable(door, true)
    agenda.in(chance.between(SECOND_MS, 20 * SECOND_MS), () => network.trouble(door, CALM))
  }

  /** Somebody is sent away while whoever owns the courier keeps the news from the lock, and tries the door again and again. */
  exile(door: SimDoor): void {
    const { agenda, chance, network, administrator } = this.#at
    const outcast = this.#rightful(door)
    network.withhold(door, true)
    agenda.in(chance.below(2 * MINUTE_MS), () => administrator.revoke(outcast))
    const hours = chance.between(2, 4)
    for (let minutes = 20; minutes < hours * 60; minutes += chance.between(10, 30))
      agenda.in(minutes * MINUTE_MS, () => this.#comesIn(door, () => outcast))
    agenda.in(hours * HOUR_MS, () => network.withhold(door, false))
  }

  /** Somebody whose right has hours comes in the small hours, when wall clocks jump. */
  nightOwl(door: SimDoor): void {
    const { agenda, chance, site, start_ms, hours, zone } = this.#at
    const owls = site.people.filter((_, index) => index % site.groups.length === 1)
    const nights = Array.from({ length: (hours * HOUR_MS) / NIGHT_STEP_MS }, (_, at) => start_ms + at * NIGHT_STEP_MS)
    const small = nights.filter((at_ms) => {
      const { minute_of_day } = wallTime(zone, at_ms / SECOND_MS)
      return minute_of_day >= SMALL_HOURS_FROM && minute_of_day < SMALL_HOURS_UNTIL
    })
    for (let visits = NIGHT_VISITS; visits > 0 && small.length > 0; visits--)
      agenda.at(chance.pick(small) + chance.below(NIGHT_STEP_MS), () => this.#comesIn(door, () => chance.pick(owls)))
  }

  /** Somebody breaks the door open. */
  burglary(door: SimDoor): void {
    this.#at.stage.play(door, () => this.#burglary(door))
  }

  *#burglary(door: SimDoor): Script {
    door.happen({ kind: "act", act: { kind: "force" } })
    yield this.#at.chance.between(5 * SECOND_MS, MINUTE_MS)
    door.happen({ kind: "act", act: { kind: "close" } })
    door.happen({ kind: "act", act: { kind: "mend" } })
  }

  /** One door is broken open while people leave and enter by the others, and more of them come later. */
  raid(door: SimDoor, others: readonly SimDoor[]): void {
    const { agenda, chance, stage, visits } = this.#at
    agenda.in(SECOND_MS, () => this.burglary(door))
    for (const other of others) {
      // Whoever waits at a bar is there before the news comes; a handle is turned about when it comes.
      const leaves_ms = other.options.delayedEgress_s > 0 ? 0 : chance.between(SECOND_MS / 2, 1_400)
      agenda.in(leaves_ms, () => stage.play(other, () => visits.leave(other)))
      for (const ms of [PAUSE_MS, 2 * PAUSE_MS, chance.between(3 * PAUSE_MS, HOUR_MS)])
        agenda.in(ms, () => this.#comesIn(other))
    }
  }

  /** The power goes at the first write of somebody's verdict, or at one soon after. */
  blownFuse(door: SimDoor): void {
    const { stage, visits, chance } = this.#at
    stage.play(door, () => visits.goIn(door, this.#rightful(door), chance.pick([0, 0, 1, 2])))
  }
}
