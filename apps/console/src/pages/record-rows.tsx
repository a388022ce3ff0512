/** Journal records as rows: when, where, what, who, and the seal that opens the proof. */
import type { JournalRecord } from "@holdfast/contract"
import { useEffect } from "react"
import { Link } from "wouter"
import { useDesk, useNames, useSiteState } from "../app/desk.ts"
import { recordName } from "../data/openings.ts"
import { useStore } from "../data/store.ts"
import { Age } from "../parts/age.tsx"
import { SealButton } from "../parts/seal.tsx"
import { Short } from "../parts/short.tsx"
import { isUrgent, recordWords, toneOfRecord } from "../words/records.ts"
import { timeWords, viewerWords } from "../words/time.ts"
import { parseId } from "@holdfast/base"

function useOpened(record: JournalRecord) {
  return useStore(useDesk().openings.store).get(recordName(record))
}

/** Who a record is about, once its commitment was opened; a dash for records about nobody. */
export function Who({ record }: { record: JournalRecord }) {
  const opened = useOpened(record)
  const name = useNames()
  if (opened === undefined) return <span className="muted">sealed</span>
  if (opened.is === "false") return <span className="word alarm">does not open</span>
  if (opened.is === "sealed") return <span className="muted">sealed</span>
  const { person } = opened.detail
  if (person !== undefined) return <Link href={`/people/${person}`}>{name(person)}</Link>
  return <span className="muted nobody">–</span>
}

/** What else an opened record says: how often it happened, which policy, or what was noted. */
function More({ record }: { record: JournalRecord }) {
  const opened = useOpened(record)
  if (opened?.is !== "open") return null
  const { count, note } = opened.detail
  return (
    <>
      {count !== undefined && <span className="muted">{count} times</span>}
      {note !== undefined &&
        (isHash(note) ? <Short value={note} what="policy" /> : <span className="muted">{note}</span>)}
    </>
  )
}

/** A note may be the hash of a policy, or the name of a statement. */
function isHash(note: string): boolean {
  return /^[0-9a-f]{64}$/.test(note)
}

export function What({ record }: { record: JournalRecord }) {
  if (!isUrgent(record)) return <span className={`record ${toneOfRecord(record.kind)}`}>{recordWords(record)}</span>
  return (
    <span className="record alarm">
      {recordWords(record)} <span className="tag">look now</span>
    </span>
  )
}

type RowsProps = {
  readonly records: readonly JournalRecord[]
  readonly showWho: boolean
  readonly showDoor?: boolean
  readonly onProof: (record: JournalRecord) => void
  readonly label: string
}

export function RecordRows({ records, showWho, showDoor = true, onProof, label }: RowsProps) {
  const desk = useDesk()
  const state = useSiteState()
  const name = useNames()
  useEffect(() => {
    if (showWho) desk.openings.need(records)
  })
  return (
    <table className="records" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">Time</th>
          {showDoor && <th scope="col">Door</th>}
          <th scope="col">What happened</th>
          {showWho && <th scope="col">Who</th>}
          <th scope="col">Age</th>
          <th scope="col">Proof</th>
        </tr>
      </thead>
      <tbody>
        {records.map((record) => {
          const id = parseId<"DoorId">(record.door)
          const zone = id === null ? null : (state?.doors.get(id)?.config.zone ?? null)
          const here = zone === null ? null : viewerWords(record.at_ms, zone)
          const says = recordWords(record)
          return (
            <tr key={recordName(record)}>
              <td className="when">
                {timeWords(record.at_ms, zone)}
                {here !== null && <small className="muted"> ({here} here)</small>}
                {record.wall_ms === null && (
                  <small className="muted by-log"> by the log; the lock did not know the time</small>
                )}
              </td>
              {showDoor && (
                <td className="where">
                  <Link href={`/doors/${record.door}`}>{name(record.door)}</Link>
                </td>
              )}
              <td className="what">
                <span className="row">
                  <What record={record} />
                  {showWho && <More record={record} />}
                </span>
              </td>
              {showWho && (
                <td className="who">
                  <Who record={record} />
                </td>
              )}
              <td className="old">
                <Age of_ms={record.at_ms} />
              </td>
              <td className="proof">
                <SealButton kind="logged" about={`${says}, ${name(record.door)}`} onOpen={() => onProof(record)} />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
