/**
 * A virtual board under real time: timers, the line to the courier, beats, and the view that the world's port shows.
 *
 * Picture the bench with a clock on the wall and a cable to the courier: the board itself never looks at either. What hands do
 * at the door alone is hands.ts's; who may ask for it is world.ts's.
 */
import type { Uptime } from "@holdfast/base"
import { essenceOf, stateOf } from "@holdfast/lock"
import { diagnosisText, openDiagnosis, type SeenWord } from "@holdfast/lock/diagnosis"
import { VirtualBoard } from "./board.ts"
import type { BoardOptions } from "./board-options.ts"
import type { Cards } from "./cards.ts"
import type { Phone } from "./phones.ts"
import { newCells, shareLeft, withShare } from "./cells.ts"
import { enact } from "./hands.ts"
import { boltSensor } from "./hardware.ts"
import type { Scene } from "./scene.ts"
import type { DoorView } from "./world.ts"
import type { HoldAct, SupplyAct, WorldAct } from "./world-act.ts"

const BEAT_MS = 15_000

export type Line = { open(): void; close(): void; send: BoardOptions["send"] }

export type LiveBoardOptions = Omit<BoardOptions, "send" | "scene"> & {
  /** The door as it was left; null for a new one. */
  readonly scene: Scene | null
  /** Keeps the door as it stands now. */
  keepScene(scene: Scene): void
  readonly cards: Cards
  /** The phone of this name, unlocked and told of this building's locks; null where the drawer has none. */
  unlocked(phone: string): Phone | null
  changed(view: DoorView): void
}

export class LiveBoard {
  readonly board: VirtualBoard
  readonly #options: LiveBoardOptions
  #line: Line | null = null
  #cableIn: boolean
  #timer: NodeJS.Timeout | null = null
  #beatAt_ms = 0
  #lastEssence = ""
  #lastView = ""
  /** Moisture inside the case. */
  #humidity_percent: number
  #lastScene = ""

  constructor(options: LiveBoardOptions) {
    this.#options = options
    const { scene, ...own } = options
    const standing = scene === null ? {} : { scene: scene.board }
    this.board = new VirtualBoard({ ...own, ...standing, send: (up) => this.#line?.send(up) })
    this.#cableIn = scene?.isCableIn ?? true
    this.#humidity_percent = scene?.humidity_percent ?? 40
    this.board.begin(now())
    this.#after()
  }

  /** Gives the board its line once there is one, in the place of an older one, with the cable plugged in. */
  connect(line: Line): void {
    this.#line?.close()
    this.#line = line
    this.#hear()
  }

  linked(up: boolean): void {
    this.#do((at) => this.board.link(at, up))
  }

  heard(bytes: Uint8Array): void {
    this.#do((at) => this.board.deliver(at, bytes))
  }

  close(): void {
    this.#line?.close() // The lock hears of it, and asks to be woken: the timer goes last.
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  view(): DoorView {
    const { hardware, signal, linked, lock, panel, sensors } = this.board
    return {
      door: this.#options.pairing.door,
      bolt: boltSensor(hardware),
      door_position: hardware.leaf,
      power: lock !== null,
      linked,
      signal: signal === "granted" || signal === "denied" || signal === "idle" ? signal : "busy",
      obstacle: hardware.obstacle,
      forced: hardware.split,
      alarm: panel.alarming,
      battery: hardware.cells === null ? null : Math.round(100 * shareLeft(hardware.cells)),
      mains: hardware.mains,
      external: hardware.external,
      temperature_c: hardware.temperature_c,
      misaligned: Math.round(100 * hardware.misalignment),
      magnet: hardware.magnet,
      corroded: (hardware.cells?.contact_mohm ?? 0) > 0,
      moisture: this.#humidity_percent,
      fire: this.board.wires.fire,
      partner_open: this.board.wires.partnerOpen,
      mode: lock?.ruled ?? null,
      way_out: lock?.egress.is ?? null,
      cover: sensors.are.caseOpen,
      line: sensors.are.line,
      jammed: sensors.are.jammed,
    }
  }

  /** A locksmith's visit: what the board measures, what he saw, signed; null without power. */
  diagnose(seen: readonly SeenWord[]): { readonly report: Uint8Array; readonly text: string } | null {
    const { pairing, crypto } = this.#options
    const inside = { temperature_c: this.board.hardware.temperature_c, humidity_percent: this.#humidity_percent }
    const report = this.board.diagnose(now(), { ...inside, isDebugOpen: this.board.sensors.are.debugOpen, seen })
    const opened = report === null ? null : openDiagnosis(crypto, pairing.site, pairing.journalKey, report)
    this.#after()
    if (report === null || opened === null) return null
    const time = opened.wall_ms === 0 ? "time unknown" : new Date(opened.wall_ms).toISOString()
    return { report, text: diagnosisText(opened, time) }
  }

  /** False for a card or a phone that is not in the drawer. */
  act(act: WorldAct): boolean {
    const { cards, unlocked } = this.#options
    if (act.act === "present" && cards.get(act.card) === null) return false
    if (act.act === "phone" && unlocked(act.phone) === null) return false
    this.#do((at) => this.#enact(at, act))
    return true
  }

  #enact(at: number, act: WorldAct): void {
    switch (act.act) {
      case "present":
      case "phone":
        return this.#hold(at, act)
      case "power":
        return act.on ? this.#plugIn(at) : this.#pull(at)
      case "external":
      case "corrode":
      case "battery":
        return this.#feed(at, act)
      case "link":
        return this.#cable(act.on)
      case "jam radio":
        this.board.sense(at, { kind: "jam radio", on: act.on })
        return this.#hear()
      case "moisture":
        this.#humidity_percent = act.value
        return
      default:
        return enact(this.board, at, act)
    }
  }

  #hold(at: number, act: HoldAct): void {
    const { cards, unlocked } = this.#options
    const card = act.act === "present" ? cards.get(act.card) : null
    if (act.act === "present" && card !== null) this.board.present(at, card, act.reader)
    const phone = act.act === "phone" ? unlocked(act.phone) : null
    if (phone !== null) this.board.holdPhone(at, phone)
  }

  /** Where the board goes off or on, its radio goes with it. */
  #feed(at: number, act: SupplyAct): void {
    const { board } = this
    const wasOn = board.lock !== null
    const cells = board.hardware.cells ?? newCells("alkaline", 4, 2_500)
    if (act.act === "external") board.act(at, { kind: "external", on: act.on })
    else if (act.act === "battery") board.act(at, { kind: "cells", cells: withShare(cells, act.value / 100) })
    else board.act(at, { kind: "cells", cells: { ...cells, contact_mohm: act.on ? 3_000 : 0 } })
    if (wasOn !== (board.lock !== null)) this.#hear()
  }

  #plugIn(at: number): void {
    this.board.switchOn(at)
    this.#hear()
  }

