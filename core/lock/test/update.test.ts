/** Taking firmware: what the policy does not name is not asked for, nothing restarts a door in use, and power may go at any write. */
import { unixMillis, uptime } from "@holdfast/base"
import { fromHex, toHex } from "@holdfast/base/text"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { DoorConfig } from "@holdfast/access/door"
import type { Effect } from "../src/index.ts"
import { decodeUpdate, encodeUpdate, isInWindow, newUpdate, PIECE_SIZE, withPassed } from "../src/update.ts"
import { HEALTH_MS, QUIET_MS } from "../src/updating.ts"
import { ALWAYS_TERMS, Board, type Cardholder, house, policyFor } from "./building.ts"

const IMAGE = Uint8Array.from({ length: 20 * PIECE_SIZE + 100 }, (_, at) => (at * 7) & 0xff)
const NAME = toHex(crypto.sha256(IMAGE))
const OLD = "0d".repeat(32)

type Told = Extract<Effect, { kind: "send" }>["message"]

/** A board with a launcher, whose courier brings the pieces that are wanted. */
class Updating {
  readonly board: Board
  readonly people: readonly Cardholder[]
  slot: Uint8Array = new Uint8Array(0)
  verdict: string | null = null
  seen = 0
  asked = 0
  tried = 0
  confirmed = 0
  /** What the courier carries instead of the image. */
  file: Uint8Array = IMAGE

  constructor(changed: Partial<DoorConfig<number>> = {}) {
    const { board, people } = house({ firmware: [NAME], ...changed })
    this.board = board
    this.people = people
    this.start(OLD)
  }

  start(image: string, onTrial = false, failed: string | null = null): void {
    const running = { image, version: "1.0.0+0", onTrial, failed }
    this.board.input({ kind: "started", running })
    this.follow()
  }

  /** Lets time pass from wake to wake, so that the courier's answers come when they would. */
  pass(ms: number): void {
    const until = this.board.now + ms
    do {
      const wake = Math.max(this.board.lock.wakeAt ?? until, this.board.now)
      this.board.pass(Math.min(wake, until) - this.board.now)
      this.follow()
    } while (this.board.now < until || (this.board.lock.wakeAt ?? until + 1) <= until)
  }

  /** Carries out what concerns the image, and what follows from it. */
  follow(): void {
    while (this.seen < this.board.effects.length) {
      const effect = this.board.effects[this.seen++]
      if (effect !== undefined) this.carry(effect)
    }
  }

  carry(effect: Effect): void {
    if (effect.kind === "send") this.bring(effect.message)
    else if (effect.kind === "image write") {
      const grown = new Uint8Array(effect.offset + effect.bytes.length)
      grown.set(this.slot.subarray(0, effect.offset))
      grown.set(effect.bytes, effect.offset)
      this.slot = grown
    } else if (effect.kind === "image check") {
      const same = toHex(crypto.sha256(this.slot.subarray(0, effect.size))) === toHex(effect.image)
      const fault = same ? this.verdict : "hash differs"
      this.board.input({ kind: "image checked", image: effect.image, fault })
    } else if (effect.kind === "image try") this.tried++
    else if (effect.kind === "image confirm") this.confirmed++
  }

  bring(message: Told): void {
    if (message.kind !== "want image" || !this.board.carries) return
    for (let piece = 0; piece < message.pieces; piece++) {
      const offset = message.offset + piece * PIECE_SIZE
      if (offset >= this.file.length) return
      this.asked++
      this.piece(message.image, offset)
    }
  }

  piece(image: Uint8Array, offset: number, size: number = this.file.length): void {
    const bytes = this.file.slice(offset, offset + PIECE_SIZE)
    this.board.hear({ kind: "image piece", image, size, offset, bytes })
    this.follow()
  }

  get task(): string {
    return this.board.lock.update.task.is
  }

  said(): string[] {
    return this.board.published().filter((each) => each.startsWith("update"))
  }
}

test("attack 131: an image is fetched, judged, and tried after a minute in which nobody used the door", () => {
  const at = new Updating()
  at.pass(1_000)
  equal(at.task, "waiting")
  deepEqual(at.slot, IMAGE)
  at.pass(QUIET_MS - 2_000)
  equal(at.tried, 0)
  at.pass(QUIET_MS)
  equal(at.tried, 1)
  deepEqual(at.said(), ["update begun: done", "update taken: done", "update tried: done"])
})

