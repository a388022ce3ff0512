/**
 * The simulated building put together: keeper's machine, lines, courier, doors, people, weather and attacker, each with its own
 * branch of chance, and the day's work laid out on the agenda.
 */
import { assert, type Crypto, type DoorId } from "@holdfast/base"
import type { Keeper } from "@holdfast/keeper"
import type { Pairing } from "@holdfast/lock"
import { recordRoom } from "@holdfast/lock/store"
import type { MemoryDisk } from "@holdfast/port-node"
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import type { RuleId } from "../rules/rule.ts"
import type { Signing } from "../signing.ts"
import type { Truth } from "../truth/truth.ts"
import { Administrator } from "./administrator.ts"
import { Attacker } from "./attacker.ts"
import { Commander } from "./commander.ts"
import { Climber } from "./climber.ts"
import { Courier } from "./courier.ts"
import { SimDoor } from "./door.ts"
import type { FlashSize } from "./flash.ts"
import { Burglar } from "./burglar.ts"
import { Episodes } from "./episodes.ts"
import { Founding, type NewDoor, type Site } from "./founding.ts"
import { Intruder } from "./intruder.ts"
import { KeeperMachine } from "./keeper-machine.ts"
import { CALM, Network } from "./network.ts"
import { Owner } from "./owner.ts"
import type { Plan } from "./plan.ts"
import { Recovery } from "./recovery.ts"
import { Stage } from "./script.ts"
import type { Step } from "./step.ts"
import { Visits } from "./visits.ts"
import { Weather } from "./weather.ts"

export type TownOptions = {
  readonly plan: Plan
  readonly chance: Chance
  readonly signing: Signing
  readonly agenda: Agenda
  readonly truth: Truth
  onStep(step: Step): void
}

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Far slower than a real board, to spend the time on better things. */
const BEAT_MS = 180_000
/** Far slower, too: nothing that happens makes a sheet come sooner. */
const SHEETS_MS = 600_000
/** Records that may be on their way at any moment of a building at rest. */
const UNDER_WAY_MAX = 3
/** So many of each a day and door. */
const VISITS = 16
const LEAVES = 5
const STRANGERS = 2
const FUMBLES = 3
const GUESSES = 2
const BLOWS = 8
const ATTACKS = 12
const SIEGES = 2
const BURGLARIES = 2
const COPIED_CARDS = 3
const BLACKOUTS = 2
const BLOWN_FUSES = 6
const WORKS = 6
const ORDERS = 5
const LOCKDOWNS = 1
const FIRES = 2
const ORDER_ATTACKS = 3
const TAMPERS = 2
const RAIDS = 2
const TICKET_ATTACKS = 4
const CLIMBS = 24
const OPENED_LOCKS = 1
const FOREIGNERS = 2
const KEY_CHANGES = 2
/** A board that keeps few records has little flash: its store goes round several times a day. */
const RECORDS_OF_SMALL = 100
const SMALL_FLASH: FlashSize = { page_size: 1_024, pages: 64 }
const LARGE_FLASH: FlashSize = { page_size: 4_096, pages: 96 }
/** What the stores hold beside records, at most: two policies and the one that replaces one of them, a batch on its way. */
const SMALL_PARTS_BYTES = 42_000
const LARGE_PARTS_BYTES = 120_000
/** In percent. */
const FUSES_AT_GUESSES = 25

export class Town {
  readonly #options: TownOptions
  readonly #machine: KeeperMachine
  readonly #network: Network
  readonly #courier: Courier
  readonly #stage: Stage
  #doors: readonly SimDoor[] = []
  #weather: Weather | null = null
  #commander: Commander | null = null
  #intruder: Intruder | null = null
  #owner: Owner | null = null
  #site: Site | null = null
  #isMended = false

