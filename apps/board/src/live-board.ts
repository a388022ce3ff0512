/**
 * A virtual board under real time: timers, the line to the courier, beats, and the view that the world's port shows.
 */
import type { Uptime } from "@holdfast/base"
import { essenceOf, stateOf } from "@holdfast/lock"
import { diagnosisText, openDiagnosis, type SeenWord } from "@holdfast/lock/diagnosis"
import { VirtualBoard } from "./board.ts"
import type { BoardOptions } from "./board-options.ts"
import type { Cards } from "./cards.ts"
import type { Phone } from "./phones.ts"
import { newCells, shareLeft, withShare } from "./cells.ts"
import { boltSensor } from "./hardware.ts"
import type { DoorView, SupplyAct, WorldAct } from "./world.ts"

const BEAT_MS = 15_000

export type Line = { open(): void; close(): void; send: BoardOptions["send"] }

export type LiveBoardOptions = Omit<BoardOptions, "send"> & {
  readonly cards: Cards
  /** The phone of this name, unlocked and told of this building's locks; null where the drawer has none. */
  unlocked(phone: string): Phone | null
  changed(view: DoorView): void
}

export class LiveBoard {
  readonly board: VirtualBoard
  readonly #options: LiveBoardOptions
  #line: Line | null = null
  #cableIn = true
  #timer: NodeJS.Timeout | null = null
  #beatAt_ms = 0
  #lastEssence = ""
  #lastView = ""
  /** Moisture inside the case. */
  #humidity_percent = 40

  constructor(options: LiveBoardOptions) {
    this.#options = options
    this.board = new VirtualBoard({ ...options, send: (up) => this.#line?.send(up) })
    this.board.switchOn(now())
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
    const { board } = this
    switch (act.act) {
      case "key":
        if (act.key === "enter" || act.key === "clear") return board.press(at, { press: act.key })
        return board.press(at, { press: "digit", digit: Number(act.key) })
      case "present": {
        const card = this.#options.cards.get(act.card)
        return card === null ? undefined : board.present(at, card, act.reader)
      }
      case "phone": {
        const phone = this.#options.unlocked(act.phone)
        return phone === null ? undefined : board.holdPhone(at, phone)
      }
      case "service":
        return board.pressService(at)
      case "moisture":
        this.#humidity_percent = act.value
        return
      case "exit":
        return board.act(at, { kind: "handle" })
      case "bar":
      case "relock":
        return board.wire(at, { kind: act.act })
      case "fire":
        return board.wire(at, { kind: "fire", on: act.on })
      case "partner":
        return board.wire(at, { kind: "partner", open: act.on })
      case "open":
      case "close":
      case "force":
      case "mend":
        return board.act(at, { kind: act.act })
      case "jam":
        return board.act(at, { kind: "obstacle", obstacle: act.on ? "jam" : "none" })
      case "short":
        return board.act(at, { kind: "obstacle", obstacle: act.on ? "short throw" : "none" })
      case "power":
        return act.on ? this.#plugIn(at) : this.#pull(at)
      case "link":
        return this.#cable(act.on)
      case "mains":
      case "magnet":
        return board.act(at, { kind: act.act, on: act.on })
      case "shake":
        return board.sense(at, { kind: "shake", happening: act.what })
      case "cover":
        return board.sense(at, { kind: "case", open: act.on })
      case "dips":
        return board.sense(at, { kind: "dips" })
      case "line":
        return board.sense(at, { kind: "line", is: act.is })
      case "jam radio":
        board.sense(at, { kind: "jam radio", on: act.on })
        return this.#hear()
      case "finger":
        return board.handle(at, { kind: "finger", name: act.finger, alive: act.alive })
      case "enrol finger":
        return board.handle(at, { kind: "enrol finger", name: act.finger })
      case "enrolment":
        return board.handle(at, { kind: "enrolment asked" })
      case "mechanical key":
        board.handle(at, { kind: "mechanical key turned" })
        return board.act(at, { kind: "mechanical key" })
      case "misalign":
        return board.act(at, { kind: "misalign", degree: act.value / 100 })
      case "temperature":
        return board.act(at, { kind: "temperature", celsius: act.value })
      case "external":
      case "corrode":
      case "battery":
        return this.#feed(at, act)
    }
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

  #after(): void {
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