  /** The radio has no power either. */
  #pull(at: number): void {
    this.board.switchOff(at)
    this.#line?.close()
  }

  #cable(plugged: boolean): void {
    this.#cableIn = plugged
    this.#hear()
  }

  /** The line is up where the cable is in, the board runs and nobody jams its radio. */
  #hear(): void {
    const { lock, sensors } = this.board
    if (this.#cableIn && lock !== null && !sensors.are.jammed) this.#line?.open()
    else this.#line?.close()
  }

  #do(work: (at: number) => void): void {
    work(now())
    this.#after()
  }

  #keepScene(): void {
    const scene = {
      board: this.board.scene,
      isCableIn: this.#cableIn,
      humidity_percent: this.#humidity_percent,
    }
    const text = JSON.stringify(scene)
    if (text === this.#lastScene) return
    this.#lastScene = text
    this.#options.keepScene(scene)
  }

  #after(): void {
    this.#keepScene()
    this.#beat()
    const view = this.view()
    const text = JSON.stringify(view)
    if (text !== this.#lastView) {
      this.#lastView = text
      this.#options.changed(view)
    }
    if (this.#timer !== null) clearTimeout(this.#timer)
    const wake = this.board.nextWake_ms() ?? Number.POSITIVE_INFINITY
    const due = Math.min(wake, this.#beatAt_ms)
    this.#timer = setTimeout(() => this.#do((at) => this.board.advance(at)), Math.max(1, Math.ceil(due - now())))
  }

  /** A beat at once when something essential changed, else every 15 s. */
  #beat(): void {
    const { lock, linked } = this.board
    const at = now()
    if (lock === null || !linked || this.#line === null) {
      this.#lastEssence = ""
      this.#beatAt_ms = at + BEAT_MS
      return
    }
    const state = essenceOf(stateOf(lock, this.board.uptime_ms satisfies Uptime))
    if (state === this.#lastEssence && at < this.#beatAt_ms) return
    const signed = this.board.beat(at)
    if (signed === null) return
    this.#lastEssence = state
    this.#beatAt_ms = at + BEAT_MS
    this.#line.send({ kind: "beat", state: signed })
  }
}

/** The bench's time: whole milliseconds that never go back. */
function now(): number {
  return Math.floor(performance.now())
}