  constructor(options: TownOptions) {
    const { agenda, chance, signing, truth, plan } = options
    this.#options = options
    this.#stage = new Stage(agenda)
    this.#network = new Network(agenda, chance.branch("network"), truth)
    this.#machine = new KeeperMachine({
      agenda,
      chance: chance.branch("machine"),
      signing,
      truth,
      crashes: plan.storms,
      onStart: (keeper) => {
        this.#listen(keeper)
        agenda.in(1, () => this.#courier.issued(this.#doors.map(({ id }) => id)))
      },
    })
    this.#courier = new Courier({
      machine: this.#machine,
      crypto: signing.crypto,
      now_ms: () => agenda.now_ms,
      send: (door, down) => this.#network.carryDown(this.#door(door), down),
      nonced: (door, nonce, version) => this.#commander?.nonced(door, nonce, version),
      acknowledged: (events) => {
        truth.acknowledged.events = Math.max(truth.acknowledged.events, events)
      },
      told: (sheets) => {
        truth.sheets = { at_ms: agenda.now_ms, sheets }
      },
      shown: (door, state) => truth.shown.set(door, { heard_ms: agenda.now_ms, state }),
    })
    this.#network.courier = this.#courier
  }

  get doors(): readonly SimDoor[] {
    return this.#doors
  }

  get crypto(): Crypto {
    return this.#options.signing.crypto
  }

  #door(id: DoorId): SimDoor {
    const door = this.#doors.find((each) => each.id === id)
    assert(door !== undefined, "the courier knows the building's doors only")
    return door
  }

  /** Founds the site and screws the boards to their doors, without power. */
  async found(): Promise<void> {
    const { chance, signing, truth, plan } = this.#options
    await this.#machine.start()
    const { keeper } = this.#machine
    assert(keeper !== null, "the machine was switched on")
    const owner = new Owner(keeper.keys(), signing, chance.branch("owner"), () => this.#machine.now_ms)
    const founding = new Founding(plan, owner, chance.branch("founding"), signing, truth)
    const site = await this.#machine.ask(() => founding.found(keeper))
    assert(site !== null, "nobody pulled a plug at the founding")
    this.#owner = owner
    this.#site = site
    this.#doors = site.doors.map((door) => this.#screwOn(door, owner))
    this.#listen(keeper)
  }

  #listen(keeper: Keeper): void {
    const { agenda } = this.#options
    keeper.onNotice = (notice) => {
      if (notice.notice === "policies issued") agenda.in(1, () => this.#courier.issued(notice.doors))
      if (notice.notice === "narrowed") agenda.in(1, () => this.#courier.narrowed(notice.doors))
    }
  }

  #screwOn(door: NewDoor, owner: Owner): SimDoor {
    const { agenda, chance, signing } = this.#options
    const { root } = this.#options.truth.now
    const isSmall = door.plan.journal_records_max < RECORDS_OF_SMALL
    const flash = isSmall ? SMALL_FLASH : LARGE_FLASH
    const parts_bytes = isSmall ? SMALL_PARTS_BYTES : LARGE_PARTS_BYTES
    const pairing: Pairing = {
      site: owner.site,
      door: door.id,
      keeper: root.keeper,
      logKey: root.logKey,
      epoch: root.epoch,
      journalKey: door.journal.publicKey,
      codeKey: chance.branch(`code key of ${door.plan.name}`).bytes(32),
      journal_records_max: door.plan.journal_records_max,
      journal_bytes_max: recordRoom(flash.page_size, flash.pages, parts_bytes),
    }
    return new SimDoor({
      ...door.plan,
      flash,
      pairing,
      keeperHpke: root.keeperHpke,
      journal: door.journal,
      hpke: door.hpke,
      signing,
      agenda,
      chance: chance.branch(door.plan.name),
      send: (from, up) => this.#network.carryUp(from, up),
      onStep: (step) => this.#step(step),
    })
  }

  #step(step: Step): void {
    this.#options.onStep(step)
    const { agenda } = this.#options
    if (step.cut) agenda.in(1, () => this.#weather?.lostPower(step.door))
    if (step.cut && this.#isMended) agenda.in(1_000, () => this.#weather?.powerOn(step.door))
  }

  /** Switches everything on and lays the day out. */
  begin(): void {
    const { agenda, chance, truth, plan, signing } = this.#options
    const site = this.#site
    const owner = this.#owner
    assert(site !== null && owner !== null, "the site was founded")
    const at = { agenda, truth, machine: this.#machine, courier: this.#courier, network: this.#network, signing }
    const weather = new Weather(agenda, chance.branch("weather"), this.#network, this.#machine)
    const visits = new Visits(agenda, chance.branch("visits"), truth, site.people)
    const commander = new Commander({ ...at, chance: chance.branch("commander") }, owner, site)
    const intruder = new Intruder(agenda, chance.branch("intruder"))
    const attacker = new Attacker({ ...at, commander, chance: chance.branch("attacker") }, owner, site.guard)
    const administrator = new Administrator({ ...at, chance: chance.branch("administrator") }, owner, plan, site)
    const episodes = new Episodes({
      ...at,
      chance: chance.branch("episodes"),
      stage: this.#stage,
      site,
      ...plan,
      visits,
      weather,
      administrator,
    })
    this.#weather = weather
    this.#commander = commander
    this.#intruder = intruder
    for (const door of this.#doors) {
      agenda.in(chance.below(5_000), () => weather.powerOn(door))
      // Some locks are screwed on before their line is laid: people try them all the same.
      if (!chance.happens(35)) continue
      this.#network.cable(door, false)
      agenda.in(chance.between(10, 180) * MINUTE_MS, () => this.#network.cable(door, true))
    }
    const days = chance.branch("days")
    for (const door of this.#doors) {
      this.#spread(days, VISITS, () => this.#stage.play(door, () => visits.goIn(door, visits.visitor())))
      this.#spread(days, LEAVES, () => this.#stage.play(door, () => visits.leave(door)))
      this.#spread(days, STRANGERS, () => this.#stage.play(door, () => visits.strange(door)))
      this.#spread(days, FUMBLES, () => this.#stage.play(door, () => visits.fumble(door)))
      this.#spread(days, GUESSES, () => {
        const card = days.happens(50) ? visits.someone().card : null
        this.#stage.play(door, () => visits.guess(door, card, FUSES_AT_GUESSES))
      })
      this.#spread(days, ATTACKS, () => attacker.act(door))
      this.#spread(days, SIEGES, () => episodes.siege(door))
      this.#spread(days, BURGLARIES, () => episodes.burglary(door))
      this.#spread(days, COPIED_CARDS, () => episodes.copiedCard(door))
      if (days.happens(50)) this.#spread(days, 1, () => episodes.exile(door))
      if (!plan.storms) continue
      this.#spread(days, BLOWS, () => weather.strike(door))
      this.#spread(days, 1, () => episodes.impatience(door))
      this.#spread(days, BLACKOUTS, () => episodes.blackout(door))
      this.#spread(days, BLOWN_FUSES, () => episodes.blownFuse(door))
    }
    const threats = chance.branch("threats")
    const keys = chance.branch("keys")
    const recovery = new Recovery({ ...at, chance: chance.branch("recovery"), administrator }, owner)
    this.#spread(keys, 1, () => recovery.begin(site.forgetful.person, site.forgetful.delegation))
    for (const door of this.#doors) {
      episodes.nightOwl(door)
      this.#spread(threats, ORDERS, () => commander.act(door))
      this.#spread(threats, ORDER_ATTACKS, () => attacker.order(door))
      this.#spread(keys, FOREIGNERS, () => attacker.elsewhere(door))
      if (plan.storms) this.#spread(keys, KEY_CHANGES, () => weather.changeKey(door))
      this.#spread(threats, TAMPERS, () => intruder.tamper(door))
      this.#spread(threats, LOCKDOWNS, () => {
        commander.lockDown(door)
        for (const ms of [10 * SECOND_MS, 20 * SECOND_MS])
          agenda.in(ms, () => this.#stage.play(door, () => visits.leave(door)))
      })
      this.#spread(threats, FIRES, () => {
        intruder.fire(door)
        agenda.in(SECOND_MS, () => commander.lockDown(door)) // By somebody who does not know that it burns.
      })
    }
    const raids = chance.branch("raids")
    for (const door of this.#doors) {
      this.#spread(raids, RAIDS, () => this.#raid(door, episodes, commander, attacker, raids))
      this.#spread(raids, TICKET_ATTACKS, () => attacker.narrow(door))
    }
    const climber = new Climber({ ...at, chance: chance.branch("climber") }, owner, plan, site)
    const burglar = new Burglar({ truth, stage: this.#stage, crypto: signing.crypto }, site)
    const inside = chance.branch("inside")
    this.#spread(inside, CLIMBS, () => climber.climb())
    for (const door of this.#doors)
      this.#spread(inside, OPENED_LOCKS, () =>
        burglar.open(
          door,
          this.#doors.filter((each) => each !== door),
        ),
      )
    this.#spread(days, WORKS * 2, () => administrator.work())
    this.#spread(days, WORKS, () => this.#resubmit(administrator, days))
    this.#beat()
    this.#tellReceivers()
    this.#renew()
  }

  /** A door is broken open; whoever hears of it elsewhere is calmed by the guard, or by himself; and the news is brought again. */
  #raid(door: SimDoor, episodes: Episodes, commander: Commander, attacker: Attacker, chance: Chance): void {
    const { agenda } = this.#options
    const others = this.#doors.filter((each) => each !== door)
    episodes.raid(door, others)
    for (const other of others) {
      if (chance.happens(40)) agenda.in(chance.between(5, 15) * SECOND_MS, () => commander.calm(other))
      agenda.in(chance.between(30, 55) * SECOND_MS, () => (this.#isMended ? undefined : attacker.narrow(other)))
    }
  }

  /** So many of it, at any time of the day, more of it together now and then. */
  #spread(chance: Chance, count: number, act: () => void | Promise<void>): void {
    const { agenda, plan } = this.#options
    let at_ms = 0
    for (let left = count; left > 0; left--) {
      if (at_ms === 0 || chance.happens(70)) at_ms = plan.start_ms + MINUTE_MS + chance.below(plan.hours * HOUR_MS)
      else at_ms += chance.below(2 * MINUTE_MS)
      agenda.at(at_ms, () => (this.#isMended ? undefined : act()))
    }
  }

  /** Somebody sends an old statement again. */
  async #resubmit(administrator: Administrator, chance: Chance): Promise<void> {
    const { submitted } = administrator
    if (submitted.length > 0) await administrator.sendOn([chance.pick(submitted)], [])
  }

  /** Every linked lock says how it is, and the courier renews what is due. */
  #beat(): void {
    for (const door of this.#doors) this.#network.beat(door)
    this.#options.agenda.in(BEAT_MS, () => this.#beat())
  }

  #tellReceivers(): void {
    this.#options.agenda.in(SHEETS_MS, async () => {
      await this.#courier.tellReceivers()
      this.#tellReceivers()
    })
  }

  #renew(): void {
    this.#options.agenda.in(HOUR_MS, async () => {
      await this.#machine.ask((keeper) => keeper.renew())
      this.#renew()
    })
  }

  /** Everything is repaired: power, lines, bolts, the keeper's machine, and whoever held things back is gone. */
  mend(): void {
    this.#machine.heal()
    this.#isMended = true
    for (const door of this.#doors) {
      door.flash.budget(Number.POSITIVE_INFINITY)
      this.#network.trouble(door, CALM)
      this.#network.withhold(door, false)
      this.#network.cable(door, true)
      door.happen({ kind: "act", act: { kind: "close" } })
      door.happen({ kind: "act", act: { kind: "mend" } })
      this.#weather?.powerOn(door)
      this.#intruder?.mend(door)
    }
  }

  /** What is not as it should be once everything was mended for long enough; null when all is well. */
  unrested(): { readonly rule: RuleId; readonly door: SimDoor; readonly what: string } | null {
    for (const door of this.#doors) {
      const { lock } = door.board
      if (lock?.clock.start_ms == null) return { rule: "L-08", door, what: "does not know the time" }
      const issued = this.#options.truth.now.issued.get(door.id)
      if (lock.active?.name.version.size !== issued?.version.size)
        return { rule: "L-05", door, what: "has not the newest policy" }
      if (lock.journal.next - lock.journal.head.next > UNDER_WAY_MAX)
        return { rule: "L-04", door, what: "has records that nobody took" }
    }
    return null
  }

  /** Stops the keeper; its disk holds the whole history. */
  async close(): Promise<MemoryDisk> {
    await this.#machine.close()
    return this.#machine.disk
  }
}
