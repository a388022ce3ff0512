/**
 * How the lock hangs: the direction of gravity at rest, and whether it has been turned.
 *
 * A leaf swings about an upright axis, so opening it leaves gravity where it was. A lock case that is levered off its screws,
 * or a leaf lifted off its hinges, turns it. The first quiet reading after a start is the reference, and a slow settling of
 * the house moves it along; what was turned while the board was off is not seen here.
 */
import { calm, found, type Seen } from "./finding.ts"

/** Gravity along the three axes, in thousandths of g. */
export type Gravity = readonly [x_mg: number, y_mg: number, z_mg: number]
/** `away` counts readings in a row that stood too far off. */
export type Posture = { readonly rest: Gravity | null; readonly away: number }

export const POSTURE_UNKNOWN: Posture = { rest: null, away: 0 }
export const READINGS = 2
/** cos^2 of 8 degrees, in ten-thousandths. */
const COS2_8_DEGREES = 9806
/** A reading far from 1 g was taken in motion and says nothing. */
const LENGTH2_MIN = 800 * 800
const LENGTH2_MAX = 1_200 * 1_200
const FOLLOW = 64

function dot(a: Gravity, b: Gravity): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/** Whether two directions lie more than 8 degrees apart, in whole numbers. */
function apart(a: Gravity, b: Gravity): boolean {
  const along = dot(a, b)
  return along <= 0 || (along * along) / dot(b, b) < (COS2_8_DEGREES * dot(a, a)) / 10_000
}

function follow(rest_mg: number, read_mg: number): number {
  return rest_mg + Math.trunc((read_mg - rest_mg) / FOLLOW)
}

/** One reading at rest. Two in a row that stand off are a finding, the first that does not ends it. */
export function nextPosture(posture: Posture, read: Gravity): Seen<Posture, "tilted"> {
  const length2 = dot(read, read)
  if (length2 < LENGTH2_MIN || length2 > LENGTH2_MAX) return calm(posture)
  const { rest, away } = posture
  if (rest === null) return calm({ rest: read, away: 0 })
  if (!apart(rest, read)) {
    const followed: Gravity = [follow(rest[0], read[0]), follow(rest[1], read[1]), follow(rest[2], read[2])]
    return { state: { rest: followed, away: 0 }, found: null, ended: away >= READINGS ? "tilted" : null }
  }
  const state = { rest, away: Math.min(away + 1, READINGS) }
  if (state.away < READINGS || away >= READINGS) return calm(state)
  return found(state, "tilted", "alarm", { x_mg: read[0], y_mg: read[1], z_mg: read[2] })
}
