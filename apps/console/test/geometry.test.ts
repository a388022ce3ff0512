/** The drawing's arithmetic: what it covers, and where things go around a door. */
import { idOf } from "@holdfast/base"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import {
  boundsOf,
  centimetresPerPixel,
  DOOR_WIDTH_CM,
  floorsOf,
  freePlace,
  roomNamePoint,
  spaceOf,
  standsUpright,
  symbolScale,
  towardsReader,
  UNPLACED_FLOOR,
} from "../src/plan/geometry.ts"

const id = (byte: number) => idOf<"DoorId">(new Uint8Array(16).fill(byte))
const place = (x_cm: number, y_cm: number, angle_deg: number, floor = "Ground") => ({ floor, x_cm, y_cm, angle_deg })
const room = (x_cm: number, y_cm: number, width_cm: number, height_cm: number) => {
  return { name: "Room", x_cm, y_cm, width_cm, height_cm }
}

test("a floor with nothing on it still has a sheet", () => {
  const box = boundsOf({ name: "Empty", rooms: [], doors: [] })
  ok(box.width > 0 && box.height > 0)
})

test("the sheet covers every room and every door with a margin", () => {
  const doors = [{ door: id(1), place: place(-500, 900, 0) }]
  const box = boundsOf({ name: "Ground", rooms: [room(0, 0, 800, 600)], doors })
  ok(box.x < -500 && box.y < 0)
  ok(box.x + box.width > 800 && box.y + box.height > 900)
})

test("a drawing that has no size yet divides by nothing", () => {
  equal(centimetresPerPixel({ x: 0, y: 0, width: 100, height: 100 }, 0, 0), 1)
  equal(centimetresPerPixel({ x: 0, y: 0, width: 1000, height: 100 }, 100, 100), 10)
})

test("a symbol is never smaller than its door, nor unreadable in a large building", () => {
  for (const cm_per_px of [0.1, 1, 2, 5, 20, 100]) {
    const width_px = (symbolScale(cm_per_px) * DOOR_WIDTH_CM) / cm_per_px
    ok(symbolScale(cm_per_px) >= 1)
    ok(width_px >= 45.9)
  }
})

/** The reader's side turns clockwise with the door: above, right, below, left. */
for (const [angle, x, y] of [
  [0, 0, -10],
  [90, 10, 0],
  [180, 0, 10],
  [270, -10, 0],
] as const)
  test(`at ${angle} degrees the reader is ${x}, ${y} away`, () => {
    const point = towardsReader(place(0, 0, angle), 10)
    equal(Math.round(point.x) + 0, x)
    equal(Math.round(point.y) + 0, y)
    equal(standsUpright(place(0, 0, angle)), angle === 90 || angle === 270)
  })

test("a room's name stands above on the left, and goes along the walls where a door's label or leaf would cover it", () => {
  const corridor = { ...room(0, 0, 2400, 300), name: "Corridor" }
  const at = (...doors: ReturnType<typeof place>[]) =>
    roomNamePoint(
      corridor,
      doors.flatMap((each, index) => spaceOf({ door: id(index), place: each }, 3)),
      3,
    )
  const free = at()
  ok(free.x < 100 && free.y < 150)
  const besideLabel = at(place(300, 0, 180))
  ok(besideLabel.x > 600 && besideLabel.y === free.y, "its label hangs into the room there")
  const besideLeaf = at(place(100, 0, 0))
  ok(besideLeaf.x > 600, "its leaf swings into the room there")
  deepEqual(at(place(300, -400, 180)), free, "a door of another room is not in the way")
  deepEqual(
    at(...[0, 600, 1200, 1800, 2400].map((x) => place(x, 0, 180))).y > free.y,
    true,
    "below, where all is taken",
  )
})

test("a room's name stands half way where leaves swing in at either end", () => {
  const narrow = { ...room(0, 0, 400, 900), name: "Hall" }
  const ends = [place(200, 0, 0), place(200, 900, 180)]
  const point = roomNamePoint(
    narrow,
    ends.flatMap((each, index) => spaceOf({ door: id(index), place: each }, 3)),
    3,
  )
  ok(point.y > 400 && point.y < 500)
})

test("floors keep the order in which they were drawn; doors without a place are never lost", () => {
  const rooms = new Map([
    ["Ground", [room(0, 0, 100, 100)]],
    ["First", [room(0, 0, 100, 100)]],
  ])
  const doors = [
    { door: id(1), place: place(0, 0, 0, "First") },
    { door: id(2), place: place(0, 0, 0, "Cellar 10") },
    { door: id(3), place: place(0, 0, 0, "Cellar 2") },
    { door: id(4), place: null },
  ]
  const floors = floorsOf(rooms, doors)
  deepEqual(
    floors.map((floor) => floor.name),
    ["Ground", "First", "Cellar 2", "Cellar 10", UNPLACED_FLOOR],
  )
  equal(
    floors.reduce((count, floor) => count + floor.doors.length, 0),
    doors.length,
  )
})

test("a new door stands under the drawing, where no other door is, however many were added so", () => {
  const drawn = {
    name: "Ground",
    rooms: [room(-300, 100, 900, 600)],
    doors: [{ door: id(1), place: place(0, 850, 0) }],
  }
  for (const floor of [{ name: "Ground", rooms: [], doors: [] }, drawn]) {
    const doors = [...floor.doors]
    for (let added = 0; added < 40; added++) {
      const next = freePlace({ ...floor, doors })
      ok(floor.rooms.every(({ y_cm, height_cm }) => next.y_cm > y_cm + height_cm))
      ok(Number.isInteger(next.x_cm) && Number.isInteger(next.y_cm))
      const near = doors.filter((each) => Math.hypot(each.place.x_cm - next.x_cm, each.place.y_cm - next.y_cm) < 200)
      deepEqual(near, [])
      doors.push({ door: id(2 + added), place: next })
    }
  }
})
