/**
 * The floor plan as numbers, in centimetres: what a drawing covers, where a door's label goes, how large a symbol must be.
 *
 * A door stands at the middle of its opening. At angle 0 the wall runs from left to right, the hinge is on the left, the
 * reader is on the upper side and the leaf swings to the lower one; the angle turns that clockwise. Nothing here draws.
 */
import type { DoorPlace, Room } from "@holdfast/access"
import { assert, type DoorId } from "@holdfast/base"

export type PlacedDoor = { readonly door: DoorId; readonly place: DoorPlace }
export type Floor = { readonly name: string; readonly rooms: readonly Room[]; readonly doors: readonly PlacedDoor[] }
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** A real door's width. */
export const DOOR_WIDTH_CM = 90
/** A symbol narrower than this on the screen says nothing. */
const SYMBOL_PX_MIN = 46
const MARGIN_CM = 90
export const WALL_CM = 16
/** How high a door's label is: its name above its state. */
export const LABEL_PX = 30
/** As wide as the longest usual state, so that the names of rooms stay where they are when a state changes. */
const LABEL_WIDTH_PX = 176
export const ROOM_NAME_PX = 10.5
const ROOM_NAME_LETTER_PX = 7.8
/** Fewer centimetres than this are not drawn, or a lone door would fill the page. */
const DRAWN_CM_MIN = 900

/** The part of the plane that a floor's drawing covers, with a margin around. */
export function boundsOf(floor: Floor): Box {
  const left: number[] = []
  const top: number[] = []
  const right: number[] = []
  const bottom: number[] = []
  for (const room of floor.rooms) {
    left.push(room.x_cm)
    top.push(room.y_cm)
    right.push(room.x_cm + room.width_cm)
    bottom.push(room.y_cm + room.height_cm)
  }
  for (const { place } of floor.doors) {
    left.push(place.x_cm - DOOR_WIDTH_CM)
    top.push(place.y_cm - DOOR_WIDTH_CM)
    right.push(place.x_cm + DOOR_WIDTH_CM)
    bottom.push(place.y_cm + DOOR_WIDTH_CM)
  }
  if (left.length === 0) return { x: 0, y: 0, width: 1200, height: 700 }
  const x = Math.min(...left) - MARGIN_CM
  const y = Math.min(...top) - MARGIN_CM
  const width = Math.max(...right) + MARGIN_CM - x
  const height = Math.max(...bottom) + MARGIN_CM - y
  const more = Math.max(0, DRAWN_CM_MIN - Math.max(width, height)) / 2
  return { x: x - more, y: y - more, width: width + 2 * more, height: height + 2 * more }
}

/** How many centimetres one pixel is, for a drawing of this box in `width_px` by `height_px`. */
export function centimetresPerPixel(box: Box, width_px: number, height_px: number): number {
  if (width_px <= 0 || height_px <= 0) return 1
  return Math.max(box.width / width_px, box.height / height_px)
}

/** The factor by which symbols grow beyond their true size so that they stay readable. */
export function symbolScale(cm_per_px: number): number {
  return Math.max(1, (SYMBOL_PX_MIN * cm_per_px) / DOOR_WIDTH_CM)
}

export type Point = { readonly x: number; readonly y: number }

/** A step of `distance` from a door towards its reader's side. */
export function towardsReader(place: DoorPlace, distance: number): Point {
  const turn = (place.angle_deg * Math.PI) / 180
  return { x: place.x_cm + Math.sin(turn) * distance, y: place.y_cm - Math.cos(turn) * distance }
}

/** Whether the door's wall runs more up and down than left and right, so that labels go beside it and not above. */
export function standsUpright(place: DoorPlace): boolean {
  const quarter = ((place.angle_deg % 180) + 180) % 180
  return quarter > 45 && quarter < 135
}

/** Where a door's label stands: on the reader's side, clear of the symbol; beside an upright wall. */
export function labelPoint({ place }: PlacedDoor, px: number): Point {
  const half = symbolScale(px) * (DOOR_WIDTH_CM / 2)
  if (standsUpright(place)) return towardsReader(place, -(half * 0.66 + 6 * px))
  return towardsReader(place, half * 0.56 + (LABEL_PX / 2 + 3) * px)
}

