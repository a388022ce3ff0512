/** A virtual board with a launcher's slots: starts what verifies, writes nothing that no policy names, and signs a locksmith's report. */
import type { VirtualBoard } from "@holdfast/board"
import { openDiagnosis } from "@holdfast/lock/diagnosis"
import { nodeCrypto } from "@holdfast/port-node"
import { encodeDown } from "@holdfast/wire"
import { equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { Loader } from "../src/image/loader.ts"
import { bareBoard, journal, site } from "./bare-board.ts"
import { imageOf, MemoryImageSlots, MODEL, VENDOR } from "./vendor.ts"

type Bench = { readonly board: VirtualBoard; readonly slots: MemoryImageSlots }

function bench(): Bench {
  const slots = new MemoryImageSlots()
  slots.write("a", 0, imageOf(1, 1, "old"))
  const loader = new Loader({ slots, vendor: VENDOR, model: MODEL, revision: 1 })
  return { board: bareBoard({ loader }), slots }
}

test("a board with image slots: starts what verifies, tells its lock, and stays dark with nothing that does", () => {
  const { board, slots } = bench()
  board.switchOn(0)
  equal(board.lock?.update.running?.version, "1.1.0+0")
  board.advance(61_000)
  equal(slots.floor(), 1, "after a minute of health its image is the good one")
  board.switchOff(62_000)
  slots.slots.set("a", new Uint8Array(100))
  board.switchOn(63_000)
  equal(board.lock === null, true)
  board.act(64_000, { kind: "handle" })
  board.act(65_000, { kind: "open" })
  equal(board.hardware.leaf, "open", "attack 128: the way out is steel")
  slots.slots.set("a", imageOf(2, 2, "new"))
  board.switchOff(66_000)
  board.switchOn(67_000)
  equal(board.lock?.update.running?.version, "1.2.0+0")
})

test("attack 61: pieces of an image that no policy names reach no slot", () => {
  const { board, slots } = bench()
  board.switchOn(0)
  board.link(10, true)
  const image = imageOf(2, 2, "new")
  const name = nodeCrypto.sha256(image)
  for (let at = 0; at < image.length; at += 4_096) {
    const bytes = image.slice(at, at + 4_096)
    board.deliver(20, encodeDown({ kind: "image piece", image: name, size: image.length, offset: at, bytes }))
  }
  equal(slots.slots.get("b"), undefined)
  equal(slots.floor(), 0)
})

test("attack 67: a locksmith's report says whether the debug port answers, and the lock signed it", () => {
  const { board } = bench()
  board.switchOn(0)
  const seen = ["good", "good", "good", "good", "worn"] as const
  const report = board.diagnose(1_000, { temperature_c: 20, humidity_percent: 40, isDebugOpen: true, seen })
  ok(report !== null)
  const opened = openDiagnosis(nodeCrypto, site, journal.publicKey, report)
  equal(opened?.isDebugOpen, true)
  equal(opened?.firmware, "1.1.0+0")
  board.switchOff(2_000)
  equal(board.diagnose(3_000, { temperature_c: 20, humidity_percent: 40, isDebugOpen: false, seen }), null)
})
