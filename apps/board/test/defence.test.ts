/** A whole virtual board under attack: what is done to its sensors, and what it does within a second. */
import { idOf } from "@holdfast/base"
import { openState } from "@holdfast/lock"
import { newEs256, newHpkeKeyPair, nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { VirtualBoard } from "../src/board.ts"
import { MemoryFlash } from "../src/flash.ts"
import type { SensorAct } from "../src/sensors.ts"

const [journal, hpke] = [newEs256(), newHpkeKeyPair()]
const site = idOf<"SiteId">(new Uint8Array(16).fill(1))

/** A board that was never given a policy, a lease or the time: its deciding part is as dead as it can be. */
function bareBoard(): VirtualBoard {
  const board = new VirtualBoard({
    pairing: {
      site,
      door: idOf<"DoorId">(new Uint8Array(16).fill(2)),
      keeper: newEs256().publicKey,
      logKey: new Uint8Array(32),
      epoch: 1,
      journalKey: journal.publicKey,
      codeKey: new Uint8Array(32),
      journal_records_max: 1_000,
    },
    keeperHpke: hpke.publicKey,
    keys: { journal, hpke },
    flash: new MemoryFlash(),
    failMode: "secure",
    crypto,
    random: (size) => new Uint8Array(size).fill(7),
    send: () => undefined,
  })
  board.switchOn(0)
  return board
}

/** Lets the bench run until then, waking the board whenever it asks. */
function run(board: VirtualBoard, until_ms: number): void {
  for (let at_ms = board.nextWake_ms(); at_ms !== null && at_ms <= until_ms; at_ms = board.nextWake_ms())
    board.advance(at_ms)
  board.advance(until_ms)
}

/** What the lock says of its defence in a beat that its key signed. */
function said(board: VirtualBoard, now_ms: number): readonly string[] {
  const beat = board.beat(now_ms)
  const state = beat === null ? null : openState(crypto, site, journal.publicKey, beat)
  ok(state !== null, "the beat is signed by the lock's key")
  return [`level ${state.defence.level}`, ...state.defence.findings]
}

const OPENED: SensorAct = { kind: "case", open: true }

test("R39, attack 124: with nothing to decide by, an opened case sounds at once and stands in the next beat", () => {
  const board = bareBoard()
  run(board, 5_000)
  deepEqual(said(board, 5_000), ["level 0"])
  board.sense(5_000, OPENED)
  equal(board.panel.alarming, true)
  deepEqual(said(board, 5_000), ["level 2", "case opened"])
  run(board, 66_000)
  equal(board.panel.alarming, false)
})

test("attack 124: pulling the plug silences the buzzer, and neither the level nor the finding", () => {
  const board = bareBoard()
  board.sense(1_000, OPENED)
  board.switchOff(2_000)
  equal(board.panel.alarming, false)
  board.switchOn(3_000)
  deepEqual(said(board, 3_000), ["level 2", "case opened"])
  equal(board.panel.alarming, true)
})

test("attack 68: a plug that is pulled again and again is found by the fourth time", () => {
  const board = bareBoard()
  for (let cut = 1; cut <= 4; cut++) {
    board.switchOff(cut * 1_000)
    board.switchOn(cut * 1_000 + 200)
  }
  run(board, 5_000)
  ok(said(board, 5_000).includes("brief interruptions"))
})

test("attack 89: a radio that is jammed is found in ten seconds, and nothing moves", () => {
  const board = bareBoard()
  const { travel } = board.hardware
  board.sense(1_000, { kind: "jam radio", on: true })
  run(board, 11_000)
  deepEqual(said(board, 11_000), ["level 1", "jamming"])
  board.sense(12_000, { kind: "jam radio", on: false })
  run(board, 120_000)
  equal(board.hardware.travel, travel)
})

test("C12: a cut wire and a hammer at the door are found; the handle opens all the same (I-31)", () => {
  const board = bareBoard()
  board.sense(1_000, { kind: "line", is: "cut" })
  board.sense(2_000, { kind: "shake", happening: "hammer" })
  run(board, 20_000)
  const findings = said(board, 20_000)
  ok(
    findings.includes("line cut") && findings.some((word) => ["hammer", "pry", "kick"].includes(word)),
    findings.join(", "),
  )
  board.act(20_000, { kind: "handle" })
  board.act(20_100, { kind: "open" })
  equal(board.hardware.leaf, "open")
})
