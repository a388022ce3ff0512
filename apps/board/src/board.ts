/**
 * A board: the lock's turns at work on a virtual door, under somebody else's clock.
 *
 * Picture a bench with a lock case and a board screwed to it. Every call says what time it is on the bench; the board feeds
 * its lock, carries the effects out in their order (stored before done) and answers when it next wants to be woken. The same
 * code runs in an example building under real time and in the simulator under virtual time. A broken assertion in the lock
 * boots it again into its safe state: errors never open.
 */
import { AssertionError, assert, type Uptime, unreachable, uptime } from "@holdfast/base"
import { boot, type Effect, type Input, type Key, type Lock, type ResetCause, type Signal, turn } from "@holdfast/lock"
import type { Readings } from "@holdfast/lock/diagnosis"
import { decodeDown } from "@holdfast/wire"
import type { BoardOptions } from "./board-options.ts"
import { Field, type HeldPhone } from "./field.ts"
import { type HandAct, Matcher } from "./matcher.ts"
import { batchSigned, messageOf, signedBeat, signedDiagnosis } from "./signing.ts"
import {
  type Act,
  boltSensor,
  feeds,
  type Hardware,
  leafSensor,
  mend,
  newHardware,
  nextTick_ms,
  readBattery,
  stepHardware,
} from "./hardware.ts"
import { inputOf } from "./input.ts"
import { type WireAct, Wires } from "./wires.ts"
import { type SensorAct, VirtualSensors } from "./sensors.ts"
import { Panel } from "./panel.ts"
import { type BoardScene, restore, sceneOf } from "./scene.ts"

const INPUTS_MAX = 10_000
/** What a message and a card's exchange take from a battery, typical of the field. */
const RADIO_MJ = 40
const READER_MJ = 6

/** The supply broke down under the motor, in the middle of a turn. */
class BrownOut extends Error {
  override readonly name = "BrownOut"
}

export class VirtualBoard {
  readonly #options: BoardOptions
  #hardware: Hardware
  /** Null while there is no power. */
  #lock: Lock | null = null
  #bootedAt_ms = 0
  #now_ms = 0
  #linked = false
  #lockWakes: Uptime | null = null
  readonly #field: Field
  readonly panel = new Panel()
  readonly #matcher = new Matcher()
  readonly wires = new Wires()
  #queue: Input[] = []
  #busy = false
  readonly sensors: VirtualSensors

  constructor(options: BoardOptions) {
    this.#options = options
    this.#field = new Field(options)
    this.sensors = new VirtualSensors(options.pairing.door)
    this.#hardware = newHardware(options.failMode, options.cells, options.actuator)
    if (options.scene !== undefined)
      this.#hardware = restore(options.scene, this.#hardware, this.sensors, this.wires, this.#matcher)
  }

