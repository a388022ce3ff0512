/**
 * The virtual sensors beside the lock case: accelerometer, case switch, supply monitor, radio, supervised line.
 *
 * Picture the tamper side of the board on the bench: somebody shakes the door, lifts the cover, jams the radio or cuts the
 * wire, and the sensor port turns that into what a lock is told. Windows of an episode are told one after the other as their
 * time comes. As `hardware.ts`, it decides nothing; what is shaken here is made up (see the made-up doors of `core/sense`).
 */
import { unreachable } from "@holdfast/base"
import { END_OHMS, type RadioSample, type ResetCause, SAMPLE_MS, type Sensed } from "@holdfast/sense"
import { chanceFrom, episodeOf, type Happening, mountingFrom } from "@holdfast/sense/synthetic"
import { WINDOW_MS, windowOf } from "@holdfast/sense/window"
import { type Cells, shareLeft } from "./cells.ts"

export const LINE_STATES = ["normal", "cut", "shorted", "shifted"] as const
export type LineState = (typeof LINE_STATES)[number]
const OHMS: Readonly<Record<LineState, number>> = {
  normal: END_OHMS,
  cut: 10_000_000,
  shorted: 5,
  shifted: END_OHMS * 1.5,
}

export type SensorAct =
  | { readonly kind: "shake"; readonly happening: Happening }
  | { readonly kind: "case"; readonly open: boolean }
  /** As many short dips as a glitcher makes in a second. */
  | { readonly kind: "dips" }
  | { readonly kind: "jam radio"; readonly on: boolean }
  | { readonly kind: "line"; readonly is: LineState }
  | { readonly kind: "exit contact"; readonly pressed: boolean }
  | { readonly kind: "debug port"; readonly open: boolean }

type Due = { readonly at_ms: number; readonly sensed: Sensed }

/** What anybody at the bench can see of the sensors. */
export type SensorsAre = {
  readonly caseOpen: boolean
  readonly line: LineState
  readonly debugOpen: boolean
  readonly jammed: boolean
}

/** Samples that the radio still takes once it hears again, until the lock is sure of it. */
const CLEAR_SAMPLES = 8
const JAMMED: RadioSample = { busy_permille: 990, sent: 4, acknowledged: 0, broken: 0 }
const CLEAR: RadioSample = { busy_permille: 30, sent: 4, acknowledged: 4, broken: 0 }
const GLITCHES = 40
/** Cells with less than this sag by themselves. */
const WEAK_SHARE = 0.1

export class VirtualSensors {
  are: SensorsAre = { caseOpen: false, line: "normal", debugOpen: false, jammed: false }
  /** Makes the door: how it rings, how the sensor hangs in it. */
  readonly #seed: number
  /** What will be told, in order of time. */
  #due: Due[] = []
  /** Whether the supply ever failed: the first start on a bench is announced, later ones are not. */
  #wasCut = false

  /** The door's id, which makes each door another one. */
  constructor(door: string) {
    this.#seed = Number.parseInt(door.slice(0, 8), 16)
  }

  /** When something is due, or null. */
  wake_ms(): number | null {
    return this.#due[0]?.at_ms ?? null
  }

  /** Somebody does something to the sensors. What follows is due, at once or later. */
  act(now_ms: number, act: SensorAct): void {
    switch (act.kind) {
      case "shake":
        return this.#shake(now_ms, act.happening)
      case "case":
        this.are = { ...this.are, caseOpen: act.open }
        return this.#tell(now_ms, [act])
      case "dips":
        return this.#tell(now_ms, [{ kind: "supply", dips: GLITCHES, over: false, loaded: false, jolted: false }])
      case "jam radio":
        this.are = { ...this.are, jammed: act.on }
        return this.#sampleRadio(now_ms)
      case "line":
        this.are = { ...this.are, line: act.is }
        return this.#tell(now_ms, this.#readLine())
      case "exit contact":
        return this.#tell(now_ms, [act])
      case "debug port":
        this.are = { ...this.are, debugOpen: act.open }
        return this.#tell(now_ms, [act])
      default:
        return unreachable(act)
    }
  }

  /** What is due by now. A radio that is jammed goes on being sampled. */
  due(now_ms: number): readonly Sensed[] {
    const ripe = this.#due.filter(({ at_ms }) => at_ms <= now_ms)
    if (ripe.length === 0) return []
    this.#due = this.#due.filter(({ at_ms }) => at_ms > now_ms)
    if (this.are.jammed && ripe.some(({ sensed }) => sensed.kind === "radio")) this.#sampleRadio(now_ms)
    return ripe.map(({ sensed }) => sensed)
  }

  /** The first readings of a boot: why it began, and what stands at the chip, the case and the line. */
  first(cause: ResetCause, cells: Cells | null): readonly Sensed[] {
    const { caseOpen, debugOpen, line } = this.are
    const weak = cells !== null && shareLeft(cells) < WEAK_SHARE
    const announced = cause === "power on" && !this.#wasCut ? "requested" : cause
    return [
      { kind: "reset", cause: announced, weak, loaded: cause === "brown-out" },
      { kind: "debug port", open: debugOpen },
      { kind: "case", open: caseOpen },
      ...(line === "normal" ? [] : this.#readLine()),
    ]
  }

  /** The supply is gone: nothing is sensed, and what was due never comes. */
  cut(): void {
    this.#wasCut = true
    this.#due = []
  }

  #tell(at_ms: number, sensed: readonly Sensed[]): void {
    this.#due = [...this.#due, ...sensed.map((each) => ({ at_ms, sensed: each }))].sort((a, b) => a.at_ms - b.at_ms)
  }

  /** Twice, as the port reads it ten times a second. */
  #readLine(): readonly Sensed[] {
    const read: Sensed = { kind: "line", ohms: OHMS[this.are.line] }
    return [read, read]
  }

  /** Another episode at the same door each time. */
  #shake(now_ms: number, happening: Happening): void {
    const { windows } = episodeOf(happening, mountingFrom(chanceFrom(this.#seed)), chanceFrom(this.#seed + now_ms))
    this.#due = this.#due.filter(({ sensed }) => sensed.kind !== "window")
    for (const [at, samples] of windows.entries())
      this.#tell(now_ms + (at + 1) * WINDOW_MS, [{ kind: "window", window: windowOf(samples) }])
  }

  #sampleRadio(now_ms: number): void {
    this.#due = this.#due.filter(({ sensed }) => sensed.kind !== "radio")
    const sample = this.are.jammed ? JAMMED : CLEAR
    for (let count = 1; count <= (this.are.jammed ? 1 : CLEAR_SAMPLES); count++)
      this.#tell(now_ms + count * SAMPLE_MS, [{ kind: "radio", sample }])
  }
}
