/** Counted decisions as rows of a table: one row a door, one column an hour. */
import type { Heat } from "@holdfast/contract"

export const HOURS = Array.from({ length: 24 }, (_, hour) => hour)
const STEPS = 6

export type HeatRow = {
  readonly door: string
  readonly admitted: number[]
  readonly refused: number[]
  readonly sum: number
}

/** Cells as rows of 24 hours, busiest door first. */
export function rowsOf(cells: Heat["cells"]): HeatRow[] {
  const byDoor = new Map<string, { admitted: number[]; refused: number[]; sum: number }>()
  for (const { door, hour, admitted, refused } of cells) {
    const row = byDoor.get(door) ?? { admitted: HOURS.map(() => 0), refused: HOURS.map(() => 0), sum: 0 }
    row.admitted[hour] = admitted
    row.refused[hour] = refused
    row.sum += admitted + refused
    byDoor.set(door, row)
  }
  return [...byDoor].map(([door, row]) => ({ door, ...row })).sort((a, b) => b.sum - a.sum)
}

/** Steps grow by the square root, so that a busy front door does not hide a quiet server room. */
export function stepOf(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(1, Math.ceil(Math.sqrt(count / most) * STEPS))
}
