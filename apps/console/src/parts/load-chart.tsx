/**
 * How hard the motor works in the last third of a throw, against what it learnt: a line over the throws that this page heard
 * of, between the mark where a bolt counts as rubbing and the one where it stalls.
 */
import type { Load } from "../data/beats.ts"

const WIDTH = 280
const HEIGHT = 88
const LEFT = 44
/** In percent of what was learnt. */
const LOWEST = 90
const HIGHEST = 160
const LEARNT = 100
const RUBS = 112
const STALLS = 150
const MARKS: readonly (readonly [at: number, says: string])[] = [
  [LEARNT, "learnt"],
  [RUBS, "rubs"],
  [STALLS, "stalls"],
]

function heightOf(percent: number): number {
  const within = Math.min(HIGHEST, Math.max(LOWEST, percent))
  return HEIGHT - 6 - ((within - LOWEST) / (HIGHEST - LOWEST)) * (HEIGHT - 12)
}

export function LoadChart({ loads }: { loads: readonly Load[] }) {
  const [first, last] = [loads[0], loads.at(-1)]
  if (first === undefined || last === undefined) return null
  const span = Math.max(1, last.cycles - first.cycles)
  const points = loads.map(({ cycles, late_permille }) => ({
    x: LEFT + ((cycles - first.cycles) / span) * (WIDTH - LEFT - 10),
    y: heightOf(late_permille / 10),
  }))
  const end = points.at(-1) ?? { x: LEFT, y: heightOf(LEARNT) }
  const now = Math.round(last.late_permille / 10)
  const says =
    loads.length === 1
      ? `Load ${now} % of what was learnt, at throw ${last.cycles.toLocaleString("en")}`
      : `Load from ${Math.round(first.late_permille / 10)} % to ${now} % of what was learnt, over ${span.toLocaleString("en")} throws heard here`
  return (
    <figure className="load-chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={says}>
        {MARKS.map(([at, word]) => (
          <g key={word} className={word}>
            <line x1={LEFT} x2={WIDTH} y1={heightOf(at)} y2={heightOf(at)} />
            <text x="0" y={heightOf(at) + 3}>
              {word}
            </text>
          </g>
        ))}
        <polyline points={points.map(({ x, y }) => `${x},${y}`).join(" ")} />
        <circle cx={end.x} cy={end.y} r="3.5" />
      </svg>
      <figcaption className="muted">{says}.</figcaption>
    </figure>
  )
}
