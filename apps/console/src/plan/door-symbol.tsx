/**
 * A door as an architect draws it: jamb, leaf, bolt. Every state is a shape first and a colour second.
 *
 * Drawn around its own origin, one door width wide, hinge on the left; whoever places it turns and scales it.
 */
import type { FailMode } from "@holdfast/access"
import { DOOR_WIDTH_CM } from "./geometry.ts"
import type { DoorLook } from "./door-look.ts"

const HALF = DOOR_WIDTH_CM / 2
const WALL = 20
const OPEN_ANGLE = 72
/** What lights up around a door that is open, rings or is pointed at: a pill along the wall. */
const HALO = { x: -HALF - 28, y: -26, width: DOOR_WIDTH_CM + 56, height: 52, rx: 26 }

function Jambs({ split }: { split: boolean }) {
  return (
    <g className="jamb">
      <rect x={-HALF - 7} y={-WALL / 2 - 1} width={7} height={WALL + 2} />
      {split ? (
        <g className="split">
          <path d={`M${HALF} ${-WALL / 2 - 1}h8v7l-4 5 -4 -4z`} />
          <path d={`M${HALF + 4} ${WALL / 2 + 3}h8v-8l-6 -5 -4 5z`} />
        </g>
      ) : (
        <rect x={HALF} y={-WALL / 2 - 1} width={7} height={WALL + 2} />
      )}
    </g>
  )
}

/** Thrown crosses the jamb; drawn lies back inside the leaf; not fully thrown stops half way; jammed is broken. */
function Bolt({ is }: { is: DoorLook["bolt"] }) {
  switch (is) {
    case "thrown":
      return <rect className="bolt" x={HALF - 16} y={-4.5} width={34} height={9} rx={1.5} />
    case "drawn":
      return <rect className="bolt" x={HALF - 40} y={-4.5} width={34} height={9} rx={1.5} />
    case "moving":
      return <rect className="bolt sliding" x={HALF - 28} y={-4.5} width={34} height={9} rx={1.5} />
    case "not-fully-thrown":
      return <rect className="bolt" x={HALF - 30} y={-4.5} width={34} height={9} rx={1.5} />
    case "jammed":
      return (
        <g className="bolt">
          <path d={`M${HALF - 22} -4.5h15l-4 4 4 5h-15z`} />
          <path d={`M${HALF - 1} -8.5h18v9h-18l4 -5z`} />
        </g>
      )
    default:
      return null
  }
}

function Leaf({ look }: { look: DoorLook }) {
  const open = look.leaf === "open" || look.forced
  return (
    <g>
      {open && (
        <path
          className={look.held ? "arc held" : "arc"}
          d={`M${HALF} 0A${DOOR_WIDTH_CM} ${DOOR_WIDTH_CM} 0 0 1 ${-HALF + DOOR_WIDTH_CM * Math.cos((OPEN_ANGLE * Math.PI) / 180)} ${DOOR_WIDTH_CM * Math.sin((OPEN_ANGLE * Math.PI) / 180)}`}
        />
      )}
      <g transform={open ? `rotate(${OPEN_ANGLE} ${-HALF} 0)` : undefined} className="leaf-and-bolt">
        <rect className="leaf" x={-HALF} y={-3} width={DOOR_WIDTH_CM} height={6} />
        <Bolt is={look.bolt} />
      </g>
    </g>
  )
}

/** The reader's side has the reader; the other has the arrow of free egress, which never waits for the bolt. */
function Sides({ failMode }: { failMode: FailMode }) {
  return (
    <g className="sides">
      <rect className="reader" x={HALF + 12} y={-WALL / 2 - 17} width={9} height={13} rx={2} />
      <path className="egress" d={`M${HALF + 16} ${WALL / 2 + 17}v-11m-4 4 4-4 4 4`} />
      <circle className={failMode === "safe" ? "fail safe" : "fail secure"} cx={-HALF - 15} cy={0} r={3.5} />
    </g>
  )
}

export function DoorSymbol({ look, failMode }: { look: DoorLook; failMode: FailMode }) {
  const known = look.tone !== "unknown"
  const classes = ["door", look.tone, known ? "" : "dashed", look.leaseEnded ? "lease-ended" : ""]
  return (
    <g className={classes.filter((each) => each !== "").join(" ")}>
      <rect className="halo" {...HALO} />
      {(look.leaseEnded || !known) && <rect className="hatch" {...HALO} />}
      <rect className="opening" x={-HALF} y={-WALL / 2 - 1.5} width={DOOR_WIDTH_CM} height={WALL + 3} />
      <Jambs split={look.forced} />
      <Leaf look={look} />
      <Sides failMode={failMode} />
    </g>
  )
}