/** What a door may need of the drawing: its label, whatever the state, and where its leaf swings. */
export function spaceOf(placed: PlacedDoor, px: number): Box[] {
  const { place } = placed
  const label = labelPoint(placed, px)
  const width = LABEL_WIDTH_PX * px
  const start = standsUpright(place) ? (label.x > place.x_cm ? 0 : width) : width / 2
  const leaf = symbolScale(px) * DOOR_WIDTH_CM
  const swing = towardsReader(place, -leaf / 2)
  return [
    { x: label.x - start, y: label.y - (LABEL_PX / 2) * px, width, height: LABEL_PX * px },
    { x: swing.x - leaf / 2, y: swing.y - leaf / 2, width: leaf, height: leaf },
  ]
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/** Where a room's name begins, on its line: the first place that no door needs, above, below, then half way. */
export function roomNamePoint(room: Room, taken: readonly Box[], px: number): Point {
  const width = room.name.length * ROOM_NAME_LETTER_PX * px
  const height = ROOM_NAME_PX * px
  const left = room.x_cm + WALL_CM + 8 * px
  const right = room.x_cm + room.width_cm - WALL_CM - 8 * px - width
  const top = room.y_cm + WALL_CM + 28 * px
  const lines = [top, room.y_cm + room.height_cm - WALL_CM - 14 * px, room.y_cm + (room.height_cm + height) / 2]
  const points = lines.flatMap((y) => [left, (left + right) / 2, right].map((x) => ({ x, y })))
  const isFree = ({ x, y }: Point): boolean =>
    x >= left && !taken.some((box) => overlap(box, { x, y: y - height, width, height }))
  return points.find(isFree) ?? { x: left, y: top }
}

/**
 * Doors that have no place on any plan yet, lined up in rows under the drawing as an inventory, so that no door is ever
 * invisible. The floor is named "Not on a plan".
 */
export const UNPLACED_FLOOR = "Not on a plan"

export function lineUp(doors: readonly DoorId[]): Floor {
  const columns = Math.max(4, Math.ceil(Math.sqrt(doors.length * 2)))
  const placed = doors.map((door, index) => ({
    door,
    place: {
      floor: UNPLACED_FLOOR,
      x_cm: (index % columns) * 260,
      y_cm: Math.floor(index / columns) * 200,
      angle_deg: 0,
    },
  }))
  return { name: UNPLACED_FLOOR, rooms: [], doors: placed }
}

/** How far apart doors stand that nobody has placed by hand, so that their labels can be read. */
const APART_CM = { x: 260, y: 200 }

/** Where a new door stands until somebody puts it right: in a row under the drawing, where no other door is. */
export function freePlace({ name, rooms, doors }: Floor): DoorPlace {
  const left_cm = rooms.length === 0 ? 0 : Math.min(...rooms.map((room) => room.x_cm))
  const bottom_cm = Math.max(0, ...rooms.map((room) => room.y_cm + room.height_cm))
  const columns = Math.max(4, Math.ceil(Math.sqrt(doors.length * 2)))
  const places = Array.from({ length: doors.length * 4 + 1 }, (_, index) => ({
    floor: name,
    x_cm: left_cm + ((index % columns) + 0.5) * APART_CM.x,
    y_cm: bottom_cm + (Math.floor(index / columns) + 1) * APART_CM.y,
    angle_deg: 0,
  }))
  const isFree = ({ x_cm, y_cm }: DoorPlace): boolean =>
    doors.every(({ place }) => Math.abs(place.x_cm - x_cm) >= APART_CM.x || Math.abs(place.y_cm - y_cm) >= APART_CM.y)
  const free = places.find(isFree) // One door is near four places at most, and there is one more.
  assert(free !== undefined, "under a drawing there is room for one door more")
  return free
}

/** Groups placed doors and drawn rooms by floor: drawn floors in the order in which they were drawn, then the others. */
export function floorsOf(
  rooms: ReadonlyMap<string, readonly Room[]>,
  doors: readonly { readonly door: DoorId; readonly place: DoorPlace | null }[],
): Floor[] {
  const undrawn = new Set(doors.flatMap(({ place }) => (place === null || rooms.has(place.floor) ? [] : [place.floor])))
  const sorted = [...undrawn].sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
  const floors = [...rooms.keys(), ...sorted].map((name) => ({
    name,
    rooms: rooms.get(name) ?? [],
    doors: doors.flatMap(({ door, place }) => (place?.floor === name ? [{ door, place }] : [])),
  }))
  const unplaced = doors.flatMap(({ door, place }) => (place === null ? [door] : []))
  return unplaced.length === 0 ? floors : [...floors, lineUp(unplaced)]
}
