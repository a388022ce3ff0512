/** A whole virtual board under attack: what is done to its sensors, and what it does within a second. */
import type { VirtualBoard } from "@holdfast/board"
import { openState } from "@holdfast/lock"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { SensorAct } from "../src/sensors.ts"
import { bareBoard, journal, run, site } from "./bare-board.ts"

function switchedOn(): VirtualBoard {
  const board = bareBoard()
  board.switchOn(0)
  return board
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
  const board = switchedOn()
  run(board, 5_000)
  deepEqual(said(board, 5_000), ["level 0"])
  board.sense(5_000, OPENED)
  equal(board.panel.alarming, true)
  deepEqual(said(board, 5_000), ["level 2", "case opened"])
  run(board, 66_000)
  equal(board.panel.alarming, false)
})

test("attack 124: pulling the plug silences the buzzer, and neither the level nor the finding", () => {
  const board = switchedOn()
  board.sense(1_000, OPENED)
  board.switchOff(2_000)
  equal(board.panel.alarming, false)
  board.switchOn(3_000)
  deepEqual(said(board, 3_000), ["level 2", "case opened"])
  equal(board.panel.alarming, true)
})

test("attack 68: a plug that is pulled again and again is found by the fourth time", () => {
  const board = switchedOn()
  for (let cut = 1; cut <= 4; cut++) {
    board.switchOff(cut * 1_000)
    board.switchOn(cut * 1_000 + 200)
  }
  run(board, 5_000)
  ok(said(board, 5_000).includes("brief interruptions"))
})

test("attack 89: a radio that is jammed is found in ten seconds, and nothing moves", () => {
  const board = switchedOn()
  const { travel } = board.hardware
  board.sense(1_000, { kind: "jam radio", on: true })
  run(board, 11_000)
  deepEqual(said(board, 11_000), ["level 1", "jamming"])
  board.sense(12_000, { kind: "jam radio", on: false })
  run(board, 120_000)
  equal(board.hardware.travel, travel)
})

test("C12: a cut wire and a hammer at the door are found; the handle opens all the same (I-31)", () => {
  const board = switchedOn()
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
