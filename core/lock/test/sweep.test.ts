/**
 * Bolt x leaf x mode x power x way out, all of them, with every input that can come: what must hold in each.
 *
 * The combinations are made, not reached: a state that no path leads to today is held to the same rules, so that a path found
 * tomorrow changes nothing.
 */
import { uptime } from "@holdfast/base"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { Bolt } from "../src/bolt.ts"
import type { Door } from "../src/door.ts"
import type { Egress } from "../src/egress.ts"
import { type Effect, type Input, type Lock, turn } from "../src/index.ts"
import { isHeldDrawn, type Modes, modeOf, type Ordered, QUIET, withOrdered } from "../src/mode.ts"
import { commanded } from "./orders.ts"

const NOW = uptime(100_000)
const SOON = uptime(101_000)

const BOLTS: readonly Bolt[] = [
  { is: "unknown" },
  { is: "thrown" },
  { is: "drawing", attempt: 1, until: SOON, unlock_ms: 5_000 },
  { is: "drawn", throwAt: SOON },
  { is: "drawn", throwAt: NOW },
  { is: "throwing", attempt: 1, until: SOON },
  { is: "throwing", attempt: 3, until: NOW },
  { is: "jammed", wanted: "thrown" },
  { is: "jammed", wanted: "drawn" },
  { is: "not fully thrown" },
]
const LEAVES: readonly Door[] = [
  { is: "unknown" },
  { is: "closed" },
  { is: "open", warnAt: SOON, holdAt: SOON },
  { is: "open long", holdAt: SOON },
  { is: "held" },
  { is: "forced" },
]
const WAYS_OUT: readonly Egress[] = [{ is: "ready" }, { is: "counting", until: SOON }, { is: "free" }]
const ordered = (...words: readonly Ordered[]): Modes =>
  words.reduce((modes, word) => withOrdered(modes, word, null), QUIET)
const MODES: readonly Modes[] = [
  QUIET,
  { ...QUIET, fire: "alarm" },
  { ...QUIET, fire: "waiting" },
  { ...ordered("lockdown"), fire: "alarm" },
  ordered("evacuation"),
  ordered("evacuation", "lockdown"),
  ordered("lockdown"),
  ordered("service"),
  ordered("office"),
  { ...QUIET, level: 4 },
]
const INPUTS: readonly Input[] = [
  { kind: "tick" },
  { kind: "key", key: { press: "enter" } },
  { kind: "bolt sensed", bolt: "thrown" },
  { kind: "bolt sensed", bolt: "drawn" },
  { kind: "bolt sensed", bolt: "between" },
  { kind: "motor stalled" },
  { kind: "door sensed", door: "open" },
  { kind: "door sensed", door: "closed" },
  { kind: "request to exit" },
  { kind: "exit bar" },
  { kind: "partner", secure: true },
  { kind: "partner", secure: false },
  { kind: "power", mains: "lost" },
  { kind: "power", mains: "returned" },
  { kind: "unlinked" },
  { kind: "card gone" },
  { kind: "message", message: { kind: "unreadable" } },
  { kind: "message", message: { kind: "ask nonce" } },
  { kind: "message", message: { kind: "order", envelope: new Uint8Array(40) } },
]
const HAND: Input = { kind: "relocked by hand" }

type Case = { readonly lock: Lock; readonly name: string }

/** Every combination at a door whose bolt stays, and at one whose bolt falls open, without power. */
function* cases(failMode: "secure" | "safe"): Generator<Case> {
  const delayed = failMode === "safe" ? { delayedEgress_s: 15 } : {}
  const { board } = commanded({ failMode, fireReleases: true, interlock: true, ...delayed })
  for (const bolt of BOLTS)
    for (const door of LEAVES)
      for (const modes of MODES)
        for (const power of ["mains", "reserve"] as const)
          for (const egress of failMode === "safe" ? WAYS_OUT : WAYS_OUT.slice(0, 1)) {
            const ruled = modeOf(modes, true)
            const rest = { wakeAt: null, exitMaskUntil: uptime(0), linked: false }
            const name = [failMode, bolt.is, door.is, ruled, power, egress.is].join(", ")
            yield { name, lock: { ...board.lock, ...rest, bolt, door, modes, ruled, power, egress } }
          }
}

