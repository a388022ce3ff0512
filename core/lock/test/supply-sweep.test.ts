/** Every bolt with every supply and everything that can happen to either; and the power going after each write about it. */
import type { BatteryPack } from "@holdfast/access/door"
import { later, type Uptime, uptime } from "@holdfast/base"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { ATTEMPTS_MAX, type Bolt, type BoltSensed } from "../src/bolt.ts"
import { type Effect, type Input, type Lock, stateOf, turn } from "../src/index.ts"
import { withheld } from "../src/power.ts"
import type { Supply } from "../src/supply.ts"
import { Board, house, PowerCut } from "./building.ts"

const PACK: BatteryPack = { chemistry: "alkaline", cells: 4, capacity_mah: 2_600 }
const NOW = uptime(1_000_000)

const BOLTS: readonly (readonly [Bolt, BoltSensed | null])[] = [
  [{ is: "unknown" }, null],
  [{ is: "thrown" }, "thrown"],
  [{ is: "drawing", attempt: 1, until: later(NOW, 1), unlock_ms: 5_000 }, "thrown"],
  [{ is: "drawing", attempt: ATTEMPTS_MAX, until: NOW, unlock_ms: 5_000 }, "between"],
  [{ is: "drawn", throwAt: later(NOW, 5_000) }, "drawn"],
  [{ is: "drawn", throwAt: NOW }, "between"],
  [{ is: "throwing", attempt: 1, until: later(NOW, 1) }, "drawn"],
  [{ is: "throwing", attempt: ATTEMPTS_MAX, until: NOW }, "between"],
  [{ is: "jammed", wanted: "thrown" }, "between"],
  [{ is: "jammed", wanted: "drawn" }, "thrown"],
  [{ is: "not fully thrown" }, "between"],
]
const reading = (voltage_mv: number, temperature_c = 20): Input => ({
  kind: "battery",
  reading: { voltage_mv, load_ma: 8, temperature_c, spent: { standby: 600 } },
})
const EVENTS: readonly Input[] = [
  { kind: "tick" },
  { kind: "bolt sensed", bolt: "thrown" },
  { kind: "bolt sensed", bolt: "drawn" },
  { kind: "bolt sensed", bolt: "between" },
  { kind: "motor stalled" },
  { kind: "door sensed", door: "open" },
  { kind: "door sensed", door: "closed" },
  { kind: "request to exit" },
  { kind: "power", mains: "lost" },
  { kind: "power", mains: "returned" },
  { kind: "external supply", on: true },
  { kind: "external supply", on: false },
  reading(6_100),
  reading(4_200),
  reading(0),
  reading(5_000, -30),
]

/** A supply whose cells would sag by a volt, at every level, fed from the front or not, resting or not, held up or not. */
function* supplies(base: Supply): Generator<Supply> {
  const rests_mv = { good: 5_600, critical: 4_380, empty: 4_200 }
  for (const level of ["good", "critical", "empty"] as const)
    for (const isExternal of [false, true])
      for (const restsUntil of [null, later(NOW, 30_000), NOW])
        for (const heldUpUntil of [null, later(NOW, 30_000), NOW])
          yield {
            ...base,
            level,
            isExternal,
            restsUntil,
            heldUpUntil,
            rest_mv: rests_mv[level],
            resistance_mohm: 1_000,
            breakdowns: restsUntil === null ? 0 : 3,
            readAt: NOW,
          }
}

type Standing = { readonly name: string; readonly lock: Lock }

function* standings(failMode: "safe" | "secure"): Generator<Standing> {
  const { board } = house({ failMode, battery: PACK, holdUp_s: 60 })
  const motor = { ...board.lock.motor, peak_ma: 1_000, drive_mj: 780 }
  for (const supply of supplies(board.lock.supply))
    for (const [bolt, boltSensed] of BOLTS)
      for (const door of ["closed", "held"] as const)
        for (const power of ["mains", "reserve"] as const) {
          if (power === "mains" && supply.heldUpUntil !== null) continue
          const { level, isExternal, restsUntil, heldUpUntil } = supply
          const name = [failMode, bolt.is, boltSensed, door, power, level, isExternal, restsUntil, heldUpUntil].join(
            ", ",
          )
          yield { name, lock: { ...board.lock, motor, supply, bolt, boltSensed, door: { is: door }, power } }
        }
}

const drives = (effects: readonly Effect[]): string[] =>
  effects.flatMap((each) => (each.kind === "drive" ? [each.drive] : []))

/**
 * What the lock may not do, whatever its bolt and its supply; null: nothing of that. Time passes before the input takes effect,
 * so what the motor is left with is what counts where a throw was due at this very moment.
 */
