/** Doors: every door with its state, policy and lease; adding one. */
import { type State } from "@holdfast/access"
import type { DoorId } from "@holdfast/base"
import { useState } from "react"
import { Link, useLocation, useSearch } from "wouter"
import { useDesk, useDraftedState, useNames, useSiteState } from "../app/desk.ts"
import { useNow } from "../data/clock.ts"
import { useStore } from "../data/store.ts"
import { Age } from "../parts/age.tsx"
import { DraftTag } from "../parts/draft-tag.tsx"
import { lookOf } from "../plan/door-look.ts"
import { DoorForm } from "./door-form.tsx"
import { LeaseEnd, PolicyState } from "./door-panel.tsx"

export function DoorsPage() {
  const state = useSiteState()
  const withDrafts = useDraftedState()
  const [, go] = useLocation()
  const [adding, setAdding] = useState(useSearch().includes("add"))
  if (state === null) return <h1>Reading…</h1>
  const drafted = [...(withDrafts?.doors.keys() ?? [])].filter((door) => !state.doors.has(door))
  return (
    <>
      <div className="page-head">
        <h1>Doors</h1>
        <div className="row">
          <Link href="/firmware" className="button quiet">
            Firmware
          </Link>
          <button type="button" className="button primary" onClick={() => setAdding(true)}>
            Add a door
          </button>
        </div>
      </div>
      {state.doors.size + drafted.length === 0 ? (
        <div className="empty">
          <h2>There is no door yet</h2>
          <p>Add the first door, sign, and then pair a board with it.</p>
        </div>
      ) : (
        <DoorTable state={state} drafted={drafted} />
      )}
      {adding && (
        <DoorForm
          id={null}
          onClose={(door) => {
            setAdding(false)
            if (door !== null) go(`/doors/${door}`)
          }}
        />
      )}
    </>
  )
}

function DoorTable({ state, drafted }: { state: State; drafted: readonly DoorId[] }) {
  const desk = useDesk()
  const doors = useStore(desk.doors)
  const now_ms = useNow()
  const name = useNames()
  const rows = [...state.doors.keys()].map((id) => ({ id, says: name(id), door: doors.get(id) }))
  rows.sort((a, b) => a.says.localeCompare(b.says, "en", { numeric: true }))
  return (
    <table aria-label="Doors">
      <thead>
        <tr>
          <th scope="col">Door</th>
          <th scope="col">State</th>
          <th scope="col">Heard</th>
          <th scope="col" className="not-phone">
            Policy
          </th>
          <th scope="col" className="not-phone">
            Lease
          </th>
        </tr>
      </thead>
      <tbody>
        {drafted.map((id) => (
          <tr key={id}>
            <td>
              <Link href={`/doors/${id}`}>{name(id)}</Link>
            </td>
            <td>
              <DraftTag />
            </td>
            <td className="muted">never</td>
            <td className="not-phone muted">none</td>
            <td className="not-phone muted">none</td>
          </tr>
        ))}
        {rows.map(({ id, says, door }) => {
          const look = door === undefined ? null : lookOf(door, now_ms)
          return (
            <tr key={id}>
              <td>
                <Link href={`/doors/${id}`}>{says}</Link>
              </td>
              <td>
                {state.doors.get(id)?.lock === null ? (
                  <span className="word unknown">No lock paired</span>
                ) : (
                  <span className={`word ${look?.tone ?? "unknown"}`}>{look?.word ?? "Never heard"}</span>
                )}
              </td>
              <td>
                <Age of_ms={look?.heardAt_ms ?? null} />
              </td>
              <td className="not-phone">{door !== undefined && <PolicyState door={door} />}</td>
              <td className="not-phone">
                {door?.lease_ends_at_ms == null ? (
                  <span className="muted">none</span>
                ) : (
                  <LeaseEnd at_ms={door.lease_ends_at_ms} />
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
