/**
 * One floor as a drawing: walls in double line, doors in their openings, a scale bar. Every door is a button.
 *
 * Walls are the rooms' outlines drawn twice, in ink and then narrower in the wall's fill, so that neighbours share a wall.
 */
import { useEffect, useRef, useState } from "react"
import { useNow } from "../data/clock.ts"
import type { Name } from "../words/sentences.ts"
import { ageWords } from "../words/age.ts"
import { type DoorLook } from "./door-look.ts"
import { DoorSymbol } from "./door-symbol.tsx"
import {
  boundsOf,
  centimetresPerPixel,
  type Floor,
  LABEL_PX,
  labelPoint,
  type PlacedDoor,
  ROOM_NAME_PX,
  roomNamePoint,
  spaceOf,
  standsUpright,
  symbolScale,
  WALL_CM,
} from "./geometry.ts"

type FloorPlanProps = {
  readonly floor: Floor
  readonly looks: ReadonlyMap<string, DoorLook>
  readonly failModes: ReadonlyMap<string, "secure" | "safe">
  readonly name: Name
  readonly chosen: string | null
  readonly onChoose: (door: string) => void
}

const WALL_FILL_CM = 11
const NAME_PX = 12
const AGE_PX = 11
const NAME_LETTERS_MAX = 22
const SCALE_CM = 500
const ROOM_NAME_PX_MIN = 64

function useSize() {
  const element = useRef<SVGSVGElement>(null)
  const [size, setSize] = useState({ width: 960, height: 560 })
  useEffect(() => {
    const target = element.current
    if (target === null) return
    const measured = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setSize({ width: entry.contentRect.width, height: entry.contentRect.height })
    })
    measured.observe(target)
    return () => measured.disconnect()
  }, [])
  return { element, size }
}

function Rooms({ floor, px }: { floor: Floor; px: number }) {
  const taken = floor.doors.flatMap((placed) => spaceOf(placed, px))
  return (
    <g>
      {floor.rooms.map((room) => (
        <rect
          key={`${room.name} ${room.x_cm} ${room.y_cm}`}
          className="room"
          x={room.x_cm}
          y={room.y_cm}
          width={room.width_cm}
          height={room.height_cm}
        />
      ))}
      {(["wall-line", "wall-fill"] as const).map((layer) => (
        <g key={layer} className={layer} strokeWidth={layer === "wall-line" ? WALL_CM : WALL_FILL_CM}>
          {floor.rooms.map((room) => (
            <rect
              key={`${room.name} ${room.x_cm} ${room.y_cm}`}
              x={room.x_cm}
              y={room.y_cm}
              width={room.width_cm}
              height={room.height_cm}
            />
          ))}
        </g>
      ))}
      {floor.rooms
        .filter((room) => room.width_cm / px > ROOM_NAME_PX_MIN)
        .map((room) => (
          <text
            key={`${room.name} ${room.x_cm} ${room.y_cm}`}
            className="room-name"
            {...roomNamePoint(room, taken, px)}
            fontSize={ROOM_NAME_PX * px}
          >
            {room.name}
          </text>
        ))}
    </g>
  )
}

type SpotProps = {
  readonly placed: PlacedDoor
  readonly look: DoorLook
  readonly failMode: "secure" | "safe"
  readonly title: string
  readonly px: number
  readonly chosen: boolean
  readonly onChoose: () => void
}

function shortened(text: string): string {
  return text.length > NAME_LETTERS_MAX ? `${text.slice(0, NAME_LETTERS_MAX - 1)}…` : text
}

/** "Locked · 3 s": the state in the label, with its age. */
function stateWords(look: DoorLook, now_ms: number): string {
  const age = look.heardAt_ms === null ? "never heard" : ageWords(Math.max(0, now_ms - look.heardAt_ms))
  const said = look.tone === "unknown" ? "unknown" : look.word
  return `${said} · ${age}${look.leaseEnded ? " · lease ended" : ""}`
}

