/**
 * Finding those openings of a batch that bear the duress mark: nearly always none.
 *
 * A mark is written last in its detail, as 06 01, so that most bytes need only be searched, and nothing read. Nothing else is
 * ever written down about a silent alarm: the openings are durable before the receipt, and until then the lock repeats it.
 */
import { decodeDetail, type Opening, openingBetween, skimOpenings } from "@holdfast/lock/journals"

const MARKED = Buffer.of(6, 1)

/** The opening between these bytes if it is marked. */
export function markedBetween(openings: Uint8Array, from: number, to: number): Opening | null {
  if (openings[to - 2] !== MARKED[0] || openings[to - 1] !== MARKED[1]) return null
  const opening = openingBetween(openings, from, to)
  return decodeDetail(opening.detail)?.mark === 1 ? opening : null
}

/** The marked ones among the openings of a batch, as the lock wrote them. */
export function markedIn(openings: Uint8Array): Opening[] {
  const bytes = Buffer.from(openings.buffer, openings.byteOffset, openings.length)
  const marked: Opening[] = []
  if (!bytes.includes(MARKED)) return marked
  const count = skimOpenings(openings, (_sequence, from, to) => {
    const opening = markedBetween(openings, from, to)
    if (opening !== null) marked.push(opening)
  })
  return count === null ? [] : marked
}