  get scene(): BoardScene {
    return sceneOf(this.#hardware, this.sensors, this.wires, this.#matcher)
  }

  get hardware(): Hardware {
    return this.#hardware
  }

  get signal(): Panel["signal"] {
    return this.panel.signal
  }

  get linked(): boolean {
    return this.#linked
  }

  /** The lock as it is, for whoever watches over it; null without power. */
  get lock(): Lock | null {
    return this.#lock
  }

  get uptime_ms(): Uptime {
    return uptime(Math.max(0, Math.floor(this.#now_ms - this.#bootedAt_ms)))
  }

  /** When the bench must call {@link advance} at the latest, or null. */
  nextWake_ms(): number | null {
    const times = [
      this.#lock === null || this.#lockWakes === null ? null : this.#bootedAt_ms + this.#lockWakes,
      nextTick_ms(this.#hardware),
      this.#field.until_ms,
      this.panel.until_ms,
      this.sensors.wake_ms(),
      this.wires.dueAt_ms,
    ].filter((time) => time !== null)
    return times.length === 0 ? null : Math.min(...times)
  }

  #at(now_ms: number): void {
    assert(now_ms >= this.#now_ms, "the bench's time never goes back")
    this.#now_ms = now_ms
  }

  /** Does whatever is due by now. */
  advance(now_ms: number): void {
    this.#at(now_ms)
    const tick = nextTick_ms(this.#hardware)
    if (tick !== null && tick <= now_ms) this.#bench({ kind: "tick" })
    if (this.wires.dueAt_ms !== null && this.wires.dueAt_ms <= now_ms) this.wire(now_ms, { kind: "due" })
    const held = this.#field.until_ms
    if (held !== null && held <= now_ms) for (const input of this.#field.leave()) this.#feed(input)
    if (this.panel.until_ms !== null && this.panel.until_ms <= now_ms) this.#show("idle")
    for (const sensed of this.sensors.due(now_ms)) this.#feed({ kind: "sensed", sensed })
    const wake = this.#lockWakes
    if (this.#lock !== null && wake !== null && wake <= this.uptime_ms) this.#feed({ kind: "tick" })
  }

  switchOn(now_ms: number): void {
    this.#at(now_ms)
    if (this.#lock === null) this.#bench({ kind: "power", on: true })
  }

  /** Begins at the door as it stands: without power nothing runs, and a relay that pulls goes on pulling. */
  begin(now_ms: number): void {
    this.#at(now_ms)
    if (this.wires.pulls) this.#bench({ kind: "pull" })
    this.#bench({ kind: "power", on: this.#hardware.powered })
    if (this.sensors.are.jammed) this.sense(now_ms, { kind: "jam radio", on: true })
  }

  /** The plug is pulled: memory is gone, flash and the steel stay. */
  switchOff(now_ms: number): void {
    this.#at(now_ms)
    this.#bench({ kind: "power", on: false })
  }

  #die(): void {
    this.sensors.cut()
    this.#lock = null
    this.#lockWakes = null
    this.#queue = []
    this.#field.clear()
    this.panel.alarming = false
    this.#show("idle")
  }

  link(now_ms: number, up: boolean): void {
    this.#at(now_ms)
    if (this.#linked === up) return
    this.#linked = up
    this.#feed({ kind: up ? "linked" : "unlinked" })
  }

  press(now_ms: number, key: Key): void {
    this.#at(now_ms)
    this.#feed({ kind: "key", key })
  }

  /** Holds a card to the reader. */
  present(now_ms: number, card: Parameters<Field["holdCard"]>[1], reader: "in" | "out" = "in"): void {
    this.#at(now_ms)
    if (this.#lock !== null) this.#feed(this.#field.holdCard(now_ms, card, reader))
  }

  /** Holds a phone to the reader. */
  holdPhone(now_ms: number, phone: HeldPhone): void {
    this.#at(now_ms)
    if (this.#lock !== null) this.#feed(this.#field.holdPhone(now_ms, phone))
  }

  /** What somebody does at the finger reader, or with what is inside the case. */
  handle(now_ms: number, act: HandAct): void {
    this.#at(now_ms)
    this.#feed(this.#matcher.inputOf(act, this.#options))
  }

  /** What a person or the weather does at the door. */
  act(now_ms: number, act: Act | { readonly kind: "mend" }): void {
    this.#at(now_ms)
    if (act.kind === "mend") this.#hardware = mend(this.#hardware)
    else this.#bench(act)
  }

  /** What somebody does to the board's own sensors. */
  sense(now_ms: number, act: SensorAct): void {
    this.#at(now_ms)
    this.sensors.act(now_ms, act)
    this.advance(now_ms)
  }

  /** What comes over the door's own wires. What they pull is pulled though nobody runs here. */
  wire(now_ms: number, act: WireAct): void {
    this.#at(now_ms)
    const inputs = this.wires.take(act, now_ms, this.#lock?.active?.policy.config ?? null)
    try {
      for (const input of inputs) this.#feed(input)
    } finally {
      if (this.wires.pulls) this.#bench({ kind: "pull" }) // Also when the board fails in the middle of hearing it.
    }
  }

  /** A message from the courier, as it came from the wire. */
  deliver(now_ms: number, bytes: Uint8Array): void {
    this.#at(now_ms)
    const decoded = decodeDown(bytes)
    this.#feed({
      kind: "message",
      message: decoded.ok ? messageOf(decoded.down, this.#options) : { kind: "unreadable" },
    })
  }

  /** The button inside the case. */
  pressService(now_ms: number): void {
    this.#at(now_ms)
    this.#feed({ kind: "service pressed" })
  }

  /** A signed report of the state of electronics, fit and case; null without power. */
  diagnose(now_ms: number, readings: Readings): Uint8Array | null {
    this.#at(now_ms)
    if (this.#lock === null) return null
    const signed = signedDiagnosis(this.#lock, this.uptime_ms, readings, this.#options)
    this.#feed({ kind: "diagnosed", report: this.#options.crypto.sha256(signed) })
    return signed
  }

  /** The signed state of now, for a beat; null without power. */
  beat(now_ms: number): Uint8Array | null {
    this.#at(now_ms)
    return this.#lock === null ? null : signedBeat(this.#lock, this.uptime_ms, this.#options)
  }

  #boot(cause: ResetCause): void {
    const { pairing, flash, random, crypto, loader } = this.#options
    this.#bootedAt_ms = this.#now_ms
    this.#lockWakes = null
    this.#queue = []
    this.#lock = null
    if (loader?.boot() === null) return // Nothing may run: the board stays dark, and the way out is steel.
    const first = boot(pairing, flash.load(), random(32), this.uptime_ms, crypto, cause)
    this.#lock = first.state
    const { mains, external } = this.#hardware
    const running = loader?.started ?? null
    this.#queue = [
      ...this.sensors.first(cause, this.#hardware.cells).map((sensed) => ({ kind: "sensed", sensed }) as const),
      ...(external ? [{ kind: "external supply", on: true } as const] : []),
      ...(mains ? [] : [{ kind: "power", mains: "lost" } as const]),
      ...this.#readBattery(),
      { kind: "bolt sensed", bolt: boltSensor(this.#hardware) },
      { kind: "door sensed", door: leafSensor(this.#hardware) },
      ...this.wires.levels(),
      ...(this.#linked ? [{ kind: "linked" } as const] : []),
      ...(running === null ? [] : [{ kind: "started", running } as const]),
    ]
    this.#carryOut(first.effects)
    this.#drain()
  }

  #bench(act: Act): void {
    const step = stepHardware(this.#hardware, this.#now_ms, act)
    this.#hardware = step.hardware
    if (!feeds(this.#hardware)) return this.#die()
    const isSupply = act.kind === "power" || act.kind === "external" || act.kind === "cells"
    if (this.#lock === null && isSupply) return this.#boot("power on")
    for (const sensed of step.sensed) {
      if (sensed.kind === "brown-out") throw new BrownOut("the supply broke down under the motor")
      this.#feed(inputOf(sensed))
    }
  }

  /** The first reading of a boot, before anything could be driven. */
  #readBattery(): Input[] {
    const read = readBattery(this.#hardware, this.#now_ms)
    this.#hardware = read.hardware
    return read.extra.flatMap((sensed) => (sensed.kind === "brown-out" ? [] : [inputOf(sensed)]))
  }

  #feed(input: Input): void {
    this.#queue.push(input)
    this.#drain()
  }

  /** Inputs that arise while effects are carried out wait for their turn. */
  #drain(): void {
    if (this.#busy) return
    this.#busy = true
    try {
      for (let turns = 0; ; turns++) {
        assert(turns < INPUTS_MAX, "a bench comes to rest")
        const input = this.#queue.shift()
        if (input === undefined || this.#lock === null) break
        this.#take(this.#lock, input)
      }
    } finally {
      this.#busy = false
    }
    if (this.#lock === null) this.#queue = []
  }

  #take(lock: Lock, input: Input): void {
    try {
      const { state, effects } = turn(lock, this.uptime_ms, input, this.#options.crypto)
      this.#lock = state
      this.#carryOut(effects)
      if (this.#options.loader?.isStaged === true) this.#boot("requested")
    } catch (error) {
      if (!(error instanceof AssertionError) && !(error instanceof BrownOut)) throw error
      this.#queue = []
      this.#lock = null
      this.#busy = false
      // The motor stops; a coil goes on holding what it held until somebody commands it.
      if (!this.#hardware.coil)
        this.#hardware = stepHardware(this.#hardware, this.#now_ms, { kind: "drive", motor: "stop" }).hardware
      this.#boot(error instanceof BrownOut ? "brown-out" : "watchdog")
    }
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) this.#carry(effect)
    this.#options.flash.settle()
  }

  #carry(effect: Effect): void {
    const { flash } = this.#options
    switch (effect.kind) {
      case "store":
        return flash.store(effect.part, effect.bytes)
      case "append":
        return flash.append(effect.sequence, effect.bytes)
      case "release":
        return flash.release(effect.through)
      case "discard":
        return flash.discard(effect.from)
      case "wake":
        this.#lockWakes = effect.at
        return
      default:
        flash.settle() // Recorded before done.
        return this.#outward(effect)
    }
  }

  #outward(effect: Exclude<Effect, { kind: "store" | "append" | "release" | "discard" | "wake" }>): void {
    switch (effect.kind) {
      case "drive":
        return this.#bench(this.wires.pulls ? { kind: "pull" } : { ...effect, motor: effect.drive })
      case "show":
        return this.#show(effect.signal)
      case "card send":
      case "phone send":
      case "phone ask":
        this.#spend("reader", READER_MJ)
        this.#queue.push(...this.#field.answer(effect))
        return
      case "enrolled":
        return this.#matcher.keep(effect.credential)
      case "sign batch":
        this.#queue.push(batchSigned(effect.bytes, effect.openings, this.#options))
        return
      case "image write":
      case "image check":
      case "image try":
      case "image confirm":
        this.#queue.push(...(this.#options.loader?.carry(effect) ?? []))
        return
      case "leave":
        return this.#options.left?.()
      case "erase":
        return this.#options.flash.changeKey?.()
      case "send":
        if (!this.#linked) return
        this.#spend("radio", RADIO_MJ)
        return this.#options.send(effect.message)
      default:
        return unreachable(effect)
    }
  }

  /** What a message or a card costs is taken from the battery, where there is one. */
  #spend(feature: "radio" | "reader", mj: number): void {
    if (this.#hardware.cells === null) return
    this.#hardware = stepHardware(this.#hardware, this.#now_ms, { kind: "spend", feature, mj }).hardware
  }

  #show(signal: Signal): void {
    this.#options.shown?.(signal)
    this.panel.show(signal, this.#now_ms)
  }
}
