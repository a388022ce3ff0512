/** Activity: every journal record, newest first, by door, kind and time, each with its proof. */
import type { ActivityQuery, JournalRecord } from "@holdfast/contract"
import { useEffect, useState } from "react"
import { type Desk, useDesk, useNames, useSiteState } from "../app/desk.ts"
import { recordName } from "../data/openings.ts"
import { useStore } from "../data/store.ts"
import { KIND_FILTERS } from "../words/records.ts"
import { startOfDay_ms, viewerZone } from "../words/time.ts"
import { kindWords } from "../app/alarms.tsx"
import { LookNow } from "./look-now.tsx"
import { ProofDrawer, type ProofOf, proofOf } from "./proof-drawer.tsx"
import { RecordRows } from "./record-rows.tsx"

type Filter = { readonly door: string; readonly kind: string; readonly from: string; readonly until: string }
const EVERYTHING: Filter = { door: "", kind: "", from: "", until: "" }
const PAGE = 100
const DAY_MS = 86_400_000

function queryOf(filter: Filter, after: string | null): ActivityQuery {
  const zone = viewerZone()
  return {
    limit: PAGE,
    ...(filter.door === "" ? {} : { door: filter.door }),
    ...(filter.kind === "" ? {} : { kind: filter.kind }),
    ...(filter.from === "" ? {} : { from_ms: startOfDay_ms(filter.from, zone) }),
    ...(filter.until === "" ? {} : { until_ms: startOfDay_ms(filter.until, zone) + DAY_MS }),
    ...(after === null ? {} : { after }),
  }
}

function matches(record: JournalRecord, filter: Filter): boolean {
  if (filter.door !== "" && record.door !== filter.door) return false
  return (filter.kind === "" || record.kind === filter.kind) && filter.until === ""
}

type Read = { readonly records: readonly JournalRecord[]; readonly next: string | null }
type Reading = { readonly is: "reading" } | { readonly is: "there" } | { readonly is: "fault"; readonly says: string }

async function readPage(desk: Desk, filter: Filter, after: string | null): Promise<Read | string> {
  const { token } = desk.session
  const answered = await desk.client.ask("activity", { query: queryOf(filter, after) }, { token })
  return answered.ok ? answered.answer : (answered.detail ?? answered.fault.replaceAll("-", " "))
}

/** The pages read so far under one filter; what arrives live is put in front of them. */
function useActivity(filter: Filter) {
  const desk = useDesk()
  const recent = useStore(desk.recent)
  const [pages, setPages] = useState<Read>({ records: [], next: null })
  const [reading, setReading] = useState<Reading>({ is: "reading" })
  const [after, setAfter] = useState<string | null>(null)
  useEffect(() => setAfter(null), [filter])
  useEffect(() => {
    let gone = false
    setReading({ is: "reading" })
    void readPage(desk, filter, after).then((read) => {
      if (gone) return
      if (typeof read === "string") return setReading({ is: "fault", says: read })
      setPages((now) => (after === null ? read : { records: [...now.records, ...read.records], next: read.next }))
      setReading({ is: "there" })
    })
    return () => {
      gone = true
    }
  }, [desk, filter, after])
  const known = new Set(pages.records.map(recordName))
  const arrived = recent.filter((record) => matches(record, filter) && !known.has(recordName(record)))
  const { next } = pages
  return { records: [...arrived, ...pages.records], reading, more: next === null ? null : () => setAfter(next) }
}

const SHOW_WHO = "holdfast.show-who"

export function ActivityPage() {
  const [filter, setFilter] = useState(EVERYTHING)
  const [who, setWho] = useState(() => localStorage.getItem(SHOW_WHO) !== "no")
  const [proof, setProof] = useState<ProofOf | null>(null)
  const { records, reading, more } = useActivity(filter)
  return (
    <>
      <div className="page-head">
        <h1>Activity</h1>
        <label className="check">
          <input
            type="checkbox"
            role="switch"
            checked={who}
            aria-checked={who}
            onChange={(event) => {
              localStorage.setItem(SHOW_WHO, event.target.checked ? "yes" : "no")
              setWho(event.target.checked)
            }}
          />
          Show who (each look is recorded)
        </label>
      </div>
      <LookNow onProof={(record) => setProof(proofOf(record))} />
      <Filters filter={filter} onChange={setFilter} />
      {reading.is === "fault" && (
        <div className="notice open" role="alert">
          <strong>The activity could not be read: {reading.says}</strong>
        </div>
      )}
      {records.length === 0 && reading.is === "there" ? (
        <div className="empty">
          <h2>No record matches</h2>
          <p>
            Records appear as soon as a door has signed them and they are in the log. Try another door, kind or day.
          </p>
        </div>
      ) : (
        <RecordRows
          records={records}
          showWho={who}
          label="Journal records"
          onProof={(record) => setProof(proofOf(record))}
        />
      )}
      {reading.is === "reading" && <p role="status">Reading…</p>}
      {more !== null && reading.is === "there" && (
        <div>
          <button type="button" className="button" onClick={more}>
            Older records
          </button>
        </div>
      )}
      {proof !== null && <ProofDrawer of={proof} onClose={() => setProof(null)} />}
    </>
  )
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const state = useSiteState()
  const name = useNames()
  const doors = [...(state?.doors.keys() ?? [])].map((id) => ({ id, says: name(id) }))
  doors.sort((a, b) => a.says.localeCompare(b.says, "en", { numeric: true }))
  return (
    <form className="filters" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span className="caption">Door</span>
        <select value={filter.door} onChange={(event) => onChange({ ...filter, door: event.target.value })}>
          <option value="">Every door</option>
          {doors.map(({ id, says }) => (
            <option key={id} value={id}>
              {says}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="caption">What</span>
        <select value={filter.kind} onChange={(event) => onChange({ ...filter, kind: event.target.value })}>
          <option value="">Everything</option>
          {KIND_FILTERS.map((kind) => (
            <option key={kind} value={kind}>
              {kindWords(kind)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="caption">From</span>
        <input
          type="date"
          value={filter.from}
          onChange={(event) => onChange({ ...filter, from: event.target.value })}
        />
      </label>
      <label>
        <span className="caption">Until</span>
        <input
          type="date"
          value={filter.until}
          onChange={(event) => onChange({ ...filter, until: event.target.value })}
        />
      </label>
      {filter !== EVERYTHING && (
        <button type="button" className="button quiet" onClick={() => onChange(EVERYTHING)}>
          Everything again
        </button>
      )}
    </form>
  )
}
