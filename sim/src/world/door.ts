/**
 * One door of the simulated building: a real board with its real lock, an oscillator of its own, storage under watch, and a
 * power supply that somebody may pull.
 *
 * Everything that ever happens to the board goes through {@link SimDoor.happen}, which tells the watchers one {@link Step}.
 */
import { AssertionError, type DoorId, unreachable } from "@holdfast/base"
import type { FailMode } from "@holdfast/access/door"
import { FlashCut, type Hardware, VirtualBoard } from "@holdfast/board"
import type { Pairing, Signal } from "@holdfast/lock"
import type { HpkeKeyPair } from "@holdfast/port-node"
import type { Up } from "@holdfast/wire"
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import type { Es256Key, Signing } from "../signing.ts"
import type { Shown } from "../truth/rights.ts"
import { FaultyCrypto } from "./faulty-crypto.ts"
import { type FlashSize, WatchedFlash } from "./flash.ts"
import type { Happening, Seen, Step } from "./step.ts"

export type DoorOptions = {
  readonly name: string
  readonly pairing: Pairing
  readonly keeperHpke: Uint8Array
  readonly journal: Es256Key
  readonly hpke: HpkeKeyPair
  readonly failMode: FailMode
  readonly heldOpen_ms: number
  readonly unlock_ms: number
  readonly delayedEgress_s: number
  readonly flash: FlashSize
  readonly signing: Signing
  readonly agenda: Agenda
  readonly chance: Chance
  /** Hears what the lock says, while it is linked. */
  send(door: SimDoor, up: Up): void
  onStep(step: Step): void
}

/** How fast or slow a quartz oscillator runs at most. */
const DRIFT_PPM_MAX = 50

export class SimDoor {
  readonly options: DoorOptions
  readonly flash: WatchedFlash
  readonly board: VirtualBoard
  readonly #crypto: FaultyCrypto
  readonly #start_ms: number
  readonly #rate: number
  #shown: Signal[] = []
  #sent: Up[] = []
  #wakeAt_ms: number | null = null
  #atCut: Hardware | null = null
  /** What the next thing that happens will meet. */
  #fault: number | null = null

  constructor(options: DoorOptions) {
    const { pairing, keeperHpke, journal, hpke, failMode, signing, agenda, chance } = options
    this.options = options
    this.#crypto = new FaultyCrypto(signing.crypto)
    this.flash = new WatchedFlash(options.flash, journal.publicKey, this.#crypto.crypto, chance.branch("flash"))
    this.#start_ms = agenda.now_ms
    this.#rate = 1 + chance.between(-DRIFT_PPM_MAX, DRIFT_PPM_MAX) / 1_000_000
    const boardChance = chance.branch("board")
    this.board = new VirtualBoard({
      pairing,
      keeperHpke,
      keys: { journal, hpke },
      flash: this.flash,
      failMode,
      crypto: this.#crypto.crypto,
      random: (size) => boardChance.bytes(size),
      shown: (signal) => this.#shown.push(signal),
      send: (up) => {
        this.#sent.push(up)
        options.send(this, up)
      },
    })
    // A bench is delivered with its power on and nobody listening; the simulation begins with the plug out.
    this.board.switchOff(0)
  }

  get id(): DoorId {
    return this.options.pairing.door
  }

  get name(): string {
    return this.options.name
  }

  get hardware(): Hardware {
    return this.board.hardware
  }

  get powered(): boolean {
    return this.board.lock !== null
  }

  /** The bench's milliseconds at a true time. */
  #bench(at_ms: number): number {
    return Math.floor((at_ms - this.#start_ms) * this.#rate)
  }

  #trueTime(bench_ms: number): number {
    let at_ms = Math.ceil(this.#start_ms + bench_ms / this.#rate)
    while (this.#bench(at_ms) < bench_ms) at_ms += 1
    return at_ms
  }

  seen(): Seen {
    const { hardware, lock, uptime_ms } = this.board
    return { hardware, lock, uptime_ms }
  }

  /** The lock's cryptography fails at the call after so many more, if the next thing that happens gets that far. */
  armFault(calls: number): void {
    this.#fault = calls
  }

  /** Something happens to the board. `completes` is what somebody has by now shown as he should, when that ends here. */
  happen(what: Happening, completes: Shown | null = null): Step {
    const { agenda, onStep } = this.options
    const at_ms = agenda.now_ms
    const before = this.seen()
    this.flash.takeAppended()
    this.#shown = []
    this.#sent = []
    const wasArmed = this.#fault !== null
    this.#crypto.arm(this.#fault)
    this.#fault = null
    const cut = this.#survives(() => this.#carryOut(what, this.#bench(at_ms)), wasArmed)
    const failed = wasArmed && !this.#crypto.armed
    this.#crypto.arm(null)
    const after = this.seen()
    const acted = this.#atCut ?? after.hardware
    this.#atCut = null
    const lines = this.flash.takeAppended()
    const seen = { before, after, acted, lines, shown: this.#shown, sent: this.#sent }
    const step: Step = { door: this, at_ms, what, completes, ...seen, cut, failed }
    onStep(step)
    this.#planWake()
    return step
  }

  /** Answers whether the power went meanwhile; then the board is off. */
  #survives(act: () => void, wasArmed: boolean): boolean {
    try {
      act()
      return false
    } catch (error) {
      const failedAsPlanned = error instanceof AssertionError && wasArmed && !this.#crypto.armed
      if (!(error instanceof FlashCut) && !failedAsPlanned) throw error
      this.#atCut = this.board.hardware
      this.board.switchOff(this.#bench(this.options.agenda.now_ms))
      this.flash.budget(Number.POSITIVE_INFINITY)
      return true
    }
  }

  #carryOut(what: Happening, at: number): void {
    const { board } = this
    switch (what.kind) {
      case "key":
        return board.press(at, what.key)
      case "card":
        return board.present(at, what.card)
      case "act":
        return board.act(at, what.act)
      case "wire":
        return board.wire(at, what.act)
      case "sense":
        return board.sense(at, what.act)
      case "message":
        return board.deliver(at, what.bytes)
      case "link":
        return board.link(at, what.up)
      case "power":
        return what.on ? board.switchOn(at) : board.switchOff(at)
      case "storage key":
        return board.lock === null ? undefined : this.flash.changeKey()
      case "time":
        return board.advance(at)
      default:
        return unreachable(what)
    }
  }

  /** What the lock says of itself, signed; null without power. */
  beat(): Uint8Array | null {
    return this.board.beat(this.#bench(this.options.agenda.now_ms))
  }

  #planWake(): void {
    const wake = this.board.nextWake_ms()
    const at_ms = wake === null ? null : this.#trueTime(wake)
    if (at_ms === this.#wakeAt_ms) return
    this.#wakeAt_ms = at_ms
    if (at_ms === null) return
    this.options.agenda.at(at_ms, () => {
      if (this.#wakeAt_ms !== at_ms) return // Another wake replaced it.
      this.#wakeAt_ms = null
      this.happen({ kind: "time" })
    })
  }
}
