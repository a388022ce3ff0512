/**
 * What locks found and marked as urgent, at the head of a page until somebody here says that they saw it. It ends nothing at the
 * door: the lock ends its own responses.
 */
import type { JournalRecord } from "@holdfast/contract"
import { useEffect, useState } from "react"
import { Link } from "wouter"
import { useDesk, useNames } from "../app/desk.ts"
import { useNow } from "../data/clock.ts"
import { recordName } from "../data/openings.ts"
import { Store, useStore } from "../data/store.ts"
import { Age } from "../parts/age.tsx"
import { SealButton } from "../parts/seal.tsx"
import { isUrgent, recordWords } from "../words/records.ts"

/** Since they came into the log, however late: older ones stand in the activity. */
const URGENT_FOR_MS = 30 * 60_000
const ASKED_MAX = 50
/** By record, until the page is loaded anew. */
const seen = new Store<ReadonlySet<string>>(new Set())

/** Urgent records that came within the last half hour and that nobody here has seen, newest first. */
function useUrgent(): readonly JournalRecord[] {
  const desk = useDesk()
  const recent = useStore(desk.recent)
  const told = useStore(seen)
  const now_ms = useNow()
  const [earlier, setEarlier] = useState<readonly JournalRecord[]>([])
  useEffect(() => {
    let gone = false
    const query = { kind: "finding", limit: ASKED_MAX }
    void desk.client.ask("activity", { query }, { token: desk.session.token }).then((answered) => {
      if (!gone && answered.ok) setEarlier(answered.answer.records)
    })
    return () => {
      gone = true
    }
  }, [desk])
  const found = new Map([...recent, ...earlier].filter(isUrgent).map((record) => [recordName(record), record]))
  return [...found]
    .filter(([name, { admitted_at_ms }]) => !told.has(name) && now_ms - admitted_at_ms < URGENT_FOR_MS)
    .map(([, record]) => record)
    .sort((a, b) => b.at_ms - a.at_ms)
}

export function LookNow({ onProof }: { onProof: (record: JournalRecord) => void }) {
  const urgent = useUrgent()
  const name = useNames()
  if (urgent.length === 0) return null
  return (
    <section className="notice alarm" aria-label="Look now" role="alert">
      <div className="row apart">
        <strong>Look now</strong>
        <button
          type="button"
          className="button quiet"
          onClick={() => seen.change((known) => new Set([...known, ...urgent.map(recordName)]))}
        >
          Seen
        </button>
      </div>
      <ul className="lines beside">
        {urgent.map((record) => (
          <li key={recordName(record)}>
            <span className="row">
              <span className="word alarm">{recordWords(record)}</span>
              <Link href={`/doors/${record.door}`}>{name(record.door)}</Link>
              <Age of_ms={record.at_ms} long />
            </span>
            <SealButton
              kind="logged"
              about={`${recordWords(record)}, ${name(record.door)}`}
              onOpen={() => onProof(record)}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}
