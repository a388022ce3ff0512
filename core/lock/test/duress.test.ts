/** A code entered under duress: the same door, the same writes, the same sizes, and a silent alarm that nothing takes away. */
import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import { type DoorConfig, defaultConfig } from "@holdfast/access/door"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import {
  ALARMS_MAX,
  ALARMS_SIZE,
  alarmNotice,
  decodeAlarmNotice,
  confirmed,
  decodeAlarms,
  encodeAlarms,
  isUnrecorded,
  NO_ALARMS,
  raised,
  recorded,
} from "../src/alarms.ts"
import type { Uptime } from "@holdfast/base"
import {
  decodeDetail,
  decodeOpenings,
  type Effect,
  type Input,
  type Lock,
  openState,
  stateOf,
  stateToSign,
  turn,
} from "../src/index.ts"
import {
  ALWAYS_TERMS,
  Board,
  type Cardholder,
  cardholder,
  Flash,
  MONDAY_8,
  pairingWith,
  policyFor,
  type Terms,
} from "./building.ts"
import { Keeper } from "./keeper.ts"
import { codeHandle, codeNear } from "../src/secrets.ts"

const CODE = "531906"
const DURESS = "274850"
const WRONG = "999999"
const HOUR_MS = 3_600_000

type Setting = {
  readonly config?: Partial<DoorConfig<number>>
  readonly terms?: Partial<Terms>
  readonly records_max?: number
  readonly linked?: boolean
}

const only = (factors: "pin" | "card and pin" | "card or pin"): Partial<DoorConfig<number>> => {
  return { modes: [{ schedule: null, factors }] }
}

