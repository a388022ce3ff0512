/**
 * The machine on which the keeper runs: a disk whose power goes after some write, a clock that somebody may set, and an
 * operator who switches it on again.
 *
 * The keeper is the real one. Whoever asks while it is down gets null, as through a dead socket.
 */
import type { ZoneTable } from "@holdfast/access"
import { assert, type UnixSeconds, unixMillis } from "@holdfast/base"
import { Keeper, type KeeperPorts, type Keyring, nodeZoneTable } from "@holdfast/keeper"
import { hpkeKeyPair, MemoryDisk, PowerCut } from "@holdfast/port-node"
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import type { Signing } from "../signing.ts"
import type { Truth } from "../truth/truth.ts"

const OUTAGE_MS_MAX = 20 * 60_000
const WRITES_A_LIFE_MAX = 1_500

export type KeeperMachineOptions = {
  readonly agenda: Agenda
  readonly chance: Chance
  readonly signing: Signing
  readonly truth: Truth
  /** Whether its power goes now and then. */
  readonly crashes: boolean
  /** It answers again, or for the first time. */
  onStart(keeper: Keeper): void
}

/** Zone tables take long to ask for, and Intl always answers alike. */
const tables = new Map<string, ZoneTable | null>()

function zoneTableOf(zone: string, at: UnixSeconds): ZoneTable | null {
  const name = `${zone} ${Math.floor(at / (7 * 86_400))}`
  const known = tables.get(name)
  if (known !== undefined) return known
  const table = nodeZoneTable(zone, at)
  tables.set(name, table)
  return table
}

/** Keys from the seed, so that a run repeats to the last byte where the signing does. The file only says that there are keys. */
function keyringOf(signing: Signing, chance: Chance): Keyring {
  const policy = signing.es256(chance)
  const log = signing.ed25519(chance)
  const keys = {
    policy,
    log,
    hpke: hpkeKeyPair(chance.bytes(32)),
    storage: chance.bytes(32),
    zones: Array.from({ length: 4 }, () => chance.bytes(16)),
  }
  return { make: () => Uint8Array.of(1), read: () => keys }
}

export class KeeperMachine {
  readonly #options: KeeperMachineOptions
  readonly #ports: Omit<KeeperPorts, "disk">
  #disk = new MemoryDisk()
  #keeper: Keeper | null = null
  #startedAt_ms = 0
  /** How far the wall clock is from true time. */
  #offset_ms = 0
  #stepped = false
  /** From now on the power stays. */
  #healed = false

  constructor(options: KeeperMachineOptions) {
    const { agenda, chance, signing } = options
    this.#options = options
    const keeperChance = chance.branch("keeper")
    this.#ports = {
      crypto: signing.crypto,
      now: () => unixMillis(agenda.now_ms + this.#offset_ms),
      uptime: () => agenda.now_ms - this.#startedAt_ms,
      random: (size) => keeperChance.bytes(size),
      zoneTable: zoneTableOf,
      keyring: keyringOf(signing, chance.branch("keys")),
    }
  }

  get disk(): MemoryDisk {
    return this.#disk
  }

  get keeper(): Keeper | null {
    return this.#keeper
  }

  /** What the clock on the machine's wall shows. */
  get now_ms(): number {
    return this.#options.agenda.now_ms + this.#offset_ms
  }

  /** The answer of a running keeper; null when there is none, or when its power went meanwhile. */
  async ask<Answer>(question: (keeper: Keeper) => Answer | Promise<Answer>): Promise<Answer | null> {
    const { truth, agenda } = this.#options
    if (this.#keeper === null) return null
    try {
      const answer = await question(this.#keeper)
      if (this.#keeper.site !== null) truth.learn(this.#keeper.state, agenda.now_ms)
      return answer
    } catch (error) {
      if (!this.#lostPower(error)) throw error
      this.#goDown()
      return null
    }
  }

  #lostPower(error: unknown): boolean {
    return error instanceof PowerCut || (error instanceof Error && error.name === "LogStoppedError")
  }

  #goDown(): void {
    const { agenda, chance, truth } = this.#options
    this.#keeper = null
    truth.keeperSince_ms = null
    const fates = chance.branch(`fates ${agenda.now_ms}`)
    const writes = fates.happens(30) ? fates.below(40) : fates.below(WRITES_A_LIFE_MAX)
    this.#disk = this.#disk.afterPowerCut(() => fates.pick(["kept", "lost", "torn"]), this.#budget(writes))
    agenda.in(fates.between(1_000, OUTAGE_MS_MAX), () => this.start())
  }

  #budget(writes: number): number {
    return this.#options.crashes && !this.#healed ? writes : Number.POSITIVE_INFINITY
  }

  /** The plug is pulled. */
  pullPlug(): void {
    if (this.#keeper === null || this.#healed) return
    this.#disk.cutPower()
    this.#goDown()
  }

  /** A new power supply: one last start, and from then on it stays up. */
  heal(): void {
    this.pullPlug()
    this.#healed = true
    this.#disk = this.#disk.afterPowerCut(() => "kept")
  }

  /** Somebody sets the machine's clock. */
  setClock(offset_ms: number): void {
    if (this.#healed) return
    this.#offset_ms = offset_ms
    if (Math.abs(offset_ms) > 60_000) this.#stepped = true
    if (this.#stepped) this.#options.truth.keeperSince_ms = null
  }

  /** Switches the machine on; whoever does it looks at the clock and sets it right. */
  async start(): Promise<void> {
    const { agenda, truth, onStart } = this.#options
    if (this.#keeper !== null) return
    this.#startedAt_ms = agenda.now_ms
    this.#offset_ms = 0
    this.#stepped = false
    try {
      const keeper = await Keeper.open({ ...this.#ports, disk: this.#disk })
      this.#keeper = keeper
      truth.keeperSince_ms = agenda.now_ms
      if (keeper.site === null) return
      truth.learn(keeper.state, agenda.now_ms)
      onStart(keeper)
    } catch (error) {
      if (!this.#lostPower(error)) throw error
      this.#goDown()
    }
  }

  /** Stops the keeper with everything durable, to look at its files. */
  async close(): Promise<void> {
    assert(this.#keeper !== null, "the keeper runs")
    await this.#keeper.close()
    this.#keeper = null
  }
}
