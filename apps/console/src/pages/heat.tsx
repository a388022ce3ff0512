/** Heat map: decisions by door and hour of the day over a range of days. Darker is more; the figure stands in the cell. */
import type { Heat } from "@holdfast/contract"
import { useEffect, useMemo, useRef, useState } from "react"
import { type Desk, useDesk, useNames, useSiteState } from "../app/desk.ts"
import { type HeatRow, HOURS, rowsOf, stepOf } from "../data/heat.ts"
import { Link } from "wouter"
import { localDate, startOfDay_ms, viewerZone } from "../words/time.ts"

const DAY_MS = 86_400_000

/** When somebody was last admitted anywhere; now, when nobody ever was. A replayed building's days lie years back. */
async function newestDecision_ms(desk: Desk): Promise<number> {
  const { token } = desk.session
  const answered = await desk.client.ask("activity", { query: { kind: "admitted", limit: 1 } }, { token })
  return (answered.ok ? answered.answer.records[0]?.at_ms : undefined) ?? Date.now()
}

/** Where the map is wider than its page it begins with its first busy hour. */
function showFirstHour(map: HTMLElement): void {
  const busy = [...map.querySelectorAll("tbody td:not(.step-0, .sum)")].map((cell) => cell.getBoundingClientRect().left)
  const names = map.querySelector("tbody th")?.getBoundingClientRect().right
  if (busy.length > 0 && names !== undefined) map.scrollLeft += Math.min(...busy) - names - 4
}

/** When somebody was last admitted; null until it is known. */
function useNewestDecision(): number | null {
  const desk = useDesk()
  const [newest_ms, setNewest] = useState<number | null>(null)
  useEffect(() => {
    let gone = false
    void newestDecision_ms(desk).then((found_ms) => {
      if (!gone) setNewest(found_ms)
    })
    return () => {
      gone = true
    }
  }, [desk])
  return newest_ms
}

/** The counts of these days; why not, in words; or null while they are counted. */
function useHeat({ from, until }: Range, zone: string): Heat | string | null {
  const desk = useDesk()
  const [heat, setHeat] = useState<Heat | string | null>(null)
  useEffect(() => {
    if (from === null || until === null) return
    let gone = false
    const query = { from_ms: startOfDay_ms(from, zone), until_ms: startOfDay_ms(until, zone) + DAY_MS, zone }
    void desk.client.ask("heat", { query }, { token: desk.session.token }).then((answered) => {
      if (!gone) setHeat(answered.ok ? answered.answer : (answered.detail ?? answered.fault))
    })
    return () => {
      gone = true
    }
  }, [desk, from, until, zone])
  return heat
}

/** First and last day, as a date field writes them; null until they are known. */
type Range = { readonly from: string | null; readonly until: string | null }

export function HeatPage() {
  const state = useSiteState()
  const zone = [...(state?.doors.values() ?? [])][0]?.config.zone ?? viewerZone()
  const newest_ms = useNewestDecision()
  const [chosen, setChosen] = useState<Range | null>(null)
  const range = chosen ?? {
    from: newest_ms === null ? null : localDate(newest_ms - 13 * DAY_MS, zone),
    until: newest_ms === null ? null : localDate(newest_ms, zone),
  }
  const heat = useHeat(range, zone)
  const rows = useMemo(() => (heat === null || typeof heat === "string" ? [] : rowsOf(heat.cells)), [heat])
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Heat map</h1>
          <p>Decisions by door and hour of the day, {zone}</p>
        </div>
        <RangeForm range={range} onChoose={setChosen} />
      </div>
      {typeof heat === "string" && <p role="alert">The figures could not be read: {heat.replaceAll("-", " ")}.</p>}
      {heat === null && <p role="status">Counting…</p>}
      {heat !== null && typeof heat !== "string" && rows.length === 0 && (
        <div className="empty">
          <h2>No decision in these days</h2>
          <p>Choose other days. Every time a door admits or refuses somebody it is counted here.</p>
        </div>
      )}
      {rows.length > 0 && <HeatTable rows={rows} />}
      {rows.length > 0 && <p className="muted">A corner mark: at least one was refused in that hour.</p>}
    </>
  )
}

function RangeForm({ range, onChoose }: { range: Range; onChoose: (range: Range) => void }) {
  const { from, until } = range
  const choose = (next: Range): void => {
    // An emptied field is somebody in the middle of typing.
    if ([next.from, next.until].every((day) => day !== null && day !== "")) onChoose(next)
  }
  return (
    <form className="filters" aria-label="Range" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span className="caption">From</span>
        <input
          type="date"
          value={from ?? ""}
          max={until ?? ""}
          onChange={(event) => choose({ from: event.target.value, until })}
        />
      </label>
      <label>
        <span className="caption">Until</span>
        <input
          type="date"
          value={until ?? ""}
          min={from ?? ""}
          onChange={(event) => choose({ from, until: event.target.value })}
        />
      </label>
    </form>
  )
}

function HeatTable({ rows }: { rows: readonly HeatRow[] }) {
  const name = useNames()
  const map = useRef<HTMLElement>(null)
  // Names that arrive make their column wider or narrower.
  const names = rows.map(({ door }) => name(door)).join()
  useEffect(() => {
    if (map.current !== null) showFirstHour(map.current)
  }, [rows, names])
  const most = Math.max(
    1,
    ...rows.flatMap((row) => row.admitted.map((count, hour) => count + (row.refused[hour] ?? 0))),
  )
  return (
    <section ref={map} className="heat-scroll" aria-label="Heat map">
      <table className="heat">
        <caption className="hidden">Decisions by door and hour</caption>
        <thead>
          <tr>
            <th scope="col">Door</th>
            {HOURS.map((hour) => (
              <th key={hour} scope="col">
                {String(hour).padStart(2, "0")}
              </th>
            ))}
            <th scope="col">Sum</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.door}>
              <th scope="row">
                <Link href={`/doors/${row.door}`}>{name(row.door)}</Link>
              </th>
              {HOURS.map((hour) => (
                <HourCell key={hour} row={row} hour={hour} most={most} door={name(row.door)} />
              ))}
              <td className="sum">{row.sum}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function HourCell({ row, hour, most, door }: { row: HeatRow; hour: number; most: number; door: string }) {
  const admitted = row.admitted[hour] ?? 0
  const refused = row.refused[hour] ?? 0
  const count = admitted + refused
  return (
    <td
      className={`step-${stepOf(count, most)}${refused > 0 ? " refusals" : ""}`}
      title={`${door}, ${hour}:00: ${admitted} admitted, ${refused} refused`}
    >
      {count === 0 ? "" : count}
    </td>
  )
}