/** A door of ana's, whose code and duress code are known to the test. */
function door({ config = only("pin"), terms = {}, records_max = 4096, linked = true }: Setting): {
  board: Board
  ana: Cardholder
} {
  const keeper = new Keeper()
  keeper.grow()
  const ana = { ...cardholder(keeper, "ana", 1), code: CODE, duress: DURESS }
  const board = new Board(keeper, new Flash(), pairingWith(keeper, records_max), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  board.take(policyFor(keeper, [[ana, { ...ALWAYS_TERMS, ...terms }]], { ...defaultConfig("UTC"), ...config }), [ana])
  if (!linked) board.input({ kind: "unlinked" })
  return { board, ana }
}

/**
 * Everything about some effects that anybody outside the keeper can see: their order, their kinds, what is shown and driven,
 * every size, and of each record the part that is not sealed. Bytes that are sealed on their way out count by their size.
 */
function seen(effects: readonly Effect[]): unknown[] {
  return effects.map((effect) => {
    switch (effect.kind) {
      case "store":
        return ["store", effect.part, effect.bytes.length]
      case "append":
        return ["append", effect.sequence, effect.bytes.length, [...effect.bytes.subarray(0, 32)]]
      case "sign batch":
        return ["sign batch", effect.bytes.length, effect.openings.length]
      case "send":
        return effect.message.kind === "batch"
          ? ["batch", effect.message.entry.length, effect.message.openings.length]
          : ["send", effect.message.kind]
      case "card send":
        return ["card send", effect.bytes.length] // A fresh challenge in each boot.
      default:
        return effect
    }
  })
}

/** What somebody does, with one code in place of the other. */
type Scene = {
  readonly name: string
  readonly setting: Setting
  act(board: Board, ana: Cardholder, code: string): void
}

const SCENES: readonly Scene[] = [
  { name: "a plain opening", setting: {}, act: (board, _, code) => void board.type(code) },
  {
    name: "card and code",
    setting: { config: only("card and pin") },
    act(board, ana, code) {
      board.present(ana)
      board.type(code)
    },
  },
  {
    name: "code, then no card",
    setting: { config: only("card and pin") },
    act(board, _, code) {
      board.type(code)
      board.pass(20_000)
    },
  },
  {
    name: "code, taken back",
    setting: { config: only("card and pin") },
    act(board, _, code) {
      board.type(code)
      board.input({ kind: "key", key: { press: "clear" } })
    },
  },
  {
    name: "a right that has ended",
    setting: { terms: { until_s: MONDAY_8 - 10 } },
    act: (board, _, code) => void board.type(code),
  },
  {
    name: "somebody who was revoked",
    setting: { terms: { revoked: true } },
    act: (board, _, code) => void board.type(code),
  },
  {
    name: "outside the hours",
    setting: { terms: { hours: [MONDAY_8 + 3_600, MONDAY_8 + 7_200] } },
    act: (board, _, code) => void board.type(code),
  },
  {
    name: "a lease that has ended",
    setting: {},
    act(board, _, code) {
      board.pass(25 * HOUR_MS)
      board.type(code)
    },
  },
  {
    name: "a keypad that is throttled",
    setting: {},
    act(board, _, code) {
      for (let i = 0; i < 4; i++) board.type(WRONG)
      board.type(code)
    },
  },
  {
    name: "a card that is bad",
    setting: { config: only("card and pin") },
    act(board, ana, code) {
      board.present({ ...ana, tag: { ...ana.tag, keys: new Map([[0, new Uint8Array(16)]]) } })
      board.type(code)
    },
  },
  {
    name: "decoys around the code",
    setting: { config: { ...only("pin"), decoyDigits_max: 8 } },
    act: (board, _, code) => void board.type(`4711${code}08`),
  },
  {
    name: "the first of two people",
    setting: { config: { ...only("pin"), twoPerson_ms: 10_000 } },
    act(board, _, code) {
      board.type(code)
      board.pass(11_000)
    },
  },
  {
    name: "in the middle of a storm of denials",
    setting: { terms: { revoked: true } },
    act(board, _, code) {
      for (let i = 0; i < 40; i++) board.type(WRONG)
      board.type(code)
      board.pass(120_000)
    },
  },
  {
    name: "with a journal that is full, and a line that comes back",
    setting: { linked: false, records_max: 8 },
    act(board, _, code) {
      for (let i = 0; i < 12; i++) board.pushThrough()
      board.type(code)
      board.pushThrough()
      board.pass(30_000)
      board.input({ kind: "linked" })
      board.pass(30_000)
    },
  },
  {
    name: "without a line, and told later",
    setting: { linked: false },
    act(board, _, code) {
      board.type(code)
      board.pass(30_000)
      board.input({ kind: "linked" })
      board.pass(60_000)
    },
  },
]

for (const { name, setting, act } of SCENES)
  test(`attack 41: duress and the ordinary code are one and the same to whoever looks on: ${name} (I-17, R53)`, () => {
    const look = (code: string): { effects: unknown[]; board: Board } => {
      const { board, ana } = door(setting)
      const from = board.effects.length
      act(board, ana, code)
      board.pass(HOUR_MS)
      return { effects: seen(board.effects.slice(from)), board }
    }
    const normal = look(CODE)
    const forced = look(DURESS)
    deepEqual(forced.effects, normal.effects)
    equal(forced.board.bolt, normal.board.bolt)
    notDeepEqual(seen(door(setting).board.type(WRONG)), [], "and the comparison sees something")
  })

/** Each call of cryptography and each effect of one turn, with the sizes of what went in and what came out. */
function workOf(lock: Lock, now: Uptime, input: Input): { readonly after: Lock; readonly steps: readonly string[] } {
  const steps: string[] = []
  const counting: typeof crypto = {
    ...crypto,
    sha256(bytes) {
      steps.push(`sha256 ${bytes.length}`)
      return crypto.sha256(bytes)
    },
    hmacSha256(key, bytes) {
      steps.push(`hmac ${bytes.length}`)
      return crypto.hmacSha256(key, bytes)
    },
  }
  const { state, effects } = turn(lock, now, input, counting)
  return { after: state, steps: [...steps, ...seen(effects).map((each) => JSON.stringify(each))] }
}

for (const factors of ["pin", "card and pin"] as const)
  test(`attack 41: a duress code costs the same cryptography over as many bytes as the ordinary one: ${factors} (I-17)`, () => {
    const { board, ana } = door({ config: only(factors) })
    if (factors === "card and pin") board.present(ana)
    const work = (code: string): readonly string[] => {
      let { lock } = board
      const all: string[] = []
      const digits = Array.from(code, (digit) => ({ press: "digit", digit: Number(digit) }) as const)
      for (const key of [...digits, { press: "enter" } as const]) {
        const { after, steps } = workOf(lock, board.now, { kind: "key", key })
        lock = after
        all.push(...steps)
      }
      // The commitment is over a mark that differs, so its bytes do too, but not its size.
      return all.map((step) => (step.startsWith('["append"') ? step.split(",").slice(0, 3).join() : step))
    }
    deepEqual(work(DURESS), work(CODE))
    ok(work(CODE).some((step) => step.startsWith("hmac")))
  })

test("attack 41: working out an alarm gives as many bytes, and leaves the alarms alone where nobody was forced", () => {
  deepEqual(raised(NO_ALARMS, null, 7), NO_ALARMS)
  deepEqual(encodeAlarms(NO_ALARMS), new Uint8Array(ALARMS_SIZE))
})

for (const { name, setting, act } of SCENES)
  test(`attack 46: whatever the door answers, a duress code calls for help: ${name} (I-18)`, () => {
    const alarms = (code: string): { raised: number; marked: number } => {
      const { board, ana } = door(setting)
      const from = board.effects.length
      act(board, ana, code)
      const raised = board.effects.slice(from).flatMap((each) => {
        return each.kind === "store" && each.part === "alarms"
          ? [(decodeAlarms(each.bytes.slice(5, -8)) ?? NO_ALARMS).count]
          : []
      })
      board.input({ kind: "linked" })
      board.pass(HOUR_MS)
      return { raised: Math.max(0, ...raised), marked: marksIn(board) }
    }
    deepEqual([alarms(CODE).raised, alarms(CODE).marked], [0, 0])
    const forced = alarms(DURESS)
    equal(forced.raised, 1)
    ok(forced.marked >= 1, "and in the end an opening that reached the keeper says so")
  })

/** How many openings that left the lock bear the mark. */
function marksIn(board: Board): number {
  return board.effects
    .flatMap((effect) => (effect.kind === "sign batch" ? (decodeOpenings(effect.openings) ?? []) : []))
    .filter(({ detail }) => decodeDetail(detail)?.mark === 1).length
}

test("attack 43: a duress alarm outlives a full journal, a storm, a long silence and every loss of power", () => {
  const { board } = door({ linked: false, records_max: 8 })
  for (let i = 0; i < 20; i++) board.pushThrough()
  board.type(DURESS)
  equal(board.lock.alarms.count, 1)
  ok(isUnrecorded(board.lock.alarms), "its record found no room")
  for (let i = 0; i < 60; i++) board.type(WRONG)
  board.pass(24 * HOUR_MS)
  const after = new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms)
  equal(after.lock.alarms.count, 1)
  after.input({ kind: "linked" })
  after.pass(HOUR_MS)
  ok(marksIn(after) >= 1, "the record of the gap says it")
  equal(after.lock.alarms.count, 0, "and it ends with the keeper's receipt, not before")
})

