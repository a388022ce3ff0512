/** Doors that ask for more because of another one: by which record, since when, until when, as their locks signed it. */
import type { DoorId } from "@holdfast/base"
import type { LockState } from "@holdfast/lock"
import { Link } from "wouter"
import { useDesk, useNames, useSiteState } from "../app/desk.ts"
import { useNow } from "../data/clock.ts"
import { useStore } from "../data/store.ts"
import { Age, Until } from "../parts/age.tsx"
import { Seal } from "../parts/seal.tsx"

type Narrowed = NonNullable<LockState["defence"]["narrowed"]>

/** "because of Lobby, record 41; since 3 min, ends in 12 min" */
export function NarrowedBy({ narrowed }: { narrowed: Narrowed }) {
  const name = useNames()
  const { door, sequence, from_s, end_s } = narrowed
  return (
    <span className="row">
      <span>
        because of <Link href={`/doors/${door}`}>{name(door)}</Link>, record {sequence}
      </span>
      <span>
        told <Age of_ms={from_s * 1000} long />, ends <Until at_ms={end_s * 1000} />
      </span>
      <Seal kind="signed" />
    </span>
  )
}

/** At the head of the live page; where no door is narrowed it takes no room. A lock that fell silent does not stand here for good. */
export function NarrowedNow() {
  const desk = useDesk()
  const site = useSiteState()
  const doors = useStore(desk.doors)
  const name = useNames()
  const now_ms = useNow()
  const narrowed = [...doors].flatMap(([id, door]) => {
    const by = desk.beats.stateOf(site, door)?.defence.narrowed ?? null
    return by === null || by.end_s * 1000 <= now_ms ? [] : [{ id: id as DoorId, by }]
  })
  if (narrowed.length === 0) return null
  return (
    <section className="notice open" aria-label="Narrowed doors" role="status">
      <strong>
        {narrowed.length === 1 ? "A door asks" : `${narrowed.length} doors ask`} for more because of another
      </strong>
      <ul className="lines">
        {narrowed.map(({ id, by }) => (
          <li key={id}>
            <span className="row">
              <Link href={`/doors/${id}`}>{name(id)}</Link>
              <NarrowedBy narrowed={by} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
