/**
 * Finding those openings of a batch that bear the duress mark: nearly always none.
 *
 * A mark is written last in its detail, as 06 01, so that most bytes need only be searched, and nothing read. Nothing else is
 * ever written down about a silent alarm: the openings are durable before the receipt, and until then the lock repeats it.
 */
import { decodeDetail, decodeOpenings, type Opening } from "@holdfast/lock"

const MARKED = Buffer.of(6, 1)

export function markedOf(openings: readonly Opening[]): Opening[] {
  return openings.filter(({ detail }) => detail.at(-2) === 6 && decodeDetail(detail)?.mark === 1)
}

/** The same from the bytes as the lock wrote them. */
export function markedIn(openings: Uint8Array): Opening[] {
  const bytes = Buffer.from(openings.buffer, openings.byteOffset, openings.length)
  return bytes.includes(MARKED) ? markedOf(decodeOpenings(openings) ?? []) : []
}