test("attack 43, L-03: it is in the very first beat after the line is back, and in each one until the receipt", () => {
  const { board } = door({ linked: false })
  const quiet = alarmNotice(board.lock.alarms)
  board.type(DURESS)
  board.carries = false
  board.input({ kind: "linked" })
  const calling = alarmNotice(board.lock.alarms)
  equal(calling.length, quiet.length)
  notDeepEqual(calling, quiet)
  board.carries = true
  board.pass(HOUR_MS)
  deepEqual(alarmNotice(board.lock.alarms), quiet)
})

test("attack 44: a beat is as long with an alarm as without one", () => {
  const { board } = door({})
  const sizes = [0, 1, 2].map((count) => {
    const sealedAlarm = new Uint8Array(65 + 32 + 16).fill(count)
    const state = { ...stateOf(board.lock, board.now), sealedAlarm }
    const signable = stateToSign(crypto, board.pairing.site, board.pairing.journalKey, state)
    const beat = signable.finish(new Uint8Array(64))
    equal(openState(crypto, board.pairing.site, board.pairing.journalKey, beat), null, "nobody signed it")
    return beat.length
  })
  equal(new Set(sizes).size, 1)
})

test("attack 45: a duress code that is somebody's PIN opens for neither, and names nobody", () => {
  const keeper = new Keeper()
  keeper.grow()
  const ana = { ...cardholder(keeper, "ana", 1), code: CODE, duress: DURESS }
  const bo = { ...cardholder(keeper, "bo", 2), code: DURESS }
  const board = new Board(keeper, new Flash(), pairingWith(keeper), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  board.take(
    policyFor(
      keeper,
      [ana, bo].map((who) => [who, ALWAYS_TERMS] as const),
      only("pin"),
    ),
    [ana, bo],
  )
  const { active } = board.lock
  ok(active !== null)
  equal(codeNear(active.secrets, codeHandle(crypto, board.pairing.codeKey, DURESS))?.isKnown, false)
  board.type(DURESS)
  equal(board.bolt, "thrown")
  board.type(CODE)
  equal(board.bolt, "drawn", "and the ordinary code of the one still opens")
})

test("alarms are one size, whatever is in them, and count on when their places are taken", () => {
  const { ana } = door({})
  let alarms = NO_ALARMS
  for (let i = 0; i < 2 * ALARMS_MAX; i++) {
    equal(encodeAlarms(alarms).length, ALARMS_SIZE)
    const told = decodeAlarmNotice(alarmNotice(alarms))
    deepEqual([told?.count, told?.credential], [i, i === 0 ? null : ana.pin])
    equal(told?.oldest, alarms.pending[0]?.sequence ?? 0)
    deepEqual(decodeAlarms(encodeAlarms(alarms)), alarms)
    alarms = raised(alarms, ana.pin, i % 3 === 0 ? 0 : 10 + i)
  }
  equal(alarms.count, 2 * ALARMS_MAX)
  equal(alarms.pending.length, ALARMS_MAX)
  ok(isUnrecorded(alarms) && !isUnrecorded(recorded(alarms, 99)))
  deepEqual(
    confirmed(recorded(alarms, 99), 98).pending.every(({ sequence }) => sequence >= 98),
    true,
  )
  deepEqual(confirmed(recorded(alarms, 99), 1_000), NO_ALARMS)
  for (let size = 0; size < ALARMS_SIZE; size++) equal(decodeAlarms(encodeAlarms(alarms).subarray(0, size)), null)
})
