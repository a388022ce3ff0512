/** The scene at a virtual door is kept over a restart of its board's program: scenes that are none first. */
import { deepEqual, equal, rejects } from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { MemoryFlash } from "@holdfast/board"
import { Building } from "../src/building.ts"
import { boltSensor } from "../src/hardware.ts"
import { KeptJsonError } from "../src/kept-json.ts"
import { STORED_SCENE } from "../src/scene.ts"
import type { WorldAct } from "../src/world-act.ts"
import { bareBoard, door, trust } from "./bare-board.ts"

const board = bareBoard().scene
const GOOD = { board, isCableIn: true, humidity_percent: 40 }

const NONE: readonly unknown[] = [
  null,
  {},
  { ...GOOD, isCableIn: 1 },
  { ...GOOD, humidity_percent: 101 },
  { ...GOOD, board: null },
  { ...GOOD, board: { ...board, steel: { ...board.steel, travel: -1 } } },
  { ...GOOD, board: { ...board, steel: { ...board.steel, leaf: "ajar" } } },
  { ...GOOD, board: { ...board, steel: { ...board.steel, powered: undefined } } },
  { ...GOOD, board: { ...board, pack: { left_permille: 2_000, contact_mohm: 0 } } },
  { ...GOOD, board: { ...board, sensors: { ...board.sensors, line: "burnt" } } },
  { ...GOOD, board: { ...board, wires: { ...board.wires, fire: "yes" } } },
  { ...GOOD, board: { ...board, fingers: [{ name: "thumb", credential: "thumb" }] } },
]
for (const [at, said] of NONE.entries()) test(`no scene: ${at}`, () => equal(STORED_SCENE(said), undefined))

test("a scene is read as it was written", () => {
  deepEqual(STORED_SCENE(JSON.parse(JSON.stringify(GOOD))), GOOD)
})

const directory = mkdtempSync(join(tmpdir(), "holdfast-scene-"))
const open: Building[] = []
after(() => {
  for (const building of open) building.close()
  rmSync(directory, { recursive: true })
})

/** The building as its program has it; nobody hears its locks. */
function newBuilding(): Building {
  const building = new Building({
    directory,
    trust,
    courier: { host: "127.0.0.1", port: 9, authorityPem: "" },
    random: (size) => new Uint8Array(randomBytes(size)),
    certify: () => new Promise(() => undefined),
  })
  open.push(building)
  return building
}

const ACTS: readonly WorldAct[] = [
  { act: "force" },
  { act: "jam", on: true },
  { act: "magnet", on: true },
  { act: "misalign", value: 20 },
  { act: "temperature", value: -7 },
  { act: "moisture", value: 88 },
  { act: "cover", on: true },
  { act: "line", is: "cut" },
  { act: "fire", on: true },
  { act: "partner", on: true },
  { act: "jam radio", on: true },
  { act: "mains", on: false },
  { act: "battery", value: 30 },
  { act: "corrode", on: true },
  { act: "external", on: true },
  { act: "power", on: false },
]

test("whatever a person set at a door is there when its program starts again", () => {
  let building = newBuilding()
  void building.board(door, { failMode: "secure", battery: { chemistry: "alkaline", cells: 4, capacity_mah: 2_500 } })
  for (const act of ACTS) {
    equal(building.act(door, act), true)
    const [before] = building.doors()
    building.close()
    building = newBuilding()
    void building.open()
    const [again] = building.doors()
    deepEqual({ ...again, alarm: false }, { ...before, alarm: false }, act.act) // The buzzer is the program's.
  }
})

test("a changed scene is refused by its name", async () => {
  const file = join(directory, door, "scene.json")
  const whole = readFileSync(file)
  writeFileSync(file, whole.subarray(0, whole.length >> 1))
  await rejects(() => newBuilding().open(), new KeptJsonError(`${file} cannot be read: restore it from a backup.`))
})

test("I-32: the fire panel's relay pulls the bolt through a restart, and a bar that counted down has let go", () => {
  const flash = new MemoryFlash()
  for (const [wires, pulls] of [
    [{ fire: true, firePulls: true }, true],
    [{ fire: true, firePulls: false }, false],
    [{ free: true }, true],
  ] as const) {
    const scene = { ...board, wires: { ...board.wires, ...wires } }
    const again = bareBoard({ flash, scene })
    again.begin(0)
    equal(boltSensor(again.hardware), pulls ? "drawn" : "thrown")
    again.wire(1, { kind: "fire", on: false })
    equal(again.wires.pulls, "free" in wires)
  }
})