type LabelProps = Pick<SpotProps, "placed" | "look" | "px"> & { readonly name: string; readonly state: string }

function DoorLabel({ placed, look, name, state, px }: LabelProps) {
  const { place } = placed
  const upright = standsUpright(place)
  const { x, y } = labelPoint(placed, px)
  const width = Math.max(name.length * 6.8, state.length * 6) * px + 10 * px
  const left = upright ? (x > place.x_cm ? 0 : -width) : -width / 2
  const text = upright ? { x: 5 * px, textAnchor: "start" as const } : { x: width / 2, textAnchor: "middle" as const }
  return (
    <g className="door-label" transform={`translate(${x + left} ${y - (LABEL_PX / 2) * px})`}>
      <rect width={width} height={LABEL_PX * px} rx={3 * px} />
      <text textAnchor={text.textAnchor}>
        <tspan className="name" x={text.x} y={12.5 * px} fontSize={NAME_PX * px}>
          {name}
        </tspan>{" "}
        <tspan className={`state ${look.tone}`} x={text.x} y={26 * px} fontSize={AGE_PX * px}>
          {state}
        </tspan>
      </text>
    </g>
  )
}

function DoorSpot({ placed, look, failMode, title, px, chosen, onChoose }: SpotProps) {
  const { place } = placed
  const now_ms = useNow()
  const label = labelPoint(placed, px)
  const state = stateWords(look, now_ms)
  const more = look.tone === "unknown" ? `, ${look.word}` : ""
  return (
    <g
      className="door-spot"
      role="button"
      tabIndex={0}
      aria-expanded={chosen}
      aria-label={`${title}: ${state}${more}`}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return
        event.preventDefault()
        onChoose()
      }}
    >
      <path
        className="reach"
        d={`M${place.x_cm} ${place.y_cm}L${label.x} ${label.y}`}
        strokeWidth={3 * LABEL_PX * px}
      />
      <g transform={`translate(${place.x_cm} ${place.y_cm}) rotate(${place.angle_deg}) scale(${symbolScale(px)})`}>
        <DoorSymbol look={look} failMode={failMode} />
      </g>
      <DoorLabel placed={placed} look={look} name={shortened(title)} state={state} px={px} />
    </g>
  )
}

export function HatchPattern() {
  return (
    <pattern id="hatch" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <path d="M0 0V9" stroke="var(--unknown)" strokeWidth="1.6" opacity="0.5" />
    </pattern>
  )
}

export function FloorPlan({ floor, looks, failModes, name, chosen, onChoose }: FloorPlanProps) {
  const { element, size } = useSize()
  const box = boundsOf(floor)
  const px = centimetresPerPixel(box, size.width, size.height)
  return (
    <svg
      ref={element}
      className="drawing"
      viewBox={`${box.x} ${box.y} ${box.width} ${box.height}`}
      role="group"
      aria-label={`Floor plan: ${floor.name}`}
    >
      <defs>
        <HatchPattern />
      </defs>
      <Rooms floor={floor} px={px} />
      {floor.doors.map((placed) => {
        const look = looks.get(placed.door)
        return look === undefined ? null : (
          <DoorSpot
            key={placed.door}
            placed={placed}
            look={look}
            failMode={failModes.get(placed.door) ?? "secure"}
            title={name(placed.door)}
            px={px}
            chosen={chosen === placed.door}
            onChoose={() => onChoose(placed.door)}
          />
        )
      })}
      {floor.rooms.length > 0 && (
        <g transform={`translate(${box.x + 24 * px} ${box.y + box.height - 18 * px})`}>
          <path
            className="scale-bar"
            d={`M0 ${-4 * px}V0H${SCALE_CM}V${-4 * px}M${SCALE_CM / 5} 0V${-3 * px}`}
            strokeWidth={1.2 * px}
          />
          <text className="scale-words" x={SCALE_CM + 6 * px} y={0} fontSize={10.5 * px}>
            5 m
          </text>
        </g>
      )}
    </svg>
  )
}