test("attack 131: as long as people come and go nothing restarts; then the minute begins anew", () => {
  const at = new Updating()
  const [ana] = at.people
  ok(ana !== undefined)
  for (let i = 0; i < 30; i++) {
    at.board.present(ana)
    at.board.pushThrough()
    at.pass(QUIET_MS / 2)
    equal(at.tried, 0, `use ${i}`)
  }
  at.pass(2 * QUIET_MS)
  ok(at.tried > 0)
})

const IN_USE: Readonly<Record<string, (at: Updating) => void>> = {
  "the leaf stands open": ({ board }) => void board.input({ kind: "door sensed", door: "open" }),
  "the bolt is not thrown": ({ board }) => {
    board.motorWorks = false
    board.input({ kind: "bolt sensed", bolt: "between" })
  },
  "mains are gone": ({ board }) => void board.input({ kind: "power", mains: "lost" }),
}
for (const [what, begin] of Object.entries(IN_USE))
  test(`attack 131: no restart while ${what}`, () => {
    const at = new Updating()
    at.pass(1_000)
    begin(at)
    at.pass(20 * QUIET_MS)
    equal(at.tried, 0)
    equal(at.task, "waiting")
  })

// Monday 08:00 UTC is when the boards of these tests begin.
const WINDOWS: readonly (readonly [readonly [number, number] | null, string, boolean])[] = [
  [null, "08:00", true],
  [[60, 240], "00:59", false],
  [[60, 240], "01:00", true],
  [[60, 240], "03:59", true],
  [[60, 240], "04:00", false],
  [[1_320, 240], "21:59", false],
  [[1_320, 240], "22:00", true],
  [[1_320, 240], "23:59", true],
  [[1_320, 240], "00:00", true],
  [[1_320, 240], "04:00", false],
]
for (const [updateWindow, clock, expected] of WINDOWS)
  test(`attack 131: window ${updateWindow?.join("-") ?? "none"} at ${clock}: ${expected}`, () => {
    const [hours, minutes] = clock.split(":").map(Number)
    const wall = unixMillis((1_795_392_000 + (hours ?? 0) * 3_600 + (minutes ?? 0) * 60) * 1_000)
    equal(isInWindow({ updateWindow }, wall), expected)
    equal(isInWindow({ updateWindow }, null), updateWindow === null, "unknown time")
  })

test("attack 131: a good image waits for the window", () => {
  const at = new Updating({ updateWindow: [540, 600] })
  at.pass(59 * 60_000)
  equal(at.tried, 0)
  at.pass(3 * 60_000)
  ok(at.tried > 0)
})

test("attack 131: what broke off goes on where it broke, over a loss of power too", () => {
  const at = new Updating()
  at.board.carries = false
  at.pass(100)
  for (let piece = 0; piece < 18; piece++) at.piece(fromHex(NAME) ?? IMAGE, piece * PIECE_SIZE)
  const { flash, keeper, pairing, wall_ms } = at.board
  const after = new Board(keeper, flash.copy(), pairing, wall_ms)
  after.input({ kind: "linked" })
  after.input({ kind: "started", running: { image: OLD, version: "1.0.0+0", onTrial: false, failed: null } })
  after.pass(1_000)
  const wanted = after.effects.flatMap((each) => (each.kind === "send" ? [each.message] : []))
  const want = wanted.find((each) => each.kind === "want image")
  ok(want?.kind === "want image")
  equal(want.offset, 16 * PIECE_SIZE, "what was stored last, not the beginning")
})

test("attack 61: an image that the policy does not name is not asked for, nor any other of its pieces written", () => {
  const at = new Updating({ firmware: [] })
  at.pass(600_000)
  equal(at.task, "none")
  at.piece(fromHex(NAME) ?? IMAGE, 0)
  equal(at.slot.length, 0)
  equal(at.said().length, 0)
})

test("attack 65: bytes that are not what the policy names are never judged, and the courier waits an hour to try again", () => {
  const at = new Updating()
  at.file = Uint8Array.from(IMAGE).fill(1, 100, 101)
  at.pass(1_000)
  equal(at.task, "none")
  deepEqual(at.said(), ["update begun: done", "update refused: hash differs"])
  const asked = at.asked
  at.pass(3_500_000)
  equal(at.asked, asked)
  at.file = IMAGE
  at.pass(1_800_000)
  ok(at.tried > 0)
})

