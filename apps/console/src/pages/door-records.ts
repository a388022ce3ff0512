/** The newest records of one door: what the server keeps, and before it what has come since. */
import type { JournalRecord } from "@holdfast/contract"
import { useEffect, useState } from "react"
import { useDesk } from "../app/desk.ts"
import { recordName } from "../data/openings.ts"
import { useStore } from "../data/store.ts"

type DoorRecords = {
  readonly records: readonly JournalRecord[]
  /** Until the server answered there is only what came live. */
  readonly reading: "reading" | "read" | { readonly fault: string }
}

export function useDoorRecords(id: string, count: number): DoorRecords {
  const desk = useDesk()
  const recent = useStore(desk.recent)
  const [read, setRead] = useState<readonly JournalRecord[] | string | null>(null)
  useEffect(() => {
    let gone = false
    const query = { door: id, limit: count }
    void desk.client.ask("activity", { query }, { token: desk.session.token }).then((answered) => {
      if (gone) return
      setRead(answered.ok ? answered.answer.records : (answered.detail ?? answered.fault.replaceAll("-", " ")))
    })
    return () => {
      gone = true
    }
  }, [desk, id, count])
  const kept = typeof read === "string" ? [] : (read ?? [])
  const known = new Set(kept.map(recordName))
  const records = [...recent.filter((record) => record.door === id && !known.has(recordName(record))), ...kept]
  const reading = read === null ? "reading" : typeof read === "string" ? { fault: read } : "read"
  return { records, reading }
}