const drives = (effects: readonly Effect[]): string[] =>
  effects.flatMap((each) => (each.kind === "drive" ? [each.drive] : []))
/** What the motor is left doing. */
const last = (effects: readonly Effect[]): string | undefined => drives(effects).at(-1)

for (const failMode of ["secure", "safe"] as const) {
  const all = [...cases(failMode)]

  test(`${failMode}: ${all.length} states; no throw at an open leaf, under fire, in evacuation or office, on a way out that is free, or without power at a fail-safe door (I-06, I-32, I-33, attacks 132 and 133)`, () => {
    equal(all.length, failMode === "secure" ? 1_200 : 3_600)
    for (const { lock, name } of all)
      for (const input of INPUTS) {
        const { state, effects } = turn(lock, NOW, input, crypto)
        if (last(effects) !== "throw") continue
        const said = `${name}; ${JSON.stringify(input)}`
        ok(state.door.is === "closed" || state.door.is === "unknown", said)
        ok(!isHeldDrawn(state.ruled) && state.egress.is !== "free", said)
        ok(failMode === "secure" || state.power === "mains", said)
      }
  })

  test(`${failMode}: attack 128: whoever leaves has no throw against him in any state, and is no burglar (I-31, I-34)`, () => {
    for (const { lock, name } of all) {
      const asked = turn(lock, NOW, { kind: "request to exit" }, crypto)
      const drawn = turn(asked.state, NOW, { kind: "bolt sensed", bolt: "drawn" }, crypto)
      const opened = turn(drawn.state, NOW, { kind: "door sensed", door: "open" }, crypto)
      for (const { effects } of [asked, drawn, opened]) ok(last(effects) !== "throw", name)
      ok(lock.door.is === "forced" || opened.state.door.is !== "forced", name)
    }
  })

  test(`${failMode}: no input of these draws the bolt, but fire, an evacuation, a way out that comes free, and power lost at a fail-safe door (I-03, I-04, I-05)`, () => {
    for (const { lock, name } of all)
      for (const input of INPUTS) {
        const taken = turn(lock, NOW, input, crypto)
        if (last(taken.effects) !== "draw") continue
        const retries = lock.bolt.is === "drawing"
        const { ruled, egress } = taken.state
        const cameFree = lock.egress.is !== "free" && egress.is === "free"
        const lost = failMode === "safe" && taken.state.power === "reserve"
        ok(retries || ruled === "fire" || cameFree || lost, `${name}; ${JSON.stringify(input)}`)
      }
  })

  test(`${failMode}: what is held drawn is let go only by a hand, an order or a time, never by an input of these`, () => {
    for (const { lock, name } of all)
      for (const input of INPUTS) {
        const { state } = turn(lock, NOW, input, crypto)
        ok(!isHeldDrawn(lock.ruled) || isHeldDrawn(state.ruled), `${name}; ${JSON.stringify(input)}`)
        ok(lock.egress.is !== "free" || state.egress.is === "free", `${name}; ${JSON.stringify(input)}`)
        ok(lock.ruled !== "lockdown" || state.ruled === "lockdown", `${name}; ${JSON.stringify(input)}`)
      }
  })

  test(`${failMode}: a hand at the door ends a fire that is over and a free way out, and no alarm that lasts (attack 132)`, () => {
    for (const { lock, name } of all) {
      const { state } = turn(lock, NOW, HAND, crypto)
      equal(state.modes.fire, lock.modes.fire === "alarm" ? "alarm" : "quiet", name)
      const ended = lock.egress.is === "free" && lock.modes.fire !== "alarm"
      equal(state.egress.is, ended ? "ready" : lock.egress.is, name)
    }
  })

  test(`${failMode}: attack 75: a bolt is thrown or drawn only when its sensor says so`, () => {
    for (const { lock, name } of all)
      for (const input of INPUTS) {
        if (input.kind === "bolt sensed") continue
        const { state } = turn({ ...lock, boltSensed: "between" }, NOW, input, crypto)
        if (state.bolt.is === lock.bolt.is) continue
        ok(state.bolt.is !== "thrown", `${name}; ${JSON.stringify(input)}`)
        // A throw that is called off leaves the bolt where people find it open.
        ok(state.bolt.is !== "drawn" || lock.bolt.is === "throwing", `${name}; ${JSON.stringify(input)}`)
      }
  })
}