test("attack 63: an image that is not for this board is refused once and not fetched again", () => {
  const at = new Updating()
  at.verdict = "other model"
  at.pass(10_000)
  deepEqual(at.said(), ["update begun: done", "update refused: image refused"])
  const asked = at.asked
  at.pass(86_400_000 / 4)
  equal(at.asked, asked)
})

test("an image that the policy no longer names is given up, however far it came", () => {
  for (const carries of [true, false]) {
    const at = new Updating()
    at.board.carries = carries
    at.pass(1_000)
    equal(at.task, carries ? "waiting" : "gathering")
    at.board.carries = true
    at.board.take(
      policyFor(
        at.board.keeper,
        at.people.map((who) => [who, ALWAYS_TERMS]),
      ),
      at.people,
    )
    at.pass(600_000)
    equal(at.task, "none")
    equal(at.tried, 0)
  }
})

test("attack 62: pieces with sizes that lie, out of order, or too many, change nothing", () => {
  const at = new Updating()
  at.board.carries = false
  at.pass(100)
  const image = fromHex(NAME) ?? IMAGE
  at.piece(image, PIECE_SIZE)
  at.piece(image, 0, 16 * 1024 * 1024 + 1)
  at.piece(image, 0, 100)
  at.piece(crypto.sha256(image), 0)
  equal(at.slot.length, 0)
  at.piece(image, 0)
  at.piece(image, 0)
  at.piece(image, PIECE_SIZE, IMAGE.length + 1)
  equal(at.slot.length, PIECE_SIZE)
})

test("I-35: a trial is confirmed after a minute of health, and the launcher is told each time that all is well", () => {
  const at = new Updating()
  at.board.carries = false
  at.start(NAME, true)
  at.pass(HEALTH_MS - 1)
  equal(at.confirmed, 0)
  at.pass(2)
  equal(at.confirmed, 1)
  at.pass(3_600_000)
  equal(at.confirmed, 1)
  equal(at.board.lock.update.confirmAt, null)
})

test("attack 64: an image on trial fetches nothing: the other slot holds the image to go back to", () => {
  const at = new Updating({ firmware: [NAME, "ff".repeat(32)] })
  at.pass(2 * QUIET_MS)
  const { asked, tried } = at
  equal(tried, 1)
  at.start(NAME, true)
  at.pass(HEALTH_MS - 1_000)
  equal(at.asked, asked)
  at.pass(2_000)
  ok(at.asked > asked, "once it is confirmed, the next image is fetched")
})

test("I-35: a lock whose bolt never spoke does not confirm", () => {
  const at = new Updating()
  at.start(NAME, true)
  at.board.lock = { ...at.board.lock, boltSensed: null }
  at.pass(20 * HEALTH_MS)
  equal(at.confirmed, 0)
})

test("an image whose trial failed is said once, alarms, and is not fetched again", () => {
  const at = new Updating()
  at.pass(200_000)
  ok(at.tried > 0)
  const asked = at.asked
  at.start(OLD, false, NAME)
  at.start(OLD, false, NAME)
  at.pass(3_600_000)
  equal(at.asked, asked)
  equal(at.said().filter((each) => each.startsWith("update reverted")).length, 1)
})

test("what is stored reads back, and anything else is none", () => {
  const now = uptime(0)
  for (const task of [
    { is: "none" },
    { is: "gathering", image: NAME, size: 8_192, done: 4_096 },
    { is: "gathering", image: NAME, size: 0, done: 0 },
  ] as const) {
    const update = { ...newUpdate(now), task, passed: [OLD] }
    deepEqual(decodeUpdate(encodeUpdate(update)), { task, passed: [OLD] })
  }
  const bytes = encodeUpdate({ ...newUpdate(now), task: { is: "waiting", image: NAME, size: 9, tryAt: null } })
  deepEqual(decodeUpdate(bytes)?.task, { is: "gathering", image: NAME, size: 9, done: 9 })
  for (let size = 0; size < bytes.length; size++) equal(decodeUpdate(bytes.slice(0, size)), null)
  let passed: readonly string[] = []
  for (let i = 0; i < 20; i++) passed = withPassed(passed, String(i).repeat(64).slice(0, 64))
  equal(passed.length, 8)
})