function wrong(before: Lock, input: Input, after: Lock, told: readonly string[], failMode: string): string | null {
  const last = told.at(-1)
  // A drive that has begun is not cut short by what is read under it.
  const hasBegun = withheld(before.supply) === null || before.supply.level !== after.supply.level
  const because = hasBegun ? null : withheld(after.supply)
  if (last === "throw" && because !== null) return `throws although ${because}`
  if (last === "throw" && after.door.is !== "closed") return "throws beside the frame"
  const released =
    failMode === "safe" && [before, after].some(({ power, supply }) => power === "reserve" || supply.level === "empty")
  if (last === "draw" && because !== null && !released) return `draws although ${because}`
  if (told.includes("draw") && !released && before.bolt.is !== "drawing") return "draws for nobody"
  if (input.kind === "request to exit" && last === "throw") return "throws against leaving"
  if (after.bolt.is === "thrown" && after.boltSensed !== "thrown") return "says thrown, and no sensor does"
  return told.length > 2 ? "tells the motor too much at once" : null
}

for (const failMode of ["secure", "safe"] as const)
  test(`fail-${failMode}: every bolt x leaf x mains x battery x contact x rest x hold-up, and everything that can happen`, (t) => {
    let count = 0
    for (const { name, lock } of standings(failMode))
      for (const input of EVENTS) {
        const { state, effects } = turn(lock, NOW, input, crypto)
        const fault = wrong(lock, input, state, drives(effects), failMode)
        ok(fault === null, `${name}, ${JSON.stringify(input)}: ${fault}`)
        ok(state.wakeAt === null || state.wakeAt >= NOW)
        count++
      }
    t.diagnostic(`${count} turns`)
    ok(count > 20_000)
  })

test("left alone on any supply, every bolt comes to rest: at most three drives, and no wake without end", () => {
  for (const failMode of ["secure", "safe"] as const)
    for (const { name, lock } of standings(failMode)) {
      if (lock.door.is !== "closed" || lock.supply.heldUpUntil === NOW) continue
      let standing: { lock: Lock; now: Uptime } = { lock, now: NOW }
      let told = 0
      for (let wakes = 0; wakes < 12; wakes++) {
        const { state, effects } = turn(standing.lock, standing.now, { kind: "tick" }, crypto)
        told += drives(effects).filter((drive) => drive !== "stop").length
        standing = { lock: state, now: uptime(Math.max(standing.now + 1, state.wakeAt ?? 0)) }
      }
      ok(told <= 2 * ATTEMPTS_MAX, `${name}: ${told} drives`)
    }
})

/** Cuts the power after each write of `act`, and hands over the board before, and what started on what was left. */
function everyCut(act: (board: Board) => void, look: (before: Board, after: Board, writes: number) => void): void {
  for (let writes = 0, done = false; !done; writes++) {
    const { board } = house({ battery: PACK })
    board.flash.writesLeft = writes
    try {
      act(board)
      done = true
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
    }
    board.flash.writesLeft = Number.POSITIVE_INFINITY
    look(board, new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms, "brown-out"), writes)
    ok(writes < 200, "the scenario ends")
  }
}

const DRIVE = { drive: "throw", time_ms: 420, energy_mj: 780, peak_ma: 1_000, running_ma: 220 } as const
const SAG = { ...DRIVE, entry_ma: 297, late_ma: 231, rest_mv: 5_000, low_mv: 4_000, temperature_c: 20 }

test("the power goes after each write about the battery: the level is an old one or the new one, and nothing is damaged", () => {
  const seen = new Set<string>()
  everyCut(
    (board) => {
      board.input({ kind: "drive measured", measure: SAG })
      for (const voltage_mv of [4_430, 4_360, 4_250, 6_300]) board.input(reading(voltage_mv))
    },
    (_before, after, writes) => {
      seen.add(after.lock.supply.level)
      ok(after.lock.supply.gauge.errors.length === 16)
      equal(after.effects.filter((each) => each.kind === "drive").length, 0, `after ${writes} writes`)
      after.input({ kind: "linked" })
      ok(after.published().every((each) => !each.startsWith("storage damaged")))
      ok(stateOf(after.lock, after.now).health.battery !== null)
    },
  )
  ok(seen.size >= 3, [...seen].join(", "))
})

test("the power goes after each write of a breakdown's start: the count never falls behind", () => {
  everyCut(
    (board) => {
      const again = new Board(board.keeper, board.flash, board.pairing, board.wall_ms, "brown-out")
      board.lock = again.lock
    },
    (before, after) => {
      const stored = before.flash.parts.has("boot")
      ok(stored && after.lock.supply.breakdowns >= 1 && after.lock.supply.breakdowns <= 2)
      ok(after.lock.boot > 1)
    },
  )
})
